"""A write that is sent twice with one key is done once: the second gets the answer of the first, for a day."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from ghl.errors import Conflict, Malformed
from ghl.sdk.operation import Operation, name_of, result_of
from ghl.sdk.transport import Outcome

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

DAY = 24 * 3_600_000
LONGEST = 200


def before(tx: Tx, operation: Operation[Any], key: str) -> tuple[Any, Outcome] | None:
    """What was answered to this write before; None where it is the first of its key, which is then taken."""
    if not key.strip() or len(key) > LONGEST or not key.isprintable():
        raise Malformed(f"the key of a write is a text of at most {LONGEST} characters", hint="a random one, such as a UUID")
    tx.run("repeats/forget_old", until=tx.now_ms - DAY)
    digest = _digest(tx, operation)
    if tx.run("repeats/take", key=key, digest=digest):
        return None
    row = tx.one("repeats/taken", key=key)
    if row is None or row["digest"] != digest:
        raise Conflict(f'the key "{key}" belongs to another request', hint="take a new one for every write")
    return TypeAdapter(result_of(type(operation))).validate_json(row["answer"]), Outcome(**json.loads(row["outcome"]))


def after(tx: Tx, operation: Operation[Any], key: str, result: Any, outcome: Outcome) -> None:
    """Keep the answer for who asks again."""
    answer = TypeAdapter(result_of(type(operation))).dump_json(result, warnings=False).decode()
    tx.run("repeats/answer", key=key, answer=answer, outcome=json.dumps(asdict(outcome)))


def _digest(tx: Tx, operation: Operation[Any]) -> str:
    """Who asks for what: with the same key, the same."""
    asked = [tx.caller.actor, name_of(type(operation)), operation.model_dump(mode="json", exclude_unset=True)]
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()

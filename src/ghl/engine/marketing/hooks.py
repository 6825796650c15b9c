"""Webhooks of workflows: the request that a step describes, signed, sent through the guard, and tried again."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ghl.engine.channels import Outcome, Receipt, message_id
from ghl.engine.marketing.ledger import Verdict
from ghl.engine.outbox import DEFERRED, FAILED, SENT
from ghl.engine.rendering import filled
from ghl.engine.workflows.sending import wake
from ghl.engine.workflows.subjects import Subjects
from ghl.errors import GhlError
from ghl.sdk.workflows.durations import parse_duration

if TYPE_CHECKING:
    from ghl.engine.channels.http import Http
    from ghl.engine.clock import Clock
    from ghl.engine.tx import Tx

__all__ = ["Call", "Hooks", "rotate", "secrets_of", "send", "verdict", "wake", "write"]

OWNER = "webhooks"
ROTATED = 86_400_000
"""Milliseconds for which the old secret signs beside a new one."""

_STEP = """select s.name, s.arguments from workflow_steps s join workflow_versions v on v.id = s.version_id
where s.id = :id and v.account_id = :account_id"""


@dataclass(slots=True)
class Call:
    """A request on its way."""

    row: dict[str, Any]
    id: str
    url: str = ""
    method: str = "POST"
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    timeout: float = 10.0
    secrets: tuple[str, ...] = ()
    refusal: str | None = None


class Hooks:
    """Prepares the requests of one account, in one read transaction."""

    def __init__(self, tx: Tx, identity: str) -> None:
        self.tx = tx
        self.identity = identity
        self._subjects: dict[str, Subjects] = {}
        self._steps: dict[int, Any] = {}

    def of(self, rows: list[dict[str, Any]]) -> list[Call]:
        """Each row as a request, or as the refusal of one."""
        kept = secrets_of(self.tx)
        return [self._call(row, kept) for row in rows]

    def _call(self, row: dict[str, Any], secrets: tuple[str, ...]) -> Call:
        key = (self.identity, row["source"], row["source_id"], row["seq"], row["part"])
        call = Call(row, f"msg_{message_id('x', *key).partition('@')[0]}", secrets=secrets)
        detail = json.loads(row["detail"] or "{}")
        step = self._step(detail.get("step"))
        if step is None:
            call.refusal = "the step is gone"
            return call
        arguments = json.loads(step["arguments"])
        about = row["about"] or "none"
        subjects = self._subjects.setdefault(about, Subjects(self.tx, about))
        person = row["subject_id"] or None
        data, zone = subjects.data(row["object_id"] or 0, person, detail.get("versions")), subjects.zone(person).key
        try:
            arguments = filled(arguments, data, zone)
            call.url, call.method = str(arguments["url"]), arguments.get("method", "POST")
            call.headers = {name: str(value) for name, value in (arguments.get("headers") or {}).items()}
            call.timeout = float(parse_duration(str(arguments.get("timeout", "10 seconds"))).total_seconds)
            body = arguments["body"] if arguments.get("body") is not None else self._standard(row, step["name"], data)
            if call.method not in ("GET", "DELETE") or arguments.get("body") is not None:
                call.body = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        except GhlError as error:
            call.refusal = f"the step cannot be filled in: {error.message}"
        return call

    def _standard(self, row: dict[str, Any], step: str, data: dict[str, Any]) -> dict[str, Any]:
        """The payload where the step gives none: who and what the run is about."""
        about = row["about"]
        found: dict[str, Any] = {
            "type": "workflow.webhook", "timestamp": self.tx.now,
            "data": {"workflow": row["workflow"], "step": step, "enrollment_id": row["run_id"]},
        }  # fmt: skip
        for noun in ("contact", about):
            if data.get(noun):
                found["data"][noun] = {k: v for k, v in data[noun].items() if k != "custom"}
        return found

    def _step(self, number: int | None) -> dict[str, Any] | None:
        if number is None:
            return None
        if number not in self._steps:
            self._steps[number] = self.tx.one(_STEP, id=number)
        found: dict[str, Any] | None = self._steps[number]
        return found


def secrets_of(tx: Tx) -> tuple[str, ...]:
    """What signs an account's webhooks: its secret, and for a day the one before."""
    rows = tx.all(
        "select name, value from secrets where account_id = :account_id and owner = :owner order by name", owner=OWNER
    )
    kept = {row["name"]: row["value"] for row in rows}
    until = int(kept.get("until", 0))
    return tuple(kept[name] for name in ("current", "old") if name in kept and (name == "current" or tx.now_ms < until))


def rotate(tx: Tx) -> str:
    """Make a new secret; the present one signs beside it for a while."""
    from ghl.engine.channels.signatures import new_secret  # where secrets are made

    known = {
        row["name"]: row["value"]
        for row in tx.all("select name, value from secrets where account_id = :account_id and owner = :owner", owner=OWNER)
    }
    made = new_secret()
    kept = {"current": made}
    if "current" in known:
        kept |= {"old": known["current"], "until": str(tx.now_ms + ROTATED)}
    for name, value in kept.items():
        tx.run(
            """insert into secrets (account_id, owner, name, value) values (:account_id, :owner, :name, :value)
            on conflict (account_id, owner, name) do update set value = excluded.value""",
            owner=OWNER, name=name, value=value,
        )  # fmt: skip
    return made


def send(call: Call, http: Http, clock: Clock) -> Receipt:
    """One try of a request."""
    from ghl.engine.channels.webhook import Webhook  # where webhooks are sent

    try:
        channel = Webhook(call.url, clock, http, call.secrets, call.headers)
        return channel.post(call.id, call.body, method=call.method, timeout=call.timeout)
    except GhlError as error:
        return Receipt(Outcome.FAILED, reason=error.code, detail=error.message)


def write(call: Call, folder: Path) -> Receipt:
    """A request as a file, `ID.json`, instead of out into the world."""
    shown = {"url": call.url, "method": call.method, "headers": call.headers, "body": call.body.decode()}
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(folder / f"{call.id}.json", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(shown, file, ensure_ascii=False, indent=1)
    except OSError as error:
        return Receipt(Outcome.DEFERRED, "folder_unusable", detail=error.strerror or type(error).__name__)
    return Receipt(Outcome.SENT, "written")


def verdict(call: Call, receipt: Receipt, now: int) -> Verdict:
    """The state after a try, and when the next one is: the standard's ten tries in three days."""
    from ghl.engine.channels.webhook import retry_delay

    row = call.row
    code, answer = str(receipt.code) if receipt.code else None, receipt.detail or None
    if receipt.outcome is Outcome.SENT:
        return Verdict(row["id"], SENT, now, receipt.reason, code, answer)
    waits = retry_delay(row["attempts"], call.id)
    if receipt.outcome is Outcome.FAILED or waits is None:
        return Verdict(row["id"], FAILED, now, receipt.reason, code, answer)
    # A lost answer is tried again under the same id, by which the receiver tells.
    waits = max(waits, receipt.retry_after or 0.0)
    return Verdict(row["id"], DEFERRED, now + round(waits * 1000), receipt.reason, code, answer)

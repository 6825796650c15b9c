"""The handler of batches: operations as data, in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic_core import to_jsonable_python

from ghl import nouns
from ghl.engine.dispatch import handles
from ghl.errors import GhlError, Malformed
from ghl.sdk.batches import BatchFailed, BatchItem, BatchResult, RunBatch
from ghl.sdk.operation import Operation, build

if TYPE_CHECKING:
    from ghl.engine.tx import Tx


def operation_of(line: dict[str, Any]) -> Operation[Any]:
    """A line of a batch as an operation."""
    if len(line) != 1:
        raise Malformed("a line names one operation", hint='{"contacts.create": {"email": "ann@example.com"}}')
    ((name, fields),) = line.items()
    noun, _, verb = name.rpartition(".")
    if noun not in nouns.NOUNS:
        raise Malformed(f'there is no operation "{name}"', hint="ghl operations")
    kind = nouns.load(noun).__operations__.get(verb)
    if kind is None:
        verbs = ", ".join(nouns.load(noun).__operations__)
        raise Malformed(f'{noun} has no operation "{verb}"', hint=f"one of: {verbs}")
    return build(kind, fields)


@handles(RunBatch)
def run(request: RunBatch, tx: Tx) -> BatchResult:
    """Perform the lines in order, in one transaction."""
    items: list[BatchItem] = []
    for index, line in enumerate(request.items):
        try:
            if request.partial:
                with tx.part():
                    items.append(_ok(tx, line))
            else:
                items.append(_ok(tx, line))
        except GhlError as error:
            error.details.setdefault("index", index)
            items.append(BatchItem(status="failed", error=error.as_dict()))
            if not request.partial:
                before = [BatchItem(status="not_run") for _ in items[:-1]]
                after = [BatchItem(status="not_run") for _ in request.items[index + 1 :]]
                raise BatchFailed(BatchResult(items=[*before, items[-1], *after]), error) from None
    return BatchResult(items=items)


def _ok(tx: Tx, line: dict[str, Any]) -> BatchItem:
    result = tx.send(operation_of(line))
    return BatchItem(status="ok", result=to_jsonable_python(result))

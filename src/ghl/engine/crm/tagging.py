"""Adding tags to many records, and taking them away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ghl.engine import crud
from ghl.engine.columns import State
from ghl.engine.dispatch import HANDLERS
from ghl.engine.records import Store
from ghl.sdk.fields import BulkResult

if TYPE_CHECKING:
    from ghl.engine.tx import Tx


def handle(store: Store[Any], *, tag: Any, untag: Any) -> None:
    """Register the handlers of a noun's `tag` and `untag`."""

    def add(request: Any, tx: Tx) -> BulkResult:
        return _retag(tx, store, request, {"add_tags": request.tags}, strict=request.strict_tags)

    def remove(request: Any, tx: Tx) -> BulkResult:
        # A tag that does not exist cannot be taken away: it is an error, not a new tag.
        return _retag(tx, store, request, {"remove_tags": request.tags}, strict=True)

    HANDLERS[tag], HANDLERS[untag] = add, remove


def _retag(tx: Tx, store: Store[Any], request: Any, values: dict[str, Any], *, strict: bool) -> BulkResult:
    if strict:
        tx.memo["strict_tags"] = True

    def one(state: State) -> str | None:
        return str(state["public_id"]) if store.update(tx, state, values) is not state else None

    return crud.over(tx, store, request, one)

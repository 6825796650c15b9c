"""The handlers that every noun has: create, get, list, update, upsert, delete, restore, and many of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from ghl.engine.columns import State
from ghl.engine.dispatch import HANDLERS, submitted
from ghl.engine.records import Store
from ghl.errors import Conflict, GhlError, Invalid, StaleVersion
from ghl.sdk.fields import BulkResult, Failure, Removed
from ghl.sdk.operation import Operation

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

Kind = type[Operation[Any]]

_NOT_VALUES = frozenset({"version", "match", "strict_tags"})


def given(request: BaseModel, *leave_out: str) -> dict[str, Any]:
    """The fields that the caller gave, and defaults that are values, by name; nested models stay models."""
    defaults = {n for n, info in type(request).model_fields.items() if info.default not in (None, PydanticUndefined)}
    names = (request.model_fields_set | defaults) - _NOT_VALUES - frozenset(leave_out)
    return {name: getattr(request, name) for name in names}


def handle(
    store: Store[Any],
    *,
    create: Kind | None = None,
    get: Kind | None = None,
    list: Kind | None = None,
    update: Kind | None = None,
    upsert: Kind | None = None,
    delete: Kind | None = None,
    restore: Kind | None = None,
    create_many: Kind | None = None,
    upsert_many: Kind | None = None,
    update_many: Kind | None = None,
    delete_many: Kind | None = None,
    restore_many: Kind | None = None,
) -> None:
    """Register the common handlers of a noun for its operations."""
    reference = f"{store.noun}_id"

    def show(tx: Tx, state: State) -> Any:
        return store.present(tx, [state])[0]

    def do_create(request: Any, tx: Tx) -> Any:
        _strict(tx, request)
        return show(tx, store.create(tx, given(request)))

    def do_get(request: Any, tx: Tx) -> Any:
        return show(tx, store.one(tx, getattr(request, reference)))

    def do_list(request: Any, tx: Tx) -> Any:
        from ghl.engine.lists import page  # lists need expressions, which writes do not

        return page(tx, store, request)

    def do_update(request: Any, tx: Tx) -> Any:
        _strict(tx, request)
        state = store.one(tx, getattr(request, reference), lock=True)
        values = given(request, reference)
        return show(tx, store.update(tx, state, values, version=getattr(request, "version", None)))

    def do_upsert(request: Any, tx: Tx) -> Any:
        return show(tx, put(tx, store, given(request), request.match, getattr(request, "version", None))[0])

    def do_delete(request: Any, tx: Tx) -> Any:
        state = store.one(tx, getattr(request, reference), lock=True)
        return Removed(id=store.remove(tx, state)["public_id"])

    def do_restore(request: Any, tx: Tx) -> Any:
        state = store.one(tx, getattr(request, reference), deleted=True, lock=True)
        if state["deleted_at"] is None:
            raise Conflict(f"{store.label(state)} is not deleted")
        return show(tx, store.restore(tx, state))

    def do_create_many(request: Any, tx: Tx) -> Any:
        def one(item: Any) -> str:
            return str(store.create(tx, given(item))["public_id"])

        return each(tx, request.items, one, partial=request.partial)

    def do_upsert_many(request: Any, tx: Tx) -> Any:
        def one(item: Any) -> str | None:
            state, changed = put(tx, store, given(item), request.match, getattr(item, "version", None))
            return str(state["public_id"]) if changed else None

        return each(tx, request.items, one, partial=request.partial)

    def do_update_many(request: Any, tx: Tx) -> Any:
        values = given(request.values)

        def one(state: State) -> str | None:
            return str(state["public_id"]) if store.update(tx, state, values) is not state else None

        return over(tx, store, request, one)

    def do_delete_many(request: Any, tx: Tx) -> Any:
        return over(tx, store, request, lambda state: str(store.remove(tx, state)["public_id"]))

    def do_restore_many(request: Any, tx: Tx) -> Any:
        return over(
            tx, store, request, lambda state: str(store.restore(tx, state)["public_id"]), deleted=True
        )

    handlers = {
        create: do_create, get: do_get, list: do_list, update: do_update, upsert: do_upsert,
        delete: do_delete, restore: do_restore, create_many: do_create_many,
        upsert_many: do_upsert_many, update_many: do_update_many, delete_many: do_delete_many,
        restore_many: do_restore_many,
    }  # fmt: skip
    for operation, handler in handlers.items():
        if operation is not None:
            HANDLERS[operation] = handler


def _strict(tx: Tx, request: Any) -> None:
    if getattr(request, "strict_tags", False):
        tx.memo["strict_tags"] = True


def put(
    tx: Tx, store: Any, values: dict[str, Any], match: Iterable[str], version: int | None = None
) -> tuple[State, bool]:
    """Create a record, or update the one that matches; and whether anything changed."""
    number = store.matching(tx, values, match)
    if number is None:
        return store.create(tx, values), True
    state = store.load(tx, [number], lock=True)[0]
    new = store.update(tx, state, values, version=version)
    return new, new is not state


def chosen(tx: Tx, store: Store[Any], request: Any, missing: list[Failure], *, deleted: bool = False) -> Iterator[State]:
    """The records of a bulk request, resolved once: by ids, or by an expression over what is visible.

    With `partial` an id that names nothing, or several, is one of `missing` and no end of it all.
    """
    if (request.ids is None) == (request.where is None):
        raise Invalid("say which: `ids` or `where`", hint="--where true means all", field="where")
    if request.ids is not None:
        numbers = []
        for index, reference in enumerate(request.ids):
            try:
                numbers.append(store.find(tx, reference, deleted=deleted))
            except GhlError as error:
                if not request.partial:
                    error.details.setdefault("index", index)
                    raise
                missing.append(_failure(error, index, reference))
        numbers = list(dict.fromkeys(numbers))
    else:
        from ghl.engine.lists import matching  # lists need expressions

        numbers = matching(tx, store, request.where, deleted=deleted)
    for start in range(0, len(numbers), 500):
        yield from store.load(tx, numbers[start : start + 500], lock=True)


def over(
    tx: Tx, store: Store[Any], request: Any, one: Callable[[State], str | None], *, deleted: bool = False
) -> BulkResult:
    """Do one thing to each record of a bulk request."""
    missing: list[Failure] = []
    passed = 0

    def states() -> Iterator[State]:
        nonlocal passed
        for state in chosen(tx, store, request, missing, deleted=deleted):
            if (state["deleted_at"] is not None) == deleted:
                yield state
            else:
                passed += 1

    result = each(tx, states(), one, partial=request.partial, name=lambda state: state["public_id"])
    result.unchanged += passed
    result.failed, result.failures = result.failed + len(missing), [*missing, *result.failures][:100]
    return result


def each(
    tx: Tx,
    items: Iterable[Any],
    one: Callable[[Any], str | None],
    *,
    partial: bool,
    name: Callable[[Any], str] | None = None,
) -> BulkResult:
    """Do one thing to each item: all or nothing, or with `partial` whatever succeeds."""
    result = BulkResult(count=0)
    failures: list[Failure] = []
    ids: list[str] = []
    for index, item in enumerate(items):
        try:
            if partial:
                with tx.part():
                    done = one(item)
            else:
                done = one(item)
        except GhlError as error:
            if isinstance(error, StaleVersion) and "version" in getattr(item, "model_fields_set", ()):
                error.details["submitted"] = submitted(item)
            if not partial:
                error.details.setdefault("index", index)
                raise
            failures.append(_failure(error, index, name(item) if name else None))
            continue
        if done is None:
            result.unchanged += 1
        else:
            result.count += 1
            ids.append(done)
    result.failed, result.failures = len(failures), failures[:100]
    result.ids = ids[:1000]
    return result


def _failure(error: GhlError, index: int, reference: str | None) -> Failure:
    return Failure(
        id=reference, index=index, error=error.message, code=error.code, hint=error.hint, field=error.field
    )

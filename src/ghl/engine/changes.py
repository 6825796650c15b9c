"""The handlers of change sets: list, show, history, named sets, undo and redo."""

from __future__ import annotations

from collections import Counter
from importlib import import_module
from itertools import islice
from typing import TYPE_CHECKING, Any

from ghl.engine.changelog import KINDS
from ghl.engine.clock import from_milliseconds
from ghl.engine.columns import State
from ghl.engine.dispatch import handles
from ghl.engine.history import chain, shown_change
from ghl.engine.paging import Paging, cursor
from ghl.engine.retention import refuse_gone
from ghl.engine.stores import STORES, store_of
from ghl.engine.undo import OTHERS, Aftermath, Undoing, as_undo_of, consequences
from ghl.errors import Conflict, Invalid, Malformed, NotFound
from ghl.sdk import changes as contract
from ghl.sdk.fields import Change
from ghl.sdk.page import Page

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

INTERACTIVE = ("cli", "tui", "sdk", "api", "import", "init")
OPEN_FOR = 3_600_000


def _set(tx: Tx, row: dict[str, Any]) -> dict[str, Any]:
    counts = tx.all("changes/counts", id=row["id"])
    return {
        "id": row["id"], "at": from_milliseconds(row["at"]), "actor": row["actor"],
        "origin": tx.spelled(row["origin"]), "reason": row["reason"], "name": row["name"],
        "open": bool(row["open_until"] and row["open_until"] > tx.now_ms),
        "undoes": row["undoes"], "undone_by": row["undone_by"],
        "counts": {f"{tx.spelled(c['noun'])} {KINDS[c['kind']]}": c["n"] for c in counts},
    }  # fmt: skip


def _row(tx: Tx, number: int) -> dict[str, Any]:
    row = tx.one("changes/by_id", id=number)
    if row is None:
        refuse_gone(tx, "changes", number, f"change set {number}")
        raise NotFound(f"there is no change set {number}", hint="ghl changes list", field="change_set_id")
    return row


@handles(contract.ListChangeSets)
def list_sets(request: contract.ListChangeSets, tx: Tx) -> Page[contract.ChangeSet]:
    """Change sets, newest first."""
    if request.where or request.search or request.sort:
        raise Invalid("change sets are listed newest first", hint="ghl history RECORD", field="where")
    paging = Paging(request)
    rows, following = paging.cut(tx.all("changes/page", below=paging.below, **paging.window))
    return Page[contract.ChangeSet](
        items=[contract.ChangeSet(**_set(tx, row)) for row in rows], next_cursor=following,
        **paging.numbers(lambda: tx.value("changes/total")),
    )  # fmt: skip


@handles(contract.GetChangeSet)
def get_set(request: contract.GetChangeSet, tx: Tx) -> contract.ChangeSetDetail:
    """A change set with its first changes."""
    row = _row(tx, request.change_set_id)
    rows = tx.all("changes/changes", id=row["id"])
    total = tx.value("changes/count", id=row["id"])
    called = _called(tx, rows)
    shown = []
    for one in rows:
        noun = tx.spelled(one["noun"])
        public, name = called.get((noun, one["record_id"]), ("erased" if one["record_id"] < 0 else str(one["record_id"]), None))
        shown.append(shown_change(tx, one | _who(row), noun, public).model_copy(update={"name": name}))
    return contract.ChangeSetDetail(**_set(tx, row), changes=shown, total=total)


def _who(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("actor", "origin", "at", "reason")}


def _called(tx: Tx, rows: list[dict[str, Any]]) -> dict[tuple[str, int], tuple[str, str | None]]:
    """The public ids and names of the records that were changed, deleted ones too."""
    wanted: dict[str, set[int]] = {}
    for row in rows:
        wanted.setdefault(tx.spelled(row["noun"]), set()).add(row["record_id"])
    found: dict[tuple[str, int], tuple[str, str | None]] = {}
    for noun, ids in wanted.items():
        if noun in STORES:
            store = store_of(noun)
            found |= {(noun, one["id"]): (one["public_id"], store.label(one)) for one in store.load(tx, list(ids))}
        elif noun in OTHERS:
            found |= {(noun, number): one for number, one in import_module(OTHERS[noun]).called(tx, ids).items()}
    return found


@handles(contract.ListHistory)
def history(request: contract.ListHistory, tx: Tx) -> Page[Change]:
    """The changes of one record, newest first."""
    if request.noun not in STORES:
        raise Invalid(f'there is no noun "{request.noun}"', hint=f"one of: {', '.join(STORES)}", field="noun")
    store = store_of(request.noun)
    state = store.one(tx, request.record_id, deleted=True)
    paging = Paging(request)
    rows = list(islice(chain(tx, _start(tx, state, paging.after)), paging.offset, paging.offset + paging.size + 1))
    following = cursor(rows[-1]["id"]) if len(rows) > paging.size else None
    return Page[Change](
        items=[shown_change(tx, row, request.noun, state["public_id"]) for row in rows[: paging.size]], next_cursor=following,
        **paging.numbers(lambda: tx.value("changes/length", id=state["change_id"])),
    )  # fmt: skip


def _start(tx: Tx, state: State, change_id: int | None) -> int | None:
    """Where a history goes on: at the record's newest change, or at a change of it that a cursor names."""
    if change_id is None:
        newest: int | None = state["change_id"]
        return newest
    row = tx.one("changes/change", id=change_id)
    if row is None or row["record_id"] != state["id"]:
        raise Malformed("the cursor is not one of this list", hint="start again without a cursor", field="cursor")
    return change_id


@handles(contract.OpenChangeSet)
def open_set(request: contract.OpenChangeSet, tx: Tx) -> contract.OpenedChangeSet:
    """Open a named change set for one actor, for an hour."""
    number = tx.key("change_sets")
    until = tx.now_ms + OPEN_FOR
    tx.run(
        "changes/open", id=number, actor=tx.caller.actor, name=request.name, until=until,
        origin=tx.word("origin", tx.options.origin or tx.caller.origin),
    )  # fmt: skip
    return contract.OpenedChangeSet(id=number, name=request.name, expires_at=from_milliseconds(until))


@handles(contract.CloseChangeSet)
def close_set(request: contract.CloseChangeSet, tx: Tx) -> contract.ClosedChangeSet:
    """Close a named change set."""
    row = _row(tx, request.change_set_id)
    if row["open_until"] is None:
        raise Conflict(f"change set {row['id']} is not open")
    tx.run("changes/close", id=row["id"])
    return contract.ClosedChangeSet(id=row["id"], summary=_set(tx, row)["counts"])


@handles(contract.Undo)
def undo(request: contract.Undo, tx: Tx) -> contract.UndoResult:
    """Take back a change set."""
    row = _row(tx, request.change_set_id) if request.change_set_id is not None else _latest(tx, undoes=False)
    if row["undone_by"] is not None:
        raise Conflict(
            f"change set {row['id']} was undone by {row['undone_by']}", hint=f"ghl redo {row['undone_by']}"
        )
    return _taken_back(tx, row, with_dependents=request.with_dependents)


def _taken_back(tx: Tx, row: dict[str, Any], *, with_dependents: bool) -> contract.UndoResult:
    result = take_back(tx, row["id"], with_dependents=with_dependents)
    if row["undoes"] is not None:
        # What an undo took back is in force again, and can be taken back again.
        tx.run("changes/undone", id=row["undoes"], by=None)
    return result


@handles(contract.Redo)
def redo(request: contract.Redo, tx: Tx) -> contract.UndoResult:
    """Take back an undo."""
    row = _row(tx, request.change_set_id) if request.change_set_id is not None else _latest(tx, undoes=True)
    if row["undoes"] is None:
        raise Conflict(f"change set {row['id']} is no undo", hint=f"ghl undo {row['id']}")
    if row["undone_by"] is not None:
        raise Conflict(f"change set {row['id']} was redone already by {row['undone_by']}")
    return _taken_back(tx, row, with_dependents=False)


def _latest(tx: Tx, *, undoes: bool) -> dict[str, Any]:
    origins = [tx.known_word("origin", name) for name in INTERACTIVE]
    rows = tx.all("changes/latest_undo" if undoes else "changes/latest", actor=tx.caller.actor)
    for row in rows:
        if row["origin"] in origins:
            return row
    what = "redo" if undoes else "undo"
    raise NotFound(f"there is nothing of yours to {what}", hint="ghl changes list")


def take_back(tx: Tx, number: int, *, with_dependents: bool) -> contract.UndoResult:
    """Undo a set, and with it the later ones that stand in the way, newest first."""
    counts: Counter[str] = Counter()
    records = 0
    after = Aftermath([], [])
    with as_undo_of(tx, number):
        if with_dependents:
            for later in _dependents(tx, number):
                before = Undoing(tx, later)
                before.run()
                counts, records = counts + before.counts, records + len(before.records)
                tx.run("changes/undone", id=later, by=tx.changes.set_id)
                after = _both(consequences(tx, later), after)
        undoing = Undoing(tx, number)
        undoing.run()
        after = _both(after, consequences(tx, number))
    return contract.UndoResult(
        undoes=number, counts=counts + undoing.counts, undone=(counts + undoing.counts).total(),
        records=records + len(undoing.records), kept=undoing.kept[:200], ended=after.ended, not_undoable=after.stays,
    )  # fmt: skip


def _both(first: Aftermath, then: Aftermath) -> Aftermath:
    return Aftermath(first.ended + then.ended, first.stays + then.stays)


class _Tried(Exception):
    """Ends a trial run of an undo."""


def _dependents(tx: Tx, number: int) -> list[int]:
    """Every later set in the way of an undo, newest first: found by trying."""
    found: set[int] = set()
    todo = {number}
    while todo:
        one = todo.pop()
        trial = Undoing(tx, one)
        try:
            with tx.part():
                trial.run()
                raise _Tried
        except _Tried:
            pass
        todo |= trial.blockers - found - {number}
        found |= trial.blockers - {number}
    return sorted(found, reverse=True)

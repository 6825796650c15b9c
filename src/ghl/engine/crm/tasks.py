"""Tasks: what is to be done, when and by whom; a deal knows when its next one is due."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ghl.engine import crud
from ghl.engine.columns import NO_DATE, Column, State
from ghl.engine.crm.about import ABOUT, FILTER_NOUNS, FILTERS, person_of, same_elsewhere
from ghl.engine.crm.planned import plan_deals
from ghl.engine.dispatch import handles
from ghl.engine.records import Store
from ghl.errors import Invalid
from ghl.sdk.crm import tasks as contract
from ghl.sdk.names import fold

if TYPE_CHECKING:
    from ghl.engine.tx import Tx


class TaskStore(Store[contract.Task]):
    """Tasks."""

    noun = "task"
    table = "task_records"
    record = contract.Task
    columns = (
        Column("title"),
        Column("body", "body"),
        Column("kind"),
        Column("priority"),
        Column("due_at", "stamp", default=NO_DATE),
        Column("done_at", "stamp"),
        Column("status", default="open"),
        Column("owner_id", "ref", noun="user"),
        *ABOUT,
        Column("external_id"),
    )
    sorts = Store.sorts | {"due_at": ("due_at",)}
    filters = FILTERS | {"status": "r.status = :status", "owner_id": "r.owner_id = :owner_id"}
    filter_nouns = FILTER_NOUNS | {"owner_id": "user"}

    def derive(self, tx: Tx, state: State) -> None:
        state["name_key"] = fold(state["title"])

    def check(self, tx: Tx, state: State, old: State | None) -> None:
        if not state["title"]:
            raise Invalid("a task needs a title", hint="ghl tasks add --title 'Call Ann'", field="title")

    def words(self, state: State) -> Iterable[str | None]:
        return (state["title"], state["body"], state["kind"])

    def label(self, state: State) -> str:
        return str(state["title"])

    def after(self, tx: Tx, old: State | None, new: State, changed: frozenset[str]) -> None:
        plan_deals(tx, {state["deal_id"] for state in (old, new) if state and state["deal_id"]})

    def announce(self, tx: Tx, old: State | None, new: State, changed: frozenset[str], change_id: int) -> None:
        name = None
        if old is None:
            name = "task.created"
        elif "status" in changed and new["status"] == "done":
            name = "task.completed"
        if name:
            tx.events.emit(name, "task", new["id"], person_id=person_of(tx, new), change_id=change_id)

    def matching(self, tx: Tx, values: dict[str, Any], match: Iterable[str]) -> int | None:
        """The one task with the same id in another system."""
        return same_elsewhere(tx, self, values)


STORE = TaskStore()

crud.handle(
    STORE, create=contract.CreateTask, get=contract.GetTask, list=contract.ListTasks,
    update=contract.UpdateTask, upsert=contract.UpsertTask, delete=contract.DeleteTask,
    restore=contract.RestoreTask, create_many=contract.CreateTasks, upsert_many=contract.UpsertTasks,
    update_many=contract.UpdateTasks, delete_many=contract.DeleteTasks, restore_many=contract.RestoreTasks,
)  # fmt: skip


def _turn(tx: Tx, reference: str, status: contract.Status, done_at: datetime | None) -> contract.Task:
    state = STORE.one(tx, reference, lock=True)
    if state["status"] != status:  # once done, it stays done when it was
        state = STORE.update(tx, state, {"status": status, "done_at": done_at})
    return STORE.present(tx, [state])[0]


@handles(contract.CompleteTask)
def complete(request: contract.CompleteTask, tx: Tx) -> contract.Task:
    """Mark a task as done."""
    return _turn(tx, request.task_id, "done", tx.at)


@handles(contract.ReopenTask)
def reopen(request: contract.ReopenTask, tx: Tx) -> contract.Task:
    """Mark a task as not done."""
    return _turn(tx, request.task_id, "open", None)

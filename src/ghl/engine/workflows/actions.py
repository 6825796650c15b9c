"""What each kind of step does to a group of people at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from ghl.engine.eventlog import SHARDS
from ghl.engine.workflows.batch import DONE, EXITED, LEFT, NO, WAITING, YES, Batch
from ghl.engine.workflows.splits import takes_branch
from ghl.engine.workflows.versions import Step
from ghl.sdk.workflows.durations import parse_duration

if TYPE_CHECKING:
    from ghl.engine.tx import Tx


class Member(NamedTuple):
    """One run of a group: its number in the batch, and what the step may ask of it."""

    n: int
    enrollment_id: int
    object_id: int
    person_id: int | None
    attempt: int
    depth: int


@dataclass(slots=True)
class Group:
    """The people of a batch who stand before one step, and the transaction that acts for it."""

    tx: Tx
    batch: Batch
    step: Step
    seed: str
    first: int
    last: int
    change: str = "null"
    """The SQL of the number of the change that a row's step has just made."""

    @property
    def at(self) -> str:
        """The condition of this group in the batch table; those who are skipped are no part of it."""
        return (
            f"n between {self.first} and {self.last} and step_id = {self.step.id} and outcome not in (0, 2) and state = 1"
        )

    @property
    def joined(self) -> str:
        """The same condition where the batch is joined as `b`."""
        return (
            f"b.n between {self.first} and {self.last} and b.step_id = {self.step.id}"
            " and b.outcome not in (0, 2) and b.state = 1"
        )

    def rows(self) -> list[Member]:
        """Everybody."""
        found = self.tx.connection.tuples(
            f"select n, id, object_id, person_id, attempt, depth from batch where {self.at} order by n"
        )
        return [Member(*row) for row in found]

    def set(self, assignments: str, more: str = "", **params: Any) -> int:
        """Set columns of the group's rows in the batch."""
        return self.tx.connection.run(f"update batch set {assignments} where {self.at}{more}", params)


Perform = Callable[[Group], None]

SHARD = f"coalesce({{person}}, {{subject}}, 0) * 2654435761 % 4294967296 % {SHARDS}"
"""The shard of an event or an enrollment in SQL, as `shard_of` has it."""


def goto(group: Group) -> None:
    """The next step is the named one already."""


def leave(group: Group) -> None:
    """End with an outcome for the reports."""
    outcome = group.step.arguments.get("outcome")
    if outcome:
        group.tx.connection.run(
            f"""update enrollment_details set outcome = :outcome
            where enrollment_id in (select id from batch where {group.at})""",
            {"outcome": outcome},
        )
    group.set(f"state = {EXITED}, next_id = null, outcome = {LEFT}")


def finish(group: Group) -> None:
    """The end of a branch whose last step was a wait."""
    group.set(f"state = {DONE}, next_id = null")


def split(group: Group) -> None:
    """Each person's number decides, the same at every entry."""
    arguments, step = group.step.arguments, group.step
    salt = f"{step.version.workflow_id}:{arguments['salt']}"
    other = [
        (one.n,)
        for one in group.rows()
        if not takes_branch(
            group.seed, salt, one.person_id or one.object_id, below=arguments["below"], of=arguments["of"]
        )
    ]
    group.set(f"outcome = {YES}")
    group.tx.connection.many_tuples(
        f"update batch set outcome = {NO}, next_id = {_number(step.other_id)} where n = ?", other
    )


def _number(value: int | None) -> str:
    return "null" if value is None else str(int(value))


def wait(group: Group) -> None:
    """A plain length of time is one statement; weekdays, clock times and business days depend on the zone."""
    arguments = group.step.arguments
    length = parse_duration(str(arguments["for"]))
    if arguments.keys() & {"at", "on"} or length.business_days or length.months:
        from ghl.engine.workflows.waiting import wait_in_zone  # people's zones are read for these only

        wait_in_zone(group)
        return
    group.set(f"run_at = :until, outcome = {WAITING}", until=group.tx.now_ms + length.total_seconds * 1000)


def emit_all(group: Group, name: str, noun: str, key: str = "person_id") -> None:
    """One event for each touched row of the group, about the change it made."""
    tx = group.tx
    word = tx.word("event", name)
    params = {
        "name": word, "noun": tx.word("noun", noun), "now_ms": tx.now_ms, "account_id": tx.account_id,
    }  # fmt: skip
    where = f"{group.joined} and b.touched = 1"
    listened = tx.value(
        "select 1 as found from listeners where account_id = :account_id and event_name = :name limit 1", name=word
    )
    number = group.batch.numbers("events", f"{group.at} and touched = 1")
    placed = tx.dialect == "sqlite"
    tx.connection.run(
        f"""insert into events
        (id, {"position, " if placed else ""}account_id, name, noun, subject_id, person_id, at, depth, enrollment_id, change_id)
        select {number}, {f"{number}, " if placed else ""}b.account_id, :name, :noun, b.{key}, b.person_id, :now_ms,
          b.depth + 1, b.id, {group.change} from batch b where {where} order by b.n""",
        params | group.batch.bases,
    )
    if listened:
        shard = "0" if placed else SHARD.format(person="b.person_id", subject=f"b.{key}")
        tx.connection.run(
            f"insert into inbox (shard, event_id) select {shard}, {number} from batch b where {where} order by b.n",
            group.batch.bases,
        )


def perform(step: Step) -> Perform:
    """How a step is performed for a group: set-based where there is such a form."""
    if step.kind in SET_BASED:
        return SET_BASED[step.kind]
    from ghl.engine.workflows import (  # what a worker's workflows use
        branching,
        sending,
        tagging,
        waiting,
        writing,
    )

    more: dict[str, Perform] = {
        "if": branching.branch,
        "add_tag": tagging.add,
        "remove_tag": tagging.remove,
        "update_field": writing.update_fields,
        "wait_until": waiting.wait_until,
        "wait_for": waiting.wait_for,
        "send_email": sending.send_email,
        "webhook": sending.webhook,
    }
    return more.get(step.kind, writing.operation)


def one_by_one(step: Step) -> bool:
    """Whether a step is performed person by person: such groups are tried apart from the others."""
    if step.kind == "update_field":
        from ghl.engine.workflows.writing import constants  # as above

        return not constants(step)
    return "." in step.kind


SET_BASED: dict[str, Perform] = {
    "goto": goto,
    "exit": leave,
    "end": finish,
    "split": split,
    "wait": wait,
}

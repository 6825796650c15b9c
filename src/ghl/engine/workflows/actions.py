"""What each kind of step does to a group of people at once."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ghl.engine.eventlog import SHARDS
from ghl.engine.workflows.batch import Batch
from ghl.engine.workflows.splits import takes_branch
from ghl.engine.workflows.versions import Step, Versions
from ghl.sdk.workflows.durations import parse_duration

if TYPE_CHECKING:
    from ghl.engine.tx import Tx


@dataclass(slots=True)
class Group:
    """The people of a batch who stand before one step, and the transaction that acts for it."""

    tx: Tx
    batch: Batch
    step: Step
    versions: Versions
    seed: str

    @property
    def at(self) -> str:
        """The condition of this group in the batch table; those who are skipped are no part of it."""
        return f"step_id = {self.step.id} and outcome not in (0, 2)"

    @property
    def joined(self) -> str:
        """The same condition where the batch is joined as `b`."""
        return f"b.step_id = {self.step.id} and b.outcome not in (0, 2)"

    def rows(self) -> list[tuple[Any, ...]]:
        """n, enrollment, object, person, hop, attempt, due of everybody."""
        return self.tx.connection.tuples(
            f"select n, id, object_id, person_id, hop, attempt, due from batch where {self.at} order by n"
        )

    def set(self, assignments: str, more: str = "", **params: Any) -> int:
        """Set columns of the group's rows in the batch."""
        return self.tx.connection.run(f"update batch set {assignments} where {self.at}{more}", params)


Perform = Callable[[Group], None]


def goto(group: Group) -> None:
    """The next step is the named one already."""


def leave(group: Group) -> None:
    """End with an outcome for the reports."""
    outcome = group.step.arguments.get("outcome")
    group.set("state = 4, next_id = null, outcome = 8")
    if outcome:
        group.tx.connection.run(
            f"""update enrollment_details set outcome = :outcome
            where enrollment_id in (select id from batch where {group.at})""",
            {"outcome": outcome},
        )


def finish(group: Group) -> None:
    """The end of a branch whose last step was a wait."""
    group.set("state = 3, next_id = null")


def split(group: Group) -> None:
    """Each person's number decides, the same at every entry."""
    arguments, step = group.step.arguments, group.step
    salt = f"{step.version.workflow_id}:{arguments['salt']}"
    other = [
        (row[0],)
        for row in group.rows()
        if not takes_branch(group.seed, salt, row[3] or row[2], below=arguments["below"], of=arguments["of"])
    ]
    group.set("outcome = 3")
    group.tx.connection.many_tuples(
        f"update batch set outcome = 4, next_id = {_number(step.other_id)} where n = ?", other
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
    group.set("run_at = :until, outcome = 5", until=group.tx.now_ms + length.total_seconds * 1000)


def send_email(group: Group) -> None:
    """A row of the ledger for each person; the sender renders it and decides when it leaves."""
    arguments = group.step.arguments
    if any(isinstance(v, str) and "{{" in v for v in arguments.values()) or arguments.get("data"):
        detail = {"step": group.step.id, "template": arguments["template_id"], "render": True}
    else:
        detail = {"step": group.step.id, "template": arguments["template_id"]}
    _enqueue(group, "email", detail)


def webhook(group: Group) -> None:
    """A row of the outbox for each person; the run goes on."""
    _enqueue(group, "webhook", {"step": group.step.id})


def _enqueue(group: Group, channel: str, detail: dict[str, Any]) -> None:
    tx = group.tx
    nobody = "" if channel == "webhook" else " and person_id is not null"
    tx.connection.run(
        f"""insert into outbox (account_id, channel, source, source_id, seq, part, subject_id, state, available_at, detail)
        select account_id, :channel, 1, id, hop, 0, coalesce(person_id, 0), 0, :now_ms, :detail
        from batch where {group.at}{nobody} on conflict (source, source_id, seq, part) do nothing""",
        {"channel": tx.word("channel", channel), "now_ms": tx.now_ms, "detail": json.dumps(detail)},
    )
    if nobody:
        group.set("outcome = 2, detail = :why", " and person_id is null", why=json.dumps("no contact"))


def emit_all(group: Group, name: str, noun: str, key: str = "person_id") -> None:
    """One event for each touched row of the group, about the change it made."""
    tx = group.tx
    word, noun_word = tx.word("event", name), tx.word("noun", noun)
    params = {
        "name": word, "noun": noun_word, "now_ms": tx.now_ms, "depth": tx.cause.depth, "account_id": tx.account_id,
    }  # fmt: skip
    where = f"{group.at} and touched = 1"
    listened = tx.value(
        "select 1 as found from listeners where account_id = :account_id and event_name = :name limit 1", name=word
    )
    if tx.dialect == "postgres":
        inserted = f"""insert into events (account_id, name, noun, subject_id, person_id, at, depth, enrollment_id, change_id)
            select account_id, :name, :noun, {key}, person_id, :now_ms, :depth, id, change_no
            from batch where {where} order by n"""
        if listened:
            tx.connection.run(
                f"""with made as ({inserted} returning id, person_id, subject_id)
                insert into inbox (shard, event_id) select
                (coalesce(person_id, subject_id, 0) * 2654435761 % 4294967296) % {SHARDS}, id from made""",
                params,
            )
        else:
            tx.connection.run(inserted, params)
        return
    base = tx.reserve("events", group.batch.size)
    tx.connection.run(
        f"""insert into events (id, position, account_id, name, noun, subject_id, person_id, at, depth, enrollment_id, change_id)
        select :base + n, :base + n, account_id, :name, :noun, {key}, person_id, :now_ms, :depth, id, change_no
        from batch where {where} order by n""",
        {**params, "base": base},
    )
    if listened:
        tx.connection.run(
            f"insert into inbox (shard, event_id) select 0, :base + n from batch where {where} order by n",
            {"base": base},
        )


def perform(kind: str) -> Perform:
    """How a kind of step is performed for a group: set-based where there is such a form."""
    if kind in SET_BASED:
        return SET_BASED[kind]
    from ghl.engine.workflows import branching, tagging, waiting, writing  # what a worker's workflows use

    more: dict[str, Perform] = {
        "if": branching.branch,
        "add_tag": tagging.add,
        "remove_tag": tagging.remove,
        "update_field": writing.update_fields,
        "wait_until": waiting.wait_until,
        "wait_for": waiting.wait_for,
    }
    return more.get(kind, writing.operation)


SET_BASED: dict[str, Perform] = {
    "goto": goto,
    "exit": leave,
    "end": finish,
    "split": split,
    "wait": wait,
    "send_email": send_email,
    "webhook": webhook,
}

"""What an undo does to runs: those that only the undone change started end as `undone`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

SLACK = 300_000
"""Milliseconds by which the clocks of programs that write may differ."""

_WHEN = "select at, name from change_sets where account_id = :account_id and id = :set_id"
_FIRST = "select id, at from events where id >= :id order by id limit 1"
_EVENTS = """select e.id from events e join changes c on c.id = e.change_id
where e.id between :first and :last and e.account_id = :account_id and c.change_set_id = :set_id"""
# From an event to the runs it started: by its person, else by its record, else those about nothing.
_RUNS = """select d.enrollment_id as id, n.state from events e join enrollments n on n.person_id = e.person_id
join enrollment_details d on d.enrollment_id = n.id and d.event_id = e.id
where e.id in ({ids}) and n.account_id = :account_id
union select d.enrollment_id as id, n.state from events e
join enrollments n on n.person_id is null and n.object_id in (e.subject_id, 0)
join enrollment_details d on d.enrollment_id = n.id and d.event_id = e.id
where e.id in ({ids}) and n.account_id = :account_id"""


def events_of(tx: Tx, set_id: int) -> list[int]:
    """The events about changes of a set. They have no index of their own: they lie where its time lies."""
    row = tx.one(_WHEN, set_id=set_id)
    if row is None:
        return []
    last = int(tx.value("select coalesce(max(id), 0) as n from events"))
    first = _place(tx, last, row["at"] - SLACK)
    # A named set is open for a while; every other one is a moment.
    end = last if row["name"] else _place(tx, last, row["at"] + SLACK + 1)
    rows = tx.all(_EVENTS, set_id=set_id, first=first, last=end)
    return [row["id"] for row in rows]


def _place(tx: Tx, last: int, at: int) -> int:
    """The id of about the first event at or after a moment: event ids rise with time."""
    low, high = 0, last
    while low < high:
        middle = (low + high) // 2
        row = tx.one(_FIRST, id=middle)
        if row is None or row["at"] >= at:
            high = middle
        else:
            low = row["id"] + 1
    return low


def runs_of(tx: Tx, set_id: int) -> dict[int, int]:
    """The runs that changes of a set have started, with their states."""
    memo = ("runs of a set", set_id)
    if memo not in tx.memo:
        found: dict[int, int] = {}
        events = events_of(tx, set_id)
        for start in range(0, len(events), 500):
            ids = ",".join(map(str, events[start : start + 500]))
            found |= {row["id"]: row["state"] for row in tx.all(_RUNS.format(ids=ids))}
        tx.memo[memo] = found
    runs: dict[int, int] = tx.memo[memo]
    return runs


def undone(tx: Tx, change_set_id: int) -> list[str]:
    """End the runs that events of this set have started, and start no more of them."""
    events = events_of(tx, change_set_id)
    tx.connection.many_tuples("delete from inbox where event_id = ?", [(number,) for number in events])
    live = [number for number, state in runs_of(tx, change_set_id).items() if state < 3]
    run = tx.connection.many_tuples
    run("update enrollments set state = 4, run_at = null, due_at = null where id = ?", [(n,) for n in live])
    run("delete from waits where enrollment_id = ?", [(n,) for n in live])
    run(
        "update enrollment_details set ended_at = ?, outcome = 'undone' where enrollment_id = ?",
        [(tx.now_ms, n) for n in live],
    )
    return []

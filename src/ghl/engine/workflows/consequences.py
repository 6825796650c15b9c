"""What an undo does to runs: those that only the undone change started end as `undone`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ghl.engine.changelog import CREATED, DELETED
from ghl.engine.stores import recall, remember
from ghl.engine.undo import Aftermath

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
# Runs that somebody has started by hand.
_BY_HAND = """select n.id, n.state from changes c join enrollments n on n.id = c.record_id
where c.change_set_id = :set_id and c.noun = :noun and c.kind = :created and n.account_id = :account_id"""
_OUTCOME = """select d.outcome, e.state from enrollments e join enrollment_details d on d.enrollment_id = e.id
where e.account_id = :account_id and e.id = :id"""
_CALLED = """select e.id, d.public_id, e.person_id, w.name as workflow from enrollments e
join enrollment_details d on d.enrollment_id = e.id join workflows w on w.id = e.workflow_id
where e.account_id = :account_id and e.id in ({ids})"""
_SHARES = """select w.name, case when e.state < 3 then 1 else 0 end as live, case when e.hop > 0 then 1 else 0 end as moved,
count(*) as n from enrollments e join workflows w on w.id = e.workflow_id
where e.account_id = :account_id and e.id in ({ids}) group by w.name, 2, 3 order by w.name, 2, 3"""


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
        tx.memo[memo] = found | by_hand(tx, set_id)
    runs: dict[int, int] = tx.memo[memo]
    return runs


def by_hand(tx: Tx, set_id: int) -> dict[int, int]:
    """The runs that somebody started by hand in a set, with their states."""
    rows = tx.all(_BY_HAND, set_id=set_id, noun=tx.known_word("noun", "enrollment"), created=CREATED)
    return {row["id"]: row["state"] for row in rows}


def called(tx: Tx, ids: Iterable[int]) -> dict[int, tuple[str, str | None]]:
    """The public ids of runs, with who is in which workflow."""
    rows = tx.all(_CALLED.format(ids=",".join(map(str, ids))))
    remember(tx, "contact", (row["person_id"] for row in rows if row["person_id"]))
    found: dict[int, tuple[str, str | None]] = {}
    for row in rows:
        who = recall(tx, "contact", row["person_id"])
        found[row["id"]] = row["public_id"], f"{who[1]} in {row['workflow']}" if who else row["workflow"]
    return found


def take_back(tx: Tx, row: dict[str, Any]) -> str | None:
    """A run by hand ends with its set, with all others that the set started; one that is over cannot."""
    if row["kind"] != CREATED:
        return "a run that was ended does not begin again: ghl workflows enroll"
    run = tx.one(_OUTCOME, id=row["record_id"])
    if run is None or run["state"] >= 3:
        outcome = f" ({run['outcome']})" if run and run["outcome"] else ""
        return f"the run is over{outcome}, and what it did stays"
    public, _ = called(tx, [row["record_id"]])[row["record_id"]]
    tx.changes.record("enrollment", row["record_id"], DELETED, public_id=public, version=2, prev_id=row["id"])
    return None


def _told(tx: Tx, runs: list[int]) -> Aftermath:
    """What becomes of runs, in words; of those by hand that are over it is told one by one."""
    told = Aftermath([], [])
    for start in range(0, len(runs), 500):
        ids = ",".join(map(str, runs[start : start + 500]))
        for row in tx.all(_SHARES.format(ids=ids)):
            one = row["n"] == 1
            which = f"{row['n']:,} run{'' if one else 's'} of {row['name']}"
            if row["live"]:
                told.ended.append(f"{which} end{'s' if one else ''}")
            if row["live"] and row["moved"]:
                told.stays.append(f"what {which} did so far stays")
            elif not row["live"]:
                told.stays.append(f"{which} {'is' if one else 'are'} over, and what {'it' if one else 'they'} did stays")
    return told


def undone(tx: Tx, change_set_id: int) -> Aftermath:
    """End the runs that this set has started, by its events or by hand, and start no more of them."""
    events = events_of(tx, change_set_id)
    tx.connection.many_tuples("delete from inbox where event_id = ?", [(number,) for number in events])
    runs, hand = runs_of(tx, change_set_id), by_hand(tx, change_set_id)
    live = [number for number, state in runs.items() if state < 3]
    told = _told(tx, [number for number, state in runs.items() if state < 3 or number not in hand])
    run = tx.connection.many_tuples
    run("update enrollments set state = 4, run_at = null, due_at = null where id = ?", [(n,) for n in live])
    run("delete from waits where enrollment_id = ?", [(n,) for n in live])
    run(
        "update enrollment_details set ended_at = ?, outcome = 'undone' where enrollment_id = ?",
        [(tx.now_ms, n) for n in live],
    )
    return told

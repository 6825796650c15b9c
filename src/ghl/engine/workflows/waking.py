"""Waking those who wait: for an event itself, or for a condition that an event may have made true."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ghl.engine.stores import STORES
from ghl.engine.workflows.arrivals import ABOUT, Arrivals, Kind

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

_MATCH = """select w.enrollment_id, w.step_id, w.filtered, a.n, n.object_id, n.person_id
from concerns k cross join arrived a cross join waits w cross join enrollments n
where a.n = k.n and w.subject_id = k.id and w.noun = k.noun and w.event_name in (0, a.name) and a.event_id > w.since
  and n.id = w.enrollment_id and n.account_id = a.account_id and n.state = 1{mine}
order by a.n, w.enrollment_id"""
_NEXT = "select id, next_id from workflow_steps where id in ({ids})"
# Who is held stays held: the wake-up is kept as the time at which she is due.
_WAKE = """update enrollments set step_id = ?, run_at = case when run_at is null then null else cast(? as bigint) end,
due_at = case when run_at is null then cast(? as bigint) else due_at end where id = ?"""
_PASS = """insert into inbox (shard, event_id, passed_on)
select distinct n.shard, a.event_id, 1 from concerns k join arrived a on a.n = k.n
join listeners l on l.event_name = a.name and l.account_id = a.account_id
join workflows w on w.id = l.workflow_id and w.subject = :subject
join enrollments n on n.workflow_id = w.id and n.object_id = k.id and n.state < 3
where k.noun = :noun and a.passed_on = 0 and n.shard <> all (cast(:shards as bigint[]))"""

Meets = Callable[[int, int, int, int | None], bool]
"""Whether the condition of a step's wait is met: step, number of the event, object, person."""


def wake(tx: Tx, arrivals: Arrivals, kinds: list[Kind], shards: Sequence[int], meets: Meets) -> int:
    """Wake whom these events wake; how many they are."""
    waiting = tx.connection.one("select 1 as found from waits limit 1")
    if tx.dialect == "sqlite" and waiting is None:
        return 0
    arrivals.concern(kinds)
    if tx.dialect == "postgres":
        _pass_on(tx, kinds, list(shards))
        if waiting is None:
            return 0
    mine = f" and n.shard in ({','.join(map(str, shards))})" if tx.dialect == "postgres" else ""
    woken: dict[int, int] = {}
    for enrollment_id, step_id, filtered, n, object_id, person_id in tx.connection.tuples(_MATCH.format(mine=mine)):
        if enrollment_id not in woken and (not filtered or meets(step_id, n, object_id, person_id)):
            woken[enrollment_id] = step_id
    if not woken:
        return 0
    steps = ",".join(map(str, set(woken.values())))
    following = {row[0]: row[1] for row in tx.connection.tuples(_NEXT.format(ids=steps))}
    now = tx.now_ms
    tx.connection.many_tuples(_WAKE, [(following[step], now, now, number) for number, step in woken.items()])
    tx.connection.many_tuples("delete from waits where enrollment_id = ?", [(number,) for number in woken])
    return len(woken)


def _pass_on(tx: Tx, kinds: list[Kind], shards: list[int]) -> None:
    """PostgreSQL: a run about a deal lives in the shard of its person, the deal's events perhaps in another.

    Such events go to that shard's inbox, since only under its lock a wait is either there or not begun.
    """
    nouns = {tx.spelled(kind.noun) for kind in kinds if kind.noun}
    wanted: dict[str, Any] = {noun: noun for noun in nouns if noun in STORES and noun != "contact"}
    wanted |= {other: other for noun in nouns for other in ABOUT.get(noun, ())}
    for noun in wanted:
        tx.connection.run(_PASS, {"subject": noun, "noun": tx.known_word("noun", noun), "shards": shards})
    tx.connection.run(
        _PASS.replace("n.object_id = k.id", "n.object_id = 0"), {"subject": "none", "noun": 0, "shards": shards}
    )

"""What waits for a person today."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from ghl.engine.columns import NO_DATE
from ghl.engine.dispatch import handles
from ghl.engine.stores import recall, remember, resolve, store_of
from ghl.sdk.times import parse_stamp, resolve_local, stamp
from ghl.sdk.today import Today, TodayItem, TodayList

if TYPE_CHECKING:
    from ghl.engine.tx import Tx


@handles(Today)
def today(request: Today, tx: Tx) -> TodayList:
    """Overdue tasks, tasks of today in the account's zone, and open deals with nothing planned."""
    day = tx.at.astimezone(tx.account.tzinfo).date()
    end = stamp(resolve_local(day + timedelta(days=1), time(0), tx.account.tzinfo).astimezone(UTC))
    params: dict[str, Any] = {"end": end, "limit": request.limit}
    mine = ""
    if request.owner:
        params["owner"] = resolve(tx, "user", request.owner, field="owner")
        mine = " and r.owner_id = :owner"
    sight = tx.visible("r")
    items: list[TodayItem] = []
    counts: dict[str, int] = {}
    due = f"r.account_id = :account_id and r.status = 'open' and r.deleted_at is null and r.due_at < :end{mine}{sight}"
    rows = tx.all(f"select r.id, r.due_at from task_records r where {due} order by r.due_at, r.id limit :limit", **params)
    for kind, condition in (("overdue", "r.due_at < :now"), ("due", "r.due_at >= :now")):
        counts[kind] = int(tx.value(f"select count(*) as n from task_records r where {due} and {condition}", **params))
    items += _tasks(tx, [row["id"] for row in rows])
    idle = (
        "r.account_id = :account_id and r.status = 'open' and r.deleted_at is null"
        " and (r.next_activity_at is null or (r.next_activity_at <= :now and not exists"
        " (select 1 from task_records t where t.deal_id = r.id and t.status = 'open' and t.deleted_at is null)))"
        f"{mine}{sight}"
    )
    counts["idle"] = int(tx.value(f"select count(*) as n from deal_records r where {idle}", **params))
    left = request.limit - len(items)
    if left > 0:
        deals = tx.all(f"select r.id from deal_records r where {idle} order by r.stage_entered_at, r.id limit {int(left)}", **params)
        items += _deals(tx, [row["id"] for row in deals])
    return TodayList(items=items, counts={kind: n for kind, n in counts.items() if n})


def _tasks(tx: Tx, ids: list[int]) -> list[TodayItem]:
    states = store_of("task").load(tx, ids)
    for noun in ("contact", "company", "deal", "user"):
        column = "owner_id" if noun == "user" else f"{noun}_id"
        remember(tx, noun, (state[column] for state in states if state[column]))
    return [
        TodayItem(
            kind="overdue" if state["due_at"] < tx.now else "due", noun="task", id=state["public_id"],
            title=state["title"], due_at=_moment(state["due_at"]), about=_about(tx, state),
            owner=_name(tx, "user", state["owner_id"]),
        )
        for state in states
    ]  # fmt: skip


def _deals(tx: Tx, ids: list[int]) -> list[TodayItem]:
    states = store_of("deal").load(tx, ids)
    remember(tx, "stage", (state["stage_id"] for state in states))
    remember(tx, "user", (state["owner_id"] for state in states if state["owner_id"]))
    return [
        TodayItem(
            kind="idle", noun="deal", id=state["public_id"], title=state["name"],
            about=_name(tx, "stage", state["stage_id"]), owner=_name(tx, "user", state["owner_id"]),
        )
        for state in states
    ]  # fmt: skip


def _moment(text: str) -> datetime | None:
    return None if text == NO_DATE else parse_stamp(text)


def _about(tx: Tx, state: dict[str, Any]) -> str | None:
    names = [_name(tx, noun, state[f"{noun}_id"]) for noun in ("contact", "company", "deal")]
    return ", ".join(name for name in names if name) or None


def _name(tx: Tx, noun: str, number: int | None) -> str | None:
    known = recall(tx, noun, number)
    return known[1] if known else None

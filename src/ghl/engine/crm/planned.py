"""What is derived from tasks and activities: a deal's next appointment, a contact's latest one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ghl.engine.columns import NO_DATE

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

_NEXT = """update deal_records set next_activity_at = (select min(p.at) from (
  select t.due_at as at from task_records t where t.deal_id = :id and t.status = 'open' and t.deleted_at is null
  union all
  select a.at from activity_records a where a.deal_id = :id and a.at > :now and a.deleted_at is null) p)
where account_id = :account_id and id = :id"""
_LATEST = """update contact_records set last_activity_at = coalesce((select max(a.at) from activity_records a
  where a.contact_id = :id and a.at <= :now and a.deleted_at is null), '')
where account_id = :account_id and id = :id"""


def plan_deals(tx: Tx, deals: Iterable[int]) -> None:
    """Recompute when something is planned for these deals next; a task without a due time counts as planned."""
    for number in deals:
        tx.run(_NEXT, id=number)


def touch_contacts(tx: Tx, contacts: Iterable[int]) -> None:
    """Recompute when these contacts were last in contact."""
    for number in contacts:
        tx.run(_LATEST, id=number)


UNDATED = NO_DATE
"""The due time of a task that has none."""

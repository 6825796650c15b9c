"""Applying a plan: it must be of this file, and nothing it speaks of may have changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ghl.engine.data.runs import Run, plan_row
from ghl.engine.records import Store
from ghl.engine.stores import store_of
from ghl.errors import Conflict, NotFound, PlanChanged
from ghl.nouns import NOUNS
from ghl.sdk.data import imports as contract

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

_CHANGED = """select r.id from import_rows p join {table} r on r.id = p.record_id
where r.account_id = :account_id and p.import_id = :id and p.verdict in (2, 3)
and (r.version <> p.version or r.deleted_at is not null) order by p.line limit 4"""
_TAKEN = """select k.key from import_keys k join contact_addresses a on a.key = k.key
where a.account_id = :account_id and k.import_id = :id and k.kind = :kind and a.kind = :address_kind and a.live = 1
and k.line in (select line from import_rows p where p.import_id = :id and p.verdict = 1) limit 4"""
_COME = """select k.key from import_keys k join {table} r on r.{column} = k.key
where r.account_id = :account_id and r.deleted_at is null and k.import_id = :id and k.kind = :kind
and k.line in (select line from import_rows p where p.import_id = :id and p.verdict = 1) limit 4"""


def checked(tx: Tx, request: contract.BeginImport) -> Run:
    """The plan with the digest, if it is one of this file."""
    row = plan_row(tx, request.digest or "")
    if row is None:
        raise NotFound(
            f"there is no plan {request.digest}", hint="make one with --dry-run; a plan is kept for a week", field="plan"
        )
    if row["fingerprint"] != request.fingerprint or row["noun"] != request.noun:
        raise PlanChanged(
            f"plan {request.digest} is of another content of {row['file']}: nothing was changed",
            hint="look again with --dry-run",
        )
    return Run.of(row)


def refuse_changed(tx: Tx, plan: Run) -> None:
    """Refuse before anything is written where a record of the plan has changed since, or a new one come."""
    if tx.one("select line from import_rows where import_id = :id limit 1", id=plan.id) is None and plan.row["done"]:
        raise Conflict(f"plan {plan.row['digest'][:8]} was applied already, or is too old", hint="--dry-run")
    store = store_of(NOUNS[plan.noun].singular)
    rows = tx.all(_CHANGED.format(table=store.table), id=plan.id)
    if rows:
        names = [store.label(state) for state in store.load(tx, [row["id"] for row in rows])]
        raise _refused(plan, f"{_listed(names)} changed since")
    come = _come(tx, plan, store)
    if come:
        raise _refused(plan, f"{_listed(come)} came since")


def _come(tx: Tx, plan: Run, store: Store[Any]) -> list[str]:
    """Keys of records that the plan would make, and that somebody has made meanwhile."""
    if plan.noun == "contacts":
        for kind, number in (("email", 1), ("phone", 2)):
            if kind == "email" or kind in plan.choices.match:
                rows = tx.all(_TAKEN, id=plan.id, kind=kind, address_kind=number)
                if rows:
                    return [row["key"] for row in rows]
    columns = {"external_id": "external_id", "name": "name_key", "sku": "sku", "id": "public_id"}
    for kind, column in columns.items():
        if kind in plan.choices.match and (column in store.stored or column in (*store.derived, "public_id")):
            rows = tx.all(_COME.format(table=store.table, column=column), id=plan.id, kind=kind)
            if rows:
                return [row["key"] for row in rows]
    return []


def _listed(names: list[str]) -> str:
    return ", ".join(names[:3]) + (" and others" if len(names) > 3 else "")


def _refused(plan: Run, why: str) -> PlanChanged:
    return PlanChanged(
        f"plan {plan.row['digest'][:8]} no longer says what would happen: {why}; nothing was changed",
        hint="look again with --dry-run",
    )

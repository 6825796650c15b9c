"""What notes, tasks and activities share: the contact, company or deal they are about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ghl.engine.columns import Column, State
from ghl.errors import Duplicate, Invalid

if TYPE_CHECKING:
    from ghl.engine.records import Store
    from ghl.engine.tx import Tx

ABOUT = (
    Column("contact_id", "ref", noun="contact"),
    Column("company_id", "ref", noun="company"),
    Column("deal_id", "ref", noun="deal"),
)
FILTERS = {f"{noun}_id": f"r.{noun}_id = :{noun}_id" for noun in ("contact", "company", "deal")}
FILTER_NOUNS = {f"{noun}_id": noun for noun in ("contact", "company", "deal")}


def person_of(tx: Tx, state: State) -> int | None:
    """The contact that a record is about: its own, else the deal's first."""
    if state["contact_id"] is not None or state["deal_id"] is None:
        number: int | None = state["contact_id"]
        return number
    row = tx.one("crm/deals/person", id=state["deal_id"])
    return int(row["contact_id"]) if row else None


def refuse_nothing(state: State, noun: str) -> None:
    """A note or an activity is about somebody or something."""
    if not any(state[column.name] for column in ABOUT):
        raise Invalid(f"say what the {noun} is about", hint="--contact, --company or --deal", field="contact_id")


def same_elsewhere(tx: Tx, store: Store[Any], values: dict[str, Any]) -> int | None:
    """The one record with the same id in another system; nothing else tells two notes apart."""
    external_id = (values.get("external_id") or "").strip()
    if not external_id:
        raise Invalid(
            f"`external_id` is what a {store.noun} is matched by", hint=f"ghl {store.plural} add always makes a new one",
            field="external_id",
        )  # fmt: skip
    rows = tx.all(
        f"""select r.id from {store.table} r where r.account_id = :account_id and r.external_id = :external_id
        and r.deleted_at is null{store.sight(tx)} order by r.id limit 2""",
        external_id=external_id,
    )
    if len(rows) > 1:
        raise Duplicate(
            f'several {store.plural} have the external id "{external_id}"', hint="change one of them by its id",
            field="external_id",
        )  # fmt: skip
    return int(rows[0]["id"]) if rows else None

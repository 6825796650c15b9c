"""Activities: contact with people; logging one keeps the contact's latest and the deal's next time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ghl.engine import crud
from ghl.engine.columns import Column, State
from ghl.engine.crm.about import ABOUT, FILTER_NOUNS, FILTERS, person_of, refuse_nothing, same_elsewhere
from ghl.engine.crm.planned import plan_deals, touch_contacts
from ghl.engine.records import Store
from ghl.errors import Invalid
from ghl.sdk.crm import activities as contract

if TYPE_CHECKING:
    from ghl.engine.tx import Tx


class ActivityStore(Store[contract.Activity]):
    """Activities."""

    noun = "activity"
    table = "activity_records"
    record = contract.Activity
    columns = (
        Column("kind"),
        Column("direction"),
        Column("outcome"),
        Column("subject"),
        Column("body", "body"),
        Column("seconds", "number"),
        Column("at", "stamp"),
        Column("owner_id", "ref", noun="user"),
        *ABOUT,
        Column("external_id"),
    )
    derived = ()
    sorts = {"created_at": ("public_id",), "updated_at": ("updated_at",), "at": ("at",)}
    filters = FILTERS | {"kind": "r.kind = :kind", "owner_id": "r.owner_id = :owner_id"}
    filter_nouns = FILTER_NOUNS | {"owner_id": "user"}

    def derive(self, tx: Tx, state: State) -> None:
        state["at"] = state["at"] or tx.now

    def check(self, tx: Tx, state: State, old: State | None) -> None:
        if state["kind"] not in ("call", "meeting", "email", "other"):
            raise Invalid("an activity has a kind", hint="call, meeting, email or other", field="kind")
        refuse_nothing(state, "activity")

    def words(self, state: State) -> Iterable[str | None]:
        return (state["kind"], state["subject"], state["body"], state["outcome"])

    def label(self, state: State) -> str:
        return str(state["subject"] or state["kind"])

    def named(self, tx: Tx, text: str) -> list[int]:
        return []

    def after(self, tx: Tx, old: State | None, new: State, changed: frozenset[str]) -> None:
        states = [state for state in (old, new) if state]
        touch_contacts(tx, {state["contact_id"] for state in states if state["contact_id"]})
        plan_deals(tx, {state["deal_id"] for state in states if state["deal_id"]})

    def announce(self, tx: Tx, old: State | None, new: State, changed: frozenset[str], change_id: int) -> None:
        if old is None:
            tx.events.emit(
                "activity.logged", "activity", new["id"], person_id=person_of(tx, new), change_id=change_id
            )

    def matching(self, tx: Tx, values: dict[str, Any], match: Iterable[str]) -> int | None:
        """The one activity with the same id in another system."""
        return same_elsewhere(tx, self, values)


STORE = ActivityStore()

crud.handle(
    STORE, create=contract.CreateActivity, get=contract.GetActivity, list=contract.ListActivities,
    update=contract.UpdateActivity, upsert=contract.UpsertActivity, delete=contract.DeleteActivity,
    restore=contract.RestoreActivity, create_many=contract.CreateActivities,
    upsert_many=contract.UpsertActivities, update_many=contract.UpdateActivities,
    delete_many=contract.DeleteActivities, restore_many=contract.RestoreActivities,
)  # fmt: skip

"""Deals: their fields, people, lines and amount; stage and status in `placing`, history in `visits`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from ghl.engine import crud
from ghl.engine.columns import Column, State
from ghl.engine.crm import placing, stages, tagging, visits
from ghl.engine.crm.lines import LINES, total
from ghl.engine.crm.parts import DEAL_CONTACTS, changed_tags, tags_of
from ghl.engine.dispatch import handles
from ghl.engine.records import Store
from ghl.engine.stores import remember, resolve
from ghl.errors import Conflict, Duplicate, Invalid
from ghl.sdk.crm import deals as contract
from ghl.sdk.crm.deal_records import Deal
from ghl.sdk.money import Money
from ghl.sdk.names import fold
from ghl.sdk.page import Page
from ghl.sdk.times import parse_stamp

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

NO_DAY = "9999-12-31"
LARGEST = 10**15
"""Minor units of one deal: far beyond any, and sums of thousands of them stay exact."""


class DealStore(Store[Deal]):
    """Deals."""

    noun = "deal"
    table = "deal_records"
    record = Deal
    columns = (
        Column("name", default=""),
        Column("amount", "money"),
        Column("pipeline_id", "ref", noun="pipeline"),
        Column("stage_id", "ref", noun="stage"),
        Column("status", default="open"),
        Column("lost_reason"),
        Column("probability", "number"),
        Column("company_id", "ref", noun="company"),
        Column("owner_id", "ref", noun="user"),
        Column("opened_at", "stamp"),
        Column("closed_at", "stamp"),
        Column("expected_close_on", "date"),
        Column("source"),
        Column("description", length=10_000, lines=True),
        Column("external_id"),
    )
    derived = ("name_key", "close_key", "stage_entered_at")
    parts = (DEAL_CONTACTS, LINES, tags_of("deal"))
    sorts = Store.sorts | {
        "amount": ("amount_currency", "amount"),
        "stage_entered_at": ("stage_entered_at",),
        "expected_close_on": ("close_key",),
    }
    filters = {
        "pipeline_id": "r.pipeline_id = :pipeline_id",
        "stage_id": "r.stage_id = :stage_id",
        "status": "r.status = :status",
        "owner_id": "r.owner_id = :owner_id",
        "company_id": "r.company_id = :company_id",
        "contact_id": "r.id in (select c.deal_id from deal_contacts c where c.contact_id = :contact_id)",
        "tag_id": "r.id in (select t.deal_id from deal_tags t where t.tag_id = :tag_id)",
    }
    filter_nouns = {
        "pipeline_id": "pipeline", "stage_id": "stage", "owner_id": "user", "company_id": "company",
        "contact_id": "contact", "tag_id": "tag",
    }  # fmt: skip

    def chosen(self) -> str:
        return f"{super().chosen()}, r.next_activity_at"

    def blank(self, tx: Tx) -> State:
        return super().blank(tx) | {"next_activity_at": None, "stage_entered_at": None}

    # --- writing

    def assign(self, tx: Tx, state: State, values: dict[str, Any]) -> None:
        reason = state["lost_reason"]
        super().assign(tx, state, {name: v for name, v in values.items() if name not in placing.FIELDS})
        if "contact_id" in values:
            state["contacts"] = DEAL_CONTACTS.with_primary(tx, state["contacts"], values["contact_id"])
        changed_tags(tx, state, values)
        placing.place(tx, state, values)
        if state["lost_reason"] not in (None, reason) and state["status"] not in ("lost", "abandoned"):
            raise Invalid(
                f"a deal that is {state['status']} has no reason for its loss",
                hint="ghl deals lose ID --reason …",
                field="lost_reason",
            )
        if state["lines"] and values.get("amount") is not None:
            self._refuse_other_amount(state)

    def _refuse_other_amount(self, state: State) -> None:
        computed = total(state["lines"])
        if (computed.minor, computed.currency) != (state["amount"], state["amount_currency"]):
            raise Invalid(
                f"the amount of this deal is the sum of its lines, {computed.value} {computed.currency}",
                hint="change `lines`, or clear them first",
                field="amount",
            )

    def derive(self, tx: Tx, state: State) -> None:
        state["name_key"] = fold(state["name"])
        state["close_key"] = state["expected_close_on"] or NO_DAY
        if state["lines"]:
            amount = total(state["lines"])
            state["amount"], state["amount_currency"] = amount.minor, amount.currency
        if state["status"] == "open":
            state["closed_at"] = None
        else:
            state["closed_at"] = state["closed_at"] or tx.now
        if state["status"] not in ("lost", "abandoned"):
            state["lost_reason"] = None
        began = min(state["created_at"], state["closed_at"] or state["created_at"])
        state["opened_at"] = state["opened_at"] or began
        if state["id"] is None:
            # A deal that comes from elsewhere has been in its stage since the last that is known of it.
            state["stage_entered_at"] = min(state["closed_at"] or state["opened_at"], tx.now)

    def check(self, tx: Tx, state: State, old: State | None) -> None:
        if not state["name"]:
            raise Invalid("a deal needs a name", hint="ghl deals add --name 'Online shop'", field="name")
        if abs(state["amount"]) > LARGEST:
            raise Invalid("`amount` is out of range", field="amount")
        moved = old is None or any(state[name] != old[name] for name in ("opened_at", "closed_at"))
        if moved and state["closed_at"] and state["closed_at"] < state["opened_at"]:
            raise Invalid("the deal was closed before it was opened", field="closed_at")
        if old is None or (state["stage_id"], state["pipeline_id"]) != (old["stage_id"], old["pipeline_id"]):
            self._check_place(tx, state)

    def _check_place(self, tx: Tx, state: State) -> None:
        stage = stages.stage(tx, state["stage_id"])
        pipeline = tx.one("crm/deals/pipeline", id=state["pipeline_id"])
        assert pipeline is not None, "rows of pipelines are never removed"
        hint = f"ghl deals move {(state['public_id'] or 'ID')[-6:]} STAGE"
        if stage.pipeline_id != state["pipeline_id"]:
            raise Conflict(f"stage {stage.name} is not one of pipeline {pipeline['name']}", hint=hint)
        if pipeline["deleted_at"] is not None:
            raise Conflict(f"pipeline {pipeline['name']} was deleted", hint="ghl pipelines restore", field="pipeline_id")
        if stage.retired:
            raise Conflict(f"stage {stage.name} was removed from {pipeline['name']}", hint=hint, field="stage_id")

    def write(self, tx: Tx, old: State, new: State) -> State:
        if new["stage_id"] != old["stage_id"]:
            new["move"] = visits.planned(tx, old, new)
            new["stage_entered_at"] = new["move"].entered_at
        return super().write(tx, old, new)

    def after(self, tx: Tx, old: State | None, new: State, changed: frozenset[str]) -> None:
        if old is None:
            visits.begin(tx, new)
        elif "move" in new:
            visits.perform(tx, new.pop("move"), new)

    def announce(self, tx: Tx, old: State | None, new: State, changed: frozenset[str], change_id: int) -> None:
        person = primary(new)

        def emit(name: str) -> None:
            tx.events.emit(name, "deal", new["id"], person_id=person, change_id=change_id)

        if old is None:
            emit("deal.created")
        elif "deleted_at" in changed:
            emit("deal.deleted" if new["deleted_at"] else "deal.restored")
        else:
            emit("deal.changed")
            for field in ("stage", "status"):
                if {field, f"{field}_id"} & changed:
                    emit(f"deal.{field}_changed")

    # --- reading

    def words(self, state: State) -> Iterable[str | None]:
        yield state["name"]
        for line in state["lines"].values():
            yield line["name"]
        yield state["source"]
        yield state["external_id"]

    def present(self, tx: Tx, states: Sequence[State]) -> list[Deal]:
        remember(tx, "product", (line["product_id"] for s in states for line in s["lines"].values()))
        return super().present(tx, states)

    def dress(self, tx: Tx, state: State, data: dict[str, Any]) -> None:
        main = next((link for link in data["contacts"] if link["primary"]), None)
        data["contact_id"] = main["contact_id"] if main else None
        data["contact"] = main["name"] if main else None
        data["probability"] = placing.effective(tx, state)
        data["stage_entered_at"] = parse_stamp(state["stage_entered_at"])
        data["days_in_stage"] = days_since(tx, state["stage_entered_at"])
        data["next_activity_at"] = parse_stamp(state["next_activity_at"]) if state["next_activity_at"] else None

    def matching(self, tx: Tx, values: dict[str, Any], match: Iterable[str]) -> int | None:
        """The one deal that has the same value of a match field, in the order of the fields."""
        for field in match:
            value = values.get(field)
            if not value:
                continue
            if field == "name":
                found = self.named(tx, value)
            else:
                found = [row["id"] for row in tx.all("crm/deals/by_external_id", external_id=value)]
            if len(found) > 1:
                raise Duplicate(
                    f'{len(found)} deals have the {field.replace("_", " ")} "{value}"',
                    hint="name one by its id: ghl deals edit ID",
                    field=field,
                )
            if found:
                return found[0]
        return None


def primary(state: State) -> int | None:
    """The row key of a deal's main person."""
    return next((key for key, values in state["contacts"].items() if values["is_primary"]), None)


def days_since(tx: Tx, moment: str) -> int:
    """Whole days from a moment until now."""
    return max(0, (tx.at - parse_stamp(moment)).days)


def money(minor: int, currency: str) -> Money | None:
    """A stored amount; None where none was ever given."""
    return Money(minor=int(minor), currency=currency) if currency else None


STORE = DealStore()

crud.handle(
    STORE,
    create=contract.CreateDeal,
    get=contract.GetDeal,
    update=contract.UpdateDeal,
    upsert=contract.UpsertDeal,
    delete=contract.DeleteDeal,
    restore=contract.RestoreDeal,
    create_many=contract.CreateDeals,
    upsert_many=contract.UpsertDeals,
    update_many=contract.UpdateDeals,
    delete_many=contract.DeleteDeals,
    restore_many=contract.RestoreDeals,
)
tagging.handle(STORE, tag=contract.TagDeals, untag=contract.UntagDeals)


@handles(contract.ListDeals)
def list_deals(request: contract.ListDeals, tx: Tx) -> Page[Deal]:
    """List deals; a stage's name is read within the pipeline that is asked for."""
    from ghl.engine.lists import page  # lists need expressions, which writes do not

    if request.stage_id is not None and request.pipeline_id is not None:
        within = resolve(tx, "pipeline", request.pipeline_id, field="pipeline_id")
        found = stages.find(tx, request.stage_id, within)
        request = request.model_copy(update={"stage_id": found.public_id})
    return page(tx, STORE, request)

"""The board of a pipeline: columns with counts, sums per currency and the biggest deals."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ghl.engine.columns import State
from ghl.engine.crm.deals import STORE, days_since, money, primary
from ghl.engine.crm.stages import stages
from ghl.engine.dispatch import handles
from ghl.engine.stores import recall, remember, resolve, store_of
from ghl.sdk.crm import boards as contract
from ghl.sdk.money import Money

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

ENDINGS = ("won", "lost", "abandoned")


@handles(contract.BoardPipeline)
def board(request: contract.BoardPipeline, tx: Tx) -> contract.Board:
    """The columns of a pipeline; a removed stage is one of them while deals are in it."""
    pipeline = store_of("pipeline").one(tx, request.pipeline_id)
    only = {
        "owner_id": resolve(tx, "user", request.owner_id, field="owner_id") if request.owner_id else 0,
        "contact_id": resolve(tx, "contact", request.contact_id, field="contact_id") if request.contact_id else 0,
    }
    rows = tx.all("crm/boards/sums", pipeline_id=pipeline["id"], **only)
    columns = []
    for stage in stages(tx, pipeline["id"], retired=True):
        ending = stage.sets_status is not None
        here = [r for r in rows if r["stage_id"] == stage.id and (ending or r["status"] == "open")]
        if stage.retired and not here:
            continue
        found = tx.all("crm/boards/cards", stage_id=stage.id, ending=int(ending), limit=request.cards, **only)
        column = contract.BoardColumn(
            stage_id=stage.public_id, name=stage.name, probability=stage.probability,
            sets_status=stage.sets_status, count=_count(here), amounts=sums(here),
            cards=cards(tx, [row["id"] for row in found]),
        )  # fmt: skip
        columns.append(column)
    endings = []
    for status in ENDINGS:
        ended = [r for r in rows if r["status"] == status]
        endings.append(contract.BoardEnding(status=status, count=_count(ended), amounts=sums(ended)))
    return contract.Board(
        pipeline_id=pipeline["public_id"], name=pipeline["name"], columns=columns, endings=endings
    )


def _count(rows: Iterable[dict[str, Any]]) -> int:
    return sum(row["number"] for row in rows)


def sums(rows: Iterable[dict[str, Any]]) -> list[Money]:
    """The amounts of some rows, one sum per currency, the biggest number first."""
    totals: dict[str, int] = {}
    for row in rows:
        if row["currency"]:
            totals[row["currency"]] = totals.get(row["currency"], 0) + int(row["amount"])
    found = [Money(minor=minor, currency=currency) for currency, minor in totals.items()]
    return sorted(found, key=lambda amount: -amount.value)


def cards(tx: Tx, ids: list[int]) -> list[contract.DealCard]:
    """Deals in short, in the given order."""
    states = STORE.load(tx, ids)
    remember(tx, "user", (state["owner_id"] for state in states))
    remember(tx, "company", (state["company_id"] for state in states))
    remember(tx, "contact", (key for state in states if (key := primary(state)) is not None))
    return [_card(tx, state) for state in states]


def _card(tx: Tx, state: State) -> contract.DealCard:
    def name(noun: str, number: int | None) -> str | None:
        found = recall(tx, noun, number)
        return found[1] if found else None

    return contract.DealCard(
        id=state["public_id"], name=state["name"], amount=money(state["amount"], state["amount_currency"]),
        days_in_stage=days_since(tx, state["stage_entered_at"]), owner=name("user", state["owner_id"]),
        contact=name("contact", primary(state)), company=name("company", state["company_id"]),
        status=state["status"],
    )  # fmt: skip

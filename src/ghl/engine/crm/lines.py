"""The lines of a deal: products or texts with quantity and price, and their sum."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ghl.engine.columns import Elements, Part, State, one_line
from ghl.engine.stores import recall, resolve, store_of
from ghl.errors import Invalid, NotFound
from ghl.sdk.crm.deal_records import DealLineInput
from ghl.sdk.money import Money
from ghl.sdk.names import fold

if TYPE_CHECKING:
    from ghl.engine.tx import Tx


class LinePart(Part):
    """Lines in order. A line is known by its product, else by its name, and by which of equal ones it is."""

    def encode(self, tx: Tx, value: Any, state: State) -> Elements:
        elements: Elements = {}
        for position, item in enumerate(value):
            values = _line(tx, DealLineInput(name=item) if isinstance(item, str) else item)
            product = values["product_id"]
            name = f"p{product}" if product is not None else f"n{fold(values['name'])}"
            number = sum(1 for key in elements if key.rsplit("#", 1)[0] == name)
            elements[f"{name}#{number}"] = values | {"position": position}
        return elements

    def decode(self, tx: Tx, elements: Elements) -> Any:
        return [_shown(tx, values) for values in sorted(elements.values(), key=lambda v: v["position"])]


def _line(tx: Tx, given: DealLineInput) -> dict[str, Any]:
    number, name, price = None, one_line((given.name or "").strip(), "lines"), given.price
    if given.product_id is not None:
        number = resolve(tx, "product", given.product_id, field="lines")
    elif price is None:
        number = _product_named(tx, name)
    if number is not None:
        product = store_of("product").load(tx, [number])[0]
        name = name if given.product_id is not None and name else product["name"]
        if price is None and product["price_currency"]:
            price = Money(minor=product["price"], currency=product["price_currency"])
    if not name:
        raise Invalid("a line needs a product or a name", hint="product_id=…,quantity=2", field="lines")
    if len(name) > 500:
        raise Invalid("the name of a line is longer than 500 characters", field="lines")
    if price is None:
        raise Invalid(f'line "{name}" needs a price: the product has none', hint="price=12.50", field="lines")
    money = Money.of(price, tx.account.currency, field="lines")
    return {
        "product_id": number,
        "name": name,
        "quantity": format(given.quantity.normalize(), "f"),
        "price": money.minor,
        "price_currency": money.currency,
    }


def _product_named(tx: Tx, name: str) -> int:
    if not name:
        raise Invalid("a line needs a product or a name", hint="product_id=…,quantity=2", field="lines")
    try:
        return resolve(tx, "product", name, field="lines")
    except NotFound:
        raise NotFound(
            f'there is no product "{name}"',
            hint="give the line a price, or: ghl products list",
            field="lines",
        ) from None


def _shown(tx: Tx, values: dict[str, Any]) -> dict[str, Any]:
    price = Money(minor=values["price"], currency=values["price_currency"])
    found = recall(tx, "product", values["product_id"])
    return {
        "product_id": found[0] if found else None,
        "name": values["name"],
        "quantity": values["quantity"],
        "price": price,
        "amount": price * Decimal(values["quantity"]),
    }


def total(elements: Elements) -> Money:
    """The sum of lines; each is rounded to the currency's decimals first, as on an invoice."""
    currencies = {values["price_currency"] for values in elements.values()}
    if len(currencies) > 1:
        raise Invalid(
            f"the lines of a deal are in one currency, not in {' and '.join(sorted(currencies))}", field="lines"
        )
    amounts = [
        Money(minor=values["price"], currency=values["price_currency"]) * Decimal(values["quantity"])
        for values in elements.values()
    ]
    return sum(amounts[1:], amounts[0])


COLUMNS = ("product_id", "name", "quantity", "price", "price_currency", "position")
LINES = LinePart("lines", "deal_lines", "deal_id", "key", COLUMNS)

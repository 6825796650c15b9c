"""What expressions may ask of related rows that are no records: events, lines of deals, stays in stages."""

from __future__ import annotations

from ghl.engine.clock import from_milliseconds
from ghl.engine.expressions import SqlField
from ghl.engine.fields import NounFields, moment
from ghl.sdk.expressions import Type
from ghl.sdk.money import Money


def declare(found: NounFields) -> None:
    """Add the fields of the noun."""
    {"event": _event, "line": _line, "visit": _visit}[found.noun](found)


def _event(found: NounFields) -> None:
    found.add(
        "name", Type.TEXT,
        SqlField(
            Type.TEXT, "(select z.name from words z where z.id = {r}.name)", False,
            equals="{r}.name in (select z.id from words z where z.kind = 'event' and z.name = {v})",
        ),
        lambda tx, state: tx.spelled(state["name"]),
    )  # fmt: skip
    found.add(
        "at", Type.DATETIME, SqlField(Type.DATETIME, "{r}.at", False, storage="ms"),
        lambda tx, state: from_milliseconds(state["at"]),
    )  # fmt: skip


def _line(found: NounFields) -> None:
    found.add("name", Type.TEXT, SqlField(Type.TEXT, "{r}.name", False), lambda tx, state: state["name"])
    found.add(
        "quantity", Type.NUMBER, SqlField(Type.NUMBER, "cast({r}.quantity as double precision)", False),
        lambda tx, state: float(state["quantity"]),
    )  # fmt: skip
    found.add(
        "price", Type.MONEY, SqlField(Type.MONEY, "{r}.price", True, "{r}.price_currency"),
        lambda tx, state: Money(minor=state["price"], currency=state["price_currency"]),
    )  # fmt: skip
    found.refer("product", "product", "{r}.product_id", lambda state: state["product_id"])
    found.links["product"] = ("product", "{r}.product_id")


def _visit(found: NounFields) -> None:
    found.refer("stage", "stage", "{r}.stage_id", lambda state: state["stage_id"])
    found.refer("pipeline", "pipeline", "{r}.pipeline_id", lambda state: state["pipeline_id"])
    for name in ("entered_at", "left_at"):
        found.add(
            name, Type.DATETIME, SqlField(Type.DATETIME, f"{{r}}.{name}", name == "left_at"),
            (lambda key: lambda tx, state: moment(state[key]))(name),
        )  # fmt: skip

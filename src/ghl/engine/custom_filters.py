"""Custom fields as SQL for filters: read from the record's JSON, found by index where one was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ghl.engine import custom
from ghl.engine.expressions import SqlField, json_field
from ghl.sdk.expressions import Type

if TYPE_CHECKING:
    from ghl.engine.custom import Definition
    from ghl.engine.tx import Tx

TYPES = {
    "text": Type.TEXT, "url": Type.TEXT, "select": Type.TEXT, "number": Type.NUMBER, "money": Type.MONEY,
    "date": Type.DATE, "datetime": Type.DATETIME, "bool": Type.BOOL, "multi-select": Type.LIST, "json": Type.JSON,
}  # fmt: skip

_INDEXED = (Type.TEXT, Type.NUMBER, Type.DATE, Type.DATETIME)


def custom_field(tx: Tx, noun: str, key: str) -> SqlField | None:
    """Where a custom field is; None where none is declared by this key."""
    definition = custom.definitions(tx, noun).get(key)
    if definition is None:
        return None
    equals, ranged = _found_by_index(definition)
    return json_field(TYPES[definition.type], definition.name, tx.dialect, equals=equals, ranged=ranged)


def _found_by_index(definition: Definition) -> tuple[str, str]:
    """Conditions by the index: equal to `{v}`, and in the order `{op}` to it."""
    if not definition.indexed or TYPES[definition.type] not in _INDEXED:
        return "", ""
    number = TYPES[definition.type] is Type.NUMBER
    column = "number_key" if number else "text_key"
    within = f"{{r}}.id in (select k.record_id from field_values k where k.field_id = {definition.id} and k.{column}"
    # A long text is cut in the index, which keeps equal texts together and says nothing of their order.
    return f"{within} = {{v}})", f"{within} {{op}} {{v}})" if TYPES[definition.type] is not Type.TEXT else ""

"""Custom fields as SQL for filters: read from the record's JSON, found by index where one was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ghl.engine import custom
from ghl.engine.expressions import SqlField
from ghl.sdk.expressions import Type

if TYPE_CHECKING:
    from ghl.engine.custom import Definition
    from ghl.engine.tx import Tx

TYPES = {
    "text": Type.TEXT, "url": Type.TEXT, "select": Type.TEXT, "number": Type.NUMBER, "money": Type.MONEY,
    "date": Type.DATE, "datetime": Type.DATETIME, "bool": Type.BOOL, "multi-select": Type.LIST, "json": Type.JSON,
}  # fmt: skip


def custom_field(tx: Tx, noun: str, key: str) -> SqlField | None:
    """Where a custom field is; None where none is declared by this key."""
    definition = custom.definitions(tx, noun).get(key)
    if definition is None:
        return None
    return _sqlite(definition) if tx.dialect == "sqlite" else _postgres(definition)


def _found_by_index(definition: Definition) -> tuple[str, str]:
    """Conditions by the index: equal to `{v}`, and in the order `{op}` to it."""
    if not definition.indexed:
        return "", ""
    number = TYPES[definition.type] is Type.NUMBER
    column = "number_key" if number else "text_key"
    within = f"{{r}}.id in (select k.record_id from field_values k where k.field_id = {definition.id} and k.{column}"
    # A long text is cut in the index, which keeps equal texts together and says nothing of their order.
    return f"{within} = {{v}})", f"{within} {{op}} {{v}})" if TYPES[definition.type] is not Type.TEXT else ""


def _sqlite(definition: Definition) -> SqlField:
    type_, path = TYPES[definition.type], f"'$.\"{definition.name}\"'"
    value = f"json_extract({{r}}.custom, {path})"
    if type_ is Type.MONEY:
        path = path.removesuffix("'")
        minor, code = (f"json_extract({{r}}.custom, {path}.{part}')" for part in ("minor", "currency"))
        return SqlField(type_, minor, True, f"coalesce({code}, '')")
    if type_ is Type.LIST:
        return SqlField(
            type_, member=f"exists (select 1 from json_each({{r}}.custom, {path}) j where j.value = {{v}})",
            size=f"coalesce(json_array_length({{r}}.custom, {path}), 0)",
        )  # fmt: skip
    if type_ is Type.BOOL:
        return SqlField(type_, value)
    equals, ranged = _found_by_index(definition)
    return SqlField(type_, value, equals=equals, ranged=ranged)


def _postgres(definition: Definition) -> SqlField:
    type_, stored = TYPES[definition.type], "cast({r}.custom as jsonb)"
    value = f"({stored} ->> '{definition.name}')"
    inner = f"({stored} -> '{definition.name}')"
    if type_ is Type.MONEY:
        return SqlField(
            type_, f"cast({inner} ->> 'minor' as bigint)", True, f"coalesce({inner} ->> 'currency', '')"
        )
    if type_ is Type.LIST:
        return SqlField(
            type_, member=f"exists (select 1 from jsonb_array_elements_text({inner}) j where j = {{v}})",
            size=f"coalesce(jsonb_array_length({inner}), 0)",
        )  # fmt: skip
    if type_ is Type.BOOL:
        return SqlField(type_, f"(case {value} when 'true' then 1 when 'false' then 0 end)")
    equals, ranged = _found_by_index(definition)
    sql = f"cast({value} as double precision)" if type_ is Type.NUMBER else value
    return SqlField(type_, sql, equals=equals, ranged=ranged)

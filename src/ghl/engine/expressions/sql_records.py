"""Fields, links and related records as SQL: columns of the row at hand, look-ups by key, and subqueries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ghl.engine.expressions.sources import SqlField, SqlSource
from ghl.engine.expressions.sql_text import Value, refuse
from ghl.sdk.expressions.schema import Type
from ghl.sdk.expressions.typed import Typed

if TYPE_CHECKING:
    from ghl.engine.expressions.sql import Compiler


class Records:
    """The rows that a compilation is about, the innermost last."""

    def __init__(self, compiler: Compiler, alias: str, source: SqlSource) -> None:
        self._compiler = compiler
        self._scopes: list[tuple[str, SqlSource]] = [(alias, source)]

    def field(self, node: Typed) -> Value:
        """A field of a row, or of one that it leads to."""
        alias, source = self._scopes[-1 - node.scope]
        if node.links:
            return self._through(node, alias, source)
        place = source.find(node.name)
        if place is None:
            raise refuse(node)
        if place.since is not None:
            return self._compiler.functions.days(_at(place.since, alias), "days_since")
        return _at(place, alias)

    def since(self, node: Typed) -> Value | None:
        """The moment since which a field counts days."""
        if node.op != "field" or node.links:
            return None
        alias, source = self._scopes[-1 - node.scope]
        place = source.find(node.name)
        return _at(place.since, alias) if place is not None and place.since is not None else None

    def _through(self, node: Typed, alias: str, source: SqlSource) -> Value:
        """A field of a linked record: a look-up by its key."""
        names = self._compiler.texts
        joins: list[str] = []
        where = ""
        for link in node.links:
            place = source.links.get(link)
            if place is None:
                raise refuse(node)
            inner = names.name("q")
            condition = place.condition(inner, alias)
            if not joins:
                joins.append(f"from {place.table} {inner}")
                where = condition
            else:
                joins.append(f"join {place.table} {inner} on {condition}")
            alias, source = inner, place.source()
        found = source.find(node.name)
        if found is None or found.type is Type.LIST:
            raise refuse(node, "a list of another record" if found is not None else "")
        tail = f"{' '.join(joins)} where {where}"
        if found.since is not None:
            value = self._compiler.functions.days(_at(found.since, alias), "days_since")
            return Value(f"(select {value.sql} {tail})", found.type)
        sql = f"(select {found.sql.format(r=alias)} {tail})"
        if found.type is Type.MONEY:
            currency = f"coalesce((select {found.currency.format(r=alias)} {tail}), '')"
            return Value(sql, Type.MONEY, True, currency)
        return Value(sql, found.type, counted=found.storage == "ms")

    def select(self, node: Typed, chosen: str) -> str:
        """The related records for which a condition holds."""
        alias, source = self._scopes[-1 - node.scope]
        around: list[tuple[str, str]] = []
        for link in node.links:
            place = source.links.get(link)
            if place is None:
                raise refuse(node)
            inner = self._compiler.texts.name("q")
            around.append((f"{place.table} {inner}", place.condition(inner, alias)))
            alias, source = inner, place.source()
        relation = source.relations.get(node.name)
        if relation is None:
            raise refuse(node)
        name = self._compiler.texts.name("q")
        body = relation.sql.format(r=alias, q=name)
        for table, condition in reversed(around):
            body = f"{table} cross join {body} and {condition}"
        if not node.args:
            return f"select {chosen} from {body}"
        self._scopes.append((name, relation.source()))
        condition = self._compiler.truth(node.args[0], True)
        self._scopes.pop()
        return f"select {chosen} from {body} and {condition}"


def _at(place: SqlField, alias: str) -> Value:
    sql = place.sql.format(r=alias)
    counted = place.storage == "ms"
    # A look-up is not written twice where once will do.
    return Value(
        sql, place.type, place.nullable, place.currency.format(r=alias), place, alias, counted, "select" not in sql
    )

"""Where the names of an expression are found: in the record, in one it leads to, in those around it."""

from __future__ import annotations

from typing import NamedTuple

from ghl.errors import ExpressionError
from ghl.sdk.expressions.lexer import wrong
from ghl.sdk.expressions.schema import Field, Relation, Schema
from ghl.sdk.expressions.syntax import nearest
from ghl.sdk.expressions.tree import Name, Related

MOST_LINKS = 3


class Scope(NamedTuple):
    """A record that names are looked up in; one with a variable only by way of it."""

    schema: Schema
    variable: str | None = None


class Place(NamedTuple):
    """What a name leads to: the links to its record, and how many scopes out that starts."""

    scope: int
    links: tuple[str, ...]
    schema: Schema
    rest: tuple[str, ...]


def field_of(scopes: list[Scope], node: Name) -> tuple[Field, str, Place] | None:
    """The field that a name means, its name in full and its place; None for a name beside the fields.

    A bare name in `exists(deals, …)` is the deal's alone: one that it lacks is not quietly the
    contact's. `deals.exists(d, …)` names both.
    """
    variables = scopes[0].schema.variables
    for place in _places(scopes, node.path):
        schema, links, path = place.schema, place.links, place.rest
        while path:
            if not links and place.scope == len(scopes) - 1 and ".".join(path) in variables:
                return None
            found = schema.find(path)
            if found is not None:
                return *found, Place(place.scope, links, schema, path)
            link = schema.links.get(path[0])
            if link is None or len(links) == MOST_LINKS:
                break
            if link.name != schema.noun:
                links = (*links, link.name)
            schema, path = link.schema(), path[1:]
    if node.text in variables:
        return None
    raise _unknown(scopes, node)


def _places(scopes: list[Scope], path: tuple[str, ...]) -> list[Place]:
    """The records in which a path may start, the innermost first."""
    found: list[Place] = []
    for depth, scope in enumerate(reversed(scopes)):
        if scope.variable is None:
            found.append(Place(depth, (), scope.schema, path))
            # Names of the records around are hidden, but for those that have a variable.
            outer = [*reversed(scopes)][depth + 1 :]
            found += [
                Place(depth + 1 + n, (), one.schema, path[1:])
                for n, one in enumerate(outer)
                if one.variable is not None and one.variable == path[0]
            ]
            return found
        if scope.variable == path[0]:
            return [Place(depth, (), scope.schema, path[1:])]
    return found


def _unknown(scopes: list[Scope], node: Name) -> ExpressionError:
    places = _places(scopes, node.path)
    schema, path = (places[0].schema, places[0].rest) if places else (scopes[0].schema, node.path)
    while len(path) > 1 and path[0] in schema.links:
        schema, path = schema.links[path[0]].schema(), path[1:]
    name = ".".join(path)
    if not name:
        return wrong(f"`{node.text}` is a record, and no field", node.at, f"{node.text}.{next(iter(schema.fields), 'id')}")
    if name in schema.relations:
        return wrong(f'"{name}" are related records, and no field', node.at, f"exists({name}, …) or count({name})")
    if name in schema.links:
        other = schema.links[name].schema()
        first = next(iter(other.fields), "id")
        return wrong(f'"{name}" leads to {article(other.noun)}, and is no field', node.at, f"{node.text}.{first}")
    outside = next((scope for scope in scopes[:-1] if scope.schema.find(path)), None)
    if outside is not None and scopes[-1].variable is None:
        return wrong(
            f'no field "{name}" for {article(schema.noun)}', node.at,
            f"to ask the {outside.schema.noun} around it, name the record: deals.exists(d, d.amount > {name})",
        )  # fmt: skip
    every = f"all fields: ghl fields list --noun {schema.noun}"
    close = nearest(name, schema.names())
    return wrong(f'no field "{name}" for {article(schema.noun)}', node.at, f"{close}?   {every}" if close else every)


def relation_of(scopes: list[Scope], node: Related) -> tuple[Relation, Place]:
    """The related records that a path means."""
    places = _places(scopes, node.relation)
    for place in places:
        schema, links, path = place.schema, place.links, place.rest
        while len(path) > 1 and path[0] in schema.links and len(links) < MOST_LINKS:
            if path[0] != schema.noun:
                links = (*links, path[0])
            schema, path = schema.links[path[0]].schema(), path[1:]
        if len(path) == 1 and path[0] in schema.relations:
            return schema.relations[path[0]], Place(place.scope, links, schema, path)
    schema, path = (places[0].schema, places[0].rest) if places else (scopes[0].schema, node.relation)
    while len(path) > 1 and path[0] in schema.links:
        schema, path = schema.links[path[0]].schema(), path[1:]
    name, shown = ".".join(path), ", ".join(schema.relations)
    close = nearest(name, list(schema.relations))
    raise wrong(
        f'{article(schema.noun)} has no related "{name}"', node.at, f"{close}?   {shown}" if close else shown or None
    )


def article(noun: str) -> str:
    """A noun with its article."""
    return f"an {noun}" if noun[:1] in "aeiou" and noun != "user" else f"a {noun}"

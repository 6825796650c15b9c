"""The types of an expression: every name found, every operator fitting, before any record is looked at."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from ghl.errors import ExpressionError, GhlError
from ghl.sdk.expressions.functions import FUNCTIONS
from ghl.sdk.expressions.schema import Field, Schema, Type
from ghl.sdk.expressions.syntax import nearest, parse, wrong
from ghl.sdk.expressions.tree import (
    Binary,
    Call,
    Choice,
    Items,
    Literal,
    Name,
    Node,
    Related,
    Unary,
    children,
)
from ghl.sdk.expressions.unparse import unparse

MOST_NODES = 400
MOST_RELATED = 8
ORDERED = (Type.NUMBER, Type.MONEY, Type.DATE, Type.DATETIME, Type.TEXT, Type.DURATION, Type.ANY)
_COMPARISONS = {"==": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
_ARITHMETIC = {"+": "add", "-": "sub", "*": "mul", "/": "div", "%": "mod"}
_LENGTH = re.compile(r"(-?\d+(?:\.\d+)?)(ms|[smhdw])")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


@dataclass(frozen=True, slots=True)
class Typed:
    """A part of a checked expression: what is done to its arguments, and the type of the result.

    A `field` has its name in full, the links that lead to its record, and how many scopes out it is;
    a `const` has its value; `exists` and `count` have the relation's name in `name`.
    """

    op: str
    type: Type
    at: int
    args: tuple[Typed, ...] = ()
    value: Any = None
    name: str = ""
    links: tuple[str, ...] = ()
    scope: int = 0
    source: Node = field(default_factory=Node, compare=False)

    @property
    def text(self) -> str:
        """The part as it is written."""
        return unparse(self.source)

    @property
    def constant(self) -> bool:
        """Whether it is known without a record."""
        return self.op not in ("field", "exists", "count") and all(arg.constant for arg in self.args)


@dataclass(frozen=True, slots=True)
class Checked:
    """An expression that fits its schema."""

    root: Typed
    schema: Schema
    text: str

    @property
    def type(self) -> Type:
        """The type of the whole."""
        return self.root.type


def check(expression: str | Node, schema: Schema, *, expect: Type | None = Type.BOOL) -> Checked:
    """Find names and types. Raises ExpressionError with the column, what is there and what would fit."""
    node = parse(expression) if isinstance(expression, str) else expression
    _limit(node)
    root = _Checker(schema).visit(node)
    if expect is not None and root.type not in (expect, Type.ANY):
        raise wrong(
            f"this is a {root.type}, and a condition is needed" if expect is Type.BOOL else f"this is a {root.type}, not a {expect}",
            root.at,
            _as_condition(root) if expect is Type.BOOL else None,
        )
    return Checked(root, schema, expression if isinstance(expression, str) else unparse(node))


def _as_condition(root: Typed) -> str | None:
    return f"has({root.text})" if root.op == "field" else None


def _limit(node: Node) -> None:
    todo, count, related = [node], 0, 0
    while todo:
        one = todo.pop()
        count += 1
        related += isinstance(one, Related)
        if count > MOST_NODES or related > MOST_RELATED:
            raise wrong("the expression is too costly", one.at, f"at most {MOST_NODES} parts and {MOST_RELATED} looks at related records")
        todo += children(one)


@dataclass(frozen=True, slots=True)
class _Scope:
    schema: Schema
    variable: str | None = None


class _Checker:
    def __init__(self, schema: Schema) -> None:
        self._scopes = [_Scope(schema)]

    def visit(self, node: Node) -> Typed:
        match node:
            case Literal(value=value):
                return self._literal(node, value)
            case Name():
                return self._name(node)
            case Unary(operator="!", operand=operand):
                return Typed("not", Type.BOOL, node.at, (self._condition(operand),), source=node)
            case Unary(operand=operand):
                inner = self.visit(operand)
                self._need(inner, (Type.NUMBER, Type.DURATION), "a minus sign stands before a number")
                return Typed("neg", inner.type, node.at, (inner,), source=node)
            case Binary(operator="&&" | "||" as operator, left=left, right=right):
                sides = (self._condition(left), self._condition(right))
                return Typed("and" if operator == "&&" else "or", Type.BOOL, node.at, sides, source=node)
            case Binary(operator="in"):
                return self._member(node)
            case Binary(operator=operator) if operator in _COMPARISONS:
                return self._comparison(node)
            case Binary():
                return self._arithmetic(node)
            case Choice(condition=condition, then=then, otherwise=otherwise):
                parts = (self._condition(condition), self.visit(then), self.visit(otherwise))
                if parts[1].type is not parts[2].type:
                    raise wrong(f"one way gives a {parts[1].type} and the other a {parts[2].type}", node.at)
                return Typed("choice", parts[1].type, node.at, parts, source=node)
            case Items(items=items):
                return Typed("list", Type.LIST, node.at, tuple(self.visit(item) for item in items), source=node)
            case Call():
                return self._call(node)
            case Related():
                return self._related(node)
        raise AssertionError(f"a kind of node nobody checks: {node}")

    def _condition(self, node: Node) -> Typed:
        inner = self.visit(node)
        if inner.type not in (Type.BOOL, Type.ANY):
            raise wrong(f"`{inner.text}` is a {inner.type}, and a condition is needed", inner.at, _as_condition(inner))
        return inner

    @staticmethod
    def _need(part: Typed, types: tuple[Type, ...], sentence: str) -> None:
        if part.type not in (*types, Type.ANY):
            raise wrong(f"{sentence}, and `{part.text}` is a {part.type}", part.at)

    @staticmethod
    def _literal(node: Node, value: Any) -> Typed:
        kinds: dict[type, Type] = {bool: Type.BOOL, int: Type.NUMBER, float: Type.NUMBER, str: Type.TEXT}
        return Typed("const", kinds.get(type(value), Type.NULL), node.at, value=value, source=node)

    # --- names

    def _name(self, node: Name) -> Typed:
        for depth, scope in enumerate(reversed(self._scopes)):
            path = node.path
            if scope.variable is not None:
                if path[0] != scope.variable:
                    continue
                path = path[1:]
            found = self._field(scope.schema, path)
            if found is not None:
                one, name, links = found
                return Typed("field", one.type, node.at, name=name, links=links, scope=depth, value=one, source=node)
        raise self._unknown(node)

    @staticmethod
    def _field(schema: Schema, path: tuple[str, ...]) -> tuple[Field, str, tuple[str, ...]] | None:
        links: list[str] = []
        while path:
            found = schema.find(path)
            if found is not None:
                return (*found, tuple(links))
            link = schema.links.get(path[0])
            if link is None or len(links) == 3:
                return None
            if link.name != schema.noun or links:
                links.append(link.name)
            schema, path = link.schema(), path[1:]
        return None

    def _unknown(self, node: Name) -> ExpressionError:
        schema = self._scopes[-1].schema
        if len(node.path) > 1 and node.path[0] in schema.links:
            schema = schema.links[node.path[0]].schema()
            name = ".".join(node.path[1:])
        else:
            name = node.text
        if name in schema.relations:
            return wrong(f'"{name}" are related records, and no field', node.at, f"exists({name}, …) or count({name})")
        close = nearest(name, schema.names())
        every = f"all fields: ghl fields list --noun {schema.noun}"
        return wrong(f'no field "{name}" for a {schema.noun}', node.at, f"{close}?   {every}" if close else every)

    # --- operators

    def _comparison(self, node: Binary) -> Typed:
        left, right = self.visit(node.left), self.visit(node.right)
        for one, other in ((left, right), (right, left)):
            if one.type is Type.NULL:
                shown = f"has({other.text})" if other.op == "field" else "has(…)"
                raise wrong("nothing equals null", one.at, f"{'!' if node.operator == '==' else ''}{shown}")
        left, right = _fitted(left, right), _fitted(right, left)
        if left.type is not right.type and Type.ANY not in (left.type, right.type):
            raise wrong(
                f"a {left.type} and a {right.type} cannot be compared", node.at, _compare_hint(left, right)
            )
        if left.type in (Type.LIST, Type.JSON):
            raise wrong(f"a {left.type} cannot be compared", node.at, f'"…" in {left.text}')
        if node.operator not in ("==", "!=") and left.type not in ORDERED:
            raise wrong(f"a {left.type} has no order", node.at)
        self._choices(left, right)
        return Typed(_COMPARISONS[node.operator], Type.BOOL, node.at, (left, right), source=node)

    @staticmethod
    def _choices(left: Typed, right: Typed) -> None:
        """A text that a field can never have is a slip."""
        for one, other in ((left, right), (right, left)):
            choices = one.value.choices if one.op == "field" and isinstance(one.value, Field) else ()
            if choices and other.op == "const" and isinstance(other.value, str) and other.value not in choices:
                close = nearest(other.value, list(choices))
                hint = f"{close}?   " if close else ""
                raise wrong(f'{one.text} is never "{other.value}"', other.at, f"{hint}one of: {', '.join(choices)}")

    def _member(self, node: Binary) -> Typed:
        left, right = self.visit(node.left), self.visit(node.right)
        if right.type is Type.ANY:
            return Typed("in", Type.BOOL, node.at, (left, right), source=node)
        if right.type is not Type.LIST:
            raise wrong(f"`in` asks a list, and `{right.text}` is a {right.type}", right.at, f"{right.text} == …")
        if right.op == "list":
            items = tuple(_fitted(item, left) for item in right.args)
            for item in items:
                if item.type is not left.type and Type.ANY not in (item.type, left.type):
                    raise wrong(f"a {left.type} is not in a list with a {item.type}", item.at)
                self._choices(left, item)
            right = Typed("list", Type.LIST, right.at, items, source=right.source)
        elif left.type in (Type.TEXT, Type.ANY):
            left = _fitted(left, right)
        else:
            raise wrong(f"`{right.text}` holds texts, and `{left.text}` is a {left.type}", left.at)
        return Typed("in", Type.BOOL, node.at, (left, right), source=node)

    def _arithmetic(self, node: Binary) -> Typed:
        left, right = self.visit(node.left), self.visit(node.right)
        operator = _ARITHMETIC[node.operator]
        left, right = _fitted(left, right, dates_only=True), _fitted(right, left, dates_only=True)
        result = _RESULTS.get((operator, left.type, right.type))
        if result is None and Type.ANY in (left.type, right.type):
            result = Type.ANY
        if result is None:
            raise wrong(f"`{node.operator}` does not work between a {left.type} and a {right.type}", node.at, _sum_hint(left, right))
        return Typed(operator, result, node.at, (left, right), source=node)

    # --- functions and relations

    def _call(self, node: Call) -> Typed:
        if node.function == "has":
            return self._has(node)
        function = FUNCTIONS.get(node.function)
        if function is None:
            close = nearest(node.function, [*FUNCTIONS, "has", "exists", "count"])
            raise wrong(f"there is no function `{node.function}`", node.at, f"{close}()?" if close else ", ".join(FUNCTIONS))
        args = tuple(self.visit(argument) for argument in node.arguments)
        for takes, gives in function.forms:
            if len(takes) == len(args) and all(a.type in (t, Type.ANY) for a, t in zip(args, takes, strict=True)):
                return self._applied(node, function.name, args, gives)
        forms = " or ".join(f"{function.name}({', '.join(takes)})" for takes, _ in function.forms)
        raise wrong(f"`{function.name}` does not take ({', '.join(a.type for a in args)})", node.at, forms)

    def _applied(self, node: Call, name: str, args: tuple[Typed, ...], gives: Type) -> Typed:
        literal = len(args) == 1 and args[0].op == "const"
        if name in ("money", "datetime", "duration") or (name == "date" and args[0].type is Type.TEXT):
            if not literal:
                raise wrong(f"`{name}` takes a text that is written out", args[0].at)
            value = _constant(name, args[0].value, args[0].at)
            return Typed("const", gives, node.at, value=value, source=node)
        if name == "matches" and args[1].op != "const":
            raise wrong("a pattern is written out", args[1].at)
        return Typed(name, gives, node.at, args, source=node)

    def _has(self, node: Call) -> Typed:
        if len(node.arguments) != 1 or not isinstance(node.arguments[0], Name):
            raise wrong("`has` takes a field", node.at, "has(email)")
        return Typed("has", Type.BOOL, node.at, (self._name(node.arguments[0]),), source=node)

    def _related(self, node: Related) -> Typed:
        schema, links, path = self._scopes[-1].schema, [], node.relation
        while len(path) > 1 and path[0] in schema.links:
            if path[0] != schema.noun:
                links.append(path[0])
            schema, path = schema.links[path[0]].schema(), path[1:]
        relation = schema.relations.get(path[0]) if len(path) == 1 else None
        if relation is None:
            close = nearest(".".join(path), list(schema.relations))
            shown = ", ".join(schema.relations)
            raise wrong(
                f'a {schema.noun} has no related "{".".join(path)}"', node.at, f"{close}?   {shown}" if close else shown
            )
        inner = relation.schema()
        args: tuple[Typed, ...] = ()
        if node.condition is not None:
            self._scopes.append(_Scope(inner, node.variable))
            args = (self._condition(node.condition),)
            self._scopes.pop()
        kind = Type.BOOL if node.kind == "exists" else Type.NUMBER
        return Typed(node.kind, kind, node.at, args, name=relation.name, links=tuple(links), source=node)


_N, _Y, _D, _M, _S, _T = Type.NUMBER, Type.MONEY, Type.DATETIME, Type.DATE, Type.DURATION, Type.TEXT
_RESULTS: dict[tuple[str, Type, Type], Type] = {
    **{(op, _N, _N): _N for op in ("add", "sub", "mul", "div", "mod")},
    ("add", _T, _T): _T,
    ("add", _D, _S): _D, ("add", _S, _D): _D, ("sub", _D, _S): _D, ("sub", _D, _D): _S,
    ("add", _M, _S): _M, ("sub", _M, _S): _M, ("sub", _M, _M): _S,
    ("add", _S, _S): _S, ("sub", _S, _S): _S,
}  # fmt: skip


def _fitted(part: Typed, other: Typed, *, dates_only: bool = False) -> Typed:
    """A literal as the type of what it stands beside: a text as a date, a number as an amount."""
    if part.op != "const":
        return part
    if isinstance(part.value, str) and isinstance(other.value, Field) and other.value.lower:
        return Typed("const", part.type, part.at, value=part.value.strip().lower(), source=part.source)
    if part.type is Type.TEXT and other.type in (Type.DATE, Type.DATETIME, Type.DURATION):
        name = {Type.DATE: "date", Type.DATETIME: "datetime", Type.DURATION: "duration"}[other.type]
        return Typed("const", other.type, part.at, value=_constant(name, part.value, part.at), source=part.source)
    if dates_only:
        return part
    if other.type is Type.MONEY and part.type in (Type.NUMBER, Type.TEXT):
        return Typed("const", Type.MONEY, part.at, value=_constant("money", part.value, part.at), source=part.source)
    if part.type is Type.DATE and other.type is Type.DATETIME:
        return Typed("midnight", Type.DATETIME, part.at, (part,), source=part.source)
    return part


def _constant(name: str, value: Any, at: int) -> Any:
    try:
        if name == "money":
            from ghl.sdk.money import Money  # amounts are rare in filters

            return Money.of(str(value) if isinstance(value, float) else value)
        if name == "date":
            return date.fromisoformat(str(value).strip())
        if name == "datetime":
            moment = datetime.fromisoformat(str(value).strip())
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return _duration(str(value))
    except (ValueError, OverflowError, GhlError) as error:
        hint = {"money": '"1000 EUR"', "date": '"2026-11-24"', "datetime": '"2026-11-24T10:00:00Z"', "duration": '"3d"'}
        shown = error.message if isinstance(error, GhlError) else f'"{value}" is no {name}'
        raise wrong(shown, at, hint[name]) from None


def _duration(text: str) -> timedelta:
    text = text.strip().replace(" ", "")
    if not text or _LENGTH.sub("", text):
        raise ValueError
    return timedelta(seconds=sum(float(n) * _SECONDS[unit] for n, unit in _LENGTH.findall(text)))


def _compare_hint(left: Typed, right: Typed) -> str | None:
    if {left.type, right.type} == {Type.DATE, Type.DATETIME}:
        moment = left if left.type is Type.DATETIME else right
        return f"date({moment.text})"
    if {left.type, right.type} == {Type.TEXT, Type.NUMBER}:
        return "a number is written without quotes"
    return None


def _sum_hint(left: Typed, right: Typed) -> str | None:
    if {left.type, right.type} & {Type.DATE, Type.DATETIME} and Type.NUMBER in (left.type, right.type):
        return 'duration("3d")'
    return "number(amount)" if Type.MONEY in (left.type, right.type) else None

"""The types of an expression: every name found, every operator fitting, before any record is looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ghl.sdk.expressions import operators
from ghl.sdk.expressions.constants import constant
from ghl.sdk.expressions.functions import FUNCTIONS, LETTERS, ZONED
from ghl.sdk.expressions.lexer import wrong
from ghl.sdk.expressions.names import Scope, field_of, relation_of
from ghl.sdk.expressions.schema import Function, Schema, Type
from ghl.sdk.expressions.syntax import limit, nearest, parse
from ghl.sdk.expressions.tree import (
    Binary,
    Call,
    Choice,
    Items,
    Literal,
    Logic,
    Name,
    Node,
    Related,
    Unary,
)
from ghl.sdk.expressions.typed import Checked, Typed
from ghl.sdk.expressions.unparse import unparse

MOST_RELATED = 8
MOST_NESTED = 3
_TYPES: dict[type, Type] = {bool: Type.BOOL, int: Type.NUMBER, float: Type.NUMBER, str: Type.TEXT}
_WRITTEN = {
    "money": Type.MONEY, "date": Type.DATE, "datetime": Type.DATETIME, "timestamp": Type.DATETIME, "duration": Type.DURATION,
}  # fmt: skip


def check(
    expression: str | Node, schema: Schema, *, purpose: str = "condition", expect: Type | None = Type.BOOL
) -> Checked:
    """An expression with the names and types of a noun.

    A `condition` is true or false and may use all of the language, a `filter` only what a database
    can answer, a `value` has any type (or the one of `expect`). Raises ExpressionError with the
    column, what is there and what would fit.
    """
    if isinstance(expression, str):
        node = parse(expression)
    else:
        node = expression
        limit(node)
    root = _Checker(schema, purpose).visit(node)
    expected = None if purpose == "value" and expect is Type.BOOL else expect
    if expected is not None and root.type not in (expected, Type.ANY):
        raise operators.unfit(root, expected)
    if expected is Type.BOOL and root.type is Type.ANY:
        # What an event carries is true or it is not.
        root = Typed("and", Type.BOOL, root.at, (root,), source=node)
    return Checked(root, schema, expression if isinstance(expression, str) else unparse(node))


class _Checker:
    def __init__(self, schema: Schema, purpose: str) -> None:
        self._scopes = [Scope(schema)]
        self._functions = schema.functions
        self._purpose = purpose
        self._related_parts = 0

    def visit(self, node: Node) -> Typed:
        return _VISITS[type(node)](self, node)

    def literal(self, node: Literal) -> Typed:
        return Typed("const", _TYPES.get(type(node.value), Type.NULL), node.at, value=node.value, source=node)

    def name(self, node: Name) -> Typed:
        found = field_of(self._scopes, node)
        if found is None:
            one = self._scopes[0].schema.variables[node.text]
            return Typed("variable", one.type, node.at, name=one.name, field=one, source=node)
        one, name, place = found
        return Typed(
            "field", one.type, node.at, name=name, links=place.links, scope=place.scope, field=one, source=node
        )

    def unary(self, node: Unary) -> Typed:
        if node.operator == "!":
            return Typed("not", Type.BOOL, node.at, (self.condition(node.operand),), source=node)
        inner = self.visit(node.operand)
        if inner.type not in (Type.NUMBER, Type.DURATION, Type.ANY):
            raise wrong(f"a minus sign stands before a number, and `{inner.text}` is {inner.type.a}", node.at)
        return Typed("neg", inner.type, node.at, (inner,), source=node)

    def logic(self, node: Logic) -> Typed:
        parts = tuple([self.condition(part) for part in node.parts])
        return Typed("and" if node.operator == "&&" else "or", Type.BOOL, node.at, parts, source=node)

    def binary(self, node: Binary) -> Typed:
        left, right = self.visit(node.left), self.visit(node.right)
        if node.operator == "in":
            return operators.member(node, left, right)
        if node.operator in operators.COMPARISONS:
            return operators.comparison(node, left, right)
        return operators.arithmetic(node, left, right)

    def choice(self, node: Choice) -> Typed:
        parts = (self.condition(node.condition), self.visit(node.then), self.visit(node.otherwise))
        types = {parts[1].type, parts[2].type}
        if Type.NULL in types:
            raise wrong("a way of `?:` cannot be null", node.at, "has(field) && …")
        if len(types) > 1 and Type.ANY not in types:
            raise wrong(f"one way gives {parts[1].type.a} and the other {parts[2].type.a}", node.at)
        return Typed("choice", Type.ANY if len(types) > 1 else parts[1].type, node.at, parts, source=node)

    def items(self, node: Items) -> Typed:
        return Typed("list", Type.LIST, node.at, tuple([self.visit(item) for item in node.items]), source=node)

    def condition(self, node: Node) -> Typed:
        """A part that is true or false."""
        inner = self.visit(node)
        if inner.type not in (Type.BOOL, Type.ANY):
            hint = f"has({inner.text})" if inner.op == "field" else None
            raise wrong(f"`{inner.text}` is {inner.type.a}, and a condition is needed", inner.at, hint)
        return inner

    # --- functions and relations

    def call(self, node: Call) -> Typed:
        if node.function == "has":
            return self._has(node)
        function = FUNCTIONS.get(node.function) or self._functions.get(node.function)
        if function is None:
            raise self._no_function(node)
        args = tuple([self.visit(argument) for argument in node.arguments])
        for takes, gives in function.forms:
            if len(takes) == len(args) and all(
                a.type is t or a.type is Type.ANY or t is Type.ANY for a, t in zip(args, takes, strict=True)
            ):
                return self._applied(node, function, args, gives)
        forms = " or ".join(f"{function.name}({', '.join(takes)})" for takes, _ in function.forms)
        if args and args[0].type is Type.LIST and function.name in LETTERS:
            forms = f'"…" in {args[0].text}'
        raise wrong(f"`{function.name}` does not take ({', '.join(a.type for a in args)})", node.at, forms)

    def _no_function(self, node: Call) -> Exception:
        every = [*FUNCTIONS, *self._functions, "exists", "count"]
        close = nearest(node.function, every)
        return wrong(f"there is no function `{node.function}`", node.at, f"{close}()?" if close else ", ".join(every))

    def _applied(self, node: Call, function: Function, args: tuple[Typed, ...], gives: Type) -> Typed:
        name = function.name
        if name in self._functions and name not in FUNCTIONS:
            return Typed("call", gives, node.at, args, name=name, source=node)
        if name in _WRITTEN and args[0].type in (Type.TEXT, Type.NUMBER):
            if args[0].op != "const" or len(args) > 1:
                raise wrong(f"`{name}` takes a text that is written out", args[0].at)
            value = constant(_WRITTEN[name], args[0].value, args[0].at)
            return Typed("const", gives, node.at, value=value, source=node)
        if name in ZONED and args and args[-1].type is Type.TEXT:
            self._zone(args[-1])
        if name == "matches":
            self._pattern(args[1])
        if name in LETTERS and args[1].op == "const" and args[0].field is not None and args[0].field.lower:
            args = (args[0], args[1].as_constant(Type.TEXT, args[1].value.lower()))
        return Typed(name, gives, node.at, args, source=node)

    @staticmethod
    def _zone(part: Typed) -> None:
        from ghl.sdk.times import is_zone, zone_named  # only where a zone is named

        if part.op != "const":
            raise wrong("a zone is written out", part.at, '"Europe/Lisbon"')
        if not is_zone(part.value):
            try:
                zone_named(part.value)
            except ValueError as error:
                raise wrong(f'there is no zone "{part.value}"', part.at, getattr(error, "hint", None)) from None

    def _pattern(self, part: Typed) -> None:
        from ghl.sdk.expressions.patterns import compiled  # patterns are rare

        if part.op != "const":
            raise wrong("a pattern is written out", part.at, 'matches(city, "^L")')
        compiled(part.value, part.at)
        if self._purpose == "filter":
            raise wrong("a pattern cannot be looked up in a database", part.at, "contains, startsWith, endsWith or icontains")

    def _has(self, node: Call) -> Typed:
        if len(node.arguments) != 1 or not isinstance(node.arguments[0], Name):
            raise wrong("`has` takes a field", node.at, "has(email)")
        return Typed("has", Type.BOOL, node.at, (self.name(node.arguments[0]),), source=node)

    def related(self, node: Related) -> Typed:
        self._related_parts += 1
        if self._related_parts > MOST_RELATED:
            raise wrong("the expression is too costly", node.at, f"at most {MOST_RELATED} looks at related records")
        if len(self._scopes) > MOST_NESTED:
            raise wrong("the expression is too costly", node.at, f"at most {MOST_NESTED} looks within each other")
        relation, place = relation_of(self._scopes, node)
        args: tuple[Typed, ...] = ()
        if node.condition is not None:
            self._scopes.append(Scope(relation.schema(), node.variable))
            args = (self.condition(node.condition),)
            self._scopes.pop()
        kind = Type.BOOL if node.kind == "exists" else Type.NUMBER
        return Typed(
            node.kind, kind, node.at, args, name=relation.name, links=place.links, scope=place.scope, source=node
        )


_VISITS: dict[type, Callable[[_Checker, Any], Typed]] = {
    Literal: _Checker.literal, Name: _Checker.name, Unary: _Checker.unary, Logic: _Checker.logic,
    Binary: _Checker.binary, Choice: _Checker.choice, Items: _Checker.items, Call: _Checker.call,
    Related: _Checker.related,
}  # fmt: skip

"""What comparisons and arithmetic work on, and what to write where they do not."""

from __future__ import annotations

from ghl.errors import ExpressionError
from ghl.sdk.expressions.constants import fitted
from ghl.sdk.expressions.lexer import wrong
from ghl.sdk.expressions.schema import Type
from ghl.sdk.expressions.syntax import nearest
from ghl.sdk.expressions.tree import Binary
from ghl.sdk.expressions.typed import Typed

COMPARISONS = {"==": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
_ARITHMETIC = {"+": "add", "-": "sub", "*": "mul", "/": "div", "%": "mod"}
_ORDERED = (Type.NUMBER, Type.MONEY, Type.DATE, Type.DATETIME, Type.TEXT, Type.DURATION, Type.ANY)
_N, _M, _D, _S, _T = Type.NUMBER, Type.DATETIME, Type.DATE, Type.DURATION, Type.TEXT
_RESULTS: dict[tuple[str, Type, Type], Type] = {
    **{(op, _N, _N): _N for op in ("add", "sub", "mul", "div", "mod")},
    ("add", _T, _T): _T,
    ("add", _M, _S): _M, ("add", _S, _M): _M, ("sub", _M, _S): _M, ("sub", _M, _M): _S,
    ("add", _D, _S): _D, ("add", _S, _D): _D, ("sub", _D, _S): _D, ("sub", _D, _D): _S,
    ("add", _S, _S): _S, ("sub", _S, _S): _S,
}  # fmt: skip


def comparison(node: Binary, left: Typed, right: Typed) -> Typed:
    """A comparison of two values of one type."""
    for one, other in ((left, right), (right, left)):
        if one.type is Type.NULL:
            shown = f"has({other.text})" if other.op == "field" else "has(…)"
            raise wrong("nothing equals null", one.at, f"{'!' if node.operator == '==' else ''}{shown}")
    left, right = fitted(left, right), fitted(right, left)
    if left.type is not right.type and Type.ANY not in (left.type, right.type):
        raise wrong(f"{left.type.a} and {right.type.a} cannot be compared", node.at, _compare_hint(left, right))
    for one in (left, right):
        if one.type in (Type.LIST, Type.JSON):
            raise wrong(f"{one.type.a} cannot be compared", node.at, f'"…" in {one.text}' if one.type is Type.LIST else f"has({one.text})")
    if node.operator not in ("==", "!=") and (left.type not in _ORDERED or right.type not in _ORDERED):
        raise wrong(f"{left.type.a} has no order", node.at, "== or !=")
    choices(left, right)
    return Typed(COMPARISONS[node.operator], Type.BOOL, node.at, (left, right), source=node)


def choices(left: Typed, right: Typed) -> None:
    """A text that a field can never have is a slip."""
    for one, other in ((left, right), (right, left)):
        known = one.field.choices if one.field is not None else ()
        if known and other.op == "const" and isinstance(other.value, str) and other.value not in known:
            close = nearest(other.value, list(known))
            hint = f"{close}?   " if close else ""
            raise wrong(f'{one.text} is never "{other.value}"', other.at, f"{hint}one of: {', '.join(known)}")


def member(node: Binary, left: Typed, right: Typed) -> Typed:
    """Whether a value is one of a list."""
    if left.type in (Type.NULL, Type.LIST, Type.JSON):
        raise wrong(f"{left.type.a} is in no list", left.at, '"vip" in tags')
    if right.type not in (Type.LIST, Type.ANY):
        raise wrong(f"`in` asks a list, and `{right.text}` is {right.type.a}", right.at, f"{right.text} == …")
    if right.op == "list":
        items = tuple(fitted(item, left) for item in right.args)
        for item in items:
            if item.type is not left.type and Type.ANY not in (item.type, left.type):
                raise wrong(f"{left.type.a} is not in a list with {item.type.a}", item.at)
            choices(left, item)
        right = Typed("list", Type.LIST, right.at, items, source=right.source)
    elif right.type is Type.LIST:
        if left.type not in (Type.TEXT, Type.ANY):
            raise wrong(f"`{right.text}` holds texts, and `{left.text}` is {left.type.a}", left.at)
        left = fitted(left, right)
    return Typed("in", Type.BOOL, node.at, (left, right), source=node)


def arithmetic(node: Binary, left: Typed, right: Typed) -> Typed:
    """A sum, difference, product, quotient or remainder."""
    operator = _ARITHMETIC[node.operator]
    left, right = fitted(left, right, dates_only=True), fitted(right, left, dates_only=True)
    result = _RESULTS.get((operator, left.type, right.type))
    if result is None and Type.ANY in (left.type, right.type):
        result = Type.ANY
    if result is None:
        raise wrong(
            f"`{node.operator}` does not work between {left.type.a} and {right.type.a}", node.at, _sum_hint(left, right)
        )
    if result is Type.DATE:
        _whole_days(left, right)
    return Typed(operator, result, node.at, (left, right), source=node)


def _whole_days(left: Typed, right: Typed) -> None:
    for part in (left, right):
        if part.type is Type.DURATION and part.op == "const" and part.value.total_seconds() % 86_400:
            raise wrong("a date moves by whole days", part.at, 'duration("3d")')


def _compare_hint(left: Typed, right: Typed) -> str | None:
    types = {left.type, right.type}
    if types == {Type.DATE, Type.DATETIME}:
        moment = left if left.type is Type.DATETIME else right
        return f"date({moment.text})"
    if types & {Type.DATE, Type.DATETIME} and Type.NUMBER in types:
        return 'a date stands in quotes: "2026-11-24"'
    if types == {Type.TEXT, Type.NUMBER}:
        text = left if left.type is Type.TEXT else right
        return "a number is written without quotes" if text.op == "const" else f"number({text.text})"
    if types == {Type.DURATION, Type.NUMBER}:
        return 'a length of time is written duration("3d")'
    return None


def _sum_hint(left: Typed, right: Typed) -> str | None:
    types = {left.type, right.type}
    if types & {Type.DATE, Type.DATETIME} and Type.NUMBER in types:
        return 'duration("3d")'
    if types == {Type.DATE, Type.DATETIME}:
        return "date(…) of the moment"
    return "number(amount)" if Type.MONEY in types else None


def unfit(part: Typed, expected: Type) -> ExpressionError:
    """The error for a whole expression of another type than is needed."""
    hint = f"has({part.text})" if part.op == "field" and expected is Type.BOOL else None
    what = "a condition is needed" if expected is Type.BOOL else f"{expected.a} is needed"
    return wrong(f"this is {part.type.a}, and {what}", part.at, hint)

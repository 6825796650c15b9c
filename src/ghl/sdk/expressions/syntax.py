"""From words to syntax tree: a Pratt parser whose errors say where and what to write."""

from __future__ import annotations

from ghl.sdk.expressions.lexer import Token, tokens, unescaped, wrong
from ghl.sdk.expressions.tree import (
    MOST_DIGITS,
    MOST_LEVELS,
    MOST_PARTS,
    Binary,
    Call,
    Choice,
    Items,
    Literal,
    Name,
    Node,
    Related,
    Unary,
    joined,
    too_much,
)

DEEPEST = 50
"""Brackets, lists and signs within each other."""
LARGEST = 1e100
"""Numbers are smaller than this, and no nearer to 0 than `SMALLEST`: then no product of two of them
overflows in any of the programs that work them out."""
SMALLEST = 1e-99

POWER = {
    "?": 1, "||": 2, "&&": 3, "==": 4, "!=": 4, "<": 4, "<=": 4, ">": 4, ">=": 4, "in": 4,
    "+": 5, "-": 5, "*": 6, "/": 6, "%": 6,
}  # fmt: skip
COMPARING, UNARY = 4, 7
MACROS = ("exists", "count")
WORDS = ("true", "false", "null", "in", "not")
"""Words that are no names."""
_WORDS = {
    "and": "&&", "AND": "&&", "or": "||", "OR": "||", "not": '!("vip" in tags)', "is": "==", "like": "contains(city, …)",
    "LIKE": "contains(city, …)", "IN": "in", "between": "score >= 1 && score <= 9",
}  # fmt: skip
_CONSTANTS = {"true": True, "false": False, "null": None}


def parse(text: str) -> Node:
    """The syntax tree of an expression.

    Raises ExpressionError with `details["column"]`, counted from 1, and a hint what to write instead.
    """
    parser = _Parser(tokens(text))
    node = parser.expression(0)
    rest = parser.peek
    if rest.kind != "end":
        raise wrong(f"`{rest.text}` is too much", rest.at, _joiner(rest))
    limit(node)
    return node


def limit(node: Node) -> None:
    """Refuse a tree that is too large to walk."""
    over = too_much(node)
    if over is not None:
        raise wrong(f"an expression has at most {MOST_LEVELS} levels and {MOST_PARTS:,} parts", over.at)


def within_range(value: float) -> bool:
    """Whether a number is one that expressions work with."""
    return value == 0 or SMALLEST <= abs(value) < LARGEST


def number(text: str, at: int) -> Literal:
    """A number as it is written. Whole numbers that are not exact everywhere become floating ones."""
    found: int | float = float(text)
    if not within_range(found):
        raise wrong("a number is between 1e-99 and 1e100 in size", at)
    if text.isdigit() and len(text) < 20 and int(text) <= MOST_DIGITS:
        found = int(text)
    return Literal(at, found)


def _joiner(token: Token) -> str | None:
    if token.text in _WORDS:
        return f"write {_WORDS[token.text]}"
    return "join conditions with && or ||" if token.kind in ("name", "text", "raw", "number") else None


def _found(token: Token) -> str:
    return "the end" if token.kind == "end" else f"`{token.text}`"


class _Parser:
    def __init__(self, words: list[Token]) -> None:
        self._words = words
        self._place = 0
        self._depth = 0
        self._parts = 0

    @property
    def peek(self) -> Token:
        return self._words[self._place]

    def take(self) -> Token:
        token = self._words[self._place]
        if token.kind != "end":
            self._place += 1
        return token

    def expect(self, sign: str) -> None:
        token = self.peek
        if token.kind != "sign" or token.text != sign:
            raise wrong(f"expected `{sign}` and found {_found(token)}", token.at, _WORDS.get(token.text))
        self.take()

    def _is(self, sign: str) -> bool:
        token = self._words[self._place]
        return token.text == sign and token.kind == "sign"

    def _taken(self, sign: str) -> bool:
        if self._is(sign):
            self._place += 1
            return True
        return False

    def expression(self, power: int) -> Node:
        self._depth += 1
        if self._depth > DEEPEST:
            raise wrong(f"an expression is at most {DEEPEST} levels deep", self.peek.at)
        left = self._prefix()
        while True:
            token = self._words[self._place]
            strength = POWER.get(token.text, 0) if token.kind in ("sign", "name") else 0
            if strength <= power:
                break
            self._count(token)
            self._place += 1
            left = self._infix(left, token, strength)
        self._depth -= 1
        return left

    def _count(self, token: Token) -> None:
        """A tree that grows to one side is as deep as it has parts, so they are counted as they come."""
        self._parts += 1
        if self._parts > MOST_PARTS:
            raise wrong(f"an expression has at most {MOST_PARTS:,} parts", token.at)

    def _infix(self, left: Node, token: Token, strength: int) -> Node:
        sign = token.text
        if sign == "?":
            then = self.expression(0)
            self.expect(":")
            return Choice(token.at, left, then, self.expression(strength - 1))
        if sign in ("&&", "||"):
            parts = [left, self.expression(strength)]
            while self._is(sign):
                self._count(self.take())
                parts.append(self.expression(strength))
            return joined(token.at, sign, tuple(parts))
        right = self.expression(strength)
        following = self.peek
        if strength == COMPARING and following.kind in ("sign", "name") and POWER.get(following.text) == COMPARING:
            raise wrong(
                f"`{sign}` and `{following.text}` cannot follow each other", following.at, "join two comparisons with &&"
            )
        return Binary(token.at, sign, left, right)

    def _prefix(self) -> Node:
        token = self.take()
        self._count(token)
        node: Node
        match token.kind:
            case "name":
                node = self._named(token)
            case "text" | "raw":
                node = Literal(token.at, unescaped(token))
            case "number":
                node = number(token.text, token.at)
            case _:
                node = self._opened(token)
        return self._postfix(node) if self._is(".") else node

    def _opened(self, token: Token) -> Node:
        if token.text == "(":
            node = self.expression(0)
            self.expect(")")
            return node
        if token.text == "[":
            return Items(token.at, self._until("]"))
        if token.text in ("!", "-"):
            operand = self.expression(UNARY)
            plain = isinstance(operand, Literal) and isinstance(operand.value, int | float)
            if token.text == "-" and plain and self._words[self._place - 1].kind == "number":
                return Literal(token.at, -operand.value)  # type: ignore[attr-defined]
            return Unary(token.at, token.text, operand)
        raise wrong(f"expected a field or a value and found {_found(token)}", token.at, 'such as city == "Lisbon"')

    def _named(self, token: Token) -> Node:
        if token.text in _CONSTANTS:
            return Literal(token.at, _CONSTANTS[token.text])
        if token.text == "in":
            raise wrong("`in` stands between a value and a list", token.at, '"vip" in tags')
        if token.text == "not":
            raise wrong("`not` is written !", token.at, "!(…)")
        if not self._taken("("):
            return Name(token.at, (token.text,))
        if token.text in MACROS:
            return self._macro(token, None)
        return Call(token.at, token.text, self._until(")"))

    def _postfix(self, node: Node) -> Node:
        while self._is("."):
            self._count(self.take())
            part = self.take()
            if part.kind != "name" or part.text in WORDS:
                raise wrong("a name follows a dot", part.at)
            if self._taken("("):
                if part.text in MACROS and isinstance(node, Name):
                    node = self._macro(part, node)
                else:
                    node = Call(part.at, part.text, (node, *self._until(")")))
            elif isinstance(node, Name):
                node = Name(node.at, (*node.path, part.text))
            else:
                raise wrong(f"only a field has parts, and this has no `{part.text}`", part.at)
        return node

    def _macro(self, token: Token, relation: Name | None) -> Node:
        """`exists(deals, condition)`, `deals.exists(d, condition)`; the condition may be left out."""
        variable, condition = None, None
        if relation is None:
            first = self.expression(0)
            if not isinstance(first, Name):
                raise wrong(f"`{token.text}` asks related records", first.at, f"{token.text}(deals)")
            relation = first
            if self._taken(","):
                condition = self.expression(0)
        elif not self._is(")"):
            condition = self.expression(0)
            if self._taken(","):
                variable = _variable(condition)
                condition = self.expression(0)
        self.expect(")")
        return Related(token.at, token.text, relation.path, condition, variable)

    def _until(self, sign: str) -> tuple[Node, ...]:
        found: list[Node] = []
        if not self._is(sign):
            found.append(self.expression(0))
            while self._taken(","):
                found.append(self.expression(0))
        self.expect(sign)
        return tuple(found)


def _variable(node: Node) -> str:
    if isinstance(node, Name) and len(node.path) == 1:
        return node.path[0]
    raise wrong("a short name for each record comes first", node.at, "deals.exists(d, d.amount > 0)")


def nearest(name: str, known: list[str]) -> str | None:
    """The known name that somebody may have meant."""
    import difflib  # only when something is wrong

    lower = {one.lower(): one for one in reversed(known)}
    close = difflib.get_close_matches(name.lower(), lower, 1, 0.6)
    return lower[close[0]] if close else None

"""From text to syntax tree: a Pratt parser whose errors say where and what to write."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

from ghl.errors import ExpressionError
from ghl.sdk.expressions.tree import Binary, Call, Choice, Items, Literal, Name, Node, Related, Unary

LONGEST = 10_000
DEEPEST = 50

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<number>(?:\d+\.\d*|\.\d+|\d+)(?:[eE][+-]?\d+)?)
  | (?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
  | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<sign>&&|\|\||==|!=|<=|>=|[-+*/%!<>?:.,()\[\]])
  | (?P<end>$)
  | (?P<other>.)
    )""",
    re.VERBOSE | re.DOTALL,
)
_POWER = {
    "?": 1, "||": 2, "&&": 3, "==": 4, "!=": 4, "<": 4, "<=": 4, ">": 4, ">=": 4, "in": 4,
    "+": 5, "-": 5, "*": 6, "/": 6, "%": 6,
}  # fmt: skip
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "'": "'", "\\": "\\"}
_WORDS = {"and": "&&", "or": "||", "not": "!", "=": "=="}
MACROS = ("exists", "count")


@dataclass(slots=True)
class Token:
    """A word of the text and its place, from 0."""

    kind: str
    text: str
    at: int


def wrong(message: str, at: int, hint: str | None = None) -> ExpressionError:
    """An error at a place of the expression."""
    return ExpressionError(f"{message}, at column {at + 1}", hint=hint, column=at + 1)


def tokens(text: str) -> list[Token]:
    """The words of an expression."""
    if len(text) > LONGEST:
        raise wrong(f"an expression is at most {LONGEST:,} characters long", LONGEST)
    found: list[Token] = []
    place = 0
    while True:
        match = _TOKEN.match(text, place)
        assert match is not None, "the last alternative takes anything"
        kind = match.lastgroup or "end"
        token = Token(kind, match[kind], match.start(kind))
        if kind == "other":
            raise _stray(token)
        found.append(token)
        if kind == "end":
            return found
        place = match.end()


def _stray(token: Token) -> ExpressionError:
    hints = {"=": "two equals signs compare: ==", "&": "&&", "|": "||", '"': 'a text ends with "', "'": "a text ends with '"}
    what = "a text that does not end" if token.text in "\"'" else f"`{token.text}` means nothing here"
    return wrong(what, token.at, hints.get(token.text))


def parse(text: str) -> Node:
    """The syntax tree of an expression. Raises ExpressionError with the column of what is wrong."""
    parser = _Parser(tokens(text), text)
    node = parser.expression(0)
    rest = parser.peek
    if rest.kind != "end":
        raise wrong(f"`{rest.text}` is too much", rest.at, _joiner(rest))
    return node


def _joiner(token: Token) -> str | None:
    if token.text in _WORDS:
        return f"write {_WORDS[token.text]}"
    return "join conditions with && or ||" if token.kind in ("name", "text", "number") else None


class _Parser:
    def __init__(self, words: list[Token], text: str) -> None:
        self._words = words
        self._text = text
        self._place = 0
        self._depth = 0

    @property
    def peek(self) -> Token:
        return self._words[self._place]

    def take(self) -> Token:
        token = self._words[self._place]
        if token.kind != "end":
            self._place += 1
        return token

    def expect(self, sign: str) -> Token:
        token = self.take()
        if token.text != sign or token.kind == "text":
            found = "the end" if token.kind == "end" else f"`{token.text}`"
            raise wrong(f"expected `{sign}` and found {found}", token.at)
        return token

    def _is(self, sign: str) -> bool:
        return self.peek.kind in ("sign", "name") and self.peek.text == sign

    def expression(self, power: int) -> Node:
        self._depth += 1
        if self._depth > DEEPEST:
            raise wrong(f"an expression is at most {DEEPEST} levels deep", self.peek.at)
        left = self._prefix()
        while True:
            token = self.peek
            strength = _POWER.get(token.text, 0) if token.kind in ("sign", "name") else 0
            if strength <= power:
                break
            self.take()
            left = self._infix(left, token, strength)
        self._depth -= 1
        return left

    def _infix(self, left: Node, token: Token, strength: int) -> Node:
        if token.text == "?":
            then = self.expression(0)
            self.expect(":")
            return Choice(token.at, left, then, self.expression(strength - 1))
        right = self.expression(strength)
        if strength == 4 and self.peek.kind in ("sign", "name") and _POWER.get(self.peek.text) == 4:
            raise wrong(
                f"`{token.text}` and `{self.peek.text}` cannot follow each other", self.peek.at, "join two comparisons with &&"
            )
        return Binary(token.at, token.text, left, right)

    def _prefix(self) -> Node:
        token = self.take()
        node: Node
        if token.kind == "number":
            whole = token.text.isdigit()
            node = Literal(token.at, int(token.text) if whole and len(token.text) < 19 else float(token.text))
        elif token.kind == "text":
            node = Literal(token.at, _unescaped(token))
        elif token.kind == "name":
            node = self._named(token)
        elif token.text == "(":
            node = self.expression(0)
            self.expect(")")
        elif token.text == "[":
            node = Items(token.at, self._until("]"))
        elif token.text in ("!", "-"):
            operand = self.expression(7)
            if token.text == "-" and isinstance(operand, Literal) and isinstance(operand.value, int | float):
                return Literal(token.at, -operand.value)
            return Unary(token.at, token.text, operand)
        else:
            found = "the end" if token.kind == "end" else f"`{token.text}`"
            raise wrong(f"expected a field or a value and found {found}", token.at, 'such as city == "Lisbon"')
        return self._postfix(node)

    def _named(self, token: Token) -> Node:
        if token.text in ("true", "false", "null"):
            return Literal(token.at, {"true": True, "false": False, "null": None}[token.text])
        if token.text == "in":
            raise wrong("`in` stands between a value and a list", token.at, '"vip" in tags')
        if token.text == "not":
            raise wrong("`not` is written !", token.at, "!(…)")
        if self._is("("):
            self.take()
            if token.text in MACROS:
                return self._macro(token, None)
            return Call(token.at, token.text, self._until(")"))
        return Name(token.at, (token.text,))

    def _postfix(self, node: Node) -> Node:
        while self._is("."):
            dot = self.take()
            part = self.take()
            if part.kind != "name":
                raise wrong("a name follows a dot", dot.at + 1)
            if self._is("("):
                self.take()
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
                raise wrong(f"{token.text} counts related records", first.at, f"{token.text}(deals)")
            relation = first
            if self._is(","):
                self.take()
                condition = self.expression(0)
        elif not self._is(")"):
            condition = self.expression(0)
            if self._is(","):
                self.take()
                if not isinstance(condition, Name) or len(condition.path) != 1:
                    raise wrong("a short name for each record comes first", condition.at, "deals.exists(d, d.amount > 0)")
                variable = condition.path[0]
                condition = self.expression(0)
        self.expect(")")
        return Related(token.at, token.text, relation.path, condition, variable)

    def _until(self, sign: str) -> tuple[Node, ...]:
        found: list[Node] = []
        if not self._is(sign):
            found.append(self.expression(0))
            while self._is(","):
                self.take()
                found.append(self.expression(0))
        self.expect(sign)
        return tuple(found)


def _unescaped(token: Token) -> str:
    body = token.text[1:-1]
    if "\x00" in body:
        raise wrong("a text cannot hold a NUL character", token.at)
    if "\\" not in body:
        return body

    def one(match: re.Match[str]) -> str:
        letter = match[1]
        if letter not in _ESCAPES:
            raise wrong(f"`\\{letter}` means nothing in a text", token.at + match.start() + 1, r"\\ is a backslash")
        return _ESCAPES[letter]

    return re.sub(r"\\(.)", one, body, flags=re.DOTALL)


def nearest(name: str, known: list[str]) -> str | None:
    """The known name that somebody may have meant."""
    close = difflib.get_close_matches(name, known, 1, 0.6)
    return close[0] if close else None

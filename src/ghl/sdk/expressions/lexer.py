"""From text to words, each with its place; what is no word gets an error that says what to write."""

from __future__ import annotations

import re
from typing import NamedTuple

from ghl.errors import ExpressionError

LONGEST = 10_000

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<raw>[rR](?:"[^"\n]*"|'[^'\n]*'))
  | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<sign>&&|\|\||==|!=|<=|>=|[-+*/%!<>?:,()\[\]]|\.(?![0-9]))
  | (?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
  | (?P<number>(?:[0-9]+\.[0-9]+|\.[0-9]+|[0-9]+)(?:[eE][+-]?[0-9]+)?(?![A-Za-z_0-9]))
  | (?P<end>\Z)
  | (?P<other>[0-9]\w*|.)
    )""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "'": "'", "\\": "\\", "`": "`", "?": "?"}
_HINTS = {
    "=": "two equals signs compare: ==",
    "&": "&&",
    "|": "||",
    "“": 'a text stands in straight quotes: "Lisbon"',
    "”": 'a text stands in straight quotes: "Lisbon"',
    "‘": "a text stands in straight quotes: 'Lisbon'",
    "’": "a text stands in straight quotes: 'Lisbon'",
    ";": "join conditions with && or ||",
    "^": "&& is and, || is or",
    "~": "contains(city, \"Lis\")",
    "$": "a name has letters, digits and _",
    "{": "a list stands in [ ]",
}


class Token(NamedTuple):
    """A word of the text and its place, from 0."""

    kind: str
    text: str
    at: int


def wrong(message: str, at: int, hint: str | None = None) -> ExpressionError:
    """An error at a place of the expression."""
    return ExpressionError(f"{message}, at column {at + 1}", hint=hint, column=at + 1)


def tokens(text: str) -> list[Token]:
    """The words of an expression, ending in one of kind `end`."""
    if len(text) > LONGEST:
        raise wrong(f"an expression is at most {LONGEST:,} characters long", LONGEST)
    _storable(text)
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


def _storable(text: str) -> None:
    """A database holds neither NUL nor half of a character, so that no text of an expression may."""
    if text.isascii() and "\0" not in text:
        return
    for place, character in enumerate(text):
        if character == "\0" or "\ud800" <= character <= "\udfff":
            raise wrong("this character cannot be stored", place)


def _stray(token: Token) -> ExpressionError:
    if token.text in "\"'":
        return wrong("a text that does not end", token.at, f"a text ends with {token.text}")
    if token.text[0].isdigit():
        return wrong(f"`{token.text}` is neither a number nor a name", token.at, f'a text stands in quotes: "{token.text}"')
    return wrong(f"`{token.text}` means nothing here", token.at, _HINTS.get(token.text))


def unescaped(token: Token) -> str:
    """What a text says, between its quotes."""
    if token.kind == "raw":
        return token.text[2:-1]
    body = token.text[1:-1]
    if "\\" not in body:
        return body

    def one(match: re.Match[str]) -> str:
        at = token.at + match.start() + 1
        code, letter = match[1] or match[2], match[3]
        if code:
            number = int(code, 16)
            if number == 0 or 0xD800 <= number <= 0xDFFF or number > 0x10FFFF:
                raise wrong(f"`{match[0]}` is no character that can be stored", at)
            return chr(number)
        if letter not in _ESCAPES:
            raise wrong(f"`\\{letter}` means nothing in a text", at, r'\\ is a backslash; r"\d" takes it as it is')
        return _ESCAPES[letter]

    return _ESCAPE.sub(one, body)

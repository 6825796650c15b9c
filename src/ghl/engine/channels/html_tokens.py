"""HTML cut into tags and text in one pass, in time proportional to its length whatever it holds.

The standard library's html.parser reads some broken documents in quadratic time (unclosed comments and
declarations), and what is read here may have been written by anybody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import Literal

_OPENED = re.compile(r"<(?=[A-Za-z/!?])")
_NAME = re.compile(r"[^\s/>]+")
_SPACE = re.compile(r"[\s/]+")
_ATTRIBUTE = re.compile(r"[^\s/>=][^\s/>=]*|=[^\s/>=]*")
_VALUE = re.compile(r"\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|(?![\"'])([^\s>]*))")
_UNCLOSED = re.compile(r"\s*=\s*[\"']")
_RAW = {"script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes", "plaintext"}
_DECODED = {"textarea", "title"}


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute. `start` is where its value stands in the source, -1 where it has none."""

    name: str
    value: str
    start: int
    quoted: bool


@dataclass(frozen=True, slots=True)
class Token:
    """A tag, a run of text, or the inside of an element that holds no markup (`raw`).

    `data` is the tag's name in lower case, or text with its entities decoded.
    """

    kind: Literal["open", "close", "text", "raw", "comment"]
    data: str
    start: int
    end: int
    attributes: tuple[Attribute, ...] = field(default=())

    def get(self, name: str) -> str:
        """The value of an attribute, "" where it has none."""
        return next((one.value for one in self.attributes if one.name == name), "")


def tokens(html: str) -> Iterator[Token]:
    """The tokens of a document or fragment, in order; whatever is broken is read as browsers do."""
    at, end = 0, len(html)
    while at < end:
        found = _OPENED.search(html, at)
        opened = found.start() if found else end
        if opened > at:
            yield Token("text", unescape(html[at:opened]), at, opened)
        if found is None:
            return
        token = _markup(html, opened)
        yield token
        at = token.end
        if token.kind == "open" and token.data in _RAW:
            closing = re.compile(rf"</{token.data}(?=[\s/>])", re.IGNORECASE).search(html, at)
            stop = closing.start() if closing and token.data != "plaintext" else end
            if stop > at:
                inside = html[at:stop]
                yield Token("raw", unescape(inside) if token.data in _DECODED else inside, at, stop)
            at = stop


def _markup(html: str, at: int) -> Token:
    """The token that begins with the `<` at this place."""
    following = html[at + 1 : at + 2]
    if following.isalpha():
        return _tag(html, at)
    if following == "/" and html[at + 2 : at + 3].isalpha():
        name = _NAME.match(html, at + 2)
        return Token("close", (name[0] if name else "").lower(), at, _after(html, ">", at))
    if html.startswith("<!--", at):
        return Token("comment", "", at, _after(html, "-->", at + 4))
    return Token("comment", "", at, _after(html, ">", at))


def _after(html: str, mark: str, at: int) -> int:
    """The place after the next mark; the end of the document where there is none."""
    found = html.find(mark, at)
    return len(html) if found < 0 else found + len(mark)


def _tag(html: str, start: int) -> Token:
    name = _NAME.match(html, start + 1)
    assert name is not None  # a letter stands there
    at, end = name.end(), len(html)
    found: list[Attribute] = []
    while at < end:
        space = _SPACE.match(html, at)
        at = space.end() if space else at
        if at >= end or html[at] == ">":
            break
        word = _ATTRIBUTE.match(html, at)
        assert word is not None  # neither space, slash nor > stands there
        at = word.end()
        value = _VALUE.match(html, at)
        if value is None:
            if _UNCLOSED.match(html, at):
                return Token("comment", "", start, end)  # a quote that is never closed swallows the rest
            found.append(Attribute(word[0].lower(), "", -1, False))
            continue
        group = value.lastindex or 3
        found.append(Attribute(word[0].lower(), unescape(value[group]), value.start(group), group != 3))
        at = value.end()
    return Token("open", name[0].lower(), start, min(at + 1, end), tuple(found))

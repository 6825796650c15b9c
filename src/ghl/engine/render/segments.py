"""A template's source cut into literal text and Jinja constructs, and partials put where they are included."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ghl.engine.render.source import SOURCE_LIMIT, Expanded, Part

if TYPE_CHECKING:
    from jinja2 import Environment

CONSTRUCTS_LIMIT = 2_000
CONSTRUCT_LENGTH = 4_000
INCLUDE_DEPTH = 8

_INCLUDE = re.compile(r"\{%[-+]?\s*include\b")
_ONE_INCLUDE = re.compile(r"\{%[-+]?\s*include\s+(\"[^\"\n]*\"|'[^'\n]*')\s*[-+]?%\}")
_BEGINNINGS = {"variable_begin": "expression", "block_begin": "block", "comment_begin": "comment"}
_ENDINGS = ("variable_end", "block_end", "comment_end")


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of the source. The inside of `raw` is literal text; the tags around it are left out."""

    kind: Literal["text", "expression", "block", "comment"]
    source: str
    line: int


def expand(source: str, part: Part, partials: Mapping[str, str], first_line: int = 1) -> Expanded:
    """The source with every `{% include "name" %}` replaced by that partial. Without a loader there is
    nothing else that could be included."""
    whole = Expanded(source, part, first_line)
    if len(source) > SOURCE_LIMIT:
        raise whole.error(f"the {part} of a template is at most {SOURCE_LIMIT // 1024} KiB of source")
    if _INCLUDE.search(source) is None:
        return whole
    pieces: list[str] = []
    origins: list[tuple[str | None, int]] = [(None, first_line)]
    state = _Expansion(whole, partials, pieces, origins)
    state.put(source, None, first_line, ())
    return Expanded("".join(pieces), part, first_line, tuple(origins))


class _Expansion:
    def __init__(
        self,
        whole: Expanded,
        partials: Mapping[str, str],
        pieces: list[str],
        origins: list[tuple[str | None, int]],
    ) -> None:
        self.whole, self.partials, self.pieces, self.origins = whole, partials, pieces, origins
        self.size = 0

    def put(self, source: str, name: str | None, line: int, around: tuple[str, ...]) -> None:
        at = 0
        for found in _ONE_INCLUDE.finditer(source):
            line = self._text(source[at : found.start()], name, line)
            wanted = found[1][1:-1]
            inner = self.partials.get(wanted)
            if inner is None:
                known = ", ".join(sorted(self.partials)[:10]) or "there are none"
                raise self._error(f'there is no partial "{wanted}"', name, line, f"partials: {known}")
            if wanted in around or len(around) >= INCLUDE_DEPTH:
                raise self._error(f'partial "{wanted}" includes itself', name, line, None)
            # In HTML its last line ends, so that what follows has a line, and a place, of its own.
            self.put(
                inner if self.whole.part == "html" else inner.removesuffix("\n"), wanted, 1, (*around, wanted)
            )
            line += found[0].count("\n")
            at = found.end()
        self._text(source[at:], name, line)

    def _text(self, text: str, name: str | None, line: int) -> int:
        self.size += len(text)
        if self.size > SOURCE_LIMIT:
            raise self._error("the template is too large with what it includes", name, line, None)
        if text and (not self.pieces or self.pieces[-1].endswith("\n")):
            self.origins[-1] = (name, line)
        for number in range(1, text.count("\n") + 1):
            self.origins.append((name, line + number))
        if text:
            self.pieces.append(text)
        return line + text.count("\n")

    def _error(self, message: str, name: str | None, line: int, hint: str | None) -> Exception:
        return Expanded("", self.whole.part, 1, ((name, line),)).error(message, 1, hint=hint)


def segments(environment: Environment, source: Expanded) -> list[Segment]:
    """The source in pieces, in order. Constructs that are too many or too long are refused before
    anything parses them."""
    found: list[Segment] = []
    constructs = 0
    for segment in _assemble(environment.lex(source.text)):
        if segment.kind != "text":
            constructs += 1
            if len(segment.source) > CONSTRUCT_LENGTH and segment.kind != "comment":
                message = f"an expression is at most {CONSTRUCT_LENGTH:,} characters long"
                raise source.error(message, segment.line)
            if constructs > CONSTRUCTS_LIMIT:
                raise source.error(f"a template has at most {CONSTRUCTS_LIMIT:,} expressions", segment.line)
        found.append(segment)
    return found


def _assemble(tokens: Iterable[tuple[int, str, str]]) -> Iterable[Segment]:
    kind: Literal["text", "expression", "block", "comment"] = "text"
    pieces: list[str] = []
    start = 1
    for line, token, value in tokens:
        if token in _BEGINNINGS:
            kind, pieces, start = _BEGINNINGS[token], [value], line  # type: ignore[assignment]
        elif token in _ENDINGS:
            yield Segment(kind, "".join([*pieces, value]), start)
            kind = "text"
        elif kind != "text":
            pieces.append(value)
        elif token == "data":
            yield Segment("text", value, line)


def literal(text: str) -> str:
    """Source that gives this very text: braces are written as expressions, so none can open one."""
    return text.replace("{", '{{ "{" }}')

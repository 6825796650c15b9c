"""Where in the HTML each printed expression stands, so that it is written in a way that is safe there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ghl.engine.channels.html_tokens import Token, tokens
from ghl.engine.render.segments import Segment
from ghl.engine.render.source import Expanded

# Two private-use characters around a number stand for an expression while the HTML is cut into tokens.
_MARK = re.compile("\ue000([0-9]+)\ue001")
_PRIVATE = str.maketrans("", "", "\ue000\ue001")
_LINKS = {
    "href",
    "src",
    "action",
    "formaction",
    "background",
    "poster",
    "cite",
    "longdesc",
    "xlink:href",
    "data",
}
_REFUSED_INSIDE = {"script", "iframe", "noembed", "noframes", "xmp", "plaintext"}


def places(source: Expanded, pieces: Sequence[Segment]) -> list[str]:
    """`text`, `url` or `style` for each expression in order; places that no escaping makes safe are
    refused: scripts, event handlers, names of tags and attributes, attributes without quotes."""
    lines: list[int] = []
    html: list[str] = []
    for piece in pieces:
        if piece.kind == "text":
            html.append(piece.source.translate(_PRIVATE))
        elif piece.kind == "expression":
            html.append(f"\ue000{len(lines)}\ue001")
            lines.append(piece.line)
    found = ["text"] * len(lines)
    document = "".join(html)
    inside = ""
    for token in tokens(document):
        if _MARK.search(document, token.start, token.end):
            for number, place in _of_token(token, document, inside):
                if place in ("text", "url", "style"):
                    found[number] = place
                else:
                    raise source.error(f"a value cannot stand {place}", lines[number], hint=_HINTS.get(place))
        inside = token.data if token.kind == "open" else ""
    return found


_WITHIN_TAG = "among the attributes of a tag"
_UNQUOTED = "in an attribute without quotes"
_HINTS = {
    _UNQUOTED: '<a href="{{ link }}">',
    _WITHIN_TAG: "put it between quotes, or use if around the attribute",
}


def _of_token(token: Token, document: str, inside: str) -> Iterator[tuple[int, str]]:
    written = document[token.start : token.end]
    marks = [int(found[1]) for found in _MARK.finditer(written)]
    if token.kind == "text":
        for found in _MARK.finditer(written):
            yield int(found[1]), "in the name of a tag" if written.endswith("<", 0, found.start()) else "text"
    elif token.kind == "raw":
        place = (
            f"inside <{inside}>" if inside in _REFUSED_INSIDE else "style" if inside == "style" else "text"
        )
        yield from ((number, place) for number in marks)
    elif token.kind == "comment":
        broken = not written.startswith(("<!", "<?"))
        yield from ((number, "in a tag that is not closed" if broken else "text") for number in marks)
    elif _MARK.search(token.data):
        yield from ((number, "in the name of a tag") for number in marks)
    else:
        yield from _of_attributes(token, marks)


def _of_attributes(token: Token, marks: list[int]) -> Iterator[tuple[int, str]]:
    placed: dict[int, str] = {}
    for attribute in token.attributes:
        for found in _MARK.finditer(attribute.value):
            before = _MARK.sub("", attribute.value[: found.start()])
            if not attribute.quoted:
                place = _UNQUOTED
            elif attribute.name.startswith("on") or attribute.name in ("srcdoc", "srcset"):
                place = f"in the attribute {attribute.name}"
            elif attribute.name == "style":
                place = "style"
            elif attribute.name in _LINKS and not re.search(r"[/?#:]", before):
                place = "url"
            else:
                place = "text"
            placed[int(found[1])] = place
    for number in marks:
        yield number, placed.get(number, _WITHIN_TAG)

"""Templates made of templates: HTML from Markdown, a whole document from a fragment, text from HTML."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ghl.engine.channels.plaintext import plain_text
from ghl.engine.render.segments import Segment, literal
from ghl.engine.render.source import Expanded

_MARK = re.compile("\ue000([0-9]+)\ue001")
_PRIVATE = str.maketrans("", "", "\ue000\ue001")
_ALONE = re.compile("<p>((?:\\s*\ue000[0-9]+\ue001)+)\\s*</p>")
_ALONE_ON_LINE = re.compile("^[ \t]*((?:\ue000[0-9]+\ue001[ \t]*)+)$", re.MULTILINE)
_ENCODED = re.compile(r"%EE%80%80([0-9]+)%EE%80%81", re.IGNORECASE)
_WHOLE = re.compile(r"<(?:!doctype|html|body)\b", re.IGNORECASE)
_BODY = re.compile(r"<body\b[^>]*>", re.IGNORECASE)
# The text of these depends on whether their items appear, so it is made of the result.
_COUNTED = re.compile(r"<(?:ol|ul|table|pre)\b", re.IGNORECASE)
_LOOP = re.compile(r"\{%[-+]?\s*for\b")

_HEAD = (
    '<!DOCTYPE html><html><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1"></head>'
    '<body style="font-family: -apple-system, Segoe UI, Helvetica, Arial, sans-serif; font-size: 16px; '
    'line-height: 1.5; color: #222222; margin: 0 auto; padding: 24px; max-width: 600px">'
)
_FOOT = "</body></html>\n"
_HIDDEN = '<div style="display:none;max-height:0;overflow:hidden;mso-hide:all">{}</div>'


def _marked(pieces: Sequence[Segment]) -> tuple[str, list[Segment]]:
    """The literal text with a mark for each construct, and the constructs. An expression that stands
    twice has one mark, so that a link whose text is its address is known as one."""
    kept: list[Segment] = []
    numbers: dict[str, int] = {}
    marked: list[str] = []
    for piece in pieces:
        if piece.kind == "text":
            marked.append(piece.source.translate(_PRIVATE))
        elif piece.kind != "comment":
            number = len(kept) if piece.kind == "block" else numbers.setdefault(piece.source, len(kept))
            if number == len(kept):
                kept.append(piece)
            marked.append(f"\ue000{number}\ue001")
    return "".join(marked), kept


def _restored(text: str, kept: Sequence[Segment], source: Expanded) -> Expanded:
    """The constructs back in their places, each line with the place its construct came from; braces of
    the text itself stay text."""
    pieces: list[str] = []
    origins = [source.place(1)]
    at = 0
    for found in _MARK.finditer(text):
        before, number = text[at : found.start()], int(found[1])
        origins += [origins[-1]] * before.count("\n")
        pieces.append(literal(before))
        at = found.end()
        if number < len(kept):
            piece = kept[number]
            pieces.append(piece.source)
            origins[-1] = source.place(piece.line)
            origins += [source.place(piece.line + 1 + n) for n in range(piece.source.count("\n"))]
    rest = text[at:]
    origins += [origins[-1]] * rest.count("\n")
    return Expanded("".join([*pieces, literal(rest)]), "html", 1, tuple(origins))


def markdown_html(pieces: Sequence[Segment], source: Expanded) -> Expanded:
    """The HTML template of a Markdown template. Constructs are never read as Markdown; HTML in it stays HTML."""
    from markdown_it import MarkdownIt  # only where a template is Markdown

    text, kept = _marked(pieces)

    def blocks(marks: str) -> bool:
        return all(kept[int(number)].kind == "block" for number in _MARK.findall(marks))

    # An if or a for on a line of its own stands between paragraphs and lists, never within one.
    text = _ALONE_ON_LINE.sub(lambda found: f"\n{found[1]}\n" if blocks(found[1]) else found[0], text)
    converter = MarkdownIt("commonmark", {"html": True, "maxNesting": 20}).enable(["table", "strikethrough"])
    html: str = converter.render(text)
    # A mark in a link's address comes out percent-encoded; one alone in a paragraph is an if or a for.
    html = _ENCODED.sub("\ue000\\1\ue001", html)
    html = _ALONE.sub(lambda found: found[1] if blocks(found[1]) else found[0], html)
    return _restored(html, kept, source)


def mail_document(source: Expanded, preheader: str) -> Expanded:
    """A whole document, with the preheader hidden at its beginning. No line moves."""
    text = source.text
    shown = _HIDDEN.format(preheader.replace("\n", " ")) if preheader.strip() else ""
    lead = 0
    if _WHOLE.search(text) is None:
        text, lead = f"{_HEAD}{shown}{text}{_FOOT}", len(_HEAD) + len(shown)
    elif shown:
        body = _BODY.search(text)
        at = body.end() if body else 0
        text = text[:at] + shown + text[at:]
    return replace(source, text=text, lead=lead)


def text_template(pieces: Sequence[Segment], source: Expanded) -> Expanded | None:
    """The text template of an HTML template; None where only the result can be turned into text."""
    html, kept = _marked(pieces)
    blocks = [number for number, construct in enumerate(kept) if construct.kind == "block"]
    if any(_LOOP.match(kept[number].source) for number in blocks) or (blocks and _COUNTED.search(html)):
        return None
    # Blocks among a tag's attributes have no place in the text: then the result is turned into text.
    text = plain_text(html)
    left = [int(number) for number in _MARK.findall(text) if kept[int(number)].kind == "block"]
    return _restored(text, kept, source) if left == blocks else None

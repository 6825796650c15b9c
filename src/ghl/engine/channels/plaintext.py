"""HTML as the plain text a person would write for it: the text part of a mail."""

from __future__ import annotations

import re

from ghl.engine.channels.html_tokens import Token, tokens

_SKIPPED = {
    "script",
    "style",
    "title",
    "head",
    "template",
    "noscript",
    "iframe",
    "svg",
    "object",
    "textarea",
    "select",
}
_BLOCKS = {
    "address", "article", "aside", "body", "center", "div", "fieldset", "figure", "figcaption", "footer", "form",
    "header", "html", "main", "nav", "section", "table", "tbody", "thead", "tfoot", "tr", "dt", "dd", "caption",
}  # fmt: skip
_PARAGRAPHS = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "blockquote", "pre", "hr"}
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_WHITE = re.compile(r"[ \t\n\r\f]+")
_HIDDEN = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all", re.IGNORECASE)
_UNSHOWN = str.maketrans("", "", "\u00ad\u200b\u200c\u200d\u2060\ufeff\u034f")
_DEEPEST = 12


def plain_text(html: str, *, footnotes: bool = False) -> str:
    """The text of a document. A link is `text (address)`, or `text [1]` with the addresses at the end.

    Headings, lists, tables, quotations and preformatted text keep their shape; what is hidden by style,
    scripts and pictures without a description are left out. Lines are not wrapped.
    """
    writer = _Writer(footnotes)
    for token in tokens(html):
        writer.take(token)
    return writer.finish()


class _Writer:
    """The lines written so far and the state of the elements that are open."""

    def __init__(self, footnotes: bool) -> None:
        self.footnotes = footnotes
        self.addresses: dict[str, int] = {}
        self.lines: list[str] = []
        self.line = ""
        self.gap = False  # a space is due before the next word
        self.blank: int | None = None  # an empty line is due before the next text, inside so many prefixes
        self.prefixes: list[str] = []  # of quotations and list items, outermost first
        self.marker = ""  # the bullet of an item that has no text yet
        self.lists: list[int | None] = []  # the next number of each open list, None for bullets
        self.preformatted = 0
        self.hidden = ""  # the element whose inside is left out
        self.hidden_depth = 0
        self.link: tuple[str, int, int] | None = None
        self.row: list[str] | None = None
        self.heading = 0

    def take(self, token: Token) -> None:
        if self.hidden:
            self._within_hidden(token)
        elif token.kind == "text":
            self._text(token.data)
        elif token.kind == "open":
            self._open(token)
        elif token.kind == "close":
            self._close(token.data)

    def finish(self) -> str:
        if self.link is not None:
            self._end_link()
        self._break()
        if self.addresses:
            self.lines += [
                "",
                *(f"[{number}] {address}" for number, address in enumerate(self.addresses, start=1)),
            ]
        return "\n".join(self.lines).strip("\n") + "\n" if self.lines else ""

    def _within_hidden(self, token: Token) -> None:
        if token.data != self.hidden or token.kind not in ("open", "close"):
            return
        self.hidden_depth += 1 if token.kind == "open" else -1
        if self.hidden_depth == 0:
            self.hidden = ""

    def _open(self, token: Token) -> None:
        tag = token.data
        invisible = tag in _SKIPPED or any(
            one.name == "hidden" or (one.name == "style" and _HIDDEN.search(one.value))
            for one in token.attributes
        )
        if invisible:
            if tag not in _VOID:
                self.hidden, self.hidden_depth = tag, 1
        elif tag == "br":
            self._break(always=True)
        elif tag == "hr":
            self._paragraph()
            self._text("-" * 20)
            self._paragraph()
        elif tag == "img":
            self._text(token.get("alt"))
        elif tag == "a":
            self._end_link()
            self.link = (token.get("href").strip(), len(self.lines), len(self.line))
        elif tag in ("td", "th"):
            self._cell()
        elif tag == "li":
            self._item()
        else:
            self._open_block(token)

    def _open_block(self, token: Token) -> None:
        tag = token.data
        if tag in ("ul", "ol"):
            self._paragraph() if not self.lists else self._break()
            start = token.get("start")
            number = int(start) if start.isdecimal() and len(start) < 7 else 1
            self.lists.append(number if tag == "ol" else None)
            return
        if tag in _PARAGRAPHS:
            self._paragraph()
        elif tag in _BLOCKS:
            self._break()
        if tag == "blockquote" and len(self.prefixes) < _DEEPEST:
            self.prefixes.append("> ")
        elif tag == "pre":
            self.preformatted += 1
        elif tag == "tr":
            self.row = []
        elif tag in ("h1", "h2"):
            self.heading = len(self.lines) + 1

    def _close(self, tag: str) -> None:
        if tag == "a":
            self._end_link()
        elif tag in ("td", "th"):
            self.gap = False
        elif tag == "li":
            self._break()
        elif tag in ("ul", "ol"):
            self._break()
            if self.lists:
                self.lists.pop()
            if not self.lists:
                self._paragraph()
        elif tag in _PARAGRAPHS:
            self._close_paragraph(tag)
        elif tag in _BLOCKS:
            self._break()
            self.row = None if tag == "tr" else self.row

    def _close_paragraph(self, tag: str) -> None:
        # A private-use character stands for a value of unknown length.
        if tag in ("h1", "h2") and self.heading and self.line.strip() and "\ue000" not in self.line:
            underline = ("=" if tag == "h1" else "-") * min(len(self.line.strip()), 72)
            self._break()
            self.lines.append("".join(self.prefixes) + underline)
        self.heading = 0
        self._paragraph()
        if tag == "blockquote" and "> " in self.prefixes:
            del self.prefixes[len(self.prefixes) - 1 - self.prefixes[::-1].index("> ")]
        elif tag == "pre":
            self.preformatted = max(0, self.preformatted - 1)

    def _item(self) -> None:
        self._break()
        number = self.lists[-1] if self.lists else None
        if number is not None:
            self.lists[-1] = number + 1
        indent = "  " * min(max(0, len(self.lists) - 1), _DEEPEST)
        self.marker = f"{indent}{f'{number}.' if number is not None else '*'} "

    def _cell(self) -> None:
        """The cells of a row on one line, two spaces between those that hold something."""
        if self.row is None:
            self._break()
        elif self.line.strip():
            self.line = self.line.rstrip() + "  "
        self.gap = False

    def _text(self, text: str) -> None:
        text = text.translate(_UNSHOWN)
        if self.preformatted:
            first, *others = text.replace("\r\n", "\n").split("\n")
            self._write(first)
            for other in others:
                self._break(always=True)
                self._write(other)
            return
        words = _WHITE.sub(" ", text)
        if words in ("", " "):
            self.gap = self.gap or bool(words)
            return
        space = " " if (self.gap or words[0] == " ") and self.line and not self.line.endswith(" ") else ""
        self._write(space + words.strip(" ").replace("\u00a0", " "))
        self.gap = words[-1] == " "

    def _write(self, text: str) -> None:
        if not text:
            return
        if self.blank is not None and self.lines and not self.line:
            self.lines.append("".join(self.prefixes[: self.blank]).rstrip())
        self.blank = None
        if not self.line and self.marker:
            text, self.marker = self.marker + text, ""
        self.line += text

    def _break(self, always: bool = False) -> None:
        """End the line if it holds anything; a `<br>` ends it anyway."""
        if self.line.strip() or (always and self.lines):
            self.lines.append(("".join(self.prefixes) + self.line).rstrip())
        self.line, self.gap = "", False

    def _paragraph(self) -> None:
        self._break()
        if not self.marker:
            depth = len(self.prefixes)
            self.blank = depth if self.blank is None else min(self.blank, depth)

    def _end_link(self) -> None:
        if self.link is None:
            return
        address, line, column = self.link
        self.link = None
        written = self.line[column:] if line == len(self.lines) else " ".join([*self.lines[line:], self.line])
        shown, bare = written.strip(), re.sub(r"^(?:mailto:|tel:)", "", address)
        if not address or address.startswith("#") or shown in (address, bare):
            return
        if not shown:
            self._text(f" {bare} ")
        elif self.footnotes:
            self._write(f" [{self.addresses.setdefault(address, len(self.addresses) + 1)}]")
        else:
            self._write(f" ({bare})")

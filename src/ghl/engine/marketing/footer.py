"""What marketing mail must have: a postal address and a way to leave, added where a template lacks them."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ghl.engine.render import Rendered

_END = re.compile(r"</body\s*>", re.IGNORECASE)
_STYLE = "margin:24px 0 0;font-size:12px;line-height:1.5;color:#6b7280"


def completed(rendered: Rendered, *, leave: str, postal_address: str) -> Rendered:
    """The message with a footer that has what its text does not say; the same where nothing is missing.

    `leave` is an address of the web or of mail.
    """
    from ghl.engine.render import Rendered  # where mail is sent

    html, text = rendered.html, rendered.text
    target = leave if "://" in leave else f"mailto:{leave}?subject=unsubscribe"
    if html:
        pieces = []
        if postal_address and _flat(postal_address) not in _flat(re.sub(r"<[^>]*>", " ", html)):
            pieces.append(escape(" · ".join(postal_address.split("\n"))))
        if leave and escape(target) not in html and escape(leave) not in html:
            pieces.append(f'<a href="{escape(target)}">Unsubscribe</a>')
        if pieces:
            footer = f'<p style="{_STYLE}">{"<br>".join(pieces)}</p>'
            ends = [found.start() for found in _END.finditer(html)]
            at = ends[-1] if ends else len(html)
            html = f"{html[:at]}{footer}{html[at:]}"
    lines = []
    if postal_address and _flat(postal_address) not in _flat(text):
        lines.append(postal_address.strip())
    if leave and leave not in text:
        lines.append(f"Unsubscribe: {target}")
    if lines:
        text = "{}\n\n-- \n{}\n".format(text.rstrip("\n"), "\n".join(lines))
    if (html, text) == (rendered.html, rendered.text):
        return rendered
    return Rendered.of(rendered.subject, html, text)


def _flat(text: str) -> str:
    """A text without what two spellings of an address differ in."""
    return re.sub(r"[\W_]+", "", text).casefold()

"""What is rendered and what comes out: template sources, results, references, limits."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from ghl.errors import TemplateError

Part = Literal["subject", "preheader", "html", "text", "value"]

SOURCE_LIMIT = 256 * 1024  # characters of one part, with what it includes
MARKDOWN_LIMIT = 24 * 1024  # characters of Markdown, which takes longer to read
OUTPUT_LIMIT = 1024 * 1024  # bytes of everything that one rendering gives
MEMORY_LIMIT = 256 * 1024 * 1024  # bytes of a child process
DEADLINE = 2.0  # seconds for one rendering


@dataclass(frozen=True, slots=True)
class TemplateSource:
    """A message template. The body is `html` or `markdown`; `text` alone makes a message without HTML.

    Where there is HTML and no `text`, the text part is made from the HTML. `partials` are the templates
    that `{% include "name" %}` may name, as (name, source) pairs: HTML or text by where they stand.
    `body_line` is the line of the file on which the body begins, so that errors name the file's lines.
    """

    subject: str = ""
    html: str = ""
    text: str = ""
    markdown: str = ""
    preheader: str = ""
    name: str = "template"
    partials: tuple[tuple[str, str], ...] = ()
    body_line: int = 1

    @classmethod
    def of_body(
        cls,
        subject: str,
        body: str,
        format: Literal["html", "markdown", "text"] = "html",
        *,
        name: str = "template",
        preheader: str = "",
        partials: Mapping[str, str] | None = None,
        body_line: int = 1,
    ) -> TemplateSource:
        """The source of a template that has one body in the format its file's ending says."""
        return cls(
            subject=subject,
            html=body if format == "html" else "",
            markdown=body if format == "markdown" else "",
            text=body if format == "text" else "",
            preheader=preheader,
            name=name,
            partials=tuple(sorted((partials or {}).items())),
            body_line=body_line,
        )


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message for one person. `html` is "" where the template has none; `subject` is one line."""

    subject: str
    html: str
    text: str
    hash: str
    """SHA-256 over the three, in hexadecimal: the same message has the same hash."""

    @classmethod
    def of(cls, subject: str, html: str, text: str) -> Rendered:
        digest = sha256()
        for part in (subject, html, text):
            data = part.encode("utf-8", "surrogatepass")
            digest.update(len(data).to_bytes(8, "big") + data)
        return cls(subject, html, text, digest.hexdigest())


@dataclass(frozen=True, slots=True)
class Reference:
    """A value that a template uses. `path` has dots and `[]` for each item: `deal.lines[].name`.

    `optional` says that the template copes without it (`default`, `is defined`).
    """

    path: str
    line: int
    part: Part
    optional: bool = False
    template: str | None = None
    """The partial in which it stands; None for the template itself."""
    column: int | None = None


@dataclass(frozen=True, slots=True)
class Expanded:
    """The source of one part with its partials put in, and where each of its lines comes from.

    `lead` characters at the beginning were put before what the author wrote. A text that was made of others
    has its lines by `origins`, and no columns.
    """

    text: str
    part: Part
    first_line: int = 1
    origins: tuple[tuple[str | None, int], ...] | None = None
    lead: int = 0

    def place(self, line: int) -> tuple[str | None, int]:
        """The partial (None for the template itself) and the line in it."""
        if self.origins is None:
            return None, line + self.first_line - 1
        return self.origins[min(max(line, 1), len(self.origins)) - 1]

    def column(self, line: int, word: str | None = None) -> int | None:
        """Where a word stands in a line of the text; without one, where the line's only expression begins."""
        if self.origins is not None or line < 1:
            return None
        written = self.text.split("\n", line)[line - 1 : line]
        author = written[0][self.lead if line == 1 else 0 :] if written else ""
        if word is not None:
            found = re.search(rf"(?<![\w.]){re.escape(word)}(?!\w)", author)
            if found is not None:
                return found.start() + 1
        if author.count("{{") + author.count("{%") != 1:
            return None
        return max(author.find("{{"), author.find("{%")) + 1

    def error(
        self,
        message: str,
        line: int = 1,
        *,
        hint: str | None = None,
        word: str | None = None,
        **details: str,
    ) -> TemplateError:
        """The error of this part at a line of the expanded text, and at a word of it where one is to blame."""
        template, number = self.place(line)
        column = self.column(line, word)
        return TemplateError(
            message, hint=hint, field=self.part, line=number, column=column, template=template, **details
        )

"""Where a mistake of a template is, in words: the line of its file, or the part and the line in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ghl.errors import TemplateError

_WORDS = {"html": "the HTML", "text": "the text", "markdown": "the Markdown", "subject": "the subject"}


def placed(error: TemplateError, origin: Mapping[str, Any] | None, *, markdown: bool = False) -> TemplateError:
    """The error with its place in front of its message. `origin` is what the template's file was."""
    line, column, part = error.details.get("line"), error.details.get("column"), error.field
    if line is None or part not in _WORDS or error.details.get("template") or "file" in error.details:
        return error
    details = dict(error.details)
    if part == "html" and markdown:
        part = "markdown"
    if origin:
        if part == "subject":  # it has one line, which stands in the front matter
            line = origin["subject_line"]
            column = origin["subject_column"] + column - 1 if column else origin["subject_column"]
        place = f"{origin['file']}:{line}:{column}" if column else f"{origin['file']}:{line}"
        details |= {"file": origin["file"], "line": line, "column": column}
        message = f"{place}  {error.message}"
    else:
        where = _WORDS[part] if part == "subject" else f"{_WORDS[part]}, line {line}"
        message = f"{where}: {error.message}"
    return TemplateError(message, hint=error.hint, field=part, **details)

"""Template files for faces: from a file's text to the fields of a template."""

from __future__ import annotations

from typing import Any


def fields_of_file(content: bytes, file: str) -> dict[str, Any]:
    """The fields of `templates.upsert` from a template file. DefinitionError has file, line and column."""
    from ghl.engine.workflows.template_files import read_template  # the format lives with the definitions

    found = read_template(content, file)
    fields: dict[str, Any] = {"name": found.name, "subject": found.subject, "kind": found.kind}
    return fields | ({"html": found.body} if found.format == "html" else {"body": found.body})

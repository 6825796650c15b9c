"""View files for faces: from a file's text to the fields of a saved view, and back."""

from __future__ import annotations

from typing import Any

from ghl.sdk.crm.views import View
from ghl.sdk.names import fold

KEPT = ("noun", "where", "sort", "columns")


def fields_of_file(content: bytes, file: str) -> dict[str, Any]:
    """The fields of `views.upsert` from a file. DefinitionError has file, line and column."""
    from ghl.engine.workflows.document import Document  # the format lives with the definitions
    from ghl.engine.workflows.settings_files import read_view

    found = read_view(Document(content, file))
    return {"name": found.view} | {name: getattr(found, name) for name in KEPT}


def text_of(view: View) -> str:
    """A view as the text of its file."""
    from ghl.engine.workflows.document import dump  # the format lives with the definitions

    values = {name: getattr(view, name) for name in KEPT}
    return dump({"view": view.name} | {name: value for name, value in values.items() if value})


def file_of(view: View) -> str:
    """The name of a view's file: `contacts-hot-leads.yaml`."""
    words = "".join(c if c.isalnum() else " " for c in fold(view.name)).split()
    return f"{'-'.join([view.noun, *(words or [view.id[-6:]])])}.yaml"

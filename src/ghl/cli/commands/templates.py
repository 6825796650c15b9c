"""Verbs of templates that read files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ghl.cli import perform
from ghl.cli.context import current
from ghl.errors import NotFound


def apply(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Template files: front matter with the subject, then the body")],
) -> None:
    """Create or change templates from files, all of them or none."""
    from ghl.templates import fields_of_file  # file formats, for this verb only

    context = current()
    items = []
    for file in files:
        try:
            items.append({"templates.upsert": fields_of_file(Path(file).read_bytes(), file)})
        except OSError as error:
            raise NotFound(f"{file} cannot be read: {error.strerror}") from None
    result = context.crm.run_batch(items=items)
    for item in result.items:
        context.say(f"{item.result['name']}: version {item.result['number']}")
    perform.told(context, result)


VERBS = {"apply": apply}

"""Verbs of templates that read files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ghl.cli import perform
from ghl.cli.context import current
from ghl.cli.output import rows_out, write_json
from ghl.cli.reading import text_of
from ghl.errors import NotFound


def apply(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Template files, or folders of them: .html, .md and .txt")],
) -> None:
    """Create or change templates from files, all of them or none.

    A file begins with its subject between two lines of ---, and the body follows.
    """
    context = current()
    found = [path for file in files for path in _files(Path(file))]
    items = [{"templates.apply": {"source": text_of(str(path)), "file": str(path)}} for path in found]
    result = context.crm.run_batch(items=items)
    rows = [item.result for item in result.items]
    if context.format == "json":
        write_json({"items": rows})
    else:
        names = context.fields or ["id", "name", "kind", "subject", "number", "file"]
        rows_out(context, rows, names, names)
    perform.told(context, result)


def _files(path: Path) -> list[Path]:
    """The template files of a folder; a file is itself."""
    if not path.is_dir():
        return [path]
    found = sorted(one for one in path.rglob("*") if one.suffix.lower() in ENDINGS and not one.name.startswith("."))
    if not found:
        raise NotFound(f"{path} holds no template files", hint=f"endings: {', '.join(ENDINGS)}")
    return found


ENDINGS = (".html", ".htm", ".md", ".markdown", ".txt")
VERBS = {"apply": apply}

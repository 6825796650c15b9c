"""Saved views as files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ghl.cli import perform
from ghl.cli.context import current
from ghl.cli.words import counted
from ghl.errors import Conflict, NotFound


def apply(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="View files (YAML)", show_default=False)],
) -> None:
    """Save views from files, all of them or none; one of the same name and noun is changed."""
    from ghl.views import fields_of_file  # file formats, for this verb only

    context = current()
    items = []
    for file in files:
        try:
            items.append({"views.upsert": fields_of_file(Path(file).read_bytes(), file)})
        except OSError as error:
            raise NotFound(f"{file} cannot be read: {error.strerror}") from None
    result = context.crm.run_batch(items=items)
    for item in result.items:
        context.say(f"{item.result['noun']}: {item.result['name']}")
    perform.told(context, result)


def export(
    folder: Annotated[str, typer.Argument(metavar="[FOLDER]", help="Where to")] = "views",
    noun: Annotated[str | None, typer.Option("--noun", metavar="NOUN", help="Only views of this noun")] = None,
) -> None:
    """Write every view as a file of its own, for `ghl views apply`."""
    from ghl.views import file_of, text_of  # file formats, for this verb only

    context = current()
    written: dict[str, str] = {}
    for view in context.crm.views.list(noun=noun, page_size=100):  # type: ignore[arg-type]
        name = file_of(view)
        written[name if name not in written else f"{view.id[-6:]}-{name}"] = text_of(view)
    target = Path(folder)
    taken = [name for name in written if (target / name).exists()]
    if taken:
        context.confirm(f"replace {len(taken)} files in {folder}")
    try:
        target.mkdir(parents=True, exist_ok=True)
        for name, text in written.items():
            (target / name).write_text(text, "utf-8", newline="\n")
    except OSError as error:
        raise Conflict(f"{folder} cannot be written: {error.strerror or error}") from None
    context.say(f"{counted(len(written), 'view')} in {folder}")


VERBS = {"apply": apply, "export": export}

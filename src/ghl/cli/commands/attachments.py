"""Files kept with a contact: put there and taken back as files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ghl.cli import perform
from ghl.cli.context import UsageError, current
from ghl.errors import NotFound
from ghl.sdk.sizes import size


def add(
    contact: Annotated[str, typer.Argument(metavar="CONTACT", help="Whose it is", show_default=False)],
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="The file", show_default=False)],
    name: Annotated[str | None, typer.Option("--name", metavar="TEXT", help="Another name than the file's")] = None,
    content_type: Annotated[str | None, typer.Option("--content-type", metavar="TEXT", help="Such as image/png; guessed from the name")] = None,
) -> None:
    """Keep a file with a contact: at most 10 MiB, and 100 MiB for each contact."""
    import mimetypes  # for files only

    context = current()
    if file == "-" and name is None:
        raise UsageError("--name is missing: what comes from stdin has none")
    try:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise NotFound(f"{file} cannot be read: {error.strerror or error}") from None
    called = name or Path(file).name
    result = context.crm.attachments.create(
        contact_id=contact, name=called, content=content,
        content_type=content_type or mimetypes.guess_type(called)[0],
    )  # fmt: skip
    perform.show(context, "attachments", result)
    perform.told(context, result)


def download(
    attachment: Annotated[str, typer.Argument(metavar="ATTACHMENT", help="Its id", show_default=False)],
    file: Annotated[str | None, typer.Argument(metavar="[FILE|-]", help="Where to; its own name in this folder if left out", show_default=False)] = None,
) -> None:
    """Write an attachment's content to a file, or to stdout for -."""
    context = current()
    found = context.crm.attachments.download(attachment_id=attachment)
    content = found.content
    if file == "-":
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        return
    path = Path(file) if file else Path(Path(found.name).name)
    if path.is_dir():
        path = path / Path(found.name).name
    if path.exists():
        context.confirm(f"replace {path}", hint=f"another name: ghl attachments download {attachment} NAME")
    try:
        path.write_bytes(content)
    except OSError as error:
        raise NotFound(f"{path} cannot be written: {error.strerror or error}") from None
    context.say(f"{path}  {size(len(content))}")


VERBS = {"add": add, "download": download}

"""`ghl undo`, `ghl redo`, `ghl history`: taking back, and looking back."""

from __future__ import annotations

from typing import Annotated

import typer

from ghl.cli import perform
from ghl.cli.context import UsageError, current
from ghl.cli.views import changes as view


def undo(
    change_set: Annotated[int | None, typer.Argument(metavar="[CHANGE_SET]", help="Your latest one if left out")] = None,
    with_dependents: Annotated[bool, typer.Option("--with-dependents", help="Undo later sets in the way too")] = False,
) -> None:
    """Take back a change set: every field that still has the value it wrote."""
    context = current()
    dry = context.with_dry_run().undo(change_set_id=change_set, with_dependents=with_dependents)
    if not context.dry_run and context.terminal and not context.yes and not context.plan:
        view.undone(context, dry)
        context.confirm("undo it")
    if context.dry_run:
        view.undone(context, dry)
        return
    result = context.crm.undo(change_set_id=change_set, with_dependents=with_dependents)
    perform.show(context, "", result)
    if not result.undone:
        context.say("nothing was undone")


def redo(
    change_set: Annotated[int | None, typer.Argument(metavar="[CHANGE_SET]", help="Your latest undo if left out")] = None,
) -> None:
    """Take back an undo."""
    context = current()
    perform.show(context, "", context.crm.redo(change_set_id=change_set))


def history(
    record: Annotated[str | None, typer.Argument(metavar="[RECORD]", help="A reference; change sets if left out")] = None,
    noun: Annotated[str, typer.Option("--noun", help="What the record is")] = "contact",
    limit: Annotated[int, typer.Option("--limit", min=1, max=100)] = 20,
) -> None:
    """The changes of a record, newest first; without one, the change sets."""
    context = current()
    if record is None:
        perform.show(context, "changes", context.crm.changes.list(page_size=limit))
        return
    if noun.endswith("s"):
        raise UsageError("--noun takes the singular", hint="--noun deal")
    page = context.crm.changes.history(noun=noun, record_id=record, page_size=limit)
    if context.shape in ("table", "tsv"):
        for change in page.items:
            view.line(context, change)
    else:
        perform.show(context, "changes", page)

"""`ghl undo`, `ghl redo`, `ghl history`: taking back, and looking back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ghl import nouns
from ghl.cli import perform
from ghl.cli.context import current
from ghl.cli.views import changes as view

if TYPE_CHECKING:
    from ghl.cli.context import Context


def undo(
    change_set: Annotated[int | None, typer.Argument(metavar="[CHANGE_SET]", help="Your latest one if left out")] = None,
    with_dependents: Annotated[bool, typer.Option("--with-dependents", help="Undo later sets in the way too")] = False,
) -> None:
    """Take back a change set: every field that still has the value it wrote."""
    context = current()
    if context.dry_run or (context.terminal and not context.yes and not context.plan):
        dry = context.with_dry_run().undo(change_set_id=change_set, with_dependents=with_dependents)
        _heading(context, dry.undoes)
        perform.show(context, "", dry)
        if context.dry_run:
            context.say(f"dry run: nothing was changed.   plan {dry.digest}")
            return
        context.confirm("undo it")
    result = context.crm.undo(change_set_id=change_set, with_dependents=with_dependents)
    perform.show(context, "", result)
    _back(context, result)


def _heading(context: Context, change_set: int | None) -> None:
    """Which change set it is about: who made it, when, and with what."""
    if change_set is not None and context.prose:
        context.say(view.heading(context, context.crm.changes.show(change_set_id=change_set)))


def _back(context: Context, result: Any) -> None:
    if result.change_set:
        context.say(f"change set {result.change_set}.  Back again with: ghl redo {result.change_set}")


def redo(
    change_set: Annotated[int | None, typer.Argument(metavar="[CHANGE_SET]", help="Your latest undo if left out")] = None,
) -> None:
    """Take back an undo."""
    context = current()
    result = context.crm.redo(change_set_id=change_set)
    if context.prose:
        # In the words of what is in force again, not of the undo that was taken back.
        view.undone(context, result.model_copy(update={"counts": context.transport.outcome.counts}), "redone")
    else:
        perform.show(context, "", result)
    if context.dry_run:
        context.say(f"dry run: nothing was changed.   plan {result.digest}")
    elif result.change_set:
        context.say(f"change set {result.change_set}.  Undo with: ghl undo {result.change_set}")


def history(
    record: Annotated[str | None, typer.Argument(metavar="[RECORD]", help="A reference; change sets if left out")] = None,
    noun: Annotated[str, typer.Option("--noun", help="What the record is")] = "contact",
    page: Annotated[int | None, typer.Option("--page", min=1, metavar="N", help="Number of the page, from 1")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=100, metavar="N", help="At most so many")] = 20,
) -> None:
    """The changes of a record, newest first; without one, the change sets."""
    context = current()
    if record is None:
        perform.show(context, "changes", context.crm.changes.list(page=page, page_size=limit), limit=limit)
        return
    singular = next((one.singular for one in nouns.NOUNS.values() if noun in (one.name, one.singular)), noun)
    found = context.crm.changes.history(noun=singular, record_id=record, page=page, page_size=limit)
    if context.prose:
        view.history(context, found.items)
        perform.more(context, found, len(found.items), limit)
    else:
        perform.show(context, "changes", found, limit=limit)
    if found.items and found.next_cursor is None and found.items[-1].kind != "created":
        context.say("what was before is no longer kept: ghl settings show")

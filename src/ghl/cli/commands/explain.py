"""`ghl explain`: why something happened, or did not."""

from __future__ import annotations

from typing import Annotated

import typer

from ghl.cli import perform
from ghl.cli.context import UsageError, current


def explain(
    what: Annotated[str, typer.Argument(metavar="message", help="What to explain")],
    reference: Annotated[str | None, typer.Argument(metavar="[ID]", help="The message")] = None,
    contact: Annotated[str | None, typer.Option("--contact", help="Everything about this contact")] = None,
    workflow: Annotated[str | None, typer.Option("--workflow", help="Only what this workflow sent")] = None,
) -> None:
    """Why a message was sent, or why not, from the ledger."""
    context = current()
    if what not in ("message", "messages"):
        raise UsageError(f'"{what}" cannot be explained yet', hint="ghl explain message ID   or --contact X")
    found = context.crm.messages.explain(message_id=reference, contact_id=contact, workflow_id=workflow)
    if not found and not context.json:
        context.say("no message was ever queued for this contact")
    perform.show(context, "messages", found)

"""`ghl today`: what waits for you."""

from __future__ import annotations

from typing import Annotated

import typer

from ghl.cli import perform
from ghl.cli.context import current


def today(
    owner: Annotated[str | None, typer.Option("--owner", help="Only what belongs to this user")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=500, metavar="N", help="At most so many")] = 50,
) -> None:
    """Overdue tasks, tasks of today, open deals with nothing planned, and what waits for a person."""
    context = current()
    perform.show(context, "", context.crm.today(owner=owner, limit=limit))

"""Verbs of workflows that read files."""

from __future__ import annotations

from typing import Annotated

import typer

from ghl.cli import perform
from ghl.cli.context import current
from ghl.cli.reading import text_of


def apply(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="A workflow file (YAML)")],
    waiting: Annotated[str, typer.Option("--waiting", help="People inside: keep, migrate, restart or exit")] = "keep",
    activate: Annotated[bool, typer.Option("--activate", help="Whatever the file says of its status")] = False,
) -> None:
    """Put a workflow file into force: a new workflow, or a new version of the one with its name."""
    context = current()
    source = text_of(file)
    result = context.crm.workflows.apply(source=source, file=file, waiting=waiting)  # type: ignore[arg-type]
    if activate and result.workflow.status != "active" and not context.dry_run:
        result.workflow = context.crm.workflows.activate(workflow_id=result.workflow.id)
    perform.show(context, "workflows", result)
    perform.told(context, result)


VERBS = {"apply": apply}

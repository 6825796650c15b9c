"""Boards and reports of pipelines, whose name may be left out where there is only one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ghl.cli import perform
from ghl.cli.context import UsageError, current
from ghl.errors import NotFound

if TYPE_CHECKING:
    from ghl.cli.context import Context

PIPELINE = typer.Argument(metavar="[PIPELINE]", help="Its name or id; may be left out where there is only one", show_default=False)


def only(context: Context, named: str | None) -> str:
    """The pipeline that is meant."""
    if named is not None:
        return named
    known = [pipeline.name for pipeline in context.crm.pipelines.list(page_size=100).items]
    if not known:
        raise NotFound("there is no pipeline yet", hint="ghl pipelines add Sales")
    if len(known) > 1:
        raise UsageError("say which pipeline", hint=", ".join(known))
    return known[0]


def board(
    pipeline: Annotated[str | None, PIPELINE] = None,
    owner: Annotated[str | None, typer.Option("--owner", metavar="USER", help="Only deals of this user")] = None,
    contact: Annotated[str | None, typer.Option("--contact", metavar="CONTACT", help="Only with this person")] = None,
    cards: Annotated[int, typer.Option("--cards", min=0, max=100, metavar="N", help="Deals shown per stage")] = 10,
) -> None:
    """Draw a pipeline: each stage with count, sums and its biggest deals."""
    context = current()
    name = only(context, pipeline)
    result = context.crm.pipelines.board(pipeline_id=name, owner_id=owner, contact_id=contact, cards=cards)
    perform.show(context, "pipelines", result)


def report(
    pipeline: Annotated[str | None, PIPELINE] = None,
    since: Annotated[str | None, typer.Option("--since", metavar="WHEN", help="Only deals opened then or later")] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="WHEN", help="Only deals opened before")] = None,
    owner: Annotated[str | None, typer.Option("--owner", metavar="USER", help="Only deals of this user")] = None,
    stale_days: Annotated[int | None, typer.Option("--stale-days", min=1, metavar="N", help="Days in a stage; else the pipeline's own")] = None,
) -> None:
    """Report conversion and velocity by stage, stale deals, weighted forecast and win rate."""
    context = current()
    name = only(context, pipeline)
    result = context.crm.pipelines.report(
        pipeline_id=name, since=since, until=until, owner_id=owner, stale_days=stale_days
    )
    perform.show(context, "pipelines", result)


VERBS = {"board": board, "report": report}

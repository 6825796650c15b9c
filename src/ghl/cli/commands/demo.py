"""`ghl demo`: a file with sample data, two weeks of a worker's life, and what came of it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ghl.cli.context import UsageError, current
from ghl.errors import Conflict, Invalid

if TYPE_CHECKING:
    from ghl.cli.context import Context
    from ghl.sample.playing import Played
    from ghl.sample.recipients import Recipients
    from ghl.sdk.client import Client

Row = tuple[str, str]
COUNTED = ("contacts", "companies", "pipelines", "deals", "workflows")


def demo(
    file: Annotated[str, typer.Argument(metavar="[FILE]", help="The new file")] = "demo.db",
    contacts: Annotated[int, typer.Option(min=10, max=20_000, metavar="N", help="How many people")] = 2000,
    seed: Annotated[int, typer.Option(metavar="N", help="Another number makes other people")] = 1,
    outbox: Annotated[str | None, typer.Option(metavar="FOLDER", help="Where mail goes; outbox beside the file if left out")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file made by an earlier demo")] = False,
) -> None:
    """Make a file with sample data and let two weeks pass: workflows run, and mail goes to a folder."""
    from ghl.sample.playing import play  # the engine and a worker, for this command only

    context = current()
    if context.dry_run:
        raise UsageError("demo has nothing to show beforehand", hint="ghl demo trial.db")
    if "://" in file:
        raise Invalid("demo makes a file", hint="ghl demo demo.db")
    folder = outbox or str(Path(file).resolve().parent / "outbox")
    _make_room(Path(file), Path(folder), force)
    played = play(file, folder, seed=seed, contacts=contacts, say=context.say)
    _tell(context, file, folder, played)


def _make_room(file: Path, outbox: Path, force: bool) -> None:
    """Nothing that may be somebody's is overwritten."""
    if file.exists() and not force:
        raise Conflict(f"{file} exists already; nothing was changed", hint="another name, or --force")
    if file.exists() and not _is_demo(file):
        raise Invalid(f"{file} was not made by an earlier demo; nothing was changed", hint="ghl demo trial.db")
    if file.exists():
        for one in (file, *(file.with_name(file.name + end) for end in ("-wal", "-shm", "-journal"))):
            one.unlink(missing_ok=True)
        for mail in outbox.glob("*.eml"):
            mail.unlink()


def _is_demo(file: Path) -> bool:
    import ghl
    from ghl.errors import GhlError

    try:
        with ghl.connect(file) as crm:
            return crm.settings.show().name == "Norte" and crm.contacts.list(search="maria alves", page_size=1).total != 0
    except GhlError:
        return False


def _tell(context: Context, file: str, folder: str, played: Played) -> None:
    """What is there now, and what to type next."""
    import ghl

    with ghl.connect(file) as crm:
        parts = [_head(crm, file, folder, played), [*_boards(crm), *_workflows(crm)], [_mail(played), *_people(played)]]
    width = max(len(label) for part in parts for label, _ in part) + 2
    out = [line for part in parts for line in [*(f"{label:<{width}}{text}" for label, text in part), ""]]
    shown = f'"{file}"' if " " in file else file
    out += [
        "Try next",
        f"  ghl --db {shown} contacts list --where '\"lead\" in tags && city == \"Lisbon\"'",
        f"  ghl --db {shown} explain message --contact maria.alves@example.com",
        f"  ghl --db {shown} pipelines board Sales",
        f"  ghl --db {shown} workflows show welcome",
        f"  ghl --db {shown} undo --dry-run",
    ]
    sys.stdout.write("\n".join(out) + "\n")


def _head(crm: Client, file: str, folder: str, played: Played) -> list[Row]:
    n = {noun: f"{getattr(crm, noun).list(page=1, page_size=1).total:,}" for noun in COUNTED}
    made = f"{n['contacts']} contacts, {n['companies']} companies, {n['pipelines']} pipelines with {n['deals']} deals"
    work = f"{played.days} virtual days in {played.seconds:.1f} s: {played.enrolled:,} enrollments, {played.work.steps:,} steps"
    return [
        (file, f"{made}, {n['workflows']} workflows"),
        ("worker", f"{work}, {played.work.mail.sent:,} messages to {_near(folder)}"),
    ]


def _near(folder: str) -> str:
    path = Path(folder)
    return f"./{path.relative_to(Path.cwd())}" if path.is_relative_to(Path.cwd()) else folder


def _boards(crm: Client) -> list[Row]:
    from ghl.sdk.amounts import compact

    rows = []
    for pipeline in sorted(crm.pipelines.list().items, key=lambda one: (one.position, one.created_at, one.id)):
        board = crm.pipelines.board(pipeline_id=pipeline.id, cards=0)
        parts = [(stage.name, stage.count, stage.amounts) for stage in board.columns]
        parts += [(end.status.capitalize(), end.count, end.amounts if end.status == "won" else []) for end in board.endings]
        rows.append((pipeline.name, " │ ".join(" ".join([name, f"{n:,}", *map(compact, amounts)]) for name, n, amounts in parts if n)))
    return rows


def _workflows(crm: Client) -> list[Row]:
    rows = []
    for workflow in sorted(crm.workflows.list().items, key=lambda one: one.name, reverse=True):
        counts = crm.workflows.get(workflow_id=workflow.id).counts
        parts = [f"entered {sum(counts.values()):,}", *(f"{name} {n:,}" for name, n in counts.items() if n)]
        rows.append((workflow.name, " · ".join(parts)))
    return rows


def _mail(played: Played) -> Row:
    mail = played.work.mail
    return "messages", f"sent {mail.sent:,} · skipped {mail.skipped:,}"


def _people(played: Played) -> list[Row]:
    return [("", f"{one.what} {_counted(one)}: {_listed(one)}") for one in played.recipients]


def _counted(one: Recipients) -> str:
    return f"{one.messages:,}" if one.messages == one.people else f"{one.messages:,}, {one.people:,} people"


def _listed(one: Recipients) -> str:
    rest = one.people - len(one.names)
    return ", ".join(one.names) + (f" and {rest:,} more" if rest else "")

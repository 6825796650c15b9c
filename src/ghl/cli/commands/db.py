"""`ghl db`: the file itself."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from ghl.cli import output
from ghl.cli.context import UsageError, current
from ghl.errors import Damaged, Invalid
from ghl.sdk.sizes import size


def _target() -> str:
    from ghl.profiles import resolve

    target = resolve(current().target)
    if target.startswith(("http://", "https://")):
        raise Invalid("`ghl db` works on a file or PostgreSQL, not on a server", hint="run it where the database is")
    return target


def _open(*, migrate: bool = True) -> Any:
    from ghl.connect import open_database

    return open_database(_target(), migrate=migrate)


def backup(file: Annotated[str, typer.Argument(metavar="FILE", help="Where the copy goes")]) -> None:
    """Copy the live file, complete and consistent, while others work on it."""
    from ghl.engine.db.backup import backup as copy

    database = _open()
    try:
        path = copy(database, file)
    finally:
        database.close()
    current().say(f"{path}  {size(path.stat().st_size)}; a copy holds its outgoing mail until: ghl db adopt")


def restore(file: Annotated[str, typer.Argument(metavar="BACKUP", help="The backup, which is checked first")]) -> None:
    """Put a checked backup in the place of the database; the old file is kept beside it."""
    from ghl.engine.db.backup import restore as put

    context = current()
    target = _target()
    if Path(target).exists():
        context.confirm(f"replace {target} by {file}", hint=f"ghl --db {file} db check   looks at the backup first")
    put(file, target, overwrite=True)
    context.say(f"{target} is the backup now; outgoing mail is held until: ghl db adopt")


def adopt() -> None:
    """Say that this copy is the one that sends mail from now on."""
    from ghl.engine.db.identity import adopt as take

    database = _open()
    try:
        take(database)
    finally:
        database.close()
    current().say("adopted: outgoing mail leaves from here")


def check() -> None:
    """Look for damage: pages, indexes, references."""
    database = _open(migrate=False)
    try:
        problems = database.check()
    finally:
        database.close()
    if problems:
        for problem in problems:
            sys.stdout.write(f"{problem}\n")
        raise Damaged(f"{len(problems)} problems", hint="ghl db restore BACKUP")
    current().say("sound")


def vacuum() -> None:
    """Give unused space back."""
    from ghl.engine.db.backup import vacuum as shrink

    database = _open()
    try:
        before, after = shrink(database)
    finally:
        database.close()
    current().say(f"{size(before)} → {size(after)}")


def migrate() -> None:
    """Bring the schema up to this program; a file is backed up first."""
    from ghl.engine.db.migrate import migrate as apply

    context = current()
    database = _open(migrate=False)
    try:
        done = apply(database, narrate=context.say)
    finally:
        database.close()
    context.say(f"{len(done)} migrations applied" if done else "nothing to do")


def sql(query: Annotated[str, typer.Argument(metavar="QUERY|-", help="A SELECT over the documented views")]) -> None:
    """Ask the file in SQL. Nothing can be written this way."""
    from ghl.engine.db.views import MOST, ask

    context = current()
    text = sys.stdin.read() if query == "-" else query
    names, rows = ask(_target(), text)
    if len(rows) == MOST:
        context.say(f"these are the first {MOST:,} rows; there may be more")
    if context.json:
        output.write_json([dict(zip(names, row, strict=True)) for row in rows])
        return
    output.rows_out(context, (dict(zip(names, row, strict=True)) for row in rows), names, names)


def schema(view: Annotated[str | None, typer.Argument(metavar="[VIEW]")] = None) -> None:
    """The documented read-only views and their columns."""
    from ghl.engine.db.views import described

    context, target = current(), _target()
    found = described(target)
    if view is not None and view not in found:
        raise UsageError(f'there is no view "{view}"', hint=", ".join(found))
    chosen = {name: columns for name, columns in found.items() if view in (None, name)}
    if context.format not in (None, "table"):
        rows = [{"view": name, "columns": columns} for name, columns in chosen.items()]
        if context.json:
            output.write_json(rows)
        else:
            output.rows_out(context, rows, ["view", "columns"], ["view", "columns"])
        return
    from textwrap import fill  # for people only

    width = max(map(len, chosen)) + 2
    for name, columns in chosen.items():
        text = ", ".join(columns)
        if context.room is not None:
            text = fill(text, max(40, context.room - width)).replace("\n", "\n" + " " * width)
        sys.stdout.write(f"{name:<{width}}{text}\n")
    if context.prose:
        context.say("These views stay as they are, for any program that opens the database:")
        others = [] if "://" in target else [f"datasette -i {target}", f"sqlite-utils rows {target} contacts --limit 3"]
        for line in ("ghl db sql 'select name, city from contacts limit 3'", *others):
            context.say(f"  {line}")


db = {
    "backup": backup, "restore": restore, "adopt": adopt, "check": check, "sql": sql, "schema": schema,
    "migrate": migrate, "vacuum": vacuum,
}  # fmt: skip

"""`ghl operations`: the contract as data."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from ghl.cli import output
from ghl.cli.context import Context, current
from ghl.cli.table import aligned
from ghl.errors import NotFound

COLUMNS = ["name", "summary", "method", "path"]


def operations(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Such as contacts.create, or a noun")] = None,
) -> None:
    """Every operation with its fields, types, route and errors; --json without a name is the whole contract."""
    from ghl.contract import contract  # imports every noun

    context, whole = current(), contract()
    known = whole["operations"]
    chosen = known if name is None else {k: v for k, v in known.items() if k == name or k.startswith(f"{name}.")}
    if not chosen:
        import difflib  # for what is misspelled only

        near = difflib.get_close_matches(str(name), [*known, *{key.partition(".")[0] for key in known}], 1)
        raise NotFound(f'there is no operation "{name}"', hint=f"{near[0]}?   ghl operations" if near else "ghl operations")
    if context.json:
        output.write_json(whole if name is None else chosen.get(name, chosen))
    elif name is not None and name in chosen and context.prose:
        _one(context, name, chosen[name])
    else:
        rows = [{"name": key, **one} for key, one in chosen.items()]
        columns = context.fields or COLUMNS
        output.rows_out(context, rows, columns, columns)


def _one(context: Context, name: str, about: dict[str, Any]) -> None:
    """An operation as people read it: what it is for, where, what it takes, what it answers."""
    lines = [name, f"  {about['summary']}"]
    lines += [f"  {about['description']}"] if "description" in about else []
    lines += ["", f"  {about['method']} /api/v1{about['path']}   answers {about['result']}, {about['status']}"]
    if about["fields"]:
        rows = [
            (field, one["type"].removesuffix(" | null"), "required" if one["required"] else "", one.get("description", ""))
            for field, one in about["fields"].items()
        ]
        lines += ["", *aligned(rows, room=context.room)]
    lines += ["", f"  errors  {', '.join(about['errors'])}"]
    sys.stdout.write("\n".join(lines) + "\n")

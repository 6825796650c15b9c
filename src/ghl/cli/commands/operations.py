"""`ghl operations`: the contract as data."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from ghl.cli import output
from ghl.cli.context import current
from ghl.errors import NotFound


def operations(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Such as contacts.create, or a noun")] = None,
) -> None:
    """Every operation with its fields, types, route and errors."""
    from ghl.contract import contract  # imports every noun

    context = current()
    known = contract()["operations"]
    chosen = known if name is None else {k: v for k, v in known.items() if k == name or k.startswith(f"{name}.")}
    if not chosen:
        raise NotFound(f'there is no operation "{name}"', hint="ghl operations")
    if context.json:
        output.write_json(chosen.get(name or "", chosen))
        return
    width = max(map(len, chosen)) + 2
    for key, one in chosen.items():
        sys.stdout.write(f"{key:<{width}}{one['method']:<7}{one['path']:<52}{one['summary']}\n")
        if name == key:
            for field, about in one["fields"].items():
                mark = "required" if about["required"] else ""
                sys.stdout.write(f"  {field:<20}{about['type']:<28}{mark:<10}{about.get('description', '')}\n")
            sys.stdout.write(f"  answers {one['result']}\n")

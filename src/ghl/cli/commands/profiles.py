"""`ghl profiles`: named targets."""

from __future__ import annotations

from typing import Annotated

import typer

from ghl.cli import output
from ghl.cli.context import current

NAME = typer.Argument(metavar="NAME", show_default=False)


def list_profiles() -> None:
    """List the profiles, and say which target is meant here and why."""
    from ghl.profiles import config_folder, meant, settings

    context = current()
    known = settings()
    default = known.get("default")
    rows = [
        {"name": name, "target": profile.get("target", ""), "default": name == default}
        for name, profile in known.get("profiles", {}).items()
    ]
    if context.format == "json":
        output.write_json({"items": rows, "total": len(rows)})
    elif rows:
        names = ["name", "target", "default"]
        output.rows_out(context, rows, context.fields or names, context.fields or names)
    target, why = meant(context.target)
    context.say(f"meant here: {target} ({why})" if target else "meant here: nothing; say --db FILE, or set GHL_DB")
    context.say(f"kept in {config_folder() / 'config.toml'}; --db wins over --profile, GHL_DB and the default profile, in this order")


def set_profile(
    name: Annotated[str, NAME],
    target: Annotated[str, typer.Argument(metavar="TARGET", help="A file, postgresql://… or https://…", show_default=False)],
) -> None:
    """Name a target."""
    from ghl.profiles import remember

    remember(name, target)
    current().say(f"{name}: {target}.  Use it with: ghl --profile {name} …   or always: ghl profiles use {name}")


def use_profile(name: Annotated[str, NAME]) -> None:
    """Make a profile the one that is meant where nothing is said."""
    from ghl.profiles import choose, named

    named(name)
    choose(name)
    current().say(f"{name} is the default now")


def remove_profile(name: Annotated[str, NAME]) -> None:
    """Forget a name; the file behind it stays."""
    from ghl.profiles import forget, named

    named(name)
    forget(name)
    current().say(f"{name} is forgotten; its target is untouched")


profiles = {"list": list_profiles, "set": set_profile, "use": use_profile, "remove": remove_profile}

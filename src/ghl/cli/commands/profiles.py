"""`ghl profiles`: named targets."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from ghl.cli import output
from ghl.cli.context import UsageError, current

NAME = typer.Argument(metavar="NAME", show_default=False)


def list_profiles() -> None:
    """List the profiles, and say which target is meant here and why."""
    from ghl.profiles import config_folder, meant, settings

    context = current()
    known = settings()
    default = known.get("default")
    rows = [
        {"name": name, "target": profile.get("target", ""), "token": "token" in profile, "default": name == default}
        for name, profile in known.get("profiles", {}).items()
    ]
    if context.format == "json":
        output.write_json({"items": rows, "total": len(rows)})
    elif rows:
        names = ["name", "target", "token", "default"]
        output.rows_out(context, rows, context.fields or names, context.fields or names)
    target, why, _ = meant(context.target)
    context.say(f"meant here: {target} ({why})" if target else "meant here: nothing; say --db FILE, or set GHL_DB")
    context.say(f"kept in {config_folder() / 'config.toml'}; --db wins over --profile, GHL_DB and the default profile, in this order")


def set_profile(
    name: Annotated[str, NAME],
    target: Annotated[
        str | None, typer.Argument(metavar="[TARGET]", help="A file, postgresql://… or https://…", show_default=False)
    ] = None,
    token: Annotated[
        str | None, typer.Option("--token", metavar="-", help="Keep the bearer token of an https:// target, read from stdin")
    ] = None,
) -> None:
    """Name a target, or keep a token with it."""
    from ghl.profiles import named, remember

    if target is None and token is None:
        raise UsageError("TARGET is missing", hint=f"ghl profiles set {name} work.db")
    if target is None:
        target = named(name)
    remember(name, target, _secret() if token == "-" else token)
    with_token = " with its token" if token else ""
    current().say(f"{name}: {target}{with_token}.  Use it with: ghl --profile {name} …   or always: ghl profiles use {name}")


def _secret() -> str:
    """A token from stdin; typed at a terminal it is not shown."""
    import getpass  # the terminal's modules, for this alone

    typed = getpass.getpass("token: ") if sys.stdin.isatty() else sys.stdin.readline()
    if not typed.strip():
        raise UsageError("stdin holds no token", hint="ghl profiles set NAME --token - < token.txt")
    return typed.strip()


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

"""`ghl profiles`: named targets."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from ghl.cli.context import current
from ghl.errors import NotFound

profiles = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True, help="Named targets: files, servers, URLs.")


@profiles.command("list")
def list_profiles() -> None:
    """The profiles, and which one is meant where nothing is said."""
    from ghl.profiles import config_folder, settings

    known = settings()
    for name, profile in known.get("profiles", {}).items():
        mark = "*" if known.get("default") == name else " "
        sys.stdout.write(f"{mark} {name:<16}{profile.get('target', '')}\n")
    current().say(f"kept in {config_folder() / 'config.toml'}; GHL_DB and --db win over the default")


@profiles.command("set")
def set_profile(
    name: Annotated[str, typer.Argument(metavar="NAME")],
    target: Annotated[str, typer.Argument(metavar="TARGET", help="A file, postgresql://… or https://…")],
) -> None:
    """Name a target."""
    from ghl.profiles import remember

    remember(name, target)
    current().say(f"{name}: {target}")


@profiles.command("use")
def use_profile(name: Annotated[str, typer.Argument(metavar="NAME")]) -> None:
    """Make a profile the one that is meant where nothing is said."""
    from ghl.profiles import choose, settings

    if name not in settings().get("profiles", {}):
        raise NotFound(f'there is no profile "{name}"', hint=f"ghl profiles set {name} FILE")
    choose(name)
    current().say(f"{name} is the default now")

"""Named targets and settings: which file, server or URL is meant, and which value wins."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ghl.errors import Invalid, NoDatabase, NotFound


def config_folder() -> Path:
    """Where the user's settings are; `GHL_CONFIG_DIR` moves it."""
    given = os.environ.get("GHL_CONFIG_DIR")
    if given:
        return Path(given)
    import platformdirs  # only where the environment does not say

    return Path(platformdirs.user_config_dir("ghl"))


def settings() -> dict[str, Any]:
    """The user's `config.toml`, or nothing."""
    import tomllib  # only where no file or URL was named

    path = config_folder() / "config.toml"
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Invalid(f"{path} cannot be read: {error}", hint="mend or remove the file") from None


def resolve(target: str | None) -> str:
    """The target that is meant: what was given, else `GHL_DB`, else the default profile.

    A bare word that is a profile's name and no file names the profile.
    """
    found, _ = meant(target)
    if found is None:
        raise NoDatabase(
            "no database was named", hint="--db FILE or GHL_DB=FILE; a new one is made by: ghl init work.db"
        )
    return found


def meant(target: str | None) -> tuple[str | None, str]:
    """The target that is meant, and which setting decides it."""
    given, why = (target, "said here") if target else (os.environ.get("GHL_DB"), "GHL_DB")
    if given and (_is_address(given) or os.path.exists(given)):
        return given, why
    known = settings()
    profiles = known.get("profiles", {})
    name = given or known.get("default")
    if name is not None and (name in profiles or not given):
        return named(name), f"profile {name}, {why if given else 'the default'}"
    return (given, why) if given else (None, "nothing")


def named(profile: str) -> str:
    """The target of a profile."""
    known = settings().get("profiles", {})
    if profile not in known:
        hint = f"profiles: {', '.join(known)}" if known else f"ghl profiles set {profile} FILE"
        raise NotFound(f'there is no profile "{profile}"', hint=hint)
    found = known[profile].get("target") if isinstance(known[profile], dict) else None
    if not isinstance(found, str):
        raise Invalid(f'profile "{profile}" has no target', hint=f"{config_folder() / 'config.toml'}")
    return found


def _is_address(text: str) -> bool:
    return "://" in text or text == ":memory:"


def _write(change: Callable[[Any], None]) -> None:
    import tomlkit  # keeps the comments and the order of what a person wrote

    path = config_folder() / "config.toml"
    settings()
    document = tomlkit.parse(path.read_text("utf-8")) if path.exists() else tomlkit.document()
    change(document)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.write_text(tomlkit.dumps(document), "utf-8")


def remember(name: str, target: str) -> None:
    """Keep a named target; a file is kept with its full path."""
    if not name.replace("-", "").replace("_", "").isalnum():
        raise Invalid(f'"{name}" cannot be the name of a profile', hint="letters, digits, - and _")
    full = target if _is_address(target) else os.path.abspath(target)

    def change(document: Any) -> None:
        document.setdefault("profiles", {})[name] = {"target": full}

    _write(change)


def choose(name: str) -> None:
    """Make a profile the default."""

    def change(document: Any) -> None:
        document["default"] = name

    _write(change)


def forget(name: str) -> None:
    """Take a named target out of the settings."""

    def change(document: Any) -> None:
        document.get("profiles", {}).pop(name, None)
        if document.get("default") == name:
            document.pop("default")

    _write(change)

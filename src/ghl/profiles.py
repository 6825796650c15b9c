"""Named targets and settings: which file, server or URL is meant, and which value wins."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from ghl.errors import Invalid, NoDatabase, NotFound


class Meant(NamedTuple):
    """The target that is meant, which setting decides it, and the profile it comes from."""

    target: str | None
    why: str
    profile: str | None = None


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
    found = meant(target).target
    if found is None:
        raise NoDatabase(
            "no database was named", hint="--db FILE or GHL_DB=FILE; a new one is made by: ghl init work.db"
        )
    return found


def meant(target: str | None) -> Meant:
    """The target that is meant, and which setting decides it."""
    given, why = (target, "said here") if target else (os.environ.get("GHL_DB"), "GHL_DB")
    if given and (_is_address(given) or os.path.exists(given)):
        return Meant(given, why)
    known = settings()
    profiles = known.get("profiles", {})
    name = given or known.get("default")
    if name is not None and (name in profiles or not given):
        return Meant(named(name), f"profile {name}, {why if given else 'the default'}", name)
    return Meant(given, why) if given else Meant(None, "nothing")


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


def token_of(profile: str | None) -> str | None:
    """The bearer token that is kept with a profile; it goes to the profile's own target alone."""
    found = settings().get("profiles", {}).get(profile) if profile else None
    token = found.get("token") if isinstance(found, dict) else None
    return token if isinstance(token, str) and token else None


def _is_address(text: str) -> bool:
    return "://" in text or text == ":memory:"


def _write(change: Callable[[Any], None]) -> None:
    import tomlkit  # keeps the comments and the order of what a person wrote

    path = config_folder() / "config.toml"
    settings()
    document = tomlkit.parse(path.read_text("utf-8")) if path.exists() else tomlkit.document()
    change(document)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # It may hold tokens: nobody but its owner reads it.
    with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
        os.chmod(path, 0o600)
        file.truncate()
        file.write(tomlkit.dumps(document))


def remember(name: str, target: str | None = None, token: str | None = None) -> None:
    """Keep a named target, or a token with it; a file is kept with its full path.

    A token belongs to one target: where that changes, the old token is dropped.
    """
    if not name.replace("-", "").replace("_", "").isalnum():
        raise Invalid(f'"{name}" cannot be the name of a profile', hint="letters, digits, - and _")
    full = named(name) if target is None else target if _is_address(target) else os.path.abspath(target)
    if token is not None and not full.startswith(("http://", "https://")):
        raise Invalid(f"{full} needs no token", hint="tokens are for https://… targets", field="token")
    kept = {"target": full}
    token = token or (token_of(name) if target is None or full == _target(name) else None)
    if token:
        kept["token"] = token

    def change(document: Any) -> None:
        document.setdefault("profiles", {})[name] = kept

    _write(change)


def _target(name: str) -> Any:
    found = settings().get("profiles", {}).get(name)
    return found.get("target") if isinstance(found, dict) else None


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

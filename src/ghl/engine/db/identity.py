"""Which copy of a store this is: the one this machine knows, or a copy or a restored backup that sends no mail."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ghl.engine.db import Database
from ghl.engine.db.migrate import identity

_SERVER = """select (select system_identifier from pg_control_system())::text as system,
(select oid from pg_database where datname = current_database())::text as database"""
_PLAIN = """select current_setting('data_directory', true) as system,
(select oid from pg_database where datname = current_database())::text as database"""


@dataclass(frozen=True, slots=True)
class Held:
    """Why outgoing mail is held."""

    reason: str


def check_identity(database: Database) -> Held | None:
    """Why this store is to hold its outgoing mail, or None. `GHL_ADOPT=1` adopts it, for containers."""
    if adopts():
        adopt(database)
        return None
    held = why_held(database)
    here = fingerprint(database)
    if held is None and here is not None:
        place = _place(database)
        known = json.loads(place.read_text("utf-8"))
        if {**known, **here} != known:
            _write(place, {**known, **here})  # moved, or the disk has another number since the machine was started
    return held


def adopts() -> bool:
    """Whether the environment says that whatever is worked on is the one that sends."""
    return os.environ.get("GHL_ADOPT") == "1"


def why_held(database: Database) -> Held | None:
    """Why outgoing mail of this store is held, or None; nothing is written."""
    here = fingerprint(database)
    if here is None:
        return None
    place = _place(database)
    try:
        known = json.loads(place.read_text("utf-8"))
    except FileNotFoundError:
        return Held("this database has not been worked on here before: it may be a copy")
    except (OSError, ValueError):
        return Held(f"{place} cannot be read, so this may be a copy")
    if not isinstance(known, dict) or known.get("kind") != here["kind"]:
        return Held("this machine knows the database in another place")
    if here["kind"] == "postgres":
        same = known.get("system") == here["system"] and known.get("database") == here["database"]
        return None if same else Held("this database was copied or restored: its server knows it by another number")
    if known.get("inode") == here["inode"] and _same_place(known, here):
        if _worked(database) < int(known.get("worked", 0)):
            return Held("this file is older than the one that was worked on here: it may be a backup")
        return None
    if known.get("path") == here["path"]:
        return Held("this file was put in the place of the one that was worked on: it may be an old backup")
    return Held(f"this file is a copy of {known.get('path')}")


def _same_place(known: dict[str, Any], here: dict[str, Any]) -> bool:
    return bool(known.get("device") == here["device"] or known.get("path") == here["path"])


def adopt(database: Database) -> None:
    """From now on mail leaves from this copy on this machine."""
    here = fingerprint(database)
    if here is not None:
        _write(_place(database), here | {"worked": _worked(database)})


def mark(database: Database) -> None:
    """Count that a worker was here, in the store and beside it: an older copy put in its place counts less."""
    here = fingerprint(database)
    if here is None:
        return
    count = _worked(database) + 1
    with database.write() as connection:
        connection.run(
            """insert into store (name, value) values ('worked', :value)
            on conflict (name) do update set value = excluded.value""",
            {"value": str(count)},
        )
    try:
        _write(_place(database), here | {"worked": count})
    except OSError:
        pass  # a full disk in the user's folder is no reason to stop working


def _worked(database: Database) -> int:
    with database.read() as connection:
        row = connection.one("select value from store where name = 'worked'")
    return int(row["value"]) if row else 0


def fingerprint(database: Database) -> dict[str, Any] | None:
    """What tells this store from its copies; None for one in memory."""
    if database.dialect == "postgres":
        return _of_server(database)
    if database.target == ":memory:":
        return None
    path = Path(database.target).resolve()
    found = path.stat()
    return {"kind": "file", "path": str(path), "device": found.st_dev, "inode": found.st_ino}


def _of_server(database: Database) -> dict[str, Any]:
    from ghl.errors import GhlError

    for query in (_SERVER, _PLAIN):
        try:
            with database.read() as connection:
                row = connection.one(query)
        except GhlError:
            continue  # a server may keep its number to itself
        if row is not None:
            return {"kind": "postgres", "system": row["system"] or "", "database": row["database"]}
    return {"kind": "postgres", "system": "", "database": ""}


def _place(database: Database) -> Path:
    """The file in which this machine keeps where a store is: one for each, so that nobody writes another's."""
    with database.read() as connection:
        name = identity(connection)
    return state_folder() / "stores" / f"{name}.json"


def state_folder() -> Path:
    """The user's folder for what programs remember."""
    given = os.environ.get("GHL_STATE_DIR")
    if given:
        return Path(given)
    from platformdirs import user_state_path  # for workers and new stores only

    return user_state_path("ghl")


def _write(place: Path, here: dict[str, Any]) -> None:
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = place.with_suffix(f".{os.getpid()}.new")
    draft.write_text(json.dumps(here, indent=1), "utf-8")
    os.replace(draft, place)

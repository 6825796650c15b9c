"""Opening a worker on a target: the only other way in beside `connect`, for programs that stay."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ghl.connect import open_local
from ghl.engine.clock import SystemClock, VirtualClock
from ghl.engine.db.identity import check_identity
from ghl.engine.local import LocalTransport
from ghl.engine.worker import Worker
from ghl.errors import Invalid
from ghl.profiles import resolve
from ghl.sdk.times import parse_moment

if TYPE_CHECKING:
    from ghl.engine.channels.http import Http


@dataclass(slots=True)
class Working:
    """A worker, and the moment until which virtual time is to pass."""

    worker: Worker
    until: datetime


@contextmanager
def open_worker(
    target: str | None,
    *,
    account: str | None = None,
    until: str | None = None,
    start: str | None = None,
    folder: str | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> Iterator[Working]:
    """A worker on a file or a PostgreSQL database. A URL is refused: a server runs its own workers."""
    resolved = resolve(target)
    if resolved.startswith(("http://", "https://")):
        raise Invalid("a worker opens a file or PostgreSQL, not a URL", hint="run it where the database is")
    now = SystemClock().now()
    with_zone = open_local(resolved, account=account, origin="worker")
    try:
        with with_zone.database.read() as connection:
            zone = with_zone.tx(connection).account.zone
    finally:
        with_zone.close()
    end = parse_moment(until, now=now, zone=zone, field="until") if until else now
    begin = parse_moment(start, now=now, zone=zone, field="from") if start else now
    if until and end < begin:
        raise Invalid("virtual time does not go back", hint="--from DATE --until DATE", field="until")
    clock = VirtualClock(begin) if until else None
    local = open_local(resolved, account=account, origin="worker", clock=clock)
    held = hold(local, say)
    worker = Worker(local.database, local.shared, folder=folder or beside(resolved), held=held, http=None if until else _http(), say=say)
    try:
        yield Working(worker, end)
    finally:
        local.close()


def beside(target: str) -> str:
    """The outbox folder of a store: beside its file."""
    given = os.environ.get("GHL_OUTBOX")
    if given:
        return given
    if "://" in target or target == ":memory:":
        return "outbox"
    return str(Path(target).resolve().parent / "outbox")


def _http() -> Http | None:
    """The guard for webhooks, with the hosts of one's own that `GHL_ALLOW_HOSTS` opens."""
    hosts = [host.strip() for host in os.environ.get("GHL_ALLOW_HOSTS", "").split(",") if host.strip()]
    if not hosts:
        return None
    from ghl.engine.channels.http import Http  # where some are opened

    return Http(allow=hosts)


def hold(local: LocalTransport, say: Callable[[str], None]) -> str | None:
    """Why outgoing mail is held: the file is a copy, or was restored from a backup."""
    held = check_identity(local.database)
    if held is None:
        return None
    say(f"outgoing mail is held: {held.reason}")
    say("send it from here with: ghl db adopt")
    return held.reason

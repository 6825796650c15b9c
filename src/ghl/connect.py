"""From a file, URL or profile to a client: the only door to the engine."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from ghl.errors import Conflict

if TYPE_CHECKING:
    from ghl.engine.clock import Clock
    from ghl.engine.local import LocalTransport
    from ghl.sdk.client import AsyncClient, Client
    from ghl.sdk.transport import Transport


def connect(
    target: str | os.PathLike[str] | None = None,
    *,
    account: str | None = None,
    token: str | None = None,
    origin: str = "sdk",
    clock: Clock | None = None,
) -> Client:
    """A client for a file, `postgresql://…`, an `https://…` URL, a profile's name, or nothing.

    With nothing, `GHL_DB` decides, else the default profile. For a URL `token` is the bearer token, else the one
    that is kept with the profile, else `GHL_TOKEN`. `account` picks one where a store has
    several. Raises NoDatabase where there is no file: `ghl init FILE` makes one.
    """
    from ghl.sdk.client import Client  # faces that only send operations do without it

    return Client(transport(target, account=account, token=token, origin=origin, clock=clock))


def transport(
    target: str | os.PathLike[str] | None = None,
    *,
    account: str | None = None,
    token: str | None = None,
    origin: str = "sdk",
    clock: Clock | None = None,
) -> Transport:
    """What sends operations to a target, without the nouns of a client around it."""
    resolved, kept = _resolve(target)
    if resolved.startswith(("http://", "https://")):
        from ghl.sdk.remote import RemoteTransport  # httpx, for remote targets only

        return RemoteTransport(resolved, token=token or kept, account=account)
    return open_local(resolved, account=account, origin=origin, clock=clock)


def connect_async(
    target: str | os.PathLike[str] | None = None,
    *,
    account: str | None = None,
    token: str | None = None,
    origin: str = "sdk",
    clock: Clock | None = None,
) -> AsyncClient:
    """The same as `connect`, for a client whose calls are awaited."""
    from ghl.sdk.client import AsyncClient  # as above

    resolved, kept = _resolve(target)
    if resolved.startswith(("http://", "https://")):
        from ghl.sdk.remote import AsyncRemoteTransport  # httpx, for remote targets only

        return AsyncClient(AsyncRemoteTransport(resolved, token=token or kept, account=account))
    from ghl.engine.local import AsyncLocalTransport  # the engine, for local targets only

    return AsyncClient(AsyncLocalTransport(open_local(resolved, account=account, origin=origin, clock=clock)))


def _resolve(target: str | os.PathLike[str] | None) -> tuple[str, str | None]:
    """The target that is meant, and the token that is kept with its profile."""
    from ghl.profiles import meant, resolve, token_of  # reads the user's settings

    named = os.fspath(target) if target is not None else None
    return resolve(named), token_of(meant(named).profile)


def open_database(target: str, *, create: bool = False, migrate: bool = True) -> Any:
    """The store behind a local target, migrated where that is allowed."""
    if target.startswith(("postgresql://", "postgres://")):
        from ghl.engine.db.postgres import PostgresDatabase  # psycopg, for servers only

        database: Any = PostgresDatabase(target)
    else:
        from ghl.engine.db.sqlite import SqliteDatabase  # for files only

        database = SqliteDatabase(target, create=create)
    if migrate:
        from ghl.engine.db.migrate import ensure  # cheap where nothing is to be done

        ensure(database)
    return database


def open_local(
    target: str,
    *,
    account: str | None = None,
    origin: str = "sdk",
    clock: Clock | None = None,
    actor: str | None = None,
) -> LocalTransport:
    """The transport that performs operations on a local store as its owner."""
    from ghl.engine.access import Caller
    from ghl.engine.accounts.open import account_row
    from ghl.engine.clock import SystemClock
    from ghl.engine.local import LocalTransport
    from ghl.engine.tx import Shared

    database = open_database(target)
    try:
        with database.read() as connection:
            row = account_row(connection, account)
    except BaseException:
        database.close()
        raise
    caller = Caller(account_id=row["id"], actor=actor or user_name(), origin=origin)
    return LocalTransport(database, caller, Shared(clock or SystemClock()))


def user_name() -> str:
    """Who is at the keyboard, for the record of changes."""
    given = os.environ.get("GHL_USER")
    if given:
        return given
    import getpass  # it brings the terminal's modules along

    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "owner"


def init(
    target: str,
    *,
    name: str = "main",
    zone: str | None = None,
    currency: str = "USD",
    country: str = "US",
    locale: str = "en-US",
    clock: Clock | None = None,
) -> Client:
    """Make a new file (or prepare an empty PostgreSQL database) with one account, and open it."""
    from ghl.engine.accounts.open import make_store
    from ghl.sdk.client import Client

    if not target.startswith(("postgresql://", "postgres://")) and target != ":memory:" and os.path.exists(target):
        from ghl.engine.db.migrate import unfinished  # for files that are there only

        if not unfinished(target):
            raise Conflict(f"{target} exists already; nothing was changed", hint="choose another name")
    local = make_store(
        target, name=name, zone=zone, currency=currency, country=country, locale=locale, clock=clock,
        actor=user_name(),
    )  # fmt: skip
    return Client(local)

"""Making a store with its first account, and finding the account a caller means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ghl.engine.access import Caller
from ghl.engine.clock import Clock, SystemClock
from ghl.engine.db import Connection, Row
from ghl.engine.local import LocalTransport
from ghl.engine.tx import Shared
from ghl.errors import Ambiguous, NotFound
from ghl.sdk.names import fold
from ghl.sdk.times import local_zone, stamp

if TYPE_CHECKING:
    from ghl.engine.db import Database


def account_row(connection: Connection, wanted: str | None) -> Row:
    """The account with this name or id; the only one where there is just one."""
    rows = connection.all("select * from accounts order by id limit 100")
    if wanted is not None:
        rows = [row for row in rows if wanted == row["public_id"] or fold(wanted) == row["name_key"]]
    if not rows:
        raise NotFound(f'there is no account "{wanted or ""}"', hint="ghl settings show")
    if len(rows) > 1:
        names = ", ".join(row["name"] for row in rows)
        raise Ambiguous("this database has several accounts", hint=f"--account NAME, one of: {names}")
    return rows[0]


def make_store(
    target: str,
    *,
    name: str,
    zone: str | None,
    currency: str,
    country: str,
    locale: str,
    clock: Clock | None,
    actor: str,
) -> LocalTransport:
    """A new store, or an empty database prepared, with one account."""
    from ghl.engine.accounts.settings import checked  # the same rules as for later changes

    given = {"name": name, "zone": zone or local_zone(), "currency": currency, "country": country, "locale": locale}
    values = {field: checked(field, value) for field, value in given.items()}
    database = _new_database(target)
    shared = Shared(clock or SystemClock())
    moment = shared.clock.now()
    with database.write() as connection:
        if connection.one("select id from accounts where name_key = :key", {"key": fold(values["name"])}):
            from ghl.errors import Duplicate

            raise Duplicate(f'there is an account "{name}" already', hint="choose another --name")
        row = connection.one(
            """insert into accounts (public_id, name, name_key, zone, currency, country, locale, created_at, updated_at)
            values (:public_id, :name, :key, :zone, :currency, :country, :locale, :now, :now) returning id""",
            {
                "public_id": shared.ids.make(int(moment.timestamp() * 1000)), "key": fold(values["name"]),
                "now": stamp(moment), **values,
            },
        )  # fmt: skip
    assert row is not None
    return LocalTransport(database, Caller(account_id=row["id"], actor=actor, origin="sdk"), shared)


def _new_database(target: str) -> Database:
    from ghl.engine.db.migrate import initialise

    if target.startswith(("postgresql://", "postgres://")):
        from ghl.engine.db.postgres import PostgresDatabase  # psycopg, for servers only

        database: Database = PostgresDatabase(target)
    else:
        from ghl.engine.db.sqlite import SqliteDatabase  # for files only

        database = SqliteDatabase(target, create=True)
    initialise(database)
    _remember(database)
    return database


def _remember(database: Database) -> None:
    """A store that is made here is no copy: its mail leaves from here."""
    from ghl.engine.db.identity import adopt

    try:
        adopt(database)
    except OSError:
        pass  # no folder to remember it in: the first worker will ask

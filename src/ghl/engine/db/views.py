"""Questions in SQL about the documented read-only views, which are part of the file: names and columns stay."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from ghl.errors import Invalid, NotAllowed

if TYPE_CHECKING:
    from ghl.engine.db import Database

VIEWS = (
    "contacts", "companies", "deals", "deal_stages", "products", "tasks", "notes", "activities", "messages", "runs", "history",
)  # fmt: skip
SECRET = frozenset({"secrets", "tokens"})
"""Tables that are never shown."""
READS = re.compile(r"^\s*(?:--[^\n]*\n\s*)*(select|with|explain|values)\b", re.IGNORECASE)
MOST = 100_000


def ask(target: str, text: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """The answer to a query that only reads: column names and rows."""
    if not READS.match(text):
        raise Invalid("only questions can be asked: a query begins with SELECT or WITH", hint="ghl db schema")
    from ghl.connect import open_database

    database = open_database(target)
    try:
        return (_ask_sqlite if database.dialect == "sqlite" else _ask_postgres)(database, text)
    finally:
        database.close()


def _ask_sqlite(database: Any, text: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    raw = database.reader(SECRET)
    try:
        cursor = raw.execute(text)
        names = [column[0] for column in cursor.description or ()]
        return names, cursor.fetchmany(MOST)
    except Exception as error:
        if "prohibited" in str(error):
            raise _secret() from None
        raise Invalid(f"the query cannot be answered: {error}", hint="ghl db schema lists the views") from None
    finally:
        raw.close()


def _ask_postgres(database: Database, text: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    plain = text.strip().rstrip(";")
    with database.read() as connection:
        if not plain.lower().startswith("explain"):
            plan = json.dumps(connection.all(f"explain (format json) {plain}")[0]["QUERY PLAN"])
            if any(f'"Relation Name": "{name}"' in plan for name in SECRET):
                raise _secret()
        rows = connection.all(plain)
    return (list(rows[0]) if rows else []), [tuple(row.values()) for row in rows[:MOST]]


def _secret() -> NotAllowed:
    return NotAllowed("secrets are written, used and never shown", hint="ghl db schema lists the views")


def described(target: str) -> dict[str, list[str]]:
    """The documented views and their columns."""
    from ghl.connect import open_database

    database = open_database(target)
    try:
        with database.read() as connection:
            return {
                name: [column[0] for column in connection.raw.execute(f"select * from {name} limit 0").description]
                for name in VIEWS
            }
    finally:
        database.close()

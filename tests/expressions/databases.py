"""The sample world in SQLite and in PostgreSQL, asked through one function."""

from __future__ import annotations

import sqlite3
from typing import Any, Protocol

from ghl.engine.expressions import Env, compile_sql
from ghl.sdk.expressions import Checked
from tests.expressions.sample import DDL, INDEXES, World, source


class Database(Protocol):
    """A database that holds a world."""

    dialect: str

    def run(self, sql: str, params: dict[str, Any]) -> list[tuple[Any, ...]]:
        """The rows of a statement."""


class Sqlite:
    """In memory, with the functions that a connection of ours has."""

    dialect = "sqlite"

    def __init__(self, world: World) -> None:
        self.raw = sqlite3.connect(":memory:")
        for name in ("lower", "upper"):
            self.raw.create_function(name, 1, lambda text, name=name: text and getattr(text, name)(), deterministic=True)
        for statement in [*DDL, *INDEXES]:
            self.raw.execute(statement.replace("{text}", "text"))
        for table, rows in world.rows.items():
            for row in rows:
                names = ", ".join(f":{name}" for name in row)
                self.raw.execute(f"insert into {table} ({', '.join(row)}) values ({names})", row)
        self.raw.execute("analyze")

    def run(self, sql: str, params: dict[str, Any]) -> list[tuple[Any, ...]]:
        return self.raw.execute(sql, params).fetchall()


class Postgres:
    """On a server, in a database whose own order of texts is not that of code points."""

    dialect = "postgres"

    def __init__(self, url: str, world: World) -> None:
        import psycopg

        from ghl.engine.db.postgres import translated

        self._translated = translated
        self.raw = psycopg.connect(url, autocommit=True)
        self.raw.execute("set plan_cache_mode = force_custom_plan")
        for statement in [*DDL, *INDEXES]:
            self.raw.execute(statement.replace("{text}", 'text collate "C"'))  # type: ignore[arg-type]
        for table, rows in world.rows.items():
            for row in rows:
                names = ", ".join(f":{name}" for name in row)
                self.raw.execute(translated(f"insert into {table} ({', '.join(row)}) values ({names})"), row)  # type: ignore[arg-type]

    def run(self, sql: str, params: dict[str, Any]) -> list[tuple[Any, ...]]:
        return self.raw.execute(self._translated(sql), params).fetchall()  # type: ignore[arg-type]


def found(database: Database, checked: Checked, env: Env) -> set[int]:
    """The contacts for which a condition holds, as the database says."""
    fragment = compile_sql(checked, source(database.dialect), database.dialect, env)
    rows = database.run(f"select r.id from contacts r where {fragment.sql}", fragment.params)
    return {row[0] for row in rows}

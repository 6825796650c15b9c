"""The sample world in both databases."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator

import pytest

from tests.expressions import databases, sample


@pytest.fixture(scope="session")
def people() -> sample.World:
    """The sample world."""
    return sample.world(int(os.environ.get("GHL_TEST_SEED", "7")))


@pytest.fixture(scope="session")
def sqlite_people(people: sample.World) -> databases.Sqlite:
    """The world in SQLite."""
    return databases.Sqlite(people)


@pytest.fixture(scope="session")
def postgres_people(pg_server: str, people: sample.World) -> Iterator[databases.Postgres]:
    """The world in PostgreSQL, in a database that sorts texts as English does."""
    import psycopg

    name = f"t{uuid.uuid4().hex[:12]}"
    with psycopg.connect(pg_server, autocommit=True) as server:
        server.execute(
            f"create database {name} template template0 encoding 'UTF8' locale_provider icu icu_locale 'en-US'"
        )
        database = databases.Postgres(pg_server.rsplit("/", 1)[0] + f"/{name}", people)
        try:
            yield database
        finally:
            database.raw.close()
            server.execute(f"drop database if exists {name} with (force)")


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> databases.Database:
    """The world in each database."""
    return request.getfixturevalue(f"{request.param}_people")

"""Fixtures that every test may use: stores of both kinds, and a client over every transport."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

import ghl
from ghl.engine.clock import VirtualClock
from tests import postgres

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""A Monday morning, before the clocks change in Europe."""

STORES = ["sqlite", "postgres"]
TRANSPORTS = ["sqlite", "postgres", "http"]
NEEDS = ("unit", "integration", "browser")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test says what it needs, by exactly one marker; `security` beside it says what it is about."""
    wrong = [item.nodeid for item in items if len(NEEDS) - [item.get_closest_marker(name) for name in NEEDS].count(None) != 1]
    if wrong:
        raise pytest.UsageError(f"exactly one of {', '.join(NEEDS)} marks each test, but not {', '.join(wrong[:5])}")


@pytest.fixture(scope="session", autouse=True)
def _own_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test reads or writes the user's own settings and state."""
    home = tmp_path_factory.mktemp("home")
    kept = {name: os.environ.get(name) for name in ("GHL_CONFIG_DIR", "GHL_STATE_DIR", "GHL_DB", "GHL_USER")}
    os.environ |= {"GHL_CONFIG_DIR": str(home), "GHL_STATE_DIR": str(home), "GHL_USER": "tester"}
    os.environ.pop("GHL_DB", None)
    yield
    for name, value in kept.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


@pytest.fixture(scope="session")
def pg_server() -> Iterator[str]:
    """The URL of a PostgreSQL server's maintenance database."""
    why = postgres.reason()
    if why:
        pytest.skip(why)
    with postgres.cluster() as url:
        yield url


@pytest.fixture(scope="session")
def pg_template(pg_server: str) -> Iterator[str]:
    """The name of a database with our schema, to copy."""
    with postgres.fresh_database(pg_server) as url:
        from ghl.engine.db.migrate import initialise
        from ghl.engine.db.postgres import PostgresDatabase

        database = PostgresDatabase(url)
        initialise(database)
        database.close()
        yield url.rsplit("/", 1)[1]


@pytest.fixture
def pg_url(pg_server: str, pg_template: str) -> Iterator[str]:
    """A fresh database with our schema and no account."""
    with postgres.fresh_database(pg_server, pg_template) as url:
        yield url


@pytest.fixture
def pg_empty(pg_server: str) -> Iterator[str]:
    """A fresh, empty database."""
    with postgres.fresh_database(pg_server) as url:
        yield url


@pytest.fixture
def clock() -> VirtualClock:
    """A clock that stands still at START."""
    return VirtualClock(START)


@pytest.fixture(params=STORES)
def target(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a new store is made: a file, then a database of a server."""
    if request.param == "sqlite":
        return str(tmp_path / "crm.db")
    url: str = request.getfixturevalue("pg_url")
    return url


@pytest.fixture
def local(target: str, clock: VirtualClock) -> Iterator[ghl.Client]:
    """A client on a new store of each kind."""
    with ghl.init(target, zone="Europe/Lisbon", currency="EUR", country="PT", clock=clock) as client:
        yield client


@pytest.fixture(params=TRANSPORTS)
def crm(request: pytest.FixtureRequest, tmp_path: Path, clock: VirtualClock) -> Iterator[ghl.Client]:
    """A client over every transport: a file, a server, and HTTP in process."""
    settings = {"zone": "Europe/Lisbon", "currency": "EUR", "country": "PT", "clock": clock}
    if request.param == "postgres":
        with ghl.init(request.getfixturevalue("pg_url"), **settings) as client:
            yield client
        return
    path = str(tmp_path / "crm.db")
    with ghl.init(path, **settings) as client:
        if request.param == "sqlite":
            yield client
            return
    from tests.http import over_http

    with over_http(path, clock) as client:
        yield client


@pytest.fixture
def file_crm(tmp_path: Path, clock: VirtualClock) -> Iterator[ghl.Client]:
    """A client on a new file, where one store is enough."""
    with ghl.init(
        str(tmp_path / "crm.db"), zone="Europe/Lisbon", currency="EUR", country="PT", clock=clock
    ) as client:
        yield client

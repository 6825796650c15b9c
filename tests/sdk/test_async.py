"""The awaited client: the same answers, pages, outcomes and errors, on a file and over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

import ghl
from ghl.engine.clock import VirtualClock
from ghl.errors import Invalid, NotFound, Unauthenticated, Unreachable
from ghl.sdk.remote import AsyncRemoteTransport
from ghl.server import public, rest
from ghl.server.door import Doors

pytestmark = pytest.mark.integration


@asynccontextmanager
async def client(path: str, clock: VirtualClock, far: bool, token: str | None = None) -> AsyncIterator[ghl.AsyncClient]:
    """On the file itself, or through a server in this process."""
    if not far:
        async with ghl.connect_async(path, clock=clock) as crm:
            yield crm
        return
    doors = Doors(path, clock=clock)
    transport = httpx.ASGITransport(app=rest.application(doors, public.routes(doors)))
    token = token or doors.first_token(new=True)
    http = httpx.AsyncClient(base_url="http://ghl.test", transport=transport)
    async with ghl.AsyncClient(AsyncRemoteTransport("http://ghl.test", token=token, http=http)) as crm:
        yield crm
    doors.close()


@pytest.fixture
def path(tmp_path: Path, clock: VirtualClock) -> str:
    made = str(tmp_path / "crm.db")
    ghl.init(made, zone="Europe/Lisbon", currency="EUR", country="PT", clock=clock).close()
    return made


both = pytest.mark.parametrize("far", [False, True], ids=["file", "http"])


@both
def test_what_is_written_is_read_and_taken_back(path: str, clock: VirtualClock, far: bool) -> None:
    async def run() -> None:
        async with client(path, clock, far) as crm:
            ann = await crm.contacts.create(first_name="Ann", email="ann@example.com")
            made = crm.outcome.change_set
            assert crm.outcome.counts == {"contact created": 1}
            await crm.contacts.update(contact_id=ann.id, city="Porto")
            assert (await crm.contacts.get(contact_id="ann@example.com")).city == "Porto"
            dry = crm.with_options(dry_run=True)
            await dry.contacts.delete(contact_id=ann.id)
            assert dry.outcome.dry_run
            assert (await crm.undo()).undone == 1
            assert (await crm.contacts.get(contact_id=ann.id)).city is None
            assert made is not None
            assert (await crm.changes.show(change_set_id=made)).counts == {"contact created": 1}

    asyncio.run(run())


@both
def test_a_list_goes_on_over_its_pages(path: str, clock: VirtualClock, far: bool) -> None:
    async def run() -> None:
        async with client(path, clock, far) as crm:
            empty = await crm.contacts.list()
            assert not empty
            await crm.contacts.create_many(items=[{"first_name": f"P{n}"} for n in range(7)])
            page = await crm.contacts.list(page_size=3, sort="created_at")
            assert page
            assert [one.first_name async for one in page] == [f"P{n}" for n in range(7)]

    asyncio.run(run())


@both
def test_many_at_once(path: str, clock: VirtualClock, far: bool) -> None:
    async def run() -> None:
        async with client(path, clock, far) as crm:
            await asyncio.gather(*(crm.contacts.create(first_name=f"P{n}") for n in range(12)))
            assert (await crm.contacts.list()).total == 12

    asyncio.run(run())


@both
def test_errors_are_those_of_the_other_client(path: str, clock: VirtualClock, far: bool) -> None:
    async def run() -> None:
        async with client(path, clock, far) as crm:
            with pytest.raises(NotFound):
                await crm.contacts.get(contact_id="nobody@example.com")
            with pytest.raises(Invalid) as told:
                await crm.contacts.create(first_name="Ann", email="ann@@example.com")
            assert told.value.field == "email"

    asyncio.run(run())


def test_a_wrong_token(path: str, clock: VirtualClock) -> None:
    async def run() -> None:
        async with client(path, clock, True, token="wrong") as crm:
            with pytest.raises(Unauthenticated):
                await crm.contacts.list()

    asyncio.run(run())


def test_a_server_that_is_not_there() -> None:
    async def run() -> None:
        async with ghl.connect_async("http://127.0.0.1:9", token="x") as crm:
            with pytest.raises(Unreachable, match=r"127\.0\.0\.1:9"):
                await crm.contacts.list()

    asyncio.run(run())

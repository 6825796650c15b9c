"""What a script's author sees. Never run: mypy --strict and pyright read it."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import assert_type

import ghl
from ghl.sdk.batches import BatchResult
from ghl.sdk.changes import UndoResult
from ghl.sdk.crm.contacts import Contact
from ghl.sdk.crm.deal_records import Deal
from ghl.sdk.fields import BulkResult
from ghl.sdk.page import Page


def script(crm: ghl.Client) -> None:
    """The synchronous client."""
    ann = crm.contacts.create(first_name="Ann", email="ann@example.com", tags=["vip"])
    assert_type(ann, Contact)
    assert_type(ann.email, str | None)
    assert_type(crm.contacts.list(where='city == "Rome"'), Page[Contact])
    for contact in crm.contacts.list():
        assert_type(contact, Contact)
    assert_type(crm.deals.move(deal_id="x", stage="New"), Deal)
    assert_type(crm.contacts.get("ann@example.com"), Contact)
    assert_type(crm.contacts.update("ann@example.com", city="Rome"), Contact)
    assert_type(crm.deals.move("x", stage="New"), Deal)
    assert_type(crm.contacts.get(contact_id="x"), Contact)
    assert_type(crm.contacts.tag(ids=["x"], tags=["a"]), BulkResult)
    assert_type(crm.undo(), UndoResult)
    with crm.batch() as batch:
        assert_type(batch.contacts.create(first_name="Bo"), None)
    assert_type(batch.result, BatchResult)
    with crm.change_set("cleaning") as changes:
        assert_type(changes.id, int)


async def awaited(crm: ghl.AsyncClient) -> None:
    """The asynchronous client, from the same list of nouns."""
    call = crm.contacts.get("ann@example.com")
    assert_type(call, Awaitable[Contact])
    assert_type(await call, Contact)
    async for deal in await crm.deals.list():
        assert_type(deal, Deal)


def mistakes(crm: ghl.Client) -> None:
    """Wrong names and types are errors in both checkers; an unused ignore would be one too."""
    crm.contacts.create(frist_name="Ann")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    crm.contacts.get()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    crm.contacts.get(contact_id=3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    crm.contacts.get(3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    crm.contacts.update("x", citty="Rome")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    crm.contacts.create("Ann")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    crm.contacts.vanish()  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]

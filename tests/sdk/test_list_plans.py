"""The databases' plans of every list: in its order by an index, never a sort of everything or a scan."""

from __future__ import annotations

from typing import Any

import pytest

import ghl
from ghl.engine import lists
from ghl.engine.stores import STORES, store_of

pytestmark = pytest.mark.integration


class Recording:
    """A connection that keeps the list queries it was asked."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self.asked: list[tuple[str, Any]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def tuples(self, sql: str, params: Any = ()) -> list[tuple[Any, ...]]:
        if " order by r." in sql or " order by r.id" in sql:
            self.asked.append((sql, params))
        found: list[tuple[Any, ...]] = self._connection.tuples(sql, params)
        return found


class Asked:
    """A list request with these fields and no others."""

    def __init__(self, **fields: Any) -> None:
        self.page_size, self.page, self.cursor, self.deleted = 5, None, None, False
        self.__dict__ |= fields

    def __getattr__(self, name: str) -> Any:
        return None


@pytest.fixture
def filled(local: ghl.Client) -> ghl.Client:
    """Some records of the nouns that grow, and statistics of them."""
    local.pipelines.create(name="Sales")
    local.companies.create_many(items=[{"name": f"C{n}"} for n in range(60)])
    local.contacts.create_many(items=[{"first_name": f"P{n}", "tags": ["t"], "company_id": "C1"} for n in range(60)])
    local.deals.create_many(items=[{"name": f"D{n}", "contact_id": "P1", "company_id": "C1"} for n in range(60)])
    local.products.create_many(items=[{"name": f"X{n}", "family": "f"} for n in range(60)])
    local.tasks.create_many(items=[{"title": f"T{n}", "contact_id": "P1"} for n in range(60)])
    return local


def plans(crm: ghl.Client, noun: str, **fields: Any) -> list[str]:
    """How the first page and the one after it are fetched."""
    transport: Any = crm._transport
    found: list[str] = []
    store = store_of(noun)
    with transport.database.read() as connection:
        recording = Recording(connection)
        tx = transport.tx(connection)
        tx.connection = recording
        if tx.dialect == "postgres":
            for setting in ("enable_seqscan", "enable_sort", "enable_bitmapscan"):
                connection.run(f"set local {setting} = off")
        first = lists.page(tx, store, Asked(**fields))
        if first.next_cursor:
            lists.page(tx, store, Asked(cursor=first.next_cursor, **fields))
        explain = "explain query plan" if tx.dialect == "sqlite" else "explain"
        assert recording.asked
        for sql, params in recording.asked:
            rows = connection.tuples(f"{explain} {sql}", params)
            found.append("\n".join(str(row[-1]) for row in rows))
    return found


def sorts_everything(plan: str) -> bool:
    """Whether a plan sorts its rows; PostgreSQL may put rows that are equal in the index's order in theirs."""
    return "USE TEMP B-TREE FOR ORDER BY" in plan or ("Sort Key" in plan and "Presorted Key" not in plan)


LISTED = [noun for noun in STORES if noun not in ("workflow", "suppression", "sender", "template", "field", "view", "attachment")]


@pytest.mark.parametrize("analyzed", [False, True])
@pytest.mark.parametrize("noun", LISTED)
def test_every_order_is_that_of_an_index(filled: ghl.Client, noun: str, analyzed: bool) -> None:
    """Both ways, the first page and the next."""
    if analyzed:
        transport: Any = filled._transport
        with transport.database.write() as connection:
            connection.run("analyze")
    for sort in [None, *store_of(noun).sorts]:
        for way in ("", "-") if sort else ("",):
            for plan in plans(filled, noun, sort=f"{way}{sort}" if sort else None):
                assert not sorts_everything(plan), f"{noun} by {way}{sort}\n{plan}"


@pytest.mark.parametrize("noun", LISTED)
def test_every_plain_filter_uses_an_index(filled: ghl.Client, noun: str) -> None:
    """No list reads a table from end to end without an index."""
    store = store_of(noun)
    values = {"status": "open", "family": "f", "kind": "call"}
    for name in store.filters:
        other = store.filter_nouns.get(name)
        if other in ("user", "task", "note", "activity") or (other is None and name not in values):
            continue
        named = {"contact": "P1", "company": "C1", "deal": "D1", "tag": "t", "pipeline": "Sales", "stage": "New"}
        for plan in plans(filled, noun, **{name: named[other] if other else values[name]}):
            scans = [line for line in plan.splitlines() if line == "SCAN r"]
            assert not scans, f"{noun} by {name}\n{plan}"
            assert "Seq Scan on " + store.table not in plan, f"{noun} by {name}\n{plan}"

"""The documented views are part of the database: any program that opens it reads them, and nobody reads secrets."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

import ghl
from ghl.engine.db.views import VIEWS, ask, described
from ghl.errors import Invalid, NotAllowed
from tests.conftest import STORES

pytestmark = pytest.mark.integration

WORKFLOW = """workflow: Welcome
status: active
re_entry: never
steps:
  - send_email: hello
  - wait: 2 days
"""


@pytest.fixture(params=STORES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with one of everything that the views show."""
    target = str(tmp_path / "views.db") if request.param == "sqlite" else request.getfixturevalue("pg_empty")
    with ghl.init(target, zone="UTC", currency="EUR", country="PT") as crm:
        crm.companies.create(name="Harbour", domain="harbour.example")
        ann = crm.contacts.create(
            first_name="Ann", last_name="Lee", email="ann@example.com", phone="912 345 678", company_id="Harbour", tags=["vip", "b2b"],
            owner_id=crm.users.create(name="Moses", email="moses@example.com").id,
        )  # fmt: skip
        crm.contacts.delete(contact_id=crm.contacts.create(first_name="Gone").id)
        crm.pipelines.create(name="Sales", stages=["New", "Offer"])
        deal = crm.deals.create(name="Boat", amount="12.50", pipeline_id="Sales", contact_id=ann.id, company_id="Harbour")
        crm.deals.move(deal_id=deal.id, stage="Offer")
        crm.products.create(name="Oar", price="9.90")
        crm.notes.create(body="Likes boats", contact_id=ann.id)
        crm.tasks.create(title="Call", contact_id=ann.id)
        crm.activities.create(kind="call", contact_id=ann.id)
        crm.senders.create(name="real", url="smtp://me:hunter2@mail.example.com", from_address="me@example.com")
        crm.templates.create(name="hello", subject="Hello", html="<p>Hello</p>", kind="transactional")
        crm.workflows.apply(source=WORKFLOW)
        crm.workflows.enroll(workflow_id="Welcome", contact_id=ann.id)
        crm.messages.send(template_id="hello", contact_id=ann.id)
    return target


def _one(target: str, text: str) -> tuple[object, ...]:
    _, rows = ask(target, text)
    assert len(rows) == 1
    return rows[0]


def test_every_view_answers_with_what_is_there(place: str) -> None:
    assert list(described(place)) == list(VIEWS)
    for name in VIEWS:
        names, rows = ask(place, f"select * from {name}")
        assert rows, name
        assert names == described(place)[name]
    name, company, tags, owner = _one(place, "select name, company, tags, owner from contacts")
    assert (name, company, sorted(str(tags).split(", ")), owner) == ("Ann Lee", "Harbour", ["b2b", "vip"], "Moses")
    assert _one(place, "select name, amount_minor, amount_currency, stage, company from deals") == ("Boat", 1250, "EUR", "Offer", "Harbour")
    assert ask(place, "select stage from deal_stages order by entered_at, left_at is null")[1] == [("New",), ("Offer",)]
    assert _one(place, "select due_at, contact from tasks") == (None, "Ann Lee")
    assert _one(place, "select state, channel, contact from messages") == ("queued", "email", "Ann Lee")
    state, at = _one(place, "select state, entered_at from runs")
    assert state == "live"
    moment = _one(place, "select at from history order by id desc limit 1")[0]
    for text in (at, moment):
        assert len(str(text)) == 24, text
        assert str(text).endswith("Z"), text


def test_secrets_are_not_shown(place: str) -> None:
    for query in ("select * from secrets", "with s as (select value from secrets) select * from s", "select count(value) from secrets"):
        with pytest.raises(NotAllowed, match="never shown"):
            ask(place, query)
    for query in ("delete from contacts", "with x as (select 1) delete from contact_records", "select nope from contacts"):
        with pytest.raises((Invalid, ghl.errors.GhlError)):
            ask(place, query)
    assert ask(place, "select count(*) from contacts")[1] == [(1,)]


def test_other_programs_open_the_file(tmp_path: Path) -> None:
    """As Datasette does: SQLite alone, read only, without our functions."""
    path = tmp_path / "own.db"
    with ghl.init(str(path), zone="UTC", currency="EUR", country="PT") as crm:
        crm.contacts.create(first_name="Ann", email="ann@example.com", tags=["vip"])
    raw = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        assert raw.execute("select name, email, tags from contacts").fetchall() == [("Ann", "ann@example.com", "vip")]
        views = [name for (name,) in raw.execute("select name from sqlite_master where type = 'view'")]
        assert sorted(views) == sorted(VIEWS)
        for name in VIEWS:
            raw.execute(f"select * from {name}").fetchall()
        with pytest.raises(sqlite3.OperationalError, match="view"):
            raw.execute("update contacts set first_name = 'x'")
    finally:
        raw.close()

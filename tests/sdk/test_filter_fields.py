"""Every field of every noun: the database answers what the evaluator says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

import pytest

import ghl
from ghl import errors
from ghl.engine.clock import VirtualClock
from ghl.engine.filter_records import StateRecord
from ghl.engine.filters import compiled, holds, schema, why
from ghl.engine.stores import STORES, store_of
from ghl.engine.tx import Tx
from ghl.sdk.expressions import Type
from ghl.sdk.money import Money
from ghl.sdk.times import stamp

pytestmark = pytest.mark.integration


@contextmanager
def reading(crm: ghl.Client) -> Iterator[Tx]:
    """A transaction of a local client."""
    transport: Any = crm._transport
    with transport.database.read() as connection:
        yield transport.tx(connection)


def declare(crm: ghl.Client, noun: str) -> None:
    """A custom field of every type, some indexed; written as rows, so that this needs no other noun."""
    transport: Any = crm._transport
    kinds = ["text", "number", "money", "date", "datetime", "bool", "select", "multi-select", "url", "json"]
    with transport.database.write() as connection:
        tx = transport.tx(connection)
        for kind in kinds:
            tx.run(
                """insert into field_definitions
                (id, account_id, public_id, created_at, updated_at, noun, name, name_key, type, choices, indexed)
                values (:id, :account_id, :public_id, :now, :now, :noun, :name, :name, :type, :choices, :indexed)""",
                id=tx.key("field_definitions"), public_id=tx.public_id(), noun=noun, name=f"c_{kind.replace('-', '_')}",
                type=kind, choices='["a", "b"]', indexed=int(kind in ("text", "number", "date")),
            )  # fmt: skip


CUSTOM = {
    "c_text": "Olá", "c_number": 12.5, "c_money": "5 USD", "c_date": "2026-02-01", "c_datetime": "2026-02-01T10:00",
    "c_bool": True, "c_select": "a", "c_multi_select": ["a", "b"], "c_url": "https://example.com", "c_json": {"x": 1},
}  # fmt: skip


@pytest.fixture
def full(local: ghl.Client, clock: VirtualClock) -> ghl.Client:
    """Records of every noun: one with everything, one with little."""
    for noun in ("contact", "company", "deal"):
        declare(local, noun)
    user = local.users.create(name="Ines", email="ines@example.com")
    local.users.create(name="Rui", active=False)
    sales = local.pipelines.create(name="Sales", stale_days=5)
    top = local.companies.create(name="Top", tags=["vip"])
    acme = local.companies.create(
        name="Acme", domain="acme.com", revenue="5 EUR", employees=3, parent_id=top.id, owner_id=user.id,
        custom_fields=CUSTOM,
    )  # fmt: skip
    local.companies.create(domain="nameless.com")
    ana = local.contacts.create(
        first_name="Ana", last_name="Reis", emails=["Ana@Example.com", "b@example.com"], phone="912345678",
        company_id=acme.id, tags=["Lead", "Olá"], owner_id=user.id, followers=[user.id], dnd=["email", "sms"], lead_score=7,
        birthday="1990-02-01", city="Porto", custom_fields=CUSTOM,
    )  # fmt: skip
    local.contacts.create(email="x@example.com")
    local.contacts.create(company_id="nameless.com")
    local.products.create(name="Shop", price="4821", sku="1")
    deal = local.deals.create(
        name="Shop", contact_id=ana.id, company_id=acme.id, lines=["Shop", {"name": "Work", "price": "1", "quantity": "2.5"}],
        owner_id=user.id, tags=["hot"], probability=42, expected_close_on="2026-05-01", custom_fields=CUSTOM,
    )  # fmt: skip
    clock.advance(timedelta(days=2, milliseconds=1))
    local.deals.move(deal_id=deal.id, stage="Proposal")
    local.deals.lose(deal_id=local.deals.create(name="Plain", pipeline_id=sales.id).id, reason="price")
    clock.advance(timedelta(days=1, hours=23, minutes=59, seconds=59, milliseconds=998))
    local.tasks.create(title="Call", deal_id=deal.id, due_at="tomorrow 10:00", owner_id="Ines")
    local.tasks.create(title="Write", contact_id=ana.id)
    local.notes.create(body="Hello", contact_id=ana.id)
    local.activities.create(kind="call", contact_id=ana.id, deal_id=deal.id, subject="Hi")
    return local


def literal(value: Any) -> str:
    """A value as it is written in an expression."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Money):
        return f'money("{value.value} {value.currency}")'
    if isinstance(value, datetime):
        return f'datetime("{stamp(value)}")'
    if isinstance(value, date):
        return f'date("{value.isoformat()}")'
    return f'"{value}"' if isinstance(value, str) else str(value)


def asked(name: str, type_: Type, choices: tuple[str, ...], seen: list[Any]) -> Iterator[str]:
    """What may be asked of a field, with values that records have."""
    yield f"has({name})"
    for value in seen:
        match type_:
            case Type.BOOL:
                yield name
                yield f"{name} == {literal(value)}"
            case Type.LIST:
                yield f'"{value[0]}" in {name}'
                yield f'"nobody" in {name}'
                yield f"size({name}) == {len(value)}"
            case Type.TEXT:
                yield f"{name} == {literal(value)}"
                if not choices:
                    yield f'{name} < "m"'
                yield f'{name}.icontains("A")'
            case Type.NUMBER | Type.MONEY | Type.DATE | Type.DATETIME:
                for sign in ("==", "<", ">="):
                    yield f"{name} {sign} {literal(value)}"


def agree(tx: Tx, noun: str, text: str) -> set[int]:
    """The records for which a condition holds, after both have said so."""
    store, where = store_of(noun), compiled(tx, noun, text)
    sql = f"select r.id from {store.table} r where r.account_id = :account_id and r.deleted_at is null and "
    found = {row["id"] for row in tx.all(f"{sql} ({where.sql})", **where.params)}
    states = store.load(tx, [row["id"] for row in tx.all(f"{sql} 1 = 1")])
    assert found == {state["id"] for state in states if holds(tx, noun, state, text)}, text
    return found


NOUNS = ["contact", "company", "deal", "product", "pipeline", "user", "tag", "task", "note", "activity"]


@pytest.mark.parametrize("noun", NOUNS)
def test_every_field_is_the_same_in_the_database_and_on_a_record(full: ghl.Client, noun: str) -> None:
    """Each question and its opposite, so that between them they find everybody once."""
    with reading(full) as tx:
        store, known = store_of(noun), schema(tx, noun)
        ids = [row["id"] for row in tx.all(f"select id from {store.table} where account_id = :account_id")]
        states = store.load(tx, ids)
        assert states
        fields = {**known.fields, **{f"custom.{name}": one for name, one in known.custom.items()}}
        for name, field in fields.items():
            seen = [v for s in states if (v := StateRecord(tx, noun, s).value(name)) is not None]
            kinds = seen[:1] + ([seen[-1]] if seen[-1:] != seen[:1] else [])
            for text in asked(name, field.type, field.choices, kinds):
                assert agree(tx, noun, text) | agree(tx, noun, f"!({text})") == set(ids), text


@pytest.mark.parametrize(
    ("noun", "text", "count"),
    [
        ("deal", 'stage == "Proposal" && days_in_stage == 1', 1),
        ("deal", "days_in_stage > 1", 0),
        ("deal", "probability == 42 && status == \"open\"", 1),
        ("deal", 'contact == "Ana Reis" && contact.city == "Porto"', 1),
        ("deal", 'company.revenue >= money("5 EUR") && company.custom.c_number > 12', 1),
        ("deal", 'exists(lines, product == "Shop") && count(lines, quantity > 2) == 1', 1),
        ("deal", 'exists(visits, stage == "New" && has(left_at))', 2),
        ("deal", 'exists(contacts, "lead" in tags) && exists(tags, name == "hot")', 1),
        ("deal", 'exists(events, name == "deal.stage_changed" && at > now() - duration("3d"))', 2),
        ("deal", "has(next_activity_at)", 1),
        ("contact", 'exists(deals, stage == "Proposal" && amount > 5)', 1),
        ("contact", 'company == "Acme" && company.owner == "Ines" && company.parent == "Top"', 1),
        ("contact", 'company == "nameless.com"', 1),
        ("contact", 'count(emails) == 2 || size(emails) == 2', None),
        ("contact", 'size(emails) == 2 && "ANA@example.com" in emails', 1),
        ("contact", '"ines" in followers && size(dnd) == 2 && "sms" in dnd && !("em" in dnd)', 1),
        ("contact", 'exists(events, name == "contact.created") && exists(companies, domain == "acme.com")', 1),
        ("contact", 'exists(tasks, status == "open") && exists(notes) && exists(activities, kind == "call")', 1),
        ("company", 'exists(contacts, "lead" in tags) && exists(deals) && parent == "Top" && "vip" in parent.tags', None),
        ("company", 'exists(contacts, "lead" in tags) && exists(deals) && parent.name == "Top"', 1),
        ("company", 'exists(companies, name == "Acme") && "VIP" in tags', 1),
        ("company", "!has(name)", 1),
        ("pipeline", 'exists(deals, status == "lost")', 1),
        ("contact", '{"&&": [{"==": [{"field": "city"}, "Porto"]}, {"exists": {"of": "deals"}}]}', 1),
    ],
)
def test_what_people_ask(full: ghl.Client, noun: str, text: str, count: int | None) -> None:
    """Links, related records and lists; both say the same."""
    with reading(full) as tx:
        if count is None:
            with pytest.raises(errors.ExpressionError):
                agree(tx, noun, text)
        else:
            assert len(agree(tx, noun, text)) == count


def test_a_status_is_one_of_its_choices(full: ghl.Client) -> None:
    """A slip in a value is found before any record is looked at."""
    with reading(full) as tx, pytest.raises(errors.ExpressionError, match='never "lots"') as caught:
        compiled(tx, "deal", 'status == "lots"')
    assert (caught.value.hint or "").startswith("lost?")


def test_a_trigger_may_ask_what_was_before_and_after(full: ghl.Client) -> None:
    """The fields of a change by name, with their types; what did not change is missing."""
    with reading(full) as tx:
        state = store_of("deal").load(tx, [1])[0]
        change = {
            "before": {"amount": {"minor": 100, "currency": "EUR"}, "owner": None},
            "after": {"amount": {"minor": 900, "currency": "EUR"}, "owner": "Ines", "expected_close_on": "2026-05-01"},
        }

        def asks(text: str) -> bool:
            return holds(tx, "deal", state, text, variables=change)

        assert asks('after.amount > money("5 EUR") && before.amount < money("5 EUR") && after.owner == "Ines"')
        assert asks('after.expected_close_on >= date("2026-05-01") && !has(after.name)')
        assert not asks('before.owner == "Ines"')
        assert holds(tx, "deal", state, 'after == "Proposal"', variables={"before": "New", "after": "Proposal"})
        with pytest.raises(errors.ExpressionError):
            asks("after.amonut > 5")
        told = why(tx, "deal", state, 'stage == "Proposal" && amount > 9', variables=change)
        assert told.result is True
        assert any("stage is" in line for line in told.lines())


def test_an_indexed_custom_field_is_found_by_its_index(full: ghl.Client) -> None:
    """Equal and in order; the other questions read the record."""
    with reading(full) as tx:
        for text in ('custom.c_number >= 12', 'c_text == "Olá"', 'c_date < date("2026-03-01")'):
            assert "field_values" in compiled(tx, "contact", text).sql
            assert len(agree(tx, "contact", text)) == 1


def test_every_noun_has_fields_and_links_that_exist(full: ghl.Client) -> None:
    """No declaration names what is not there."""
    with reading(full) as tx:
        for noun in [n for n in NOUNS if n in STORES]:
            known = schema(tx, noun)
            for relation in known.relations.values():
                agree(tx, noun, f"exists({relation.name}) && count({relation.name}) < 9")
                assert relation.schema().fields
            for link in known.links.values():
                name = next(iter(link.schema().fields))
                agree(tx, noun, f"has({link.name}.{name})")

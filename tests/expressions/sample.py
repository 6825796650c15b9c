"""A small world for expressions: contacts with companies, deals, events and tags, as records and in both databases."""

from __future__ import annotations

import json
import random
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ghl.engine.expressions import (
    Env,
    FoldedList,
    MappingRecord,
    SqlField,
    SqlLink,
    SqlRelation,
    SqlSource,
    json_field,
)
from ghl.sdk.expressions import Field, Link, Relation, Schema, Type
from ghl.sdk.money import Money
from ghl.sdk.names import fold
from ghl.sdk.times import stamp

NOW = datetime(2026, 11, 24, 10, 30, 15, 123_000, tzinfo=UTC)
LISBON = ZoneInfo("Europe/Lisbon")
DAY = timedelta(days=1)

TEXTS = ["", "Lisbon", "lisbon", "São Paulo", "Zürich", "ZÜRICH", "Οδός", "ΟΔΟΣ", "a", "A", "é", "z", "_", "100%", "%", "it's", '"', "\\",
         " pad ", "12", "-3.50", "1e3", "007", "x" * 40, "😀", "日本", "ß", "SS", "a b", "a-b", "\t", "1e400", "ABC"]  # fmt: skip
NUMBERS = [0, 1, -1, 2, 7, 10, 0.5, -0.5, 1.5, 2.5, -2.5, 3.25, 14, 30, 100, 1e15, -1e15, 2**53, 0.1, 1e60, 1e-60, 99.99, 4503599627370497]
MOMENTS = [
    NOW, NOW - DAY, NOW - DAY + timedelta(milliseconds=1), NOW + DAY, NOW - 30 * DAY, NOW - 365 * DAY,
    datetime(2026, 11, 24, tzinfo=UTC), datetime(2026, 11, 23, 23, 59, 59, 999_000, tzinfo=UTC),
    datetime(2026, 3, 29, 0, 59, 59, 999_000, tzinfo=UTC), datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
    datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 0, tzinfo=UTC),
    datetime(1999, 12, 31, 23, 30, tzinfo=UTC), datetime(1960, 6, 1, 12, 0, 0, 1_000, tzinfo=UTC),
    datetime(1850, 1, 1, tzinfo=UTC), datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC),
    datetime(2100, 1, 1, tzinfo=UTC), datetime(2099, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC), datetime(1900, 1, 1, tzinfo=UTC),
    datetime(2006, 10, 29, 2, 40, tzinfo=UTC),
]  # fmt: skip
DATES = [date(2026, 11, 24), date(2026, 11, 23), date(2026, 11, 25), date(2026, 10, 25), date(2024, 2, 29), date(1990, 2, 1),
         date(1, 1, 1), date(9999, 12, 31), date(2000, 1, 1), date(2026, 1, 1), date(2025, 12, 31)]  # fmt: skip
MONEYS = [Money("0", "EUR"), Money("12.34", "EUR"), Money("-5", "EUR"), Money("1000", "EUR"), Money("1000", "USD"), Money("1000", "JPY"),
          Money("12.345", "KWD"), Money("12.34", "USD")]  # fmt: skip
TAGS = ["Lead", "vip", "Olá", "cold one"]
STATUSES = ("open", "won", "lost")
EVENT_NAMES = ["email.opened", "email.clicked", "contact.created"]

DDL = [
    """create table contacts (id bigint primary key, first_name {text}, city {text}, email {text}, note text,
    score double precision, visits bigint not null, active bigint, created_at {text} not null, last_at {text},
    seen_at bigint, birthday {text}, amount bigint, amount_currency {text} not null default '',
    company_id bigint, custom text not null)""",
    "create table tags (contact_id bigint not null, name {text} not null, name_key {text} not null)",
    "create table companies (id bigint primary key, name {text}, size bigint, founded {text}, active bigint)",
    """create table deals (id bigint primary key, contact_id bigint not null, company_id bigint, name {text},
    status {text} not null, amount bigint, amount_currency {text} not null default '', opened_at {text} not null)""",
    "create table events (id bigint primary key, contact_id bigint not null, name {text} not null, at bigint not null)",
    "create table field_values (field_id bigint, record_id bigint, text_key {text}, number_key double precision)",
]
INDEXES = [
    "create index contacts_city on contacts (city)",
    "create index contacts_created on contacts (created_at)",
    "create index contacts_birthday on contacts (birthday)",
    "create index contacts_seen on contacts (seen_at)",
    "create index events_contact on events (contact_id, at)",
]
CUSTOM = {
    "plan": Type.TEXT, "level": Type.NUMBER, "weight": Type.NUMBER, "fee": Type.MONEY, "due": Type.DATE, "met": Type.DATETIME,
    "agreed": Type.BOOL, "colours": Type.LIST, "extra": Type.JSON, "nick": Type.TEXT,
}  # fmt: skip
INDEXED = {"plan": 1, "level": 2}

EVENT = Schema("event", {"name": Field("name", Type.TEXT), "at": Field("at", Type.DATETIME)})
COMPANY = Schema(
    "company",
    {
        "name": Field("name", Type.TEXT), "size": Field("size", Type.NUMBER), "founded": Field("founded", Type.DATE),
        "active": Field("active", Type.BOOL),
    },
    links={"company": Link("company", lambda: COMPANY)},
)  # fmt: skip
DEAL = Schema(
    "deal",
    {
        "name": Field("name", Type.TEXT), "status": Field("status", Type.TEXT, choices=STATUSES),
        "amount": Field("amount", Type.MONEY), "opened_at": Field("opened_at", Type.DATETIME),
        "age": Field("age", Type.NUMBER),
    },
    links={"company": Link("company", lambda: COMPANY), "deal": Link("deal", lambda: DEAL)},
)  # fmt: skip
CONTACT = Schema(
    "contact",
    {
        "first_name": Field("first_name", Type.TEXT), "city": Field("city", Type.TEXT),
        "email": Field("email", Type.TEXT, lower=True), "note": Field("note", Type.TEXT),
        "score": Field("score", Type.NUMBER), "visits": Field("visits", Type.NUMBER), "active": Field("active", Type.BOOL),
        "created_at": Field("created_at", Type.DATETIME), "last_at": Field("last_at", Type.DATETIME),
        "seen_at": Field("seen_at", Type.DATETIME), "birthday": Field("birthday", Type.DATE),
        "amount": Field("amount", Type.MONEY), "tags": Field("tags", Type.LIST), "age": Field("age", Type.NUMBER),
    },
    {"deals": Relation("deals", lambda: DEAL), "events": Relation("events", lambda: EVENT)},
    {"company": Link("company", lambda: COMPANY), "contact": Link("contact", lambda: CONTACT)},
    custom={name: Field(name, type_) for name, type_ in CUSTOM.items()},
).with_fields([Field("before", Type.ANY), Field("after", Type.ANY), Field("after.city", Type.ANY)])  # fmt: skip


class World:
    """The rows of every table, and each contact as a record."""

    def __init__(self, *tables: str) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {name: [] for name in tables}
        self.records: dict[int, MappingRecord] = {}


def env(**changed: Any) -> Env:
    """The moment and the account of the world."""
    return Env(**({"now": NOW, "zone": LISBON, "currency": "EUR", "variables": {"before": None, "after": "Lisbon"}} | changed))


def _age(moment: datetime | None) -> int | None:
    return None if moment is None else (NOW - moment) // DAY


def world(seed: int, size: int = 60) -> World:
    """A world from a seed: every kind of value, each missing now and then."""
    chance = random.Random(seed)
    found = World("contacts", "tags", "companies", "deals", "events", "field_values")

    def some(pool: list[Any], missing: float = 0.25) -> Any:
        return None if chance.random() < missing else chance.choice(pool)

    companies: dict[int, MappingRecord] = {}
    for number in range(1, 6):
        values = {"name": some(TEXTS), "size": some([1, 5, 14, 1000]), "founded": some(DATES), "active": some([True, False])}
        companies[number] = MappingRecord(values)
        companies[number].links = {"company": companies[number]}
        found.rows["companies"].append({"id": number} | _stored(values))
    for number in range(1, size + 1):
        _contact(found, chance, some, number, companies)
    return found


def _contact(found: World, chance: random.Random, some: Any, number: int, companies: dict[int, MappingRecord]) -> None:
    created = chance.choice(MOMENTS)
    custom, shown = _custom(chance, some)
    for name, field_id in INDEXED.items():
        value = shown.get(f"custom.{name}")
        if value is not None:
            text = value[:500] if isinstance(value, str) else None
            key = None if isinstance(value, str) else float(value)
            found.rows["field_values"].append(
                {"field_id": field_id, "record_id": number, "text_key": text, "number_key": key}
            )
    tags = chance.sample(TAGS, chance.randint(0, 3))
    found.rows["tags"] += [{"contact_id": number, "name": tag, "name_key": fold(tag)} for tag in tags]
    company = some(list(companies), 0.3)
    email = some(TEXTS)
    own = {
        "first_name": some(TEXTS), "city": some(TEXTS), "email": email.lower() if email else None, "note": some(TEXTS),
        "score": some(NUMBERS), "visits": chance.randint(0, 40), "active": some([True, False]), "created_at": created,
        "last_at": some(MOMENTS), "seen_at": some(MOMENTS), "birthday": some(DATES), "amount": some(MONEYS),
    }  # fmt: skip
    row = {"id": number} | _stored(own) | {"company_id": company, "custom": json.dumps(custom)}
    row["seen_at"] = None if own["seen_at"] is None else _ms(own["seen_at"])
    found.rows["contacts"].append(row)
    deals, events = [], []
    for _ in range(chance.randint(0, 3)):
        values = {
            "name": some(TEXTS), "status": chance.choice(STATUSES), "amount": some(MONEYS), "opened_at": chance.choice(MOMENTS),
        }  # fmt: skip
        owner = some(list(companies), 0.5)
        found.rows["deals"].append(
            {"id": len(found.rows["deals"]) + 1, "contact_id": number, "company_id": owner} | _stored(values)
        )
        links = {"company": companies[owner]} if owner else {}
        deals.append(MappingRecord(values | {"age": _age(values["opened_at"])}, {}, links))
    for _ in range(chance.randint(0, 4)):
        values = {"name": chance.choice(EVENT_NAMES), "at": chance.choice(MOMENTS)}
        found.rows["events"].append(
            {"id": len(found.rows["events"]) + 1, "contact_id": number, "name": values["name"], "at": _ms(values["at"])}
        )
        events.append(MappingRecord(values))
    record = MappingRecord(
        own | shown | {"tags": FoldedList(tags) or None, "age": _age(own["last_at"])},
        {"deals": deals, "events": events},
        {"company": companies[company]} if company else {},
    )
    record.links = {**record.links, "contact": record}
    found.records[number] = record


BAD: list[Any] = [None, "abc", 5, True, [], {}, [1, "a"], "2026-02-30", "2026-11-24", "2026-11-24T10:00:00Z", {"minor": "x"}, 1e300, "0000-01-01"]


def _custom(chance: random.Random, some: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Custom fields as JSON and as values; some of them hold what is not of their type."""
    custom: dict[str, Any] = {}
    shown: dict[str, Any] = {}
    pools: dict[str, list[Any]] = {
        "plan": [t for t in TEXTS if t], "nick": TEXTS, "level": NUMBERS, "weight": NUMBERS, "fee": MONEYS, "due": DATES, "met": MOMENTS,
        "agreed": [True, False], "colours": [["red"], ["red", "blue"], ["Lisbon", "it's"]], "extra": [{"x": 1}, [1], "t"],
    }  # fmt: skip
    for name, pool in pools.items():
        value = some(pool, 0.3)
        if value is None:
            continue
        custom[name], shown[f"custom.{name}"] = _json(value), value
    for name in chance.sample(sorted(set(CUSTOM) - set(INDEXED)), 2):
        value = chance.choice(BAD)
        custom[name] = value
        shown[f"custom.{name}"] = _read(CUSTOM[name], value)
    return custom, shown


def _read(type_: Type, value: Any) -> Any:
    """What a record says of a JSON value, right or wrong for its type."""
    if type_ is Type.DATE and isinstance(value, str) and len(value) == 10:
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None
    if type_ is Type.LIST and isinstance(value, list):
        return value or None
    return value if type_ in (Type.TEXT, Type.NUMBER, Type.BOOL, Type.JSON) else None


def _json(value: Any) -> Any:
    if isinstance(value, Money):
        return {"minor": value.minor, "currency": value.currency}
    if isinstance(value, datetime):
        return stamp(value)
    return value.isoformat() if isinstance(value, date) else value


def _ms(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def _stored(values: dict[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name, value in values.items():
        if name == "amount":
            row |= {"amount": None if value is None else value.minor, "amount_currency": "" if value is None else value.currency}
        elif isinstance(value, bool):
            row[name] = int(value)
        else:
            row[name] = _json(value)
    return row


def source(dialect: str) -> SqlSource:
    """Where the fields of a contact are."""
    plain = {
        name: SqlField(one.type, f"{{r}}.{name}", name not in ("visits", "created_at"))
        for name, one in CONTACT.fields.items()
        if name not in ("amount", "tags", "age", "seen_at")
    }
    contact = SqlSource(
        plain
        | {
            "seen_at": SqlField(Type.DATETIME, "{r}.seen_at", storage="ms"),
            "amount": SqlField(Type.MONEY, "{r}.amount", True, "{r}.amount_currency"),
            "age": SqlField(Type.NUMBER, since=SqlField(Type.DATETIME, "{r}.last_at")),
            "tags": SqlField(
                Type.LIST, member="exists (select 1 from tags t where t.contact_id = {r}.id and t.name_key = {v})",
                size="(select count(*) from tags t where t.contact_id = {r}.id)", folded=True,
            ),
        },
        {
            "deals": SqlRelation("deals {q} where {q}.contact_id = {r}.id", lambda: deal),
            "events": SqlRelation("events {q} where {q}.contact_id = {r}.id", lambda: event),
        },
        {"company": SqlLink("{r}.company_id", "companies", lambda: company)},
        lambda key: _custom_field(key, dialect),
    )  # fmt: skip
    company = SqlSource({n: SqlField(one.type, f"{{r}}.{n}") for n, one in COMPANY.fields.items()})
    event = SqlSource(
        {"name": SqlField(Type.TEXT, "{r}.name", False), "at": SqlField(Type.DATETIME, "{r}.at", False, storage="ms")}
    )
    deal = SqlSource(
        {
            "name": SqlField(Type.TEXT, "{r}.name"), "status": SqlField(Type.TEXT, "{r}.status", False),
            "amount": SqlField(Type.MONEY, "{r}.amount", True, "{r}.amount_currency"),
            "opened_at": SqlField(Type.DATETIME, "{r}.opened_at", False),
            "age": SqlField(Type.NUMBER, since=SqlField(Type.DATETIME, "{r}.opened_at", False)),
        },
        {},
        {"company": SqlLink("{r}.company_id", "companies", lambda: company)},
    )  # fmt: skip
    return contact


def _custom_field(key: str, dialect: str) -> SqlField | None:
    equals = ranged = ""
    if key in INDEXED:
        column = "text_key" if CUSTOM[key] is Type.TEXT else "number_key"
        within = f"{{r}}.id in (select k.record_id from field_values k where k.field_id = {INDEXED[key]} and k.{column}"
        equals = f"{within} = {{v}})"
        ranged = f"{within} {{op}} {{v}})" if CUSTOM[key] is Type.NUMBER else ""
    return json_field(CUSTOM[key], key, dialect, equals=equals, ranged=ranged)

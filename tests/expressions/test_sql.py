"""What the SQL is like: indexes are used, texts are parameters, and nothing is too much for a parser."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ghl.engine.expressions import Fragment, compile_sql, evaluate, json_field
from ghl.engine.expressions.sql_depth import MOST, parser_depth
from ghl.errors import ExpressionError
from ghl.sdk.expressions import Type, check
from tests.expressions.databases import Database, Sqlite, found
from tests.expressions.generator import conditions
from tests.expressions.sample import CONTACT, World, env, source

pytestmark = pytest.mark.integration


def sql_of(text: str, dialect: str = "sqlite") -> Fragment:
    """The SQL of a condition."""
    return compile_sql(check(text, CONTACT), source(dialect), dialect, env())


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ('city == "Lisbon"', "contacts_city"),
        ('city == "Lisbon" && score > 5', "contacts_city"),
        ('city == "Lisbon" && after == "Lisbon"', "contacts_city"),
        ('city in ["Lisbon", "Porto"]', "contacts_city"),
        ('city > "Z"', "contacts_city"),
        ("created_at > now() - duration('7d')", "contacts_created"),
        ("created_at + duration('7d') > now()", "contacts_created"),
        ("now() - created_at < duration('7d')", "contacts_created"),
        ("days_since(created_at) < 7", "contacts_created"),
        ("days_since(created_at) == 7", "contacts_created"),
        ("date(created_at) == today()", "contacts_created"),
        ("date(created_at, 'Asia/Kathmandu') == date('2026-11-24')", "contacts_created"),
        ("year(created_at) == 2026", "contacts_created"),
        ("created_at >= today()", "contacts_created"),
        ("birthday == '1990-02-01'", "contacts_birthday"),
        ("year(birthday) == 1990", "contacts_birthday"),
        ("days_until(birthday) == 0", "contacts_birthday"),
        ("seen_at > now() - duration('1d')", "contacts_seen"),
        ("exists(events, at > now() - duration('1d'))", "events_contact"),
    ],
)
def test_an_index_is_used(text: str, index: str, sqlite_people: Sqlite) -> None:
    """Positive leaves are plain comparisons of what is stored, however they were written."""
    fragment = sql_of(text)
    plan = sqlite_people.run(f"explain query plan select r.id from contacts r where {fragment.sql}", fragment.params)
    assert any("SEARCH" in row[3] and index in row[3] for row in plan), (fragment.sql, plan)


@pytest.mark.parametrize(
    ("text", "sql"),
    [
        ('city == "x"', "r.city = :x1"),
        ('city != "x"', "(r.city <> :x1 or r.city is null)"),
        ("visits != 3", "r.visits <> :x1"),
        ("!(visits < 3 && score > 1)", "(r.visits >= :x1 or (r.score <= :x2 or r.score is null))"),
        ("has(city)", "r.city is not null"),
        ("has(visits)", "1 = 1"),
        ("count(deals) > 0", "exists (select 1 from deals q1 where q1.contact_id = r.id)"),
        ("count(deals) == 0", "not exists (select 1 from deals q1 where q1.contact_id = r.id)"),
        ("active", "r.active = 1"),
        ("!active", "(r.active = 0 or r.active is null)"),
        ('before == 1 || city == "x"', "r.city = :x1"),
        ('after == "Porto" && city == "x"', "1 = 0"),
    ],
)
def test_sql_is_plain(text: str, sql: str) -> None:
    """Negation stands at the leaves, and what is known is gone."""
    assert sql_of(text).sql == sql


@pytest.mark.security
@settings(max_examples=200, deadline=None)
@given(text=st.text(min_size=1, max_size=30))
def test_no_text_of_a_user_is_in_the_sql(text: str) -> None:
    """Every text is a parameter, wherever it stands."""
    if any(c == "\0" or "\ud800" <= c <= "\udfff" for c in text):
        return
    quoted = '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    marked = sql_of('city == "marker"').sql
    for form in ("city == {}", "city.contains({})", "{} in tags", "exists(deals, name == {})", "city in [{}]", "custom.plan == {}"):
        for dialect in ("sqlite", "postgres"):
            fragment = sql_of(form.format(quoted), dialect)
            same = sql_of(form.format('"marker"'), dialect)
            assert fragment.sql == same.sql
    assert marked == sql_of(f"city == {quoted}").sql


def test_a_key_of_a_custom_field_is_no_way_in() -> None:
    """Whatever declares fields, a key with quotes is refused."""
    for key in ("a'b", 'a"b', "a\\b", "a{b"):
        with pytest.raises(ValueError, match="no key"):
            json_field(Type.TEXT, key, "sqlite")


def test_parameters_have_the_prefix_that_is_asked_for() -> None:
    """So that two conditions may stand in one statement."""
    checked = check('city == "a" && score > 1', CONTACT)
    one = compile_sql(checked, source("sqlite"), "sqlite", env(), prefix="left", alias="c")
    assert set(one.params) == {"left1", "left2"}
    assert one.sql == "(c.city = :left1 and c.score > :left2)"


DEEP = [
    "(" * 45 + "score > 1" + ")" * 45,
    "!" * 45 + "active",
    "-" * 40 + "(score) > 1",
    "(" * 40 + "score" + " + 1)" * 40 + " > 1",
    "round(" * 40 + "score" + ")" * 40 + " > 1",
    "trim(" * 40 + "city" + ")" * 40 + ' == "x"',
    "days_since(" * 1 + "created_at" + " + duration('1d')" * 40 + ") > 1",
    " + ".join(["score"] * 90) + " > 1",
    " + ".join(["city"] * 90) + ' == "x"',
    " && ".join(["score > 1"] * 240),
    " || ".join(['custom.plan == "a"'] * 150),
    f"city in [{', '.join(f'{chr(34)}{n}{chr(34)}' for n in range(900))}]",
    f"custom.plan in [{', '.join(f'{chr(34)}{n}{chr(34)}' for n in range(900))}]",
    "active ? " * 40 + "true" + " : false" * 40,
    "(active ? " * 22 + "score" + " : 1)" * 22 + " > 1",
    "exists(deals, " + "!(" * 22 + "status == 'won'" + ")" * 22 + ")",
    " + ".join(["hour(created_at)"] * 60) + " > 1",
]


@pytest.mark.security
@pytest.mark.parametrize("text", DEEP, ids=[text[:20] for text in DEEP])
def test_what_is_deep_or_long_is_answered_or_refused(text: str, people: World, database: Database) -> None:
    """Never an error of the database, never a statement that grows without bound."""
    checked = check(text, CONTACT)
    expected = {number for number, record in people.records.items() if evaluate(checked, record, env())}
    try:
        answered = found(database, checked, env())
    except ExpressionError as error:
        message = error.message
        answered = expected
    else:
        message = ""
    assert answered == expected
    assert not message or "deeply nested" in message or "too long" in message


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=conditions(depth=6))
def test_the_depth_that_is_reckoned_is_enough_for_the_parser(text: str, sqlite_people: Sqlite) -> None:
    """What is not refused has room left for the statement around it."""
    try:
        fragment = sql_of(text)
    except ExpressionError:
        return
    around = 100 - MOST - 9
    assert parser_depth(fragment.sql) <= MOST
    sql = f"select 1 from contacts r where {'(' * around}{fragment.sql}{')' * around} limit 0"
    try:
        sqlite_people.run(sql, fragment.params)
    except sqlite3.OperationalError as error:
        pytest.fail(f"{error}: {sql}")

"""The sample is the same for a seed, believable, complete, and refers only to what it contains."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import phonenumbers
import pytest
from email_validator import validate_email

from ghl.engine.render.files import read_template
from ghl.engine.workflows.files import Checked, read_workflow
from ghl.sample import Sample, generate
from ghl.sample.dice import Dice
from ghl.sample.generator import FIELDS
from ghl.sample.people import slug
from ghl.sdk.times import is_zone, parse_stamp

pytestmark = pytest.mark.unit
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def sample() -> Sample:
    return generate(1, NOW)


def rows(sample: Sample) -> list[dict[str, Any]]:
    names = (
        "users",
        "companies",
        "contacts",
        "pipelines",
        "products",
        "deals",
        "notes",
        "tasks",
        "activities",
    )
    return [row for name in names for row in getattr(sample, name)]


def test_equal_arguments_give_equal_samples(sample: Sample) -> None:
    assert generate(1, NOW) == sample
    assert generate(2, NOW).contacts != sample.contacts
    # A fixed value: a change of Python or of the generator would show here.
    assert [sample.contacts[1][key] for key in ("first_name", "last_name", "city")] == [
        "Hugo",
        "Fonseca",
        "Porto",
    ]


def test_sizes(sample: Sample) -> None:
    assert (len(sample.contacts), len(sample.companies), len(sample.deals)) == (2000, 412, 310)
    assert [pipeline["name"] for pipeline in sample.pipelines] == ["Sales", "Renewals"]
    assert len(sample.notes) > 300
    assert len(sample.tasks) > 100
    assert len(sample.activities) > 500
    assert len(generate(7, NOW, contacts=100).contacts) == 100
    assert len(generate(7, NOW, contacts=1).contacts) == 1
    assert generate(7, NOW, contacts=0).contacts == []


def test_references_go_to_what_is_there(sample: Sample) -> None:
    everything = rows(sample)
    keys = [row["key"] for row in everything]
    assert len(keys) == len(set(keys))
    known = set(keys)
    for row in everything:
        for name, value in row.items():
            if name.endswith("_key") and value is not None:
                assert value in known, (row["key"], name)
            if name.endswith("_keys"):
                assert set(value) <= known
    stages = {
        pipeline["key"]: [stage["name"] for stage in pipeline["stages"]] for pipeline in sample.pipelines
    }
    for deal in sample.deals:
        assert deal["stage"] in stages[deal["pipeline_key"]]
        assert {line["product_key"] for line in deal["lines"]} <= known


def test_addresses_are_reserved_valid_and_unique(sample: Sample) -> None:
    emails = [person["email"] for person in sample.contacts if person["email"]]
    assert len(emails) == len(set(emails))
    for email in emails:
        assert re.search(r"[@.]example\.(com|org|net)$", email), email
        assert validate_email(email, check_deliverability=False).normalized == email
    for row in [*sample.contacts, *sample.companies]:
        if row["phone"]:
            number = phonenumbers.parse(row["phone"])
            assert phonenumbers.is_valid_number(number), row["phone"]
            assert phonenumbers.region_code_for_number(number) == row["country"]
            assert phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) == row["phone"]


def test_zones_exist_and_mostly_are_there(sample: Sample) -> None:
    zones = [person["zone"] for person in sample.contacts if person["zone"]]
    assert all(is_zone(zone) for zone in set(zones))
    assert len(set(zones)) > 8
    assert 0.8 < len(zones) / len(sample.contacts) < 0.97
    assert len({person["country"] for person in sample.contacts}) >= 8


def test_it_has_the_gaps_of_a_real_list(sample: Sample) -> None:
    people = sample.contacts
    without = sum(1 for person in people if not person["email"])
    assert 150 < without < 260
    assert 40 < sum(1 for item in sample.suppressions if item["reason"] == "unsubscribed") < 90
    assert {item["address"] for item in sample.suppressions} <= {person["email"] for person in people}
    assert len({item["address"] for item in sample.suppressions}) == len(sample.suppressions)
    shared = [
        number
        for number, count in Counter(person["phone"] for person in people if person["phone"]).items()
        if count > 1
    ]
    assert 20 <= len(shared) <= 40
    overdue = [task for task in sample.tasks if not task["done_at"] and parse_stamp(task["due_at"]) < NOW]
    assert 5 < len(overdue) < 80


def test_nothing_happened_in_the_future_or_before_its_beginning(sample: Sample) -> None:
    created = {row["key"]: row["created_at"] for row in rows(sample) if "created_at" in row}
    for key, at in created.items():
        assert parse_stamp(at) <= NOW, key
    for task in sample.tasks:
        assert task["done_at"] is None or task["created_at"] <= task["done_at"]
        assert task["done_at"] is None or parse_stamp(task["done_at"]) <= NOW
    for activity in sample.activities:
        assert parse_stamp(activity["at"]) <= NOW
    for deal in sample.deals:
        assert all(created[key] <= deal["created_at"] for key in deal["contact_keys"])
        assert NOW - parse_stamp(deal["created_at"]) < timedelta(days=121)


def test_the_history_of_deals_leads_to_where_they_are(sample: Sample) -> None:
    first = {pipeline["key"]: pipeline["stages"][0]["name"] for pipeline in sample.pipelines}
    statuses = Counter(deal["status"] for deal in sample.deals)
    assert statuses["open"] > 100
    assert statuses["won"] > 30
    assert statuses["lost"] > 20
    for deal in sample.deals:
        stage, at = first[deal["pipeline_key"]], deal["created_at"]
        for move in deal["moves"]:
            assert move["before"] == stage
            assert at < move["at"] <= NOW.isoformat()
            stage, at = move["after"], move["at"]
        assert stage == deal["stage"]
        assert (deal["closed_at"] is None) == (deal["status"] == "open")
        assert deal["closed_at"] is None or at < deal["closed_at"]
        assert (deal["lost_reason"] is not None) == (deal["status"] in ("lost", "abandoned"))
        total = sum(round(float(line["price"]["value"]) * 100) * line["quantity"] for line in deal["lines"])
        assert round(float(deal["amount"]["value"]) * 100) == total
    recent = (NOW - timedelta(days=14)).isoformat()
    assert (
        sum(
            1
            for deal in sample.deals
            for move in deal["moves"]
            if move["after"] == "Qualified" and move["at"] > recent
        )
        > 20
    )


def test_custom_values_fit_their_fields(sample: Sample) -> None:
    declared = {field["key"]: field for field in FIELDS}
    for person in sample.contacts:
        for key, value in person["custom_fields"].items():
            options = declared[key].get("options")
            if options:
                assert set(value if isinstance(value, list) else [value]) <= set(options)


@pytest.mark.parametrize("seed", [1, 2, 77])
def test_maria_is_there_for_every_seed(seed: int) -> None:
    sample = generate(seed, NOW, contacts=200)
    maria, deal = sample.contacts[0], sample.deals[0]
    assert (maria["email"], maria["city"], maria["tags"]) == (
        "maria.alves@example.com",
        "Lisbon",
        ["lead", "newsletter", "vip"],
    )
    assert deal["name"] == "Online shop for Alves & Filhos"
    assert (deal["stage"], deal["status"], deal["contact_keys"]) == ("Proposal", "open", [maria["key"]])
    assert not any(item["address"] == maria["email"] for item in sample.suppressions)
    assert sum(1 for person in sample.contacts if person["email"] == maria["email"]) == 1


def test_texts_read_like_people(sample: Sample) -> None:
    for row in [*sample.notes, *sample.tasks, *sample.activities]:
        text = row.get("body") or row.get("title") or row.get("subject")
        assert text
        assert "{" not in text
        assert "None" not in text
    assert slug("Zoë O'Connor-Świątek & Sons") == "zoe.oconnor.swiatek.sons"


def test_the_workflows_and_templates_are_good(sample: Sample) -> None:
    templates = [read_template(text, f"{name}.html") for name, text in sample.templates]
    known = Checked(
        known={
            "template": [template.name for template in templates],
            "user": [user["name"] for user in sample.users],
        },
        stages={
            pipeline["name"]: [stage["name"] for stage in pipeline["stages"]] for pipeline in sample.pipelines
        },
    )
    used = set()
    assert [name for name, _ in sample.workflows] == ["nurture", "welcome"]
    for name, text in sample.workflows:
        found = read_workflow(text, f"{name}.yaml", known)
        assert found.definition.name == name
        assert found.definition.status == "active"
        assert not found.warnings
        used |= {step.arguments["template"] for step in found.definition.steps if step.kind == "send_email"}
    assert used == {template.name for template in templates}


def test_dice_stay_in_range() -> None:
    dice = Dice(3)
    assert {dice.between(1, 3) for _ in range(100)} == {1, 2, 3}
    assert len(set(dice.some(range(10), 4))) == 4
    assert all(2 <= dice.skewed(2, 50, 10) <= 50 for _ in range(200))
    moments = [dice.moment(NOW - timedelta(days=9), NOW) for _ in range(200)]
    assert all(NOW - timedelta(days=9) <= moment <= NOW for moment in moments)
    assert dice.moment(NOW, NOW) == NOW

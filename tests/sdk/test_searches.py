"""Every list can be searched in the same words, large or small, over every transport."""

from __future__ import annotations

from typing import Any

import pytest

import ghl
from ghl import errors

pytestmark = pytest.mark.integration

SMALL: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "pipelines": ({"name": "Renewals São Paulo"}, {"name": "Sales"}, "sao ren"),
    "tags": ({"name": "VIP Lisbon"}, {"name": "lead"}, "LIS vip"),
    "users": ({"name": "Inês Costa", "email": "ines@example.com"}, {"name": "Rui"}, "ines cost"),
    "templates": (
        {"name": "Welcome mail", "subject": "Hi", "body": "Hi"}, {"name": "Bye", "subject": "Bye", "body": "Bye"}, "mail wel",
    ),
    "senders": (
        {"name": "Main", "url": "outbox:a", "from_address": "Ann <ann@example.com>"},
        {"name": "Other", "url": "outbox:b", "from_address": "bo@example.com"}, "ann",
    ),
    "views": ({"name": "Hot leads", "where": 'city == "Rome"'}, {"name": "Cold", "where": 'city == "Oslo"'}, "lead hot"),
    "suppressions": ({"address": "gone@example.com"}, {"address": "left@example.org"}, "gone example.com"),
}  # fmt: skip


@pytest.mark.parametrize("noun", SMALL)
def test_small_nouns_are_searched_by_their_names(crm: ghl.Client, noun: str) -> None:
    """Every word must be found; accents, case and order do not matter."""
    wanted, other, text = SMALL[noun]
    verbs = getattr(crm, noun)
    made, _ = verbs.create(**wanted), verbs.create(**other)
    assert [one.id for one in verbs.list(search=text)] == [made.id]
    assert verbs.list(search=f"{text} nothing").total == 0
    with pytest.raises(errors.Invalid, match="no word"):
        verbs.list(search="%")


def test_workflows_and_attachments_are_searched_too(crm: ghl.Client) -> None:
    """By name, without one there is nothing to find."""
    assert crm.workflows.list(search="welcome").total == 0
    assert crm.attachments.list(search="contract").total == 0


def test_fields_are_searched_by_name_label_and_description(crm: ghl.Client) -> None:
    """Built-in and custom ones."""
    crm.fields.create(name="size", label="Shoe size")
    assert [one.name for one in crm.fields.list(noun="contact", search="city")] == ["city"]
    assert [one.name for one in crm.fields.list(search="shoe")] == ["size"]
    assert {one.name for one in crm.fields.list(noun="contact", search="stage")} == {"lifecycle_stage"}
    with pytest.raises(errors.Invalid) as caught:
        crm.fields.list(noun="contact", sort="name")
    assert "search" in str(caught.value.hint)


def test_messages_name_nouns_and_not_tables(crm: ghl.Client) -> None:
    """What is told can be typed."""
    with pytest.raises(errors.Invalid, match=r"^views cannot be sorted"):
        crm.views.list(sort="columns")

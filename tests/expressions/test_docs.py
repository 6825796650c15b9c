"""The reference page: every example is run, every function is on it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import ghl
from ghl.sdk.expressions import from_json, parse, to_json
from ghl.sdk.expressions.functions import FUNCTIONS

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "expressions.md").read_text("utf-8")
BLOCKS = [
    ("deal" if noun else "contact", line)
    for noun, body in re.findall(r"^```cel( deal)?\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    for line in body.splitlines()
    if line
]


@pytest.mark.unit
def test_there_are_examples() -> None:
    """Of every section."""
    assert len(BLOCKS) > 30


@pytest.mark.integration
def test_every_example_is_a_filter(local: ghl.Client) -> None:
    """On each database, with a record that it may find."""
    contact = local.contacts.create(first_name="Ana", last_name="Silva", city="Lisbon", tags=["lead"])
    local.pipelines.create(name="Sales")
    local.deals.create(name="Shop", contact_id=contact.id, amount="2000 EUR")
    for noun, text in BLOCKS:
        found = list((local.deals if noun == "deal" else local.contacts).list(where=text))
        assert len(found) <= 1, text
    assert list(local.contacts.list(where=BLOCKS[0][1]))


@pytest.mark.integration
def test_every_function_is_on_the_page_with_an_example_that_runs(file_crm: ghl.Client) -> None:
    """As the catalogue has it."""
    for function in FUNCTIONS.values():
        assert f"| `{function.name}` | {function.sentence} | `{function.example}` |" in PAGE
        if function.name != "matches":
            noun = file_crm.deals if "amount" in function.example else file_crm.contacts
            assert list(noun.list(where=function.example)) == []


@pytest.mark.unit
def test_the_json_of_the_page_is_the_json_of_the_text() -> None:
    """Both ways."""
    pairs = re.findall(r"^\| `(.+?)` \| `(\{.+\})` \|$", PAGE, re.MULTILINE)
    assert len(pairs) > 5
    for text, form in pairs:
        assert from_json(json.loads(form)) == parse(text)
        assert to_json(parse(text)) == json.loads(form)


@pytest.mark.integration
def test_the_mistake_of_the_page_is_told_as_it_says(file_crm: ghl.Client) -> None:
    """With the same words."""
    with pytest.raises(ghl.errors.ExpressionError) as caught:
        file_crm.contacts.list(where='citty == "Rome"')
    assert f"error: {caught.value.message}\n" in PAGE
    assert f"hint:  {caught.value.hint}\n" in PAGE

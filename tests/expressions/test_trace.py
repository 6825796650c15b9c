"""Why a condition is true or false, told by the evaluator itself."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings

from ghl.engine.expressions import MappingRecord, evaluate, trace
from ghl.errors import ExpressionError
from ghl.sdk.expressions import check
from ghl.sdk.money import Money
from tests.expressions.generator import conditions
from tests.expressions.sample import CONTACT, NOW, World, env

pytestmark = pytest.mark.unit
ANA = MappingRecord(
    {"city": "Porto", "score": 7, "tags": ["lead"], "amount": Money("5", "USD"), "created_at": NOW, "active": True},
    {"deals": [MappingRecord({"name": "a", "status": "lost"}), MappingRecord({"name": "b", "status": "won"})]},
)


def told(text: str) -> str:
    """What people read."""
    return "\n".join(trace(check(text, CONTACT), ANA, env()).lines())


def test_each_clause_has_the_value_that_decided() -> None:
    """A clause that was not needed is not there."""
    assert told('"lead" in tags && city == "Lisbon" && score > 5') == (
        'no   "lead" in tags && city == "Lisbon" && score > 5\n'
        '  yes  "lead" in tags    tags is ["lead"]\n'
        '  no   city == "Lisbon"    city is "Porto"'
    )
    assert told("score > 5 || has(last_at)") == "yes  score > 5 || has(last_at)\n  yes  score > 5    score is 7"


def test_what_is_missing_is_said() -> None:
    """And the opposite of a clause shows the clause."""
    assert told("!(last_at < now())") == "yes  !(last_at < now())\n  no   last_at < now()    last_at is missing"
    assert told("active") == "yes  active    active is true"
    assert told("active && score == 7").splitlines()[0] == "yes  active && score == 7    active is true"


def test_what_has_no_value_says_why() -> None:
    """Errors are null, and told."""
    assert "a division by zero" in told("score / 0 > 1")
    assert "USD and EUR are not compared" in told('amount > money("1 EUR")')
    assert "is no number" in told("number(city) > 1")
    assert "calendar" in told('created_at + duration("4000000d") > now()')
    assert "1900 to 2099" in told('hour(datetime("1850-01-01T00:00:00Z")) > 1')


def test_related_records_are_counted_and_the_deciding_one_is_told() -> None:
    """Which of them it was, by its own values."""
    assert told('exists(deals, status == "won")') == (
        'yes  exists(deals, status == "won")    deals is 1\n  yes  status == "won"    status is "won"'
    )
    assert "deals is \"0 of 2\"" in told('exists(deals, status == "open")')
    assert "deals is \"1 of 2\"" in told('count(deals, status == "won") > 1')


def test_a_trace_is_json() -> None:
    """For programs."""
    found = trace(check('amount > money("1 EUR") || created_at == now()', CONTACT), ANA, env()).as_dict()
    assert json.loads(json.dumps(found)) == found
    assert found["result"] is True
    assert found["parts"][0]["values"]["amount"]["value"] == "5.00"
    assert found["parts"][1]["values"]["created_at"] == "2026-11-24T10:30:15.123Z"


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=conditions())
def test_the_recorder_changes_nothing(text: str, people: World) -> None:
    """One evaluator: the result is the same with it and without."""
    try:
        checked = check(text, CONTACT)
    except ExpressionError:
        return
    for record in list(people.records.values())[:10]:
        recorded = trace(checked, record, env())
        assert recorded.result is evaluate(checked, record, env())
        assert recorded.lines()
        json.dumps(recorded.as_dict())

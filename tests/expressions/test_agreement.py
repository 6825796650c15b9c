"""The evaluator and both databases say the same of generated expressions and rows."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, given, settings

from ghl.engine.expressions import evaluate
from ghl.errors import ExpressionError
from ghl.sdk.expressions import check
from tests.expressions.databases import Database, found
from tests.expressions.generator import conditions
from tests.expressions.sample import CONTACT, World, env

pytestmark = pytest.mark.integration
EXAMPLES = int(os.environ.get("GHL_TEST_EXAMPLES", "1000"))


def agree(text: str, people: World, database: Database) -> bool:
    """Whether a condition has SQL; if so, the database has answered as the evaluator."""
    checked = check(text, CONTACT)
    expected = {number for number, record in people.records.items() if evaluate(checked, record, env())}
    try:
        answered = found(database, checked, env())
    except ExpressionError as error:
        if "looked up in the database" not in error.message:
            raise
        return False
    assert answered == expected, f"{text}\nonly evaluated {expected - answered}, only in the database {answered - expected}"
    return True


# The fixtures only read, so that they may be shared by the examples.
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=conditions())
def test_generated_conditions(text: str, people: World, database: Database) -> None:
    """Every operator and function, with missing values, errors and extremes in every place."""
    try:
        agree(text, people, database)
    except ExpressionError as error:
        # The types fit, but a text may be none of a status.
        if "never" not in error.message and "whole days" not in error.message:
            raise

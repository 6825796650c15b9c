"""Durations read what people write, say what is wrong, and write themselves back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ghl.errors import Invalid
from ghl.sdk.workflows.durations import Duration, parse_duration

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2 days", Duration(days=2)),
        ("90m", Duration(seconds=5400)),
        ("8h", Duration(seconds=28_800)),
        ("1 day 6 hours", Duration(days=1, seconds=21_600)),
        ("2 weeks and 1 day", Duration(days=15)),
        ("1.5 h", Duration(seconds=5400)),
        ("0.5 d", Duration(seconds=43_200)),
        ("3 business days", Duration(business_days=3)),
        ("+1 business day", Duration(business_days=1)),
        ("-3 days", Duration(days=-3)),
        ("3 days before", Duration(days=-3)),
        ("- 3 days before", Duration(days=3)),
        ("1 year 2 months", Duration(months=14)),
    ],
)
def test_reads(text: str, expected: Duration) -> None:
    assert parse_duration(text) == expected


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "missing"),
        ("2", "not a duration"),
        ("2 dys", 'no unit "dys"'),
        ("days", "not a duration"),
        ("1 business day 2 h", "mixes"),
        ("9999 days", "ten years"),
        ("1.5 months", "whole numbers"),
    ],
)
def test_refuses(text: str, part: str) -> None:
    with pytest.raises(Invalid, match=part):
        parse_duration(text)


@given(
    st.one_of(
        st.builds(
            Duration, months=st.integers(0, 100), days=st.integers(0, 500), seconds=st.integers(0, 86_399)
        ),
        st.builds(Duration, business_days=st.integers(0, 500)),
    ),
    st.booleans(),
)
def test_the_canonical_text_reads_back(duration: Duration, negative: bool) -> None:
    if negative:
        duration = Duration(-duration.months, -duration.days, -duration.seconds, -duration.business_days)
    assert parse_duration(str(duration)) == duration

"""Dates of foreign files: which order a column has, and reading it by that order."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ghl.errors import Invalid
from ghl.sdk.date_formats import (
    Ambiguous,
    DateFormat,
    guess_date_format,
    parse_date,
    parse_date_time,
    parse_moment_by,
)

pytestmark = pytest.mark.unit
SHAPES: dict[DateFormat, str] = {
    "mdy": "{m}/{d}/{y}",
    "dmy": "{d}/{m}/{y}",
    "ymd": "{y}/{m}/{d}",
    "iso": "{y}-{m:02}-{d:02}",
}


def written(day: date, form: DateFormat) -> str:
    return SHAPES[form].format(y=day.year, m=day.month, d=day.day)


@given(
    st.lists(st.dates(date(1970, 1, 1), date(2060, 1, 1)), min_size=1, max_size=30),
    st.sampled_from(list(SHAPES)),
)
def test_a_column_is_never_misread(days: list[date], form: DateFormat) -> None:
    texts = [written(day, form) for day in days]
    guess = guess_date_format(texts)
    if isinstance(guess, Ambiguous):
        assert form in ("mdy", "dmy")
        assert all(day.day <= 12 for day in days)
        assert guess.sample in texts
    else:
        assert guess is not None
        assert [parse_date(text, guess) for text in texts] == days


@pytest.mark.parametrize(
    ("samples", "form"),
    [
        (["10/20/2016", "3/1/2017"], "mdy"), (["3/1/2017", "20/10/2016"], "dmy"), (["1.2.2016"], "dmy"), (["2016-10-20"], "iso"),
        (["20161020"], "ymd"), (["October 20, 2016"], "mdy"), (["20 Oct 2016"], "dmy"), (["2016-10-20", "1/13/2016"], "mdy"),
        (["", "10/20/2016 14:30"], "mdy"), (["x"], None), ([], None), (["1/2/2016", "25/12/2016 3:05 PM"], "dmy"),
    ],
)  # fmt: skip
def test_guesses(samples: list[str], form: DateFormat | None) -> None:
    assert guess_date_format(samples) == form


@pytest.mark.parametrize(
    ("samples", "sentence"),
    [
        (["1/2/2016"], '"1/2/2016" could be 2 Jan 2016 or 1 Feb 2016'),
        (["5/5/2016"], 'dates such as "5/5/2016" do not say whether the day or the month comes first'),
        (
            ["13/2/2016", "2/13/2016"],
            'some dates begin with the day and others with the month, such as "2/13/2016"',
        ),
        (["20 Oct 2016", "1/2/2016"], '"1/2/2016" could be 2 Jan 2016 or 1 Feb 2016'),
    ],
)
def test_what_must_be_asked(samples: list[str], sentence: str) -> None:
    guess = guess_date_format(samples)
    assert isinstance(guess, Ambiguous)
    assert str(guess) == sentence


@pytest.mark.parametrize(
    ("text", "form", "day", "clock"),
    [
        ("10/20/2016 2:30 PM", "mdy", date(2016, 10, 20), time(14, 30)), ("20.10.2016 14.30", "dmy", date(2016, 10, 20), time(14, 30)),
        ("2016-10-20T10:00:00Z", "mdy", date(2016, 10, 20), time(10)), ("1/2/16", "dmy", date(2016, 2, 1), None), ("1/2/85", "dmy", date(1985, 2, 1), None),
        ("Oct 20, 2016", "dmy", date(2016, 10, 20), None), ("20-Oct-2016", "mdy", date(2016, 10, 20), None), ("Thu, 20 Oct 2016", "iso", date(2016, 10, 20), None),
        ("20161020", "ymd", date(2016, 10, 20), None), ("2016/1/2", "ymd", date(2016, 1, 2), None), ("1/2/2016, 12:00 am", "mdy", date(2016, 1, 2), time(0)),
    ],
)  # fmt: skip
def test_parsing(text: str, form: DateFormat, day: date, clock: time | None) -> None:
    assert parse_date_time(text, form) == (day, clock)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("31/2/2016", "dmy"),
        ("10/20/2016", "dmy"),
        ("x", "iso"),
        ("1/2/2016", "iso"),
        ("1/2/201", "dmy"),
        ("1/2/2016 25:00", "dmy"),
        ("1 Foo 2016", "dmy"),
        ("1/2/2016 13:00 pm", "mdy"),
    ],
)
def test_refusals(text: str, form: DateFormat) -> None:
    with pytest.raises(Invalid) as caught:
        parse_date(text, form)
    assert text in caught.value.message
    assert caught.value.hint


def test_moments() -> None:
    zone = ZoneInfo("America/New_York")
    assert parse_moment_by("10/20/2016 14:30", "mdy", zone) == datetime(2016, 10, 20, 18, 30, tzinfo=UTC)
    assert parse_moment_by("10/20/2016", "mdy", zone) == datetime(2016, 10, 20, 4, tzinfo=UTC)
    assert parse_moment_by("2016-10-20 10:00:00Z", "mdy", zone) == datetime(2016, 10, 20, 10, tzinfo=UTC)

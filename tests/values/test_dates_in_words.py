"""Dates as people write them, seen from a moment in a zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ghl.errors import Invalid
from ghl.sdk.times import parse_moment
from ghl.sdk.when import add_months, read_when

pytestmark = pytest.mark.unit
NOW = datetime(2026, 11, 24, 14, 30, tzinfo=UTC)  # a Tuesday


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("3d", "Fri 27 Nov 2026, 14:30"), ("in 3 days", "Fri 27 Nov 2026, 14:30"), ("+2 days", "Thu 26 Nov 2026, 14:30"),
        ("-3 days", "Sat 21 Nov 2026, 14:30"), ("+1 business day", "Wed 25 Nov 2026, 14:30"), ("4 business days", "Mon 30 Nov 2026, 14:30"),
        ("3 business days ago", "Thu 19 Nov 2026, 14:30"), ("tomorrow 10:00", "Wed 25 Nov 2026, 10:00"), ("Tomorrow at 9am", "Wed 25 Nov 2026, 09:00"),
        ("tomorrow 9 pm", "Wed 25 Nov 2026, 21:00"), ("12 am", "Tue 24 Nov 2026, 00:00"), ("noon", "Tue 24 Nov 2026, 12:00"),
        ("next friday", "Fri 4 Dec 2026"), ("friday", "Fri 27 Nov 2026"), ("this friday", "Fri 27 Nov 2026"), ("last friday", "Fri 20 Nov 2026"),
        ("tuesday", "Tue 1 Dec 2026"), ("last tuesday", "Tue 17 Nov 2026"), ("on mon 8:15", "Mon 30 Nov 2026, 08:15"),
        ("end of month", "Mon 30 Nov 2026"), ("end of the month", "Mon 30 Nov 2026"), ("end of next month", "Thu 31 Dec 2026"),
        ("end of week", "Sun 29 Nov 2026"), ("end of year", "Thu 31 Dec 2026"), ("end of day", "Tue 24 Nov 2026, 23:59"),
        ("next week", "Mon 30 Nov 2026"), ("last week", "Mon 16 Nov 2026"), ("start of week", "Mon 23 Nov 2026"), ("next month", "Tue 1 Dec 2026"),
        ("last month", "Thu 1 Oct 2026"), ("start of month", "Sun 1 Nov 2026"), ("next year", "Fri 1 Jan 2027"), ("beginning of year", "Thu 1 Jan 2026"),
        ("today", "Tue 24 Nov 2026"), ("now", "Tue 24 Nov 2026, 14:30"), ("yesterday", "Mon 23 Nov 2026"), ("day after tomorrow", "Thu 26 Nov 2026"),
        ("2 weeks ago", "Tue 10 Nov 2026, 14:30"), ("an hour ago", "Tue 24 Nov 2026, 13:30"), ("1h30m", "Tue 24 Nov 2026, 16:00"),
        ("1 month", "Thu 24 Dec 2026, 14:30"), ("2 days from now", "Thu 26 Nov 2026, 14:30"), ("90 min", "Tue 24 Nov 2026, 16:00"),
        ("2026-12-01", "Tue 1 Dec 2026"), ("2026-12-01 10:00", "Tue 1 Dec 2026, 10:00"), ("2026-12-01T10:00:00.000Z", "Tue 1 Dec 2026, 10:00"),
        ("2026-12-01T10:00:00+02:00", "Tue 1 Dec 2026, 08:00"), ("27 nov", "Fri 27 Nov 2026"), ("nov 23", "Tue 23 Nov 2027"),
        ("December 1st, 2026 10:00", "Tue 1 Dec 2026, 10:00"), ("29 feb", "Tue 29 Feb 2028"), ("24:00", "Wed 25 Nov 2026, 00:00"),
    ],
)  # fmt: skip
def test_readings(text: str, reading: str) -> None:
    expected = f"{reading} Europe/Lisbon" if ":" in reading else reading
    assert str(read_when(text, now=NOW, zone="Europe/Lisbon")) == expected


@pytest.mark.parametrize(
    "text",
    ["", " ", "banana", "2026-13-01", "2026-02-30", "25:00", "13pm", "0am", "31 nov", "31 nov 2026", "12/24/2026", "next", "in", "+", "ago",
     "99999999 days", "2 fortnights", "next 3", "friday friday", "x" * 1000, "9999-12-31 23:59 tomorrow", "-" * 50, "1" * 90],
)  # fmt: skip
def test_no_dates(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse_moment(text, now=NOW, zone="Europe/Lisbon", field="due")
    assert caught.value.field == "due"
    assert caught.value.hint


@given(st.text(max_size=30))
def test_any_text_is_a_moment_or_one_error(text: str) -> None:
    try:
        moment = parse_moment(text, now=NOW, zone="America/New_York")
    except Invalid:
        return
    assert moment.tzinfo is UTC


def test_days_follow_the_zone() -> None:
    late = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
    assert read_when("today", now=late, zone="Asia/Tokyo").day == date(2026, 11, 25)
    assert read_when("today", now=late, zone="America/New_York").day == date(2026, 11, 24)
    assert parse_moment("today", now=late, zone="Asia/Tokyo", at=time(9)) == datetime(
        2026, 11, 25, tzinfo=UTC
    )


def test_days_keep_the_local_time_hours_do_not() -> None:
    before = datetime(2026, 3, 28, 12, tzinfo=UTC)  # the clocks change in the night
    assert parse_moment("+1 day", now=before, zone="Europe/Lisbon") == datetime(2026, 3, 29, 11, tzinfo=UTC)
    assert parse_moment("24h", now=before, zone="Europe/Lisbon") == datetime(2026, 3, 29, 12, tzinfo=UTC)
    assert parse_moment("2026-03-29 01:30", now=before, zone="Europe/Lisbon") == datetime(
        2026, 3, 29, 1, 30, tzinfo=UTC
    )


def test_the_zone_is_checked() -> None:
    with pytest.raises(Invalid, match="no time zone"):
        parse_moment("today", now=NOW, zone="Mars/Olympus")


@given(st.dates(date(1900, 1, 1), date(2200, 1, 1)), st.integers(-600, 600))
def test_months(day: date, months: int) -> None:
    moved = add_months(day, months)
    assert (moved.year * 12 + moved.month) - (day.year * 12 + day.month) == months
    assert moved.day == day.day or (moved + timedelta(days=1)).day == 1

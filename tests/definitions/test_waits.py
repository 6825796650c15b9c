"""Waits end when the rules say, in every zone and across changes of clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ghl.engine.workflows.waits import (
    MORNING,
    later,
    moment_of,
    next_opening,
    read_date,
    until_due,
    wait_due,
    zone_for,
    zone_of,
)
from ghl.sdk.workflows.durations import Duration
from ghl.sdk.workflows.values import WEEKDAYS

pytestmark = pytest.mark.unit

ZONES = [
    ZoneInfo(name)
    for name in (
        "UTC", "Europe/Lisbon", "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Asia/Kolkata",
        "Australia/Lord_Howe", "Pacific/Apia",
    )
]  # fmt: skip
LISBON, BERLIN = ZONES[1], ZONES[2]

zones = st.sampled_from(ZONES)
# Days around the changes of clocks of these zones, beside any other.
days = st.one_of(
    st.dates(date(2010, 1, 1), date(2040, 1, 1)),
    st.sampled_from(
        [date(2026, 3, 29), date(2026, 10, 25), date(2026, 3, 8), date(2026, 11, 1), date(2018, 11, 4),
         date(2026, 4, 5), date(2026, 10, 4), date(2011, 12, 29), date(2011, 12, 30)]
    ).flatmap(lambda day: st.integers(-2, 2).map(lambda n: day + timedelta(days=n))),
)  # fmt: skip
moments = st.builds(
    lambda day, seconds: datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=seconds),
    days,
    st.integers(0, 86_399),
)
clocks = st.integers(0, 24 * 4 - 1).map(lambda quarter: time(quarter // 4, quarter % 4 * 15))
weekdays = st.sets(st.sampled_from(WEEKDAYS), min_size=1).map(
    lambda chosen: sorted(chosen, key=WEEKDAYS.index)
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@given(moments, zones, st.none() | clocks, st.none() | weekdays)
def test_an_opening_is_the_first_allowed_moment(
    start: datetime, zone: ZoneInfo, clock: time | None, on: list[str] | None
) -> None:
    found = next_opening(start, zone, clock, on)
    assert start <= found <= start + timedelta(days=9)
    assert next_opening(found, zone, clock, on) == found
    local = found.astimezone(zone)
    skips_a_day = zone.key == "Pacific/Apia" and local.year in (2011, 2012)
    if on and not skips_a_day:
        assert WEEKDAYS[local.weekday()] in on
    if clock is not None and not skips_a_day:
        naive = datetime.combine(local.date(), clock, tzinfo=zone)
        exists = naive.astimezone(UTC).astimezone(zone).time() == clock
        assert local.time() == clock or not exists


@given(moments, zones, st.integers(1, 10**7))
def test_a_length_is_absolute(start: datetime, zone: ZoneInfo, seconds: int) -> None:
    assert later(start, Duration(seconds=seconds), zone) == start + timedelta(seconds=seconds)


@given(moments, zones, st.integers(1, 60))
def test_business_days_end_on_one_and_keep_the_time_of_day(
    start: datetime, zone: ZoneInfo, count: int
) -> None:
    found = later(start, Duration(business_days=count), zone)
    local, began = found.astimezone(zone), start.astimezone(zone)
    if zone.key == "Pacific/Apia" and began.year == 2011:
        return
    assert local.weekday() < 5
    assert later(start, Duration(business_days=count + 1), zone) > found > start - timedelta(hours=2)
    difference = datetime.combine(date.min, local.time()) - datetime.combine(date.min, began.time())
    assert abs(difference) in (timedelta(), timedelta(minutes=30), timedelta(hours=1))


@given(days, zones, clocks, st.integers(-40, 40), st.integers(-7200, 7200))
def test_days_before_a_date_move_on_the_calendar(
    day: date, zone: ZoneInfo, clock: time, offset: int, seconds: int
) -> None:
    plain = moment_of(day, Duration(days=offset), clock, zone)
    assert plain == moment_of(day + timedelta(days=offset), Duration(), clock, zone)
    assert moment_of(day, Duration(days=offset, seconds=seconds), clock, zone) == plain + timedelta(
        seconds=seconds
    )


@given(moments, zones)
def test_a_moment_without_an_offset_is_itself(moment: datetime, zone: ZoneInfo) -> None:
    assert moment_of(moment, Duration(), None, zone) == moment


@given(moments, zones, days, clocks)
def test_past_means_before_now(now: datetime, zone: ZoneInfo, day: date, clock: time) -> None:
    due = until_due({"date": day.isoformat(), "at": f"{clock:%H:%M}"}, now=now, zone=zone)
    assert due.past == (due.at < now)
    assert not due.missing


@pytest.mark.parametrize(
    ("arguments", "zone", "now", "expected"),
    [
        ({"for": "2 days"}, LISBON, "2026-10-24T10:00", "2026-10-26T10:00"),
        ({"for": "2 days", "at": "10:00"}, LISBON, "2026-10-24T08:00", "2026-10-26T10:00"),
        ({"for": "1 hour", "on": ["mon"]}, LISBON, "2026-11-27T08:00", "2026-11-30T09:00"),
        ({"for": "1 hour", "on": ["fri"]}, LISBON, "2026-11-27T08:00", "2026-11-27T09:00"),
        ({"for": "1 business day"}, LISBON, "2026-11-27T17:30", "2026-11-30T17:30"),
        ({"for": "1 business day"}, BERLIN, "2026-03-27T10:00", "2026-03-30T09:00"),
        # 02:30 does not exist in Berlin on 29 March 2026: 03:30 summer time.
        ({"for": "1 hour", "at": "02:30"}, BERLIN, "2026-03-28T22:00", "2026-03-29T01:30"),
        # 02:30 occurs twice on 25 October 2026: the first one, in summer time.
        ({"for": "1 hour", "at": "02:30"}, BERLIN, "2026-10-24T21:00", "2026-10-25T00:30"),
    ],
)
def test_waits(arguments: dict[str, Any], zone: ZoneInfo, now: str, expected: str) -> None:
    assert wait_due(arguments, now=at(now), zone=zone) == at(expected)


@pytest.mark.parametrize(
    ("arguments", "value", "expected", "past"),
    [
        ({"at": "09:00"}, None, "2026-11-25T09:00", False),
        ({"at": "10:00"}, None, "2026-11-24T10:00", False),
        ({"on": ["sat"]}, None, "2026-11-28T09:00", False),
        ({"on": ["tue"]}, None, "2026-11-24T10:00", False),
        ({"field": "x"}, "2026-12-24", "2026-12-24T09:00", False),
        ({"field": "x", "at": "07:15"}, date(2026, 12, 24), "2026-12-24T07:15", False),
        ({"field": "x"}, "2026-12-24T15:00:00.000Z", "2026-12-24T15:00", False),
        ({"field": "x", "offset": "-3 days"}, "2026-12-24T15:00:00.000Z", "2026-12-21T15:00", False),
        ({"field": "x", "offset": "-2 hours"}, "2026-12-24", "2026-12-24T07:00", False),
        ({"field": "x", "offset": "1 month"}, "2027-01-31", "2027-02-28T09:00", False),
        ({"field": "x", "offset": "-1 business day"}, "2026-12-28", "2026-12-25T09:00", False),
        ({"field": "x", "on": ["mon"]}, "2026-12-24", "2026-12-28T09:00", False),
        ({"field": "x"}, "2026-11-20", "2026-11-20T09:00", True),
        ({"date": "2026-11-24", "at": "10:00"}, None, "2026-11-24T10:00", False),
    ],
)
def test_wait_until(arguments: dict[str, Any], value: object, expected: str, past: bool) -> None:
    due = until_due(arguments, now=at("2026-11-24T10:00"), zone=LISBON, value=value)
    assert (due.at, due.past, due.missing) == (at(expected), past, False)


@pytest.mark.parametrize("value", [None, "", "soon", "2026-13-01"])
def test_a_field_without_a_date_is_missing(value: object) -> None:
    due = until_due({"field": "x"}, now=at("2026-11-24T10:00"), zone=LISBON, value=value)
    assert due.missing
    assert due.at == at("2026-11-24T10:00")


def test_holidays_are_no_business_days() -> None:
    found = later(at("2026-12-24T10:00"), Duration(business_days=1), LISBON, [date(2026, 12, 25)])
    assert found == at("2026-12-28T10:00")


def test_whose_zone() -> None:
    account = "Europe/Lisbon"
    assert zone_of("Asia/Tokyo", "DE", account).key == "Asia/Tokyo"
    assert zone_of(None, "de", account).key == "Europe/Berlin"
    assert zone_of("Mars/Olympus", "JP", account).key == "Asia/Tokyo"
    assert zone_of(None, "US", account).key == account
    assert zone_of(None, None, account).key == account
    assert zone_for("contact", BERLIN, LISBON) is BERLIN
    assert zone_for("account", BERLIN, LISBON) is LISBON
    assert zone_for("Asia/Tokyo", BERLIN, LISBON).key == "Asia/Tokyo"


def test_dates_are_read_from_what_records_hold() -> None:
    assert read_date("2026-11-24") == date(2026, 11, 24)
    assert read_date("2026-11-24T10:00:00") == at("2026-11-24T10:00")
    assert read_date(datetime(2026, 11, 24)) == at("2026-11-24T00:00")
    assert time(9) == MORNING

"""Stamps, zones, local times across clock changes, business days, durations, countries."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ghl.errors import Invalid
from ghl.sdk import local_zone as machine
from ghl.sdk.countries import country_code, country_name, zone_of_country
from ghl.sdk.times import (
    add_business_days,
    check_zone,
    is_zone,
    local_zone,
    parse_duration,
    parse_stamp,
    resolve_local,
    stamp,
    zone_named,
    zone_names,
)

pytestmark = pytest.mark.unit
moments = st.datetimes(timezones=st.just(UTC))
zones = st.sampled_from(
    [
        "Europe/Lisbon",
        "America/New_York",
        "Australia/Lord_Howe",
        "Asia/Kathmandu",
        "America/St_Johns",
        "Africa/Casablanca",
        "Pacific/Apia",
        "UTC",
    ]
)


@given(moments)
def test_stamps_are_fixed_width_and_sort(moment: datetime) -> None:
    text = stamp(moment)
    assert len(text) == 24
    assert parse_stamp(text) == moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    assert stamp(parse_stamp(text)) == text


@given(moments, moments)
def test_order_of_text_is_order_of_time(a: datetime, b: datetime) -> None:
    if stamp(a) < stamp(b):
        assert a < b


def test_stamps_of_other_zones_and_none() -> None:
    assert (
        stamp(datetime(2026, 11, 24, 10, tzinfo=timezone(timedelta(hours=2)))) == "2026-11-24T08:00:00.000Z"
    )
    assert parse_stamp("2026-11-24T10:00:00+02:00") == datetime(2026, 11, 24, 8, tzinfo=UTC)
    for bad in ("2026-11-24", "2026-11-24T10:00:00", "x", "", "2026-13-01T00:00:00Z"):
        with pytest.raises(Invalid):
            parse_stamp(bad)
    with pytest.raises(Invalid):
        stamp(datetime(2026, 11, 24))


def test_zone_names_are_those_of_the_library() -> None:
    assert available_timezones() - zone_names() <= {"localtime", "posixrules", "build/etc/localtime"}
    assert zone_named("Europe/Lisbon") == ZoneInfo("Europe/Lisbon")


@pytest.mark.parametrize(
    "name",
    ["", " ", "../../etc/passwd", "/etc/localtime", "europe/lisbon", "Europe/Lisbon'; DROP TABLE x", "Europe\\Lisbon",
     "Europe/Lisbon\0", "localtime", "posix/Europe/Lisbon", "Europe", "zone.tab", "A" * 5000],
)  # fmt: skip
def test_no_zones(name: str) -> None:
    assert not is_zone(name)
    with pytest.raises(Invalid) as caught:
        check_zone(name, field="zone")
    assert caught.value.field == "zone"
    assert caught.value.hint


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("europe/lisbon", "Europe/Lisbon?"),
        ("Lisbon", "Europe/Lisbon?"),
        ("New York", "America/New_York?"),
        ("Europe/Lisbonn", "Europe/Lisbon?"),
    ],
)
def test_near_zones(name: str, near: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_zone(name)
    assert caught.value.hint == near


def test_a_skipped_time_moves_forward() -> None:
    assert resolve_local(date(2026, 3, 29), time(1, 30), "Europe/Lisbon") == datetime(
        2026, 3, 29, 1, 30, tzinfo=UTC
    )
    local = resolve_local(date(2026, 3, 8), time(2, 30), "America/New_York").astimezone(
        ZoneInfo("America/New_York")
    )
    assert (local.hour, local.minute) == (3, 30)
    # A whole day was skipped when Samoa crossed the date line.
    local = resolve_local(date(2011, 12, 30), time(10), "Pacific/Apia").astimezone(ZoneInfo("Pacific/Apia"))
    assert (local.date(), local.hour) == (date(2011, 12, 31), 10)


def test_a_repeated_time_is_the_first() -> None:
    assert resolve_local(date(2026, 10, 25), time(1, 30), "Europe/Lisbon") == datetime(
        2026, 10, 25, 0, 30, tzinfo=UTC
    )
    assert resolve_local(date(2026, 10, 25), time(1, 30, fold=1), ZoneInfo("Europe/Lisbon")).hour == 0


@given(st.dates(date(1990, 1, 1), date(2037, 1, 1)), st.times(), zones)
def test_a_local_time_is_shown_by_the_clock_or_was_skipped(day: date, clock: time, zone: str) -> None:
    moment = resolve_local(day, clock, zone)
    local = moment.astimezone(ZoneInfo(zone))
    naive = datetime.combine(day, clock)
    shown = local.replace(tzinfo=None, fold=0)
    assert shown >= naive
    if shown == naive:  # no earlier moment shows the same
        for gap in (30, 60, 120):
            earlier = (moment - timedelta(minutes=gap)).astimezone(ZoneInfo(zone))
            assert earlier.replace(tzinfo=None, fold=0) != naive


def test_the_end_of_the_calendar() -> None:
    with pytest.raises(Invalid):
        resolve_local(date(9999, 12, 31), time(23), "America/New_York")
    with pytest.raises(Invalid):
        add_business_days(date(9999, 12, 31), 1)


@given(st.dates(date(1970, 1, 1), date(2100, 1, 1)), st.integers(-2000, 2000))
def test_business_days_one_by_one(day: date, count: int) -> None:
    step = 1 if count > 0 else -1
    slow = day
    for _ in range(abs(count)):
        slow += timedelta(days=step)
        while slow.weekday() > 4:
            slow += timedelta(days=step)
    assert add_business_days(day, count) == slow


def test_business_days() -> None:
    saturday = date(2026, 11, 28)
    assert add_business_days(saturday, 0) == saturday
    assert add_business_days(saturday, 1) == date(2026, 11, 30)
    assert add_business_days(saturday, -1) == date(2026, 11, 27)
    assert add_business_days(date(2026, 12, 24), 1, {date(2026, 12, 25)}) == date(2026, 12, 28)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2 days", 172_800),
        ("90m", 5400),
        ("1h30m", 5400),
        ("8h", 28_800),
        ("2 weeks", 1_209_600),
        ("45 s", 45),
        ("-3 days", -259_200),
    ],
)
def test_durations(text: str, seconds: int) -> None:
    assert parse_duration(text).total_seconds() == seconds


@pytest.mark.parametrize("text", ["", "soon", "2 months", "3 business days", "2", "5 parsecs"])
def test_no_durations(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse_duration(text, field="every")
    assert caught.value.field == "every"


def test_the_machine_has_a_zone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert is_zone(local_zone())
    monkeypatch.setenv("TZ", ":Asia/Tokyo")
    assert local_zone() == "Asia/Tokyo"
    monkeypatch.setenv("TZ", "JST-9")
    assert local_zone() == "UTC"
    (tmp_path / "timezone").write_text("Europe/Madrid\n")
    assert machine._from_text(tmp_path / "timezone") == "Europe/Madrid"
    assert machine._from_text(tmp_path / "none") is None
    link = tmp_path / "zoneinfo" / "Europe" / "Rome"
    link.parent.mkdir(parents=True)
    link.write_text("")
    assert machine._from_link(link) == "Europe/Rome"
    assert machine._from_link(tmp_path / "elsewhere") is None
    assert all(is_zone(name) for name in machine._WINDOWS.values())


@pytest.mark.parametrize(
    ("text", "code"),
    [("PT", "PT"), ("pt", "PT"), ("Portugal", "PT"), ("España", "ES"), ("USA", "US"), ("U.S.A.", "US"), ("United States", "US"),
     ("UK", "GB"), ("great britain", "GB"), ("Deutschland", "DE"), ("South Korea", "KR"), ("the Netherlands", "NL"), ("Côte d’Ivoire", "CI"),
     ("Bosnia and Herzegovina", "BA"), ("Atlantis", None), ("", None), (None, None), ("XX", None)],
)  # fmt: skip
def test_countries(text: str | None, code: str | None) -> None:
    assert country_code(text) == code


def test_the_zone_of_a_country_that_has_one() -> None:
    assert zone_of_country("IT") == "Europe/Rome"
    assert zone_of_country("Kenya") == "Africa/Nairobi"
    assert zone_of_country("US") is None
    assert zone_of_country("PT") is None
    assert zone_of_country("nowhere") is None
    assert country_name("pt") == "Portugal"
    for code in ("IT", "KE", "JP", "IN"):
        assert is_zone(str(zone_of_country(code)))

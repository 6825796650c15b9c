"""Cron rules fire as Debian's do, once a day across changes of clocks; the waker looks when it must."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ghl.engine.clock import SystemClock
from ghl.engine.workflows.cron import canonical, explain, next_fire
from ghl.engine.workflows.schedule import Waker
from ghl.engine.workflows.splits import standing, takes_branch
from ghl.errors import Invalid

ZONES = [
    ZoneInfo(name)
    for name in (
        "UTC", "Europe/Lisbon", "Europe/Berlin", "America/New_York", "America/Santiago", "Asia/Kolkata",
        "Australia/Lord_Howe", "Africa/Cairo",
    )
]  # fmt: skip
BERLIN = ZONES[2]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("rule", "five", "words"),
    [
        ("@daily", "0 0 * * *", "At 00:00 every day"),
        ("0 9 * * MON", "0 9 * * mon", "At 09:00 on Monday"),
        ("0  9 * * 0", "0 9 * * 0", "At 09:00 on Sunday"),
        ("0 9 * * 7", "0 9 * * 7", "At 09:00 on Sunday"),
    ],
)
def test_rules_are_read(rule: str, five: str, words: str) -> None:
    assert canonical(rule) == five
    assert explain(rule) == words


@pytest.mark.unit
@pytest.mark.parametrize(
    "rule", ["", "x", "* * * * * *", "0 25 * * *", "@reboot", "0 0 31 2 *", "0 9 * * mond"]
)
def test_wrong_rules_have_an_example(rule: str) -> None:
    with pytest.raises(Invalid) as caught:
        canonical(rule)
    assert caught.value.hint is not None
    assert "0 9 * * mon-fri" in caught.value.hint


@pytest.mark.unit
def test_zero_is_sunday() -> None:
    fires = next_fire("0 9 * * 0", BERLIN, at("2026-11-24T10:00"))
    assert fires is not None
    assert fires.astimezone(BERLIN).strftime("%A %H:%M") == "Sunday 09:00"


@pytest.mark.unit
@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ("2026-03-28T12:00", "2026-03-29T01:00"),  # 02:30 is skipped: right after the gap
        ("2026-03-29T01:00", "2026-03-30T00:30"),
        ("2026-10-24T12:00", "2026-10-25T00:30"),  # 02:30 comes twice: the first
        ("2026-10-25T00:30", "2026-10-26T01:30"),
        ("2026-10-25T01:10", "2026-10-26T01:30"),  # from inside the second 02:xx
    ],
)
def test_changes_of_clocks(after: str, expected: str) -> None:
    assert next_fire("30 2 * * *", BERLIN, at(after)) == at(expected)


@pytest.mark.unit
@settings(max_examples=60)
@given(st.sampled_from(ZONES), st.integers(0, 23), st.integers(0, 59), st.integers(2000, 2036))
def test_a_daily_rule_fires_once_each_local_day_of_a_year(
    zone: ZoneInfo, hour: int, minute: int, year: int
) -> None:
    moment = datetime(year, 3, 1, 12, tzinfo=UTC)
    end = datetime(year, 4, 20, 12, tzinfo=UTC)
    fired: Counter[object] = Counter()
    while moment < end:
        following = next_fire(f"{minute} {hour} * * *", zone, moment)
        assert following is not None
        assert moment < following <= moment + timedelta(hours=49)
        moment = following
        fired[moment.astimezone(zone).date()] += 1
    assert set(fired.values()) == {1}
    first, last = min(fired), max(fired)  # type: ignore[type-var]
    assert len(fired) == (last - first).days + 1  # type: ignore[operator]


@pytest.mark.unit
def test_a_rule_that_never_fires_again() -> None:
    assert next_fire("0 0 29 2 *", BERLIN, at("2026-01-01T00:00")) == at("2028-02-28T23:00")


@pytest.mark.integration
def test_the_waker_looks_when_due_and_when_woken() -> None:
    clock, seen, done = SystemClock(), [], threading.Event()

    def due() -> datetime | None:
        seen.append(clock.now())
        if len(seen) == 1:
            return clock.now() + timedelta(milliseconds=30)
        if len(seen) == 2:
            waker.wake()
        if len(seen) >= 3:
            done.set()
        return None

    waker = Waker(due, clock, poll_seconds=60)
    waker.start()
    assert done.wait(20)
    waker.stop()
    waker.stop()
    assert waker.wait(0)
    assert seen[1] >= seen[0] + timedelta(milliseconds=30)
    looks = len(seen)
    waker.wake()
    assert len(seen) == looks


@pytest.mark.integration
def test_the_waker_never_runs_twice_at_once_and_loses_no_wake() -> None:
    running, most, count = 0, 0, 0
    lock, done = threading.Lock(), threading.Event()

    def due() -> datetime | None:
        nonlocal running, most, count
        with lock:
            running += 1
            most = max(most, running)
        inside.set()
        release.wait(20)
        with lock:
            running -= 1
            count += 1
        if count >= 2:
            done.set()
        return None

    inside, release = threading.Event(), threading.Event()
    waker = Waker(due, SystemClock(), poll_seconds=60)
    waker.start()
    assert inside.wait(20)
    waker.wake()  # while it runs
    release.set()
    assert done.wait(20)
    waker.stop()
    assert most == 1


@pytest.mark.integration
def test_failures_are_told_and_tried_again() -> None:
    told: list[str] = []
    done = threading.Event()

    def due() -> datetime | None:
        if not told:
            raise RuntimeError("no disk")
        done.set()
        return None

    def maintain() -> None:
        raise RuntimeError("no rest")

    waker = Waker(
        due, SystemClock(), maintenance=maintain, maintenance_seconds=0.02, poll_seconds=0.02,
        failed=lambda error: told.append(str(error)),
    )  # fmt: skip
    waker.start()
    assert done.wait(20)
    waker.stop()
    assert "no disk" in told


@pytest.mark.unit
@given(st.text(), st.text(), st.integers(), st.integers(1, 1000))
def test_a_split_is_sticky_and_in_range(seed: str, salt: str, subject: int, of: int) -> None:
    number = standing(seed, salt, subject, of)
    assert 0 <= number < of
    assert number == standing(seed, salt, subject, of)
    assert takes_branch(seed, salt, subject, below=number + 1, of=of)
    assert not takes_branch(seed, salt, subject, below=number, of=of)


@pytest.mark.unit
def test_a_split_is_fair() -> None:
    counts = Counter(standing("7", "split-1", subject, 4) for subject in range(8000))
    assert all(1850 < counts[branch] < 2150 for branch in range(4))

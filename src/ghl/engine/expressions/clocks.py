"""What the clocks of a zone show, as whole numbers: the same for the evaluator and for both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from ghl.sdk.times import resolve_local

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
DAY = 86_400_000
EPOCH_DAY = 719_163
"""The ordinal of 1970-01-01."""
FIRST_DAY, LAST_DAY = 1, 3_652_059
FIRST, LAST = -62_135_596_800_000, 253_402_300_799_999
"""The first and the last millisecond that a date has."""
CLOCKS_FROM = datetime(1900, 1, 1, tzinfo=UTC)
CLOCKS_UNTIL = datetime(2100, 1, 1, tzinfo=UTC)
"""Parts of a moment in a zone are worked out between these."""


def milliseconds(moment: datetime) -> int:
    """A moment as milliseconds since 1970, downwards."""
    return (moment - EPOCH) // MILLISECOND


def moment_at(ms: int) -> datetime:
    """The moment of milliseconds since 1970."""
    return EPOCH + timedelta(milliseconds=ms)


SHOWN_FROM, SHOWN_UNTIL = milliseconds(CLOCKS_FROM), milliseconds(CLOCKS_UNTIL) - 1


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The beginning of a day in a zone."""
    return resolve_local(day, time(0), zone)


class Clock(NamedTuple):
    """The offsets of a zone, in milliseconds: the first, then each with the moment it begins at."""

    first: int
    changes: tuple[tuple[int, int], ...]
    monotone: bool
    """Whether no day is shown again after the next one has begun."""


@lru_cache(maxsize=64)
def clock_of(zone: ZoneInfo) -> Clock:
    """The offsets of a zone between 1900 and 2100, found by asking for each day."""
    day = timedelta(days=1)
    at, offset = CLOCKS_FROM, _offset(CLOCKS_FROM, zone)
    first, changes, monotone = offset, [], True
    while at < CLOCKS_UNTIL:
        following = _offset(at + day, zone)
        if following != offset:
            begins = _change(at, at + day, zone)
            changes.append((milliseconds(begins), following))
            before = milliseconds(begins) + offset - 1
            monotone = monotone and (milliseconds(begins) + following) // DAY >= before // DAY
        at, offset = at + day, following
    return Clock(first, tuple(changes), monotone)


def _offset(moment: datetime, zone: ZoneInfo) -> int:
    return (moment.astimezone(zone).utcoffset() or timedelta(0)) // MILLISECOND


def _change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The second at which an offset changes."""
    old, low, high = _offset(before, zone), 0, int((after - before).total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(before + timedelta(seconds=middle), zone) == old:
            low = middle
        else:
            high = middle
    return before + timedelta(seconds=high)

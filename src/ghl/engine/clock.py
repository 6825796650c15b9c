"""The one clock: the system's, or a virtual one that a test or a simulation moves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time in UTC."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class VirtualClock:
    """A clock that stands still until it is moved."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def advance(self, by: timedelta) -> None:
        """Move on by a duration."""
        self._now += by

    def move_to(self, moment: datetime) -> None:
        """Move to a moment; never backwards."""
        self._now = max(self._now, moment.astimezone(UTC))


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def milliseconds(moment: datetime) -> int:
    """Integer milliseconds since 1970, UTC, without the rounding of floats."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


def from_milliseconds(value: int) -> datetime:
    """The moment of an integer of milliseconds since 1970, UTC."""
    return EPOCH + timedelta(milliseconds=value)

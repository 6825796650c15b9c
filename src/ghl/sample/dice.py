"""Seeded choices that come out the same in every version of Python."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """A source of choices. Only `Random.random` is used, whose sequence Python guarantees for a seed."""

    def __init__(self, seed: int, stream: str = "") -> None:
        """Streams of one seed are independent: more notes do not change the names."""
        self._random = Random(f"{seed}/{stream}").random

    def below(self, count: int) -> int:
        return int(self._random() * count)

    def between(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + int(self._random() * (high - low + 1))

    def chance(self, probability: float) -> bool:
        return self._random() < probability

    def pick(self, items: Sequence[T]) -> T:
        return items[int(self._random() * len(items))]

    def weighted(self, items: Sequence[tuple[T, int]]) -> T:
        """One of the first parts, as likely as its weight."""
        point = self._random() * sum(weight for _, weight in items)
        for item, weight in items:
            point -= weight
            if point < 0:
                return item
        return items[-1][0]

    def some(self, items: Sequence[T], count: int) -> list[T]:
        """So many different items, in random order."""
        rest = list(items)
        return [rest.pop(int(self._random() * len(rest))) for _ in range(min(count, len(rest)))]

    def skewed(self, low: float, high: float, middle: float) -> float:
        """A number between low and high, half of them under `middle`: many small ones, few large."""
        roll = self._random()
        if roll < 0.5:
            return low + (middle - low) * roll * 2
        return middle + (high - middle) * ((roll - 0.5) * 2) ** 3

    def moment(self, first: datetime, last: datetime) -> datetime:
        """A moment in working hours (08:00 to 18:59 UTC, mostly weekdays) between the two, in full seconds."""
        seconds = int((last - first).total_seconds())
        found = first
        for _ in range(8):
            found = first + timedelta(seconds=int(self._random() * max(seconds, 1)))
            found = found.replace(
                hour=self.between(8, 18), minute=self.below(60), second=self.below(60), microsecond=0
            )
            if first <= found <= last and (found.weekday() < 5 or self.chance(0.1)):
                return found
        return min(max(found, first), last).replace(microsecond=0)

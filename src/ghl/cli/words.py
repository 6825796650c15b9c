"""Numbers with their words, and times as people say them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from ghl import nouns

_PLURALS = {noun.singular: noun.name for noun in nouns.NOUNS.values()} | {"person": "people", "entry": "entries"}
_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def plural(word: str) -> str:
    """A noun in the plural."""
    return _PLURALS.get(word) or f"{word}s"


def counted(number: int, words: str) -> str:
    """A number with its noun, and what follows it: `25 contacts created`."""
    noun, space, rest = words.partition(" ")
    return f"{number:,} {noun if number == 1 else plural(noun)}{space}{rest}"


def counts(numbers: Mapping[str, int]) -> str:
    """Several of them, the largest first."""
    return ", ".join(counted(n, words) for words, n in sorted(numbers.items(), key=lambda one: (-one[1], one[0])))


def is_stamp(value: Any) -> bool:
    """Whether a value is a moment as the wire has it."""
    return isinstance(value, str) and _STAMP.fullmatch(value) is not None


def local(value: str | datetime, zone: tzinfo) -> datetime:
    """A moment on the clocks of a zone."""
    moment = datetime.fromisoformat(value.replace("Z", "+00:00")) if isinstance(value, str) else value
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(zone)


def minute(value: str | datetime, zone: tzinfo) -> str:
    """A moment to the minute, for columns."""
    return f"{local(value, zone):%Y-%m-%d %H:%M}"


def said(value: str | datetime, zone: tzinfo, *, now: datetime | None = None) -> str:
    """A moment as people say it: `today 09:12`, `tomorrow 10:00`, `Thu 27 Nov 10:00`, `3 Jan 2025`."""
    moment = local(value, zone)
    today = (now or datetime.now(UTC)).astimezone(zone).date()
    near = abs(moment.date() - today) < timedelta(days=180)
    return day(moment.date(), today) + (f" {moment:%H:%M}" if near and (moment.hour or moment.minute) else "")


def day(one: date, today: date) -> str:
    """A day as people say it."""
    away = (one - today).days
    if away in (-1, 0, 1):
        return ("yesterday", "today", "tomorrow")[away + 1]
    if -180 < away < 180:
        return f"{one:%a} {one.day} {one:%b}"
    return f"{one.day} {one:%b} {one.year}"

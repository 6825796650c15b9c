"""Dates of foreign files: which order a column's days, months and years have, and reading them by it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from typing import Literal, cast, get_args

from ghl.errors import Invalid

DateFormat = Literal["iso", "ymd", "mdy", "dmy"]
FORMATS: tuple[DateFormat, ...] = get_args(DateFormat)

_ISO = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d.*)?", re.IGNORECASE)
_TIME = re.compile(
    r"(?:,\s*|\s+|T)(\d{1,2})[:.](\d\d)(?:[:.](\d\d)(?:[.,]\d{1,6})?)?\s*([ap]\.?m\.?)?$", re.IGNORECASE
)
_NUMBERS = re.compile(r"(\d{1,4})\s*([/.\-])\s*(\d{1,2})\s*\2\s*(\d{1,4})\.?")
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)")
_NAMED = re.compile(
    r"(?:[A-Za-z]{3,9},?\s+)?(?:(\d{1,2})[\s./-]+([A-Za-z]{3,9})\.?|([A-Za-z]{3,9})\.?\s+(\d{1,2}))[\s,./-]+(\d{4})"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """A column that could be read in more than one way, with one of its values and each reading of it."""

    sample: str
    readings: dict[DateFormat, date]
    conflict: bool = False
    """Whether some values can only be day first and others only month first."""

    def __str__(self) -> str:
        if self.conflict:
            return f'some dates begin with the day and others with the month, such as "{self.sample}"'
        if len(set(self.readings.values())) == 1:
            return f'dates such as "{self.sample}" do not say whether the day or the month comes first'
        ways = " or ".join(
            f"{day.day} {_MONTHS[day.month - 1].title()} {day.year}" for day in self.readings.values()
        )
        return f'"{self.sample}" could be {ways}'


def guess_date_format(samples: Iterable[str]) -> DateFormat | Ambiguous | None:
    """The order of a column's dates: for sure, or Ambiguous where somebody must be asked.

    A day above 12 anywhere decides; dates with points are day first, since no country writes the
    month first with them. None where no value looks like a date.
    """
    proof: dict[DateFormat, str] = {}
    open_sample: str | None = None
    for sample in samples:
        text = sample.strip()
        if not text:
            continue
        if _ISO.fullmatch(text):
            proof.setdefault("iso", text)
            continue
        bare = _without_time(text)
        numbers = _NUMBERS.fullmatch(bare)
        if numbers is None:
            if _COMPACT.fullmatch(bare):
                proof.setdefault("ymd", text)
            elif _NAMED.fullmatch(bare):
                proof.setdefault("dmy" if bare[:1].isdigit() else "mdy", text)
            continue
        first, second = int(numbers[1]), int(numbers[3])
        if len(numbers[1]) > 2:
            proof.setdefault("ymd", text)
        elif first > 12 >= second or numbers[2] == ".":
            proof.setdefault("dmy", text)
        elif second > 12 >= first:
            proof.setdefault("mdy", text)
        elif first <= 12 and second <= 12 and (open_sample is None or first != second):
            open_sample = open_sample or text
    if "dmy" in proof and "mdy" in proof and not _has_name(proof):
        return Ambiguous(proof["mdy"], {}, conflict=True)
    for form in ("mdy", "dmy"):
        if form in proof and not (open_sample and _has_letters(proof[form])):
            return cast("DateFormat", form)
    if open_sample is not None:
        return Ambiguous(
            open_sample, {"mdy": parse_date(open_sample, "mdy"), "dmy": parse_date(open_sample, "dmy")}
        )
    return next(iter(proof), None)


def _has_letters(text: str) -> bool:
    return re.search(r"[A-Za-z]{3}", _without_time(text)) is not None


def _has_name(proof: dict[DateFormat, str]) -> bool:
    return _has_letters(proof["dmy"]) or _has_letters(proof["mdy"])


def parse_date(text: str, form: DateFormat) -> date:
    """The date of a text in this order; a time of day behind it is left out. Raises Invalid."""
    return parse_date_time(text, form)[0]


def parse_date_time(text: str, form: DateFormat) -> tuple[date, time | None]:
    """The date, and the time of day if one stands behind it, as the file has them; raises Invalid.

    Dates in ISO form and with the month's name are read whatever the order, since they have only one
    reading. A year of two digits is in this century up to 2068, else in the last.
    """
    body = text.strip()
    try:
        if _ISO.fullmatch(body):
            moment = datetime.fromisoformat(body.replace(" ", "T", 1) if len(body) > 10 else body)
            return moment.date(), moment.time() if len(body) > 10 else None
        clock = _TIME.search(body)
        day = _day(_without_time(body), form)
        return day, _clock(clock) if clock else None
    except ValueError as error:
        why = f": {error.message}" if isinstance(error, Invalid) else ""
        raise Invalid(
            f'"{text[:60]}" is not a date in the form {_shape(form)}{why}', hint=_example(form)
        ) from None


def parse_moment_by(text: str, form: DateFormat, zone: tzinfo) -> datetime:
    """The moment of a date, with a time or at midnight, in a zone; an offset in the text wins. UTC."""
    from ghl.sdk.times import MIDNIGHT, parse_stamp, resolve_local  # a column of plain dates needs none

    body = text.strip()
    if _ISO.fullmatch(body) and len(body) > 16 and re.search(r"(?:Z|[+-]\d\d:?\d\d)$", body, re.IGNORECASE):
        return parse_stamp(body.replace(" ", "T", 1).upper())
    day, clock = parse_date_time(text, form)
    return resolve_local(day, clock or MIDNIGHT, zone)


def _without_time(text: str) -> str:
    return _TIME.sub("", text, count=1).strip()


def _clock(found: re.Match[str]) -> time:
    hour, half = int(found[1]), (found[4] or "").lower()[:1]
    if half:
        if not 1 <= hour <= 12:
            raise Invalid(f"there is no {hour} {half}m")
        hour = hour % 12 + (12 if half == "p" else 0)
    return time(hour, int(found[2]), int(found[3] or 0))


def _day(text: str, form: DateFormat) -> date:
    named = _NAMED.fullmatch(text)
    if named:
        month = (named[2] or named[3])[:3].lower()
        if month not in _MONTHS:
            raise Invalid(f'there is no month "{named[2] or named[3]}"')
        return date(int(named[5]), _MONTHS.index(month) + 1, int(named[1] or named[4]))
    compact = _COMPACT.fullmatch(text)
    if compact and form in ("ymd", "iso"):
        return date(int(compact[1]), int(compact[2]), int(compact[3]))
    numbers = _NUMBERS.fullmatch(text)
    if numbers is None or form == "iso":
        raise ValueError
    parts = {letter: (numbers[1], numbers[3], numbers[4])[place] for place, letter in enumerate(form)}
    if len(parts["d"]) > 2 or len(parts["m"]) > 2 or len(parts["y"]) not in (2, 4):
        raise ValueError
    year = int(parts["y"])
    if len(parts["y"]) == 2:
        year += 2000 if year <= 68 else 1900
    return date(year, int(parts["m"]), int(parts["d"]))


def _shape(form: DateFormat) -> str:
    return {
        "iso": "YYYY-MM-DD",
        "ymd": "year, month, day",
        "mdy": "month, day, year",
        "dmy": "day, month, year",
    }[form]


def _example(form: DateFormat) -> str:
    return {"iso": "2026-10-20", "ymd": "2026/10/20", "mdy": "10/20/2026", "dmy": "20/10/2026"}[form]

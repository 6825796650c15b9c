"""What the clocks of a zone show, as SQL on whole numbers: no database's own tables of zones are asked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from zoneinfo import ZoneInfo

from ghl.engine.expressions.clocks import DAY, EPOCH_DAY, SHOWN_FROM, SHOWN_UNTIL, clock_of
from ghl.engine.expressions.sql_text import Texts, Value, counted_sql
from ghl.sdk.expressions.schema import Type

_FORMATS = {"year": "%Y", "month": "%m", "day": "%d"}
_HOUR, _MINUTE = 3_600_000, 60_000


class Clocks:
    """Dates and parts of dates in one compilation."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts

    def of_date(self, name: str, value: Value) -> Value:
        """A part of a date."""
        if name == "weekday":
            day = counted_sql(self._texts, value)
            return Value(f"(({day} + 6) % 7 + 1)", Type.NUMBER, value.nullable)
        if value.counted:
            return Value(self._of_day(name, value.sql), Type.NUMBER, value.nullable)
        start, length = {"year": (1, 4), "month": (6, 2), "day": (9, 2)}[name]
        kind = "integer" if self._texts.sqlite else "bigint"
        return Value(f"cast(substr({value.sql}, {start}, {length}) as {kind})", Type.NUMBER, value.nullable)

    def of_moment(self, name: str, milliseconds: str, zone: ZoneInfo) -> Value:
        """What a zone shows at a moment; null where that is not known."""

        def shown(v: str) -> str:
            local = f"({v} + {offset_sql(v, zone)})"
            return f"case when {v} between {SHOWN_FROM} and {SHOWN_UNTIL} then {self._shown(name, local)} end"

        sql = self._texts.let(milliseconds, shown)
        type_ = Type.DATE if name == "date" else Type.NUMBER
        return Value(sql, type_, counted=name == "date")

    def _shown(self, name: str, local: str) -> str:
        # Counted from the year 1 it is never negative, so that division is downwards.
        since = f"({local} + {(EPOCH_DAY - 1) * DAY})"
        match name:
            case "hour":
                return f"{since} % {DAY} / {_HOUR}"
            case "minute":
                return f"{since} % {_HOUR} / {_MINUTE}"
        day = f"({since} / {DAY} + 1)"
        if name == "date":
            return day
        return f"(({day} + 6) % 7 + 1)" if name == "weekday" else self._of_day(name, day)

    def _of_day(self, name: str, day: str) -> str:
        if self._texts.sqlite:
            return f"cast(strftime('{_FORMATS[name]}', {day} + 1721424.5) as integer)"
        return f"cast(extract({name} from date '0001-01-01' + cast({day} - 1 as integer)) as bigint)"


def offset_sql(moment: str, zone: ZoneInfo) -> str:
    """The offset of a zone at a moment: among groups of changes, then in one group.

    Halving again and again would ask less, and nest deeper than SQLite's parser goes.
    """
    return _offset_template(zone).replace("{v}", moment)


@lru_cache(maxsize=64)
def _offset_template(zone: ZoneInfo) -> str:
    clock = clock_of(zone)
    spans = [clock.first, *(offset for _, offset in clock.changes)]
    size = math.isqrt(len(spans)) + 1
    groups: list[tuple[int | None, str]] = []
    for start in range(0, len(spans), size):
        until = [at for at, _ in clock.changes[start : start + size]]
        last = until.pop() if start + size <= len(clock.changes) else None
        inner = list(zip([*until, None], map(str, spans[start : start + size]), strict=True))
        groups.append((last, _case(inner)))
    return _case(groups)


def _case(spans: Sequence[tuple[int | None, str]]) -> str:
    """What holds until each moment; the last until the end."""
    whens = " ".join(f"when {{v}} < {until} then {found}" for until, found in spans[:-1])
    return f"case {whens} else {spans[-1][1]} end" if whens else spans[-1][1]

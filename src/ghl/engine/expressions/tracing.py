"""Why a condition is true or false: each clause that was looked at, with what it saw."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from ghl.sdk.money import Money
from ghl.sdk.times import stamp


@dataclass(slots=True)
class Trace:
    """A clause, its value, the values of the fields that made it so, and what had no value and why.

    A part that was not needed is not there: `a && b` ends with the first that is false.
    """

    clause: str
    result: Any
    values: dict[str, Any] = field(default_factory=dict)
    parts: list[Trace] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def lines(self, depth: int = 0) -> list[str]:
        """For people: a line for each clause, with what it saw."""
        mark = "yes" if self.result is True else "no " if self.result is False else shown(self.result)
        seen = [f"{name} is {shown(value)}" for name, value in self.values.items()] + self.problems
        text = f"{'  ' * depth}{mark}  {self.clause}" + (f"    {', '.join(seen)}" if seen else "")
        return [text, *(line for part in self.parts for line in part.lines(depth + 1))]

    def as_dict(self) -> dict[str, Any]:
        """For programs: the same as JSON."""
        found: dict[str, Any] = {"clause": self.clause, "result": plain(self.result)}
        if self.values:
            found["values"] = {name: plain(value) for name, value in self.values.items()}
        if self.problems:
            found["problems"] = self.problems
        if self.parts:
            found["parts"] = [part.as_dict() for part in self.parts]
        return found


def shown(value: Any) -> str:
    """A value as people read it."""
    match value:
        case None:
            return "missing"
        case bool():
            return "true" if value else "false"
        case str():
            return f'"{value}"' if len(value) <= 80 else f'"{value[:79]}…"'
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case Money():
            return f"{value.value} {value.currency}"
        case datetime():
            return stamp(value)
        case list() | tuple() | set() | frozenset():
            some = [shown(one) for one in list(value)[:10]]
            return f"[{', '.join(some)}{', …' if len(value) > 10 else ''}]"
    return str(value)


def plain(value: Any) -> Any:
    """A value as JSON has it."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case Money():
            return value.as_dict()
        case datetime():
            return stamp(value)
        case date():
            return value.isoformat()
        case list() | tuple() | set() | frozenset():
            return [plain(one) for one in value]
        case dict():
            return {str(key): plain(one) for key, one in value.items()}
    return str(value)

"""Generated expressions: typed, so that nearly all of them pass the check, and full of what goes wrong at run time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from ghl.sdk.expressions import Type
from ghl.sdk.expressions.unparse import literal
from ghl.sdk.times import stamp
from tests.expressions.sample import (
    CONTACT,
    CUSTOM,
    DATES,
    EVENT_NAMES,
    MOMENTS,
    MONEYS,
    NUMBERS,
    STATUSES,
    TAGS,
    TEXTS,
)

Draw = Callable[[st.SearchStrategy[Any]], Any]
T, N, Y, D, M, B, S, L = Type.TEXT, Type.NUMBER, Type.MONEY, Type.DATE, Type.DATETIME, Type.BOOL, Type.DURATION, Type.LIST
LENGTHS = ["0s", "1ms", "1s", "90m", "12h", "1d", "-1d", "7d", "30d", "2w", "365d", "4000000d", "1d12h", "36524d"]
WHOLE = ["0d", "1d", "-1d", "7d", "30d", "365d", "4000000d"]
ZONES = ["Europe/Lisbon", "America/St_Johns", "Asia/Kathmandu", "America/Sao_Paulo", "Pacific/Apia", "UTC", "Africa/Casablanca"]
PATTERNS = ["^L", "on$", "[a-z]+", r"\\d{1,3}", "(a|b)c?", "x{3,}", "", r"\\bpad\\b", "(?i)LISBON", "."]
FIELDS: dict[Type, list[str]] = {}
for _name, _field in CONTACT.fields.items():
    FIELDS.setdefault(_field.type, []).append(_name)
for _name, _type in CUSTOM.items():
    FIELDS.setdefault(_type, []).append(f"custom.{_name}")
FIELDS[T] += ["company.name", "nick"]
FIELDS[N] += ["company.size"]
FIELDS[D] += ["company.founded"]
FIELDS[B] += ["company.active"]
DEAL_FIELDS = {T: ["name", "status", "company.name"], Y: ["amount"], M: ["opened_at"], N: ["age", "company.size"], D: ["company.founded"],
               B: ["company.active"]}  # fmt: skip
EVENT_FIELDS = {T: ["name"], M: ["at"]}
ORDERED = [T, N, Y, D, M, S]
SIGNS = ["==", "!=", "<", "<=", ">", ">="]


class Generator:
    """One expression, drawn part by part; smaller draws are simpler expressions."""

    def __init__(self, draw: Draw, *, related: bool = True) -> None:
        self.draw = draw
        self.fields = FIELDS
        self.related = related

    def pick(self, pool: list[Any]) -> Any:
        return self.draw(st.sampled_from(pool))

    def chance(self, of: int) -> bool:
        return self.draw(st.integers(0, of)) == of

    # --- conditions

    def condition(self, depth: int) -> str:
        ways = [self.comparison, self.comparison, self.comparison, self.has, self.member, self.letters, self.flag]
        if depth > 0:
            ways += [self.logic, self.logic, self.negation, self.negation, self.choice_of_conditions]
            if self.related:
                ways += [self.exists, self.count]
        return self.pick(ways)(depth - 1)

    def comparison(self, depth: int) -> str:
        type_ = self.pick(ORDERED)
        return f"{self.value(type_, depth)} {self.pick(SIGNS)} {self.value(type_, depth)}"

    def logic(self, depth: int) -> str:
        sign = self.pick([" && ", " || "])
        return f"({sign.join(self.condition(depth) for _ in range(self.draw(st.integers(2, 3))))})"

    def negation(self, depth: int) -> str:
        return f"!({self.condition(depth)})"

    def choice_of_conditions(self, depth: int) -> str:
        return f"({self.condition(depth)} ? {self.condition(depth)} : {self.condition(depth)})"

    def has(self, depth: int) -> str:
        every = [name for names in self.fields.values() for name in names]
        return f"has({self.pick(every)})"

    def flag(self, depth: int) -> str:
        if B not in self.fields:
            return self.comparison(depth)
        name = self.pick(self.fields[B])
        return self.pick([name, f"{name} == true", f"{name} != false", f"{name} == false", f"({self.comparison(depth)}) == {name}"])

    def letters(self, depth: int) -> str:
        name = self.pick(["contains", "icontains", "startsWith", "endsWith"])
        return f"{name}({self.value(T, depth)}, {self.value(T, depth)})"

    def member(self, depth: int) -> str:
        if L in self.fields and self.chance(1):
            group = self.pick(self.fields[L])
            if group != "tags" and self.chance(2):
                return f"{self.value(T, depth)} in {group}"
            return f"{literal(self.pick([*TAGS, 'LEAD', 'red', 'blue', 'Lisbon', '']))} in {group}"
        type_ = self.pick([T, N, D, M, Y])
        items = [self.literal(type_) for _ in range(self.draw(st.integers(0, 3)))]
        if depth > 0 and self.chance(3):
            items.append(self.value(type_, depth))
        return f"{self.value(type_, depth)} in [{', '.join(items)}]"

    def exists(self, depth: int) -> str:
        name, fields = self.pick([("deals", DEAL_FIELDS), ("events", EVENT_FIELDS)])
        if self.fields is not FIELDS:
            return self.comparison(depth)
        form = self.pick(["bare", "short", "short", "long"])
        if form == "bare":
            return f"exists({name})"
        if form == "long":
            inner = self.within({type_: [f"q.{one}" for one in names] for type_, names in fields.items()}, depth)
            outer = self.comparison(depth)
            return f"{name}.exists(q, {inner} && {outer})"
        return f"exists({name}, {self.within(fields, depth)})"

    def count(self, depth: int) -> str:
        if self.fields is not FIELDS:
            return self.comparison(depth)
        name, fields = self.pick([("deals", DEAL_FIELDS), ("events", EVENT_FIELDS)])
        inner = f", {self.within(fields, depth)}" if self.chance(1) else ""
        return f"count({name}{inner}) {self.pick(SIGNS)} {self.pick([0, 1, 2, 3, 1.5, -1])}"

    def within(self, fields: dict[Type, list[str]], depth: int) -> str:
        """A condition on another record."""
        outer, self.fields = self.fields, fields
        try:
            return self.condition(max(depth, 0))
        finally:
            self.fields = outer

    # --- values

    def value(self, type_: Type, depth: int) -> str:
        ways: list[Callable[[], str]] = [lambda: self.literal(type_)]
        if type_ in self.fields:
            ways += [lambda: self.pick(self.fields[type_])] * 4
        if depth > 0:
            more = getattr(self, f"_{type_.value}s")
            ways += [lambda: more(depth - 1)] * (9 if type_ in (N, D, M, S) else 4)
            ways.append(lambda: f"({self.condition(depth - 1)} ? {self.value(type_, depth - 1)} : {self.value(type_, depth - 1)})")
        text = self.pick(ways)()
        # An amount cannot be chosen in a database.
        return self.literal(type_) if type_ is Y and " ? " in text else text

    def literal(self, type_: Type) -> str:
        match type_:
            case Type.TEXT:
                pool = TEXTS if "name" not in self.fields.get(T, []) else [*EVENT_NAMES, *STATUSES, *TEXTS]
                return literal(self.pick(pool))
            case Type.NUMBER:
                return literal(self.pick(NUMBERS))
            case Type.MONEY:
                money = self.pick(MONEYS)
                return f'money("{money.value} {money.currency}")'
            case Type.DATE:
                return self.pick([f'date("{one}")' for one in DATES] + ["today()"] * 3 + ['today("Pacific/Apia")'])
            case Type.DATETIME:
                shown = [f'datetime("{stamp(one)}")' for one in MOMENTS]
                return self.pick([*shown, "now()", "now()", 'datetime("2026-11-24T10:30")', 'datetime("2026-10-25T01:30")'])
            case Type.DURATION:
                return f'duration("{self.pick(LENGTHS)}")'
        return literal(self.pick([True, False]))

    def _texts(self, depth: int) -> str:
        inner = self.value(T, depth)
        ways = [f"lower({inner})", f"upper({inner})", f"trim({inner})", f"({inner} + {self.value(T, depth)})"]
        if Y in self.fields:
            ways.append(f"currency({self.pick(self.fields[Y])})")
        return self.pick(ways)

    def _numbers(self, depth: int) -> str:
        name = self.pick(["sum", "sum", "sum", "sign", "round", "size", "text", "money", "part", "part", "part", "days", "days", "list", "count"])
        match name:
            case "sum":
                return f"({self.value(N, depth)} {self.pick(['+', '-', '*', '/', '%'])} {self.value(N, depth)})"
            case "sign":
                return f"-({self.value(N, depth)})"
            case "round":
                return f"{self.pick(['abs', 'round', 'floor', 'ceil'])}({self.value(N, depth)})"
            case "size":
                return f"size({self.value(T, depth)})"
            case "text":
                return f"number({self.value(T, depth)})"
            case "money" if Y in self.fields:
                return f"number({self.pick(self.fields[Y])})"
            case "part":
                return self.part(depth)
            case "days":
                return f"{self.pick(['days_since', 'days_until'])}({self.value(self.pick([D, M]), depth)})"
            case "list" if L in self.fields:
                return f"size({self.pick(self.fields[L])})"
            case "count" if self.fields is FIELDS and self.related:
                return "count(deals)"
        return literal(self.pick(NUMBERS))

    def part(self, depth: int) -> str:
        """What a calendar or a clock shows."""
        if self.chance(1):
            return f"{self.pick(['year', 'month', 'day', 'weekday'])}({self.value(D, depth)})"
        name = self.pick(["year", "month", "day", "hour", "minute", "weekday"])
        zone = f', "{self.pick(ZONES)}"' if self.chance(1) else ""
        return f"{name}({self.value(M, depth)}{zone})"

    def _dates(self, depth: int) -> str:
        if self.chance(1):
            zone = f', "{self.pick(ZONES)}"' if self.chance(1) else ""
            return f"date({self.value(M, depth)}{zone})"
        if self.chance(2):
            return f"({self.value(D, depth)} + {self._durations(depth)})"
        return f'({self.value(D, depth)} {self.pick(["+", "-"])} duration("{self.pick(WHOLE)}"))'

    def _datetimes(self, depth: int) -> str:
        if self.chance(3):
            return f"({self.value(S, depth)} + {self.value(M, depth)})"
        return f"({self.value(M, depth)} {self.pick(['+', '-'])} {self.value(S, depth)})"

    def _durations(self, depth: int) -> str:
        kind = self.pick(["moments", "moments", "dates", "sum", "sign"])
        if kind == "sum":
            return f"({self.literal(S)} {self.pick(['+', '-'])} {self.value(S, depth)})"
        if kind == "sign":
            return f"-({self.value(S, depth)})"
        type_ = M if kind == "moments" else D
        return f"({self.value(type_, depth)} - {self.value(type_, depth)})"

    def _moneys(self, depth: int) -> str:
        return self.pick(self.fields[Y]) if Y in self.fields else self.literal(Y)


@st.composite
def conditions(draw: Draw, depth: int = 3, related: bool = True) -> str:
    """A condition about a contact."""
    return Generator(draw, related=related).condition(depth)

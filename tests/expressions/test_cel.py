"""On the part that both have, a real implementation of CEL says the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ghl.engine.expressions import Env, MappingRecord, trace
from ghl.sdk.expressions import Field, Schema, Type, check
from ghl.sdk.expressions.unparse import literal

cel = pytest.importorskip("cel_expr_python.cel")
pytestmark = pytest.mark.unit

START = datetime(2026, 1, 1, tzinfo=UTC)
ROWS: list[dict[str, Any]] = [
    {"city": "Lisbon", "note": "São", "score": 2.5, "rate": -1.0, "visits": 7, "age": 30, "tags": ["a", "b"], "active": True,
     "at": START, "seen": START + timedelta(hours=36), "span": timedelta(hours=5)},
    {"city": "", "note": "Lisbon", "score": 0.0, "rate": 3.25, "visits": 0, "age": -3, "tags": [], "active": False,
     "at": START + timedelta(days=400, milliseconds=5), "seen": START, "span": timedelta(0)},
    {"city": "é", "note": "z", "score": -7.0, "rate": 0.1, "visits": 2, "age": 2, "tags": ["Lisbon", "x"], "active": False,
     "at": datetime(1960, 5, 6, 7, 8, 9, tzinfo=UTC), "seen": datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "span": timedelta(days=-2)},
]  # fmt: skip
FIELDS = {"text": ["city", "note"], "double": ["score", "rate"], "int": ["visits", "age"], "moment": ["at", "seen"], "length": ["span"]}
SCHEMA = Schema(
    "row",
    {
        **{name: Field(name, Type.TEXT) for name in FIELDS["text"]},
        **{name: Field(name, Type.NUMBER) for name in FIELDS["double"] + FIELDS["int"]},
        **{name: Field(name, Type.DATETIME) for name in FIELDS["moment"]},
        "tags": Field("tags", Type.LIST), "active": Field("active", Type.BOOL), "span": Field("span", Type.DURATION),
    },
)  # fmt: skip
PLAIN: dict[str, list[str]] = {
    "text": [literal(text) for text in ("Lisbon", "", "is", "São", "é", "日本", "z", 'q"\\')],
    "double": ["0.0", "1.5", "2.5", "-7.25", "100.0"],
    "int": ["0", "1", "2", "7", "-3", "30"],
    "moment": ['timestamp("2026-01-01T00:00:00Z")', 'timestamp("2026-01-02T12:00:00.005Z")', 'timestamp("1960-01-01T00:00:00Z")'],
    "length": ['duration("36h")', 'duration("90m")', 'duration("1h30m")', 'duration("-5s")', 'duration("250ms")'],
}
PATTERNS = [literal(pattern) for pattern in ("^L", "o?n$", "[a-z]+", "(is|o)", r"^\S*$", "")]


@pytest.fixture(scope="module")
def real() -> Any:
    """The real implementation, with the same fields."""
    kinds = {"text": cel.Type.STRING, "double": cel.Type.DOUBLE, "int": cel.Type.INT, "moment": cel.Type.TIMESTAMP, "length": cel.Type.DURATION}
    variables = {name: kinds[kind] for kind, names in FIELDS.items() for name in names}
    return cel.NewEnv(variables={**variables, "tags": cel.Type.List(cel.Type.STRING), "active": cel.Type.BOOL})


@st.composite
def values(draw: Any, kind: str, depth: int) -> str:
    """A value of one type; numbers are never mixed."""
    ways = [lambda: draw(st.sampled_from(PLAIN[kind])), lambda: draw(st.sampled_from(FIELDS[kind]))]
    if depth > 0:
        ways += [lambda: worked_out(draw, kind, depth - 1)] * 2
    return draw(st.sampled_from(ways))()


def worked_out(draw: Any, kind: str, depth: int) -> str:
    """A sum, or a choice."""
    def one(kind: str) -> str:
        return draw(values(kind, depth))

    if draw(st.integers(0, 4)) == 4:
        return f"({draw(conditions(depth))} ? {one(kind)} : {one(kind)})"
    match kind:
        case "text":
            return f"({one('text')} + {one('text')})"
        case "double":
            sign = draw(st.sampled_from("+-*/!"))
            return f"-({one(kind)})" if sign == "!" else f"({one(kind)} {sign} {one(kind)})"
        case "int":
            sign = draw(st.sampled_from("+-*%!sl"))
            more = {"!": lambda: f"-({one(kind)})", "s": lambda: f"size({one('text')})", "l": lambda: "size(tags)"}
            return more[sign]() if sign in more else f"({one(kind)} {sign} {one(kind)})"
        case "moment":
            return f"({one('moment')} {draw(st.sampled_from('+-'))} {one('length')})"
    if draw(st.booleans()):
        return f"({one('moment')} - {one('moment')})"
    return f"({one('length')} {draw(st.sampled_from('+-'))} {one('length')})"


@st.composite
def conditions(draw: Any, depth: int) -> str:
    """A condition in the language of both."""
    def value(kind: str, most: int = depth - 1) -> str:
        return draw(values(kind, max(most, 0)))

    def inner() -> str:
        return draw(conditions(depth - 1))

    def pick(*pool: str) -> str:
        return draw(st.sampled_from(pool))

    kind = pick(*PLAIN)
    ways = [
        lambda: f"({value(kind)} {pick('==', '!=', '<', '<=', '>', '>=')} {value(kind)})",
        lambda: f"{value('text')}.{pick('contains', 'startsWith', 'endsWith')}({value('text', 0)})",
        lambda: f"{value('text')}.matches({pick(*PATTERNS)})",
        lambda: f"{value('text')} in tags",
        lambda: f"{value(kind, 0)} in [{value(kind, 0)}, {value(kind, 0)}]",
        lambda: "active",
    ]
    if depth > 0:
        ways += [
            lambda: f"({inner()} {pick('&&', '||')} {inner()})",
            lambda: f"!({inner()})",
            lambda: f"({inner()} ? {inner()} : {inner()})",
        ] * 2
    return draw(st.sampled_from(ways))()


@settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=conditions(3))
def test_generated_conditions_agree(text: str, real: Any) -> None:
    """Where nothing is missing and nothing goes wrong."""
    program, checked = real.compile(text), check(text, SCHEMA)
    for row in ROWS:
        told = trace(checked, MappingRecord(row), Env(now=START))
        if "zero" in str(told.as_dict()):
            continue
        assert told.result is program.eval(data=row).plain_value(), (text, row, told.lines())


@pytest.mark.parametrize(
    ("text", "ours", "theirs"),
    [
        ("7 / 2 == 3", False, True),
        ("7.0 / 2.0 == 3.5", True, True),
        ("-7 % 4 == -3", True, True),
        ("size('日本') == 2", True, True),
        ("r'\\d' == '\\\\d'", True, True),
        ("'\\u00e9' == 'é'", True, True),
        ("true ? false : true", False, False),
        ("1 + 2 * 3 == 7 && !(2 > 3)", True, True),
    ],
)
def test_known_cases(text: str, ours: bool, theirs: bool, real: Any) -> None:
    """Whole numbers are divided with their fraction; the documentation says so."""
    assert trace(check(text, SCHEMA), None, Env(now=START)).result is ours
    assert real.compile(text).eval(data=ROWS[0]).plain_value() is theirs

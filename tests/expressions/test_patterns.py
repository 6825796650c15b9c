"""Patterns: the same as Python's and CEL's on what they share, and never slow."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ghl.errors import ExpressionError
from ghl.sdk.expressions.patterns import LONGEST_TEXT, Pattern, compiled

ATOMS = ["a", "b", "c", ".", "^", "$", r"\d", r"\w", r"\s", r"\D", r"\W", r"\S", r"\b", r"\B", "[ab]", "[^a]", "[a-c]", r"[^\d]", r"[\w-]",
         r"\.", "é", "[é-í]", r"\n", "-", "A"]  # fmt: skip


def branches(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Repeats, groups, sequences and alternatives of patterns."""
    repeat = st.sampled_from(["*", "+", "?", "{2}", "{0,2}", "{1,}", "{0}", "*?", "+?"])
    group = st.tuples(st.sampled_from(["(", "(?:"]), inner).map(lambda p: f"{p[0]}{p[1]})")
    single = st.sampled_from([a for a in ATOMS if a not in ("^", "$", r"\b", r"\B")])
    return (
        st.tuples(single | group, repeat).map("".join)
        | group
        | st.lists(inner, min_size=2, max_size=4).map("".join)
        | st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({'|'.join(parts)})")
    )


PATTERNS = st.recursive(st.sampled_from(ATOMS), branches, max_leaves=8)
TEXTS = st.text(alphabet="abcABC01 .-_é\n", max_size=12)


@pytest.mark.unit
@settings(max_examples=800, deadline=None)
@given(pattern=PATTERNS, text=TEXTS, fold=st.booleans())
def test_it_finds_what_python_finds(pattern: str, text: str, fold: bool) -> None:
    """With ASCII classes, and `$` at the end of the text alone."""
    pattern = f"(?i){pattern}" if fold else pattern
    if fold and "é" in pattern + text:
        pattern, text = pattern.replace("é", "e").replace("í", "i"), text.replace("é", "e")
    try:
        ours = compiled(pattern)
    except ExpressionError:
        return
    if not text and r"\B" in pattern:
        return  # Python's `\B` is not found in an empty text, though no word ends there
    theirs = re.compile(re.sub(r"(?<!\\)\$", r"\\Z", pattern), re.ASCII)
    assert ours.found_in(text) == (theirs.search(text) is not None)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(a", "not closed"),
        ("a)", "closes nothing"),
        ("[a", "not closed"),
        ("*a", "nothing before"),
        ("a**", "a repeat of a repeat"),
        ("a{x}", "without numbers"),
        ("a{3,1}", "from more to fewer"),
        ("[z-a]", "from more to less"),
        (r"(a)\1", "means nothing"),
        ("(?=a)", "looks ahead"),
        ("(?<x>a)", "looks ahead"),
        ("\\", "backslash"),
        (r"\q", "means nothing"),
        ("a{1000}", "asks too much"),
        ("((a{20}){20}){20}", "asks too much"),
        ("(" * 30 + "a" + ")" * 30, "too many brackets"),
        ("a" * 501, "500 characters"),
    ],
)
def test_what_is_no_pattern_is_refused(pattern: str, why: str) -> None:
    """With the reason, before any text is looked at."""
    with pytest.raises(ExpressionError, match=why) as caught:
        Pattern(pattern, 4)
    assert caught.value.details["column"] == 5


@pytest.mark.unit
@settings(max_examples=500, deadline=None)
@given(pattern=st.text(alphabet="ab()[]{}*+?|^$\\.,-0129dwsbDn(?:i)", max_size=25), text=TEXTS)
def test_no_pattern_breaks_the_reader(pattern: str, text: str) -> None:
    """It is a pattern or an ExpressionError."""
    try:
        found = compiled(pattern)
    except ExpressionError:
        return
    assert found.found_in(text) in (True, False)


class Steps(Pattern):
    """A pattern that counts what it works out."""

    def __init__(self, text: str) -> None:
        self.count = 0
        super().__init__(text, 0)

    def _reach(self, states: frozenset[int], before: str, after: str) -> frozenset[int]:
        self.count += len(states)
        return super()._reach(states, before, after)


@pytest.mark.unit
@pytest.mark.security
@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*b", "(a|aa)+$", "(.*)*x", "(a?){30}a{30}b", "a*a*a*a*a*a*b", r"(\w+\s?)+!"])
def test_no_pattern_takes_long(pattern: str) -> None:
    """The work is at most the length of the text times the states, for patterns that take others for ever."""
    steps = Steps(pattern)
    text = "a" * LONGEST_TEXT
    assert steps.found_in(text) is False or pattern in ("(a+)+$", "(a|aa)+$")
    assert steps.count <= (len(text) + 1) * len(steps._states)


@pytest.mark.unit
def test_only_the_beginning_of_a_long_text_is_looked_at() -> None:
    """The documentation says how much."""
    assert compiled("b").found_in("a" * (LONGEST_TEXT - 1) + "b")
    assert not compiled("b").found_in("a" * LONGEST_TEXT + "b")


@pytest.mark.unit
def test_memory_is_bounded() -> None:
    """A text of ever new characters does not fill it."""
    pattern: Any = Pattern("[^x]+y", 0)
    for start in range(0x4E00, 0x9000, 10_000):
        pattern.found_in("".join(chr(start + n) for n in range(10_000)))
    assert sum(len(key[0]) + len(found) for key, found in pattern._stepped.items()) <= 50_000

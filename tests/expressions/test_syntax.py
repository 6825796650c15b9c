"""Text to tree and back: precedence, places of errors, and no text that breaks it."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ghl.errors import ExpressionError
from ghl.sdk.expressions import from_json, parse, to_json, unparse
from ghl.sdk.expressions.tree import Binary, Literal, Logic, Name
from tests.expressions.generator import conditions

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("a&&b||c", "a && b || c"),
        ("a && (b || c)", "a && (b || c)"),
        ("a && (b && c)", "a && b && c"),
        ("!(a || b)", "!(a || b)"),
        ("1+2*3-4", "1 + 2 * 3 - 4"),
        ("1-(2-3)", "1 - (2 - 3)"),
        ("(1 + 2) * 3", "(1 + 2) * 3"),
        ("a == 1 ? b : c ? d : e", "a == 1 ? b : c ? d : e"),
        ("(a ? b : c) ? d : e", "(a ? b : c) ? d : e"),
        ("(a == b) == c", "(a == b) == c"),
        ("- 5", "-5"),
        ("-(5)", "-(5)"),
        ("--5", "5"),
        ("1 - -1", "1 - -1"),
        ("-x.y", "-x.y"),
        ("city.contains('L')", 'contains(city, "L")'),
        ("trim(city).size() > 1", "size(trim(city)) > 1"),
        ("deals.exists(d, d.amount > 1)", "deals.exists(d, d.amount > 1)"),
        ("deals.exists(status == 'won')", 'exists(deals, status == "won")'),
        ("company.deals.count()", "count(company.deals)"),
        ("exists(deals)", "exists(deals)"),
        (r'"a\"\\\n\u00e9"', '"a\\"\\\\\\né"'),
        (r"r'\d+'", '"\\\\d+"'),
        ("1.50", "1.5"),
        ("1e3", "1000.0"),
        (".5", "0.5"),
        ("99999999999999999999", "1e+20"),
        ('"x" in ["a", b]', '"x" in ["a", b]'),
        ("[]", "[]"),
        ("true && null", "true && null"),
    ],
)
def test_an_expression_has_one_canonical_text(text: str, canonical: str) -> None:
    """Brackets stand where they are needed, and only there."""
    node = parse(text)
    assert unparse(node) == canonical
    assert parse(canonical) == node
    assert from_json(to_json(node)) == node


def test_every_part_knows_its_place() -> None:
    """Places are counted from 0, at the sign of an operator."""
    node = parse(' city == "L" && score')
    assert isinstance(node, Logic)
    assert node.at == 13
    comparison, score = node.parts
    assert isinstance(comparison, Binary)
    assert isinstance(score, Name)
    assert (comparison.at, comparison.left.at, comparison.right.at, score.at) == (6, 1, 9, 16)


def test_numbers_texts_and_truth_are_told_apart() -> None:
    """1, 1.0, true and "1" are four values."""
    values = [parse(text) for text in ("1", "1.0", "true", '"1"', "null")]
    assert len(set(values)) == 5
    assert all(isinstance(value, Literal) for value in values)


@pytest.mark.parametrize(
    ("text", "column", "message", "hint"),
    [
        ("", 1, "expected a field or a value and found the end", "city =="),
        ("city ==", 8, "found the end", "such as"),
        ("(city", 6, "expected `)`", None),
        ("[1, 2", 6, "expected `]`", None),
        ("city = 1", 6, "`=` means nothing", "=="),
        ("a & b", 3, "`&`", "&&"),
        ("a | b", 3, "`|`", "||"),
        ("a and b", 3, "`and` is too much", "write &&"),
        ("a OR b", 3, "`OR` is too much", "write ||"),
        ("not a", 1, "`not` is written !", "!("),
        ("city like 'x'", 6, "`like`", "contains"),
        ("a b", 3, "`b` is too much", "&& or ||"),
        ("a == b == c", 8, "cannot follow each other", "&&"),
        ('"abc', 1, "a text that does not end", '"'),
        ("'abc", 1, "a text that does not end", "'"),
        ('x == "a\\q"', 8, "`\\q` means nothing", "\\\\"),
        ('"\\ud800"', 2, "no character", None),
        ("“x”", 1, "`“` means nothing", "straight quotes"),
        ("12abc", 1, "neither a number nor a name", "quotes"),
        ("1e400", 1, "1e-99 and 1e100", None),
        ("city.", 6, "a name follows a dot", None),
        ("(a + b).c", 9, "only a field has parts", None),
        ("in", 1, "`in` stands between", '"vip" in tags'),
        ("exists(1)", 8, "asks related records", "exists(deals)"),
        ("deals.exists(1, a)", 14, "a short name", "deals.exists(d"),
        ("f(a, )", 6, "found `)`", None),
        ("a ? b", 6, "expected `:`", None),
        ("city == 'a\0b'", 11, "cannot be stored", None),
        ("#", 1, "`#` means nothing", None),
        ("!" * 60 + "a", 51, "levels deep", None),
        ("(" * 60, 51, "levels deep", None),
        ("+".join("1" * 200), 0, "100 levels", None),
        ("[" + ",".join("1" * 2000) + "]", 0, "1,000 parts", None),
        ("a" * 10_001, 10_001, "10,000 characters", None),
    ],
)
def test_an_error_has_a_place_and_a_way_out(text: str, column: int, message: str, hint: str | None) -> None:
    """The column counts from 1; 0 here stands for wherever a limit is passed."""
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert message in caught.value.message
    assert f"at column {caught.value.details['column']}" in caught.value.message
    if column:
        assert caught.value.details["column"] == column
    if hint:
        assert hint in (caught.value.hint or "")


@settings(max_examples=300, deadline=None)
@given(text=conditions(depth=4))
def test_a_tree_survives_its_text_and_its_json(text: str) -> None:
    """Generated conditions, whatever they mean."""
    node = parse(text)
    assert parse(unparse(node)) == node
    assert unparse(parse(unparse(node))) == unparse(node)
    assert from_json(to_json(node)) == node


PIECES = ["(", ")", "[", "]", "!", "-", "+", "*", "/", "%", "==", "!=", "<", "&&", "||", "?", ":", ".", ",", '"', "'", "a", "in", " ",
          "1", "1.5", "exists", "count", "null", "true", "r'", "\\", "\n", "é", "\0", "\ud800"]  # fmt: skip


@settings(max_examples=1000, deadline=None)
@given(text=st.text(max_size=60) | st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
@example("-" * 9_000)
@example("a" + ".a" * 4_000)
@example("a" + ".f()" * 2_000)
@example("?" * 9_000)
@example("[" * 9_000)
@example("1 in " * 1_000)
@example("a?" * 200 + "b" + ":c" * 200)
def test_no_text_breaks_the_parser(text: str) -> None:
    """Whatever is typed is an expression or an ExpressionError, at a column that exists."""
    try:
        node = parse(text)
    except ExpressionError as error:
        column = error.details["column"]
    else:
        column = 1
        assert parse(unparse(node)) == node
        assert from_json(to_json(node)) == node
    assert 1 <= column <= len(text) + 1


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.sampled_from(["&&", "||", "==", "in", "!", "field", "call", "exists", "of", "where", "as", "?", "x"]), inner, max_size=2),
    max_leaves=20,
)


@settings(max_examples=500, deadline=None)
@given(form=VALUES)
@example({"field": "a b"})
@example({"field": "in"})
@example({"call": ["exists", 1]})
@example({"exists": {"of": "deals", "as": "d"}})
@example({"exists": {"of": "deals", "when": True}})
@example(10**400)
@example(float("nan"))
def test_no_json_breaks_the_reader(form: object) -> None:
    """Whatever a program sends is an expression, with a text of its own, or an ExpressionError."""
    try:
        node = from_json(form)
    except ExpressionError:
        return
    assert parse(unparse(node)) == node


def test_deep_json_is_refused() -> None:
    """As deep as a text may be, and no deeper."""
    form: object = True
    for _ in range(5_000):
        form = {"!": form}
    with pytest.raises(ExpressionError, match="levels"):
        from_json(form)


def test_json_is_easy_to_build() -> None:
    """The form that the documentation shows."""
    form = {"&&": [{"in": ["lead", {"field": "tags"}]}, {"!": {"exists": {"of": "deals", "where": {"==": [{"field": "status"}, "won"]}}}}]}
    assert unparse(from_json(form)) == '"lead" in tags && !exists(deals, status == "won")'
    assert unparse(from_json({"call": ["has", {"field": "company.name"}]})) == "has(company.name)"
    assert to_json(parse("deals.exists(d, d.amount > 1)")) == {
        "exists": {"of": "deals", "where": {">": [{"field": "d.amount"}, 1]}, "as": "d"}
    }

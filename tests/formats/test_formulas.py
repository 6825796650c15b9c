"""Formulas: none is live in an export, and every text comes back."""

from __future__ import annotations

import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ghl.engine.data.formats import open_rows, open_writer
from ghl.sdk.formulas import neutralise, restore

pytestmark = [pytest.mark.unit, pytest.mark.security]
ATTACKS = [
    "=1+1", "+1+1", "-1+1", "@SUM(A1)", "=cmd|' /C calc'!A0", "=HYPERLINK(\"http://x\",\"y\")", "\t=1", "\r=1", "\n=1", " =1", "  \t =1",
    "\x00=1", "\x01\x02=1", "\x1f@x", "\u00a0=1", "\ufeff=1", "\u200b=1", "＝1", "＋1", "－1", "＠x", "\t", "\r", "-", "+", "=", "@",
    "-1-1", "+1-504-621-8927", "'=1", "''=1", "' =1", "+351 912 345 678",
]  # fmt: skip
HARMLESS = [
    "",
    "Ana",
    "O'Brien",
    "'",
    "''",
    "'hello",
    "12.50",
    "-12.50",
    "-3",
    "+351912345678",
    "-.5",
    "-1,5",
    "a=b",
    "1-2",
    " plain",
    "x\t=1",
]


@pytest.mark.parametrize("text", ATTACKS)
def test_attacks_are_made_harmless(text: str) -> None:
    assert neutralise(text) == f"'{text}"
    assert restore(neutralise(text)) == text


@pytest.mark.parametrize("text", HARMLESS)
def test_the_rest_is_left_alone(text: str) -> None:
    assert neutralise(text) == text
    assert restore(text) == text


@given(st.text(st.one_of(st.sampled_from("'=+-@\t\r\n\0 ＝1.,"), st.characters(exclude_categories=["Cs"]))))
def test_every_text_comes_back(text: str) -> None:
    safe = neutralise(text)
    assert restore(safe) == text
    shown = safe.lstrip("".join(map(chr, range(33))) + "\u00a0\u200b\ufeff\u3000")
    if shown[:1] in tuple("=+-@＝＋－＠"):
        assert safe == text
        assert safe[1:].strip("0123456789.,") == ""


cells = st.text(
    st.one_of(
        st.sampled_from("'=+-@\t\r\n ;,|\""),
        st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufffd"),
    ),
    max_size=12,
)


@given(
    st.integers(1, 4).flatmap(lambda n: st.lists(st.lists(cells, min_size=n, max_size=n), max_size=8)),
    st.sampled_from(",;\t|"),
)
@example([["\r"]], ",")
def test_export_then_import_is_equal(rows: list[list[str]], delimiter: str) -> None:
    width = len(rows[0]) if rows else 2
    columns = [f"c{n}" for n in range(width)]
    file = io.BytesIO()
    with open_writer(file, "csv", columns, delimiter=delimiter) as writer:
        for row in rows:
            writer.write(row)
    with open_rows(
        io.BytesIO(file.getvalue()), format="csv", encoding="utf-8", delimiter=delimiter
    ) as source:
        assert source.columns == columns
        read = [row for _, row in source.rows()]
    # A row of nothing but blanks says nothing and is skipped.
    assert read == [row for row in rows if any(cell.strip() for cell in row)]

"""XLSX: written and read again, values as text, limits, and files that are none."""

from __future__ import annotations

import builtins
import io
import zipfile
from datetime import datetime
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from ghl.engine.data.formats import open_rows, open_writer
from ghl.engine.data.formats import xlsx as format_module
from ghl.errors import Invalid, Malformed, MissingExtra

pytestmark = pytest.mark.unit


def book(fill: Any) -> io.BytesIO:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as workbook:
        fill(workbook)
    file.seek(0)
    return file


texts = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=20
)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(texts, min_size=3, max_size=3), max_size=6))
def test_export_then_import_is_equal(rows: list[list[str]]) -> None:
    file = io.BytesIO()
    with open_writer(file, "xlsx", ["a", "b", "c"]) as writer:
        for row in rows:
            writer.write(row)
    with open_rows(io.BytesIO(file.getvalue())) as source:
        assert source.format == "xlsx"
        assert source.columns == ["a", "b", "c"]
        assert [row for _, row in source.rows()] == [row for row in rows if any(row)]


def test_values_and_lines() -> None:
    def fill(workbook: Any) -> None:
        sheet = workbook.add_worksheet()
        day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(2, 1, ["Email", "Phone", "When", "Moment", "Yes", ""])
        sheet.write_row(4, 1, ["ana@x.com", 351912345678])
        sheet.write_datetime(4, 3, datetime(2026, 11, 24), day)
        sheet.write_datetime(
            4, 4, datetime(2026, 11, 24, 10, 30), workbook.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        )
        sheet.write_boolean(4, 5, True)
        sheet.write_number(4, 6, 2.5)

    with open_rows(book(fill)) as source:
        assert source.columns == ["Email", "Phone", "When", "Moment", "Yes", "column 6"]
        assert list(source.rows()) == [
            (5, ["ana@x.com", "351912345678", "2026-11-24", "2026-11-24T10:30:00", "true", "2.5"])
        ]
        assert source.encoding is None


def test_no_cell_is_a_formula() -> None:
    file = io.BytesIO()
    with open_writer(file, "xlsx", ["a"]) as writer:
        for text in ("=1+1", "+1", "@x", "http://x.com", "12"):
            writer.write([text])
    sheet = zipfile.ZipFile(io.BytesIO(file.getvalue())).read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet
    assert b"hyperlink" not in sheet.lower()
    with open_rows(io.BytesIO(file.getvalue())) as source:
        assert [row[0] for _, row in source.rows()] == ["=1+1", "+1", "@x", "http://x.com", "12"]  # type: ignore[index]


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    with open_writer(io.BytesIO(), "xlsx", ["a"]) as writer, pytest.raises(Invalid, match="32,767"):
        writer.write(["x" * 40_000])
    monkeypatch.setattr(format_module, "MOST_ROWS", 2)
    with open_writer(io.BytesIO(), "xlsx", ["a"]) as writer:
        writer.write([1])
        with pytest.raises(Invalid, match="rows"):
            writer.write([2])


def test_a_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    file = book(lambda workbook: workbook.add_worksheet().write(0, 0, "a"))
    monkeypatch.setattr(format_module, "_LARGEST_UNPACKED", 100)
    with pytest.raises(Malformed, match="unpacks to"):
        open_rows(file)


def test_what_is_no_spreadsheet() -> None:
    empty = book(lambda workbook: workbook.add_worksheet())
    for file in (
        empty,
        io.BytesIO(b"PK\x03\x04" + b"x" * 100),
        io.BytesIO(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600),
    ):
        with pytest.raises(Malformed):
            open_rows(file)


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name in ("python_calamine", "xlsxwriter"):
            raise ImportError(name)
        return real(name, *rest, **more)

    file = book(lambda workbook: workbook.add_worksheet().write(0, 0, "a"))
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtra) as caught:
        open_rows(file)
    assert caught.value.hint == "pip install 'ghl-toolkit[import]'"
    with pytest.raises(MissingExtra):
        open_writer(io.BytesIO(), "xlsx", ["a"])

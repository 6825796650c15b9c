"""Opening files: formats, names, standard input, fingerprints, JSON Lines, and what is refused."""

from __future__ import annotations

import io
import json
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ghl.engine.data.formats import open_rows, open_writer
from ghl.engine.data.formats.cells import cell, join, split
from ghl.engine.data.formats.source import by_name
from ghl.errors import GhlError, Invalid, Malformed, NotFound
from ghl.sdk.money import Money

pytestmark = pytest.mark.unit


def put(path: Path, content: bytes | str) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    ("name", "content", "format"),
    [
        ("x.csv", "a,b\n1,2\n", "csv"), ("x.tsv", "a\tb\n1\t2\n", "csv"), ("x.jsonl", '{"a": 1}\n', "jsonl"), ("x", '{"a": 1}\n', "jsonl"),
        ("x", "a;b\n1;2\n", "csv"), ("x.vcf", "BEGIN:VCARD\nFN:x\nEND:VCARD\n", "vcard"), ("x.csv", "BEGIN:VCARD\nFN:x\nEND:VCARD\n", "vcard"),
        ("x.JSON", '\ufeff{"a": 1}', "jsonl"), ("leads.txt", "a|b\n1|2\n", "csv"),
    ],
)  # fmt: skip
def test_formats_by_name_and_content(tmp_path: Path, name: str, content: str, format: str) -> None:
    with open_rows(put(tmp_path / name, content)) as source:
        assert source.format == format
        assert len(list(source.rows())) == 1
        assert source.name == name
        assert source.total_hint == 1


def test_the_fingerprint_is_that_of_the_content(tmp_path: Path) -> None:
    one, same, other = (
        put(tmp_path / f"{n}.csv", c)
        for n, c in (("1", "a,b\n1,2\n"), ("2", "a,b\n1,2\n"), ("3", "a,b\n1,3\n"))
    )
    marks = []
    for path in (one, same, other):
        with open_rows(path) as source:
            marks.append(source.fingerprint)
            assert source.size == 8
    assert marks[0] == marks[1] != marks[2]


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(Pipe(b"a,b\n1,2\n")))
    with open_rows("-") as source:
        assert source.name == "stdin"
        assert list(source.rows()) == [(2, ["1", "2"])]
        assert source.position == source.size
    with open_rows(Pipe(b'{"a": 1}\n')) as source:
        assert source.format == "jsonl"


def test_a_sample_leaves_the_rows(tmp_path: Path) -> None:
    with open_rows(put(tmp_path / "x.csv", "a,b\n" + "1,2\n" * 50)) as source:
        assert source.sample(3) == [["1", "2"]] * 3
        assert len(list(source.rows())) == 50
        assert source.value(["1", "2"], "b") == "2"
        assert by_name(source.columns, ["1", "2"]) == {"a": "1", "b": "2"}


@pytest.mark.parametrize(
    ("options", "field"),
    [({"encoding": "klingon"}, "encoding"), ({"encoding": "rot13"}, "encoding"), ({"encoding": "hex"}, "encoding"), ({"encoding": "u\0"}, "encoding"),
     ({"delimiter": "ab"}, "delimiter"), ({"delimiter": '"'}, "delimiter"), ({"delimiter": "\n"}, "delimiter"), ({"format": "pdf"}, "format")],
)  # fmt: skip
def test_wrong_words(tmp_path: Path, options: dict[str, Any], field: str) -> None:
    with pytest.raises(Malformed) as caught:
        open_rows(put(tmp_path / "x.csv", "a,b\n1,2\n"), **options)
    assert caught.value.field == field
    assert caught.value.hint


def test_words_for_delimiters_and_encodings(tmp_path: Path) -> None:
    with open_rows(
        put(tmp_path / "x.csv", "a\tb\né\t2\n".encode("latin-1")), delimiter="tab", encoding="Latin-1"
    ) as source:
        assert [row for _, row in source.rows()] == [["é", "2"]]
        assert source.encoding == "iso8859-1"


def test_files_that_cannot_be(tmp_path: Path) -> None:
    put(tmp_path / "leads.csv", "a\n")
    with pytest.raises(NotFound) as missing:
        open_rows(tmp_path / "lead.csv")
    assert "leads.csv?" in str(missing.value.hint)
    for path in (tmp_path, put(tmp_path / "empty.csv", ""), put(tmp_path / "x.xlsx", "PK\x03\x04 no")):
        with pytest.raises(Malformed):
            open_rows(path)
    with pytest.raises(Malformed):
        open_writer(tmp_path / "no" / "such" / "folder.csv", columns=["a"])
    with pytest.raises(Malformed):
        open_writer(tmp_path / "x.pdf", "pdf")


# --- JSON Lines

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(
    st.lists(
        st.dictionaries(st.sampled_from(["a", "b", "emails", "custom"]), values, min_size=1),
        min_size=1,
        max_size=10,
    )
)
def test_json_lines_come_back(rows: list[dict[str, Any]]) -> None:
    file = io.BytesIO()
    with open_writer(file, "jsonl") as writer:
        for row in rows:
            writer.write(row)
    with open_rows(io.BytesIO(file.getvalue()), format="ndjson") as source:
        assert [row for _, row in source.rows()] == rows
        assert set(source.columns) == {key for row in rows for key in row}


def test_json_lines_that_are_not() -> None:
    deep = "[" * 100_000
    lines = [
        '{"a": 1}',
        "",
        "nonsense",
        "[1]",
        '{"a": NaN}',
        '{"a": "\\ud800"}',
        f'{{"a": {deep}',
        '{"a": 2}',
        '{"a": ' + "9" * 5000 + "}",
    ]
    told: dict[int, str] = {}
    content = "\n".join(lines).encode() + b'\n{"a": "\xff"}\n{"a": 3}'
    with open_rows(io.BytesIO(content), format="jsonl") as source:
        rows = list(source.rows(lambda line, row, why: told.__setitem__(line, why)))
    assert rows == [(1, {"a": 1}), (8, {"a": 2}), (11, {"a": 3})]
    assert told.keys() == {3, 4, 5, 6, 7, 9, 10}
    assert told[3] == "is not JSON: expecting value at column 1"
    assert told[4] == "is not a JSON object"
    assert "lone surrogate" in told[6]
    assert "utf-8" in told[10]


def test_json_lines_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    from ghl.engine.data.formats import jsonl

    monkeypatch.setattr(jsonl, "LONGEST_LINE", 64)
    told: list[int] = []
    content = b'{"a": 1}\n{"a": "' + b"x" * 500 + b'"}\n{"a": 2}\n'
    with open_rows(io.BytesIO(content)) as source:
        assert [row for _, row in source.rows(lambda line, row, why: told.append(line))] == [
            {"a": 1},
            {"a": 2},
        ]
    assert told == [2]


@pytest.mark.parametrize("content", [b'[{"a": 1}]', b"nonsense\n", b"{}\n"])
def test_json_files_refused(content: bytes) -> None:
    with pytest.raises(Malformed):
        open_rows(io.BytesIO(content), format="jsonl")


def test_json_lines_in_wide_characters() -> None:
    with open_rows(io.BytesIO('{"a": "é"}\n{"a": 2}\n'.encode("utf-16")), format="jsonl") as source:
        assert [row for _, row in source.rows()] == [{"a": "é"}, {"a": 2}]


# --- cells


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), min_size=1),
        min_size=2,
        max_size=6,
    )
)
def test_lists_come_back(items: list[str]) -> None:
    text = join(items)
    if not (text[0] == text[-1] == '"'):
        assert split(text) == items


@pytest.mark.parametrize(
    ("text", "items"),
    [("vip;lead", ["vip", "lead"]), ("vip, lead ,", ["vip", "lead"]), ("a;b,c", ["a", "b,c"]), ('"vip","a, b"', ["vip", "a, b"]), ("", []), ("a\\;b", ["a;b"]), (";;", []), ("x", ["x"])],
)  # fmt: skip
def test_lists_of_others(text: str, items: list[str]) -> None:
    assert split(text) == items


def test_cells() -> None:
    assert [cell(v) for v in (None, True, False, 3, 2.0, 2.5, Decimal("1.50"), "x")] == [
        "",
        "true",
        "false",
        "3",
        "2",
        "2.5",
        "1.50",
        "x",
    ]
    assert cell(datetime(2026, 11, 24, 10, tzinfo=UTC)) == "2026-11-24T10:00:00.000Z"
    assert cell(date(2026, 11, 24)) == "2026-11-24"
    assert cell(Money("12.50 EUR")) == cell(Money("12.50 EUR").as_dict()) == "12.50 EUR"
    assert cell(["a", "b;c"]) == "a;b\\;c"
    assert cell({"a": [1]}) == '{"a": [1]}'


# --- writing


def test_a_file_takes_its_name_when_it_is_whole(tmp_path: Path) -> None:
    path = put(tmp_path / "x.csv", "old")
    with pytest.raises(ZeroDivisionError), open_writer(path, columns=["a"]) as writer:
        writer.write(["1"])
        raise ZeroDivisionError
    assert path.read_text() == "old"
    with open_writer(path, columns=["a", "b"]) as writer:
        writer.write({"b": True, "a": None, "c": 1})
        writer.write(["=1", 2])
        assert writer.count == 2
    assert path.read_bytes() == b"a,b\r\n,true\r\n'=1,2\r\n"
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.csv"]
    writer.close()
    with pytest.raises(ValueError, match="closed"):
        writer.write(["1", "2"])


def test_names_decide_the_format(tmp_path: Path) -> None:
    for name, content in (
        ("x.tsv", b"a\tb\r\n1\t2\r\n"),
        ("x.jsonl", b'{"a": 1, "b": 2}\n'),
        ("x", b"a,b\r\n1,2\r\n"),
    ):
        with open_writer(tmp_path / name, columns=["a", "b"]) as writer:
            writer.write([1, 2])
        assert (tmp_path / name).read_bytes() == content


def test_standard_output(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    with open_writer("-", "jsonl", ["a"]) as writer:
        writer.write({"a": Money("1 EUR"), "b": 2})
    out = capfdbinary.readouterr().out
    assert json.loads(out) == {"a": {"value": "1.00", "currency": "EUR", "minor": 100}}


def test_a_full_disk_is_said() -> None:
    class Full(io.BytesIO):
        def write(self, data: Any) -> int:
            raise OSError(28, "No space left on device")

    writer = open_writer(Full(), "jsonl")
    with pytest.raises(GhlError) as caught:
        writer.write({"a": 1})
    assert caught.value.code == "storage_full"


def test_other_failures_of_writing(tmp_path: Path) -> None:
    class Broken(io.BytesIO):
        def __init__(self, error: OSError) -> None:
            super().__init__()
            self.error = error

        def flush(self) -> None:
            raise self.error

    with pytest.raises(Malformed, match="is a directory"):
        open_writer(Broken(OSError(21, "Is a directory")), "jsonl").close()
    with pytest.raises(Malformed):
        open_writer(Broken(OSError(5, "Input/output error")), "jsonl").flush()
    with pytest.raises(BrokenPipeError):
        open_writer(Broken(BrokenPipeError()), "jsonl").close()
    with pytest.raises(Malformed):
        open_writer(tmp_path / "x.vcf", version="9")
    assert not list(tmp_path.iterdir())
    writer = open_writer(tmp_path / "x.csv", columns=["a"])
    writer.abandon()
    writer.abandon()
    assert not list(tmp_path.iterdir())


def test_rows_without_a_place_for_refusals() -> None:
    with open_rows(io.BytesIO(b"a,b\n1\n"), format="csv") as source, pytest.raises(Invalid) as caught:
        list(source.rows())
    assert caught.value.message == "line 2 has 1 cell; the header has 2"

"""Rejected rows: the same columns and the reason, read again once mended, and resumed after a kill."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from ghl.engine.data.formats import open_rows
from ghl.engine.data.formats.rejects import RejectFile, path_for
from ghl.engine.data.guessing import guess_mapping
from ghl.errors import Malformed

pytestmark = pytest.mark.unit


def test_rejected_rows_read_again(tmp_path: Path) -> None:
    path = tmp_path / "leads.rejected.csv"
    content = b"email;city\nana@@example;Porto\nbob;'=1+1\n1;2;3;4\nx\n"
    with open_rows(io.BytesIO(content), format="csv") as source:
        rejects = RejectFile(path, source)
        assert not path.exists()
        for line, row in source.rows(rejects.add):
            rejects.add(line, row, 'email "x" is bad')
        rejects.close()
        assert rejects.count == 4
        columns = source.columns
    with open_rows(path) as again:
        assert again.columns == [*columns, "error"]
        assert again.delimiter == ";"
        assert [row for _, row in again.rows()] == [
            ["ana@@example", "Porto", 'line 2 email "x" is bad'],
            ["bob", "=1+1", 'line 3 email "x" is bad'],
            ["1", "2 3 4", "line 4 has 4 cells; the header has 2"],
            ["x", "", "line 5 has 1 cell; the header has 2"],
        ]
        mapping = guess_mapping(again.columns, "contacts")
        assert [one.target for one in mapping] == ["email", "city", None]


def test_rejected_objects_stay_objects(tmp_path: Path) -> None:
    with open_rows(io.BytesIO(b'{"email": "x", "tags": ["a"]}\nbroken\n'), format="jsonl") as source:
        rejects = RejectFile(tmp_path / "r.jsonl", source)
        for line, row in source.rows(rejects.add):
            rejects.add(line, row, "is bad")
        rejects.close()
    with open_rows(tmp_path / "r.jsonl") as again:
        rows = [row for _, row in again.rows()]
    assert rows[0] == {"email": "x", "tags": ["a"], "error": "line 1 is bad"}
    assert rows[1] == {"original line": "broken", "error": "line 2 is not JSON: expecting value at column 1"}


def test_a_killed_import_goes_on_behind_its_last_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    with open_rows(io.BytesIO(b"a,b\n1,2\n"), format="csv") as source:
        first = RejectFile(path, source)
        assert first.flush() == 0
        first.add(2, ["1", "2"], "is bad")
        kept = first.flush()
        assert path.stat().st_size == kept > 0
        first.add(3, ["3", "4"], "is bad")
        first.close()
        second = RejectFile(path, source, resume_at=kept)
        assert second.flush() == kept
        second.add(3, ["3", "4"], "is bad again")
        second.close()
        third = RejectFile(tmp_path / "gone.csv", source, resume_at=kept)
        third.add(4, ["5", "6"], "is bad")
        third.close()
    assert path.read_bytes() == b"a,b,error\r\n1,2,line 2 is bad\r\n3,4,line 3 is bad again\r\n"
    assert (tmp_path / "gone.csv").read_bytes() == b"a,b,error\r\n5,6,line 4 is bad\r\n"


def test_where_they_go(tmp_path: Path) -> None:
    assert path_for("in/leads.csv") == Path("in/leads.rejected.csv")
    assert path_for("leads.xlsx", tmp_path) == tmp_path / "leads.rejected.csv"
    assert path_for("cards.vcf") == Path("cards.rejected.jsonl")
    assert path_for("-") == Path("stdin.rejected.csv")
    with open_rows(io.BytesIO(b"a,b\n1,2\n"), format="csv") as source, pytest.raises(Malformed):
        RejectFile(tmp_path / "none" / "x.csv", source).add(1, ["1", "2"], "is bad")

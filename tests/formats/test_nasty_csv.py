"""Files as they come: every row that cannot be read is named with a reason, all the others are read."""

from __future__ import annotations

import io
from dataclasses import dataclass, field

import pytest

from ghl.engine.data.formats import open_rows
from ghl.errors import GhlError, Invalid

pytestmark = pytest.mark.unit
BIG = "x" * (1 << 20)


@dataclass
class Nasty:
    """A file, the rows that it has, and the lines that are refused with a word of the reason."""

    content: bytes
    rows: list[list[str]]
    refused: dict[int, str] = field(default_factory=dict)
    columns: list[str] | None = None
    encoding: str | None = None
    delimiter: str = ","
    lines: list[int] | None = None


def utf8(text: str) -> bytes:
    return text.encode()


AB = [["1", "2"]]
NASTY: dict[str, Nasty] = {
    "plain": Nasty(b"a,b\n1,2\n", AB),
    "no last line end": Nasty(b"a,b\n1,2", AB),
    "crlf": Nasty(b"a,b\r\n1,2\r\n", AB),
    "old mac line ends": Nasty(b"a,b\r1,2\r3,4\r", [["1", "2"], ["3", "4"]]),
    "mixed line ends": Nasty(b"a,b\n1,2\r\n3,4\r5,6\n", [["1", "2"], ["3", "4"], ["5", "6"]]),
    "utf-8 mark": Nasty(b"\xef\xbb\xbfa,b\n1,2\n", AB, columns=["a", "b"], encoding="utf-8-sig"),
    "utf-8 mark twice": Nasty(b"\xef\xbb\xbf\xef\xbb\xbfa,b\n1,2\n", AB, columns=["a", "b"]),
    "utf-8 mark, quoted header": Nasty(b'\xef\xbb\xbf"a","b"\n1,2\n', AB, columns=["a", "b"]),
    "utf-16 little": Nasty("a,b\né,2\n".encode("utf-16"), [["é", "2"]], encoding="utf-16"),
    "utf-16 big": Nasty(b"\xfe\xff" + "a,b\né,2\n".encode("utf-16-be"), [["é", "2"]], encoding="utf-16"),
    "utf-16 without a mark": Nasty("a,b\n1,2\n".encode("utf-16-le"), AB, encoding="utf-16-le"),
    "utf-16 big without a mark": Nasty("a,b\n1,2\n".encode("utf-16-be"), AB, encoding="utf-16-be"),
    "utf-16 cut in a character": Nasty("a,b\n1,2\n3,4".encode("utf-16")[:-1], AB, {3: "utf-16"}),
    "utf-32": Nasty("a,b\né,2\n".encode("utf-32"), [["é", "2"]], encoding="utf-32"),
    "windows western": Nasty("a,b\né,2\n".encode("cp1252"), [["é", "2"]], encoding="cp1252"),
    "windows smart quotes": Nasty("a,b\n“x”,€\n".encode("cp1252"), [["“x”", "€"]], encoding="cp1252"),
    "windows western, an undefined byte": Nasty(b"a,b\n\xe9,2\n\x81,4\n", [["é", "2"]], {3: "cp1252"}),
    "utf-8, one bad byte": Nasty(utf8("a,b\né,2\nü,3\n") + b"\xff,4\nx,5\n", [["é", "2"], ["ü", "3"], ["x", "5"]], {4: "utf-8"}),
    "utf-8 cut in a character": Nasty(utf8("a,b\né,ü\nñ,é")[:-1], [["é", "ü"]], {3: "utf-8"}),
    "a real replacement character": Nasty(utf8("a,b\n\ufffd,2\n"), [["\ufffd", "2"]]),
    "semicolons": Nasty(b"a;b\n1;2\n", AB, delimiter=";"),
    "tabs": Nasty(b"a\tb\n1\t2\n", AB, delimiter="\t"),
    "pipes": Nasty(b"a|b\n1|2\n", AB, delimiter="|"),
    "semicolons and decimal commas": Nasty(b"a;b\n1,5;2,5\n3,5;4,5\n", [["1,5", "2,5"], ["3,5", "4,5"]], delimiter=";"),
    "commas in quotes, semicolons outside": Nasty(b'a;b\n"1,2,3";4\n', [["1,2,3", "4"]], delimiter=";"),
    "the delimiter announced": Nasty(b"sep=;\r\na;b\r\n1;2\r\n", AB, delimiter=";", lines=[3]),
    "an odd delimiter announced": Nasty(b"sep=^\na^b\n1^2\n", AB, delimiter="^"),
    "line breaks in quotes": Nasty(b'a,b\n"1\n1",2\n3,4\n', [["1\n1", "2"], ["3", "4"]], lines=[2, 4]),
    "returns in quotes": Nasty(b'a,b\r\n"1\r\n1",2\r\n', [["1\r\n1", "2"]]),
    "line break in the header": Nasty(b'"a\nx",b\n1,2\n', AB, columns=["a x", "b"], lines=[3]),
    "doubled quotes": Nasty(b'a,b\n"say ""hi""",2\n', [['say "hi"', "2"]]),
    "backslash quotes": Nasty(b'a,b\n"say \\"hi\\", she",2\n"x",3\n', [['say "hi", she', "2"], ["x", "3"]]),
    "a backslash at the end of a cell": Nasty(b'a,b\n"C:\\",2\n"D:\\",3\n', [["C:\\", "2"], ["D:\\", "3"]]),
    "blanks before quotes": Nasty(b'a, b\n"1, 1", "2, 2"\n"3", "4, 5"\n', [["1, 1", "2, 2"], ["3", "4, 5"]]),
    "text behind a quote": Nasty(b'a,b\n"1"x,2\n', [["1x", "2"]]),
    "a quote inside a plain cell": Nasty(b'a,b\n5" pipe,2\n', [['5" pipe', "2"]]),
    "a lone quote in a cell of its own": Nasty(b'a,b\n1,2\n",4\n5,6\n', [["1", "2"], ["5", "6"]], {3: "never closed"}),
    "a quote never closed": Nasty(b'a,b\n1,2\n"3,4\n5,6\n7,8\n', [["1", "2"], ["5", "6"], ["7", "8"]], {3: "never closed"}),
    "a quote never closed, last cell": Nasty(b'a,b\n1,"2\n3,4\n', [["3", "4"]], {2: "never closed"}),
    "a quote never closed, last line": Nasty(b'a,b\n1,2\n3,"4', [["1", "2"]], {3: "never closed"}),
    "a quote closed much later": Nasty(b'a,b\n"1,2\n3,4\n5,"6\n7,8\n', [["3", "4"], ["7", "8"]], {2: "behind a closing quote", 4: "never closed"}),
    "a short row": Nasty(b"a,b\n1\n3,4\n", [["3", "4"]], {2: "1 cell; the header has 2"}),
    "a long row": Nasty(b"a,b\n1,2,3\n3,4\n", [["3", "4"]], {2: "3 cells; the header has 2"}),
    "a long row of blanks": Nasty(b"a,b\n1,2,,\n3,4\n", [["1", "2"], ["3", "4"]]),
    "a ragged row with a line break": Nasty(b'a,b\n"1\nx",2,3\n5,6\n', [["5", "6"]], {2: "3 cells", 3: "3 cells"}),
    "empty lines": Nasty(b"a,b\n\n1,2\n\n\n3,4\n\n", [["1", "2"], ["3", "4"]], lines=[3, 6]),
    "empty lines first": Nasty(b"\n\n ,\na,b\n1,2\n", AB, columns=["a", "b"], lines=[5]),
    "rows of nothing": Nasty(b"a,b\n,\n , \n1,2\n", AB),
    "a nul": Nasty(b"a,b\n1\x00,2\n3,4\n", [["3", "4"]], {2: "NUL"}),
    "nuls at the end": Nasty(b"a,b\n1,2\n\x00\x00\x00\x00", AB, {3: "1 cell"}),
    "a cell too long": Nasty(utf8(f"a,b\n{BIG}x,2\n3,4\n"), [["3", "4"]], {2: "longer than 1,048,576"}),
    "a quoted cell too long": Nasty(utf8(f'a,b\n"{BIG}x",2\n3,4\n'), [["3", "4"]], {2: "longer than"}),
    "a runaway quote past the limit": Nasty(
        utf8('a,b\n"1,2\n' + "3,4\n" * 300_000), [["3", "4"]] * 300_000, {2: "longer than"}
    ),
    "the same name twice": Nasty(b"a,a\n1,2\n", AB, columns=["a", "a (2)"]),
    "the same name, and its number": Nasty(b"a,a,a (2)\n1,2,3\n", [["1", "2", "3"]], columns=["a", "a (2)", "a (2) (2)"]),
    "a column without a name": Nasty(b"a,\n1,2\n", AB, columns=["a", "column 2"]),
    "no header, by an e-mail address": Nasty(b"ana@x.com,1\nbob@x.com,2\n", [["ana@x.com", "1"], ["bob@x.com", "2"]], columns=["column 1", "column 2"], lines=[1, 2]),
    "one column": Nasty(b"email\na@x.com\n\nb@x.com\n", [["a@x.com"], ["b@x.com"]], columns=["email"]),
    "one column, a quote never closed": Nasty(b'email\na@x.com\n"b@x.com\nc@x.com\n', [["a@x.com"], ["c@x.com"]], {3: "never closed"}),
    "only a header": Nasty(b"a,b\n", []),
    "blanks in the header": Nasty(b"  a ,b\tc\n1,2\n", AB, columns=["a", "b c"]),
    "formulas of an export": Nasty(b"a,b\n'=1+1,'hello\n''=x,it's\n", [["=1+1", "'hello"], ["'=x", "it's"]]),
    "emoji and right to left": Nasty(utf8("a,b\n👩‍👩‍👧,שלום\n"), [["👩‍👩‍👧", "שלום"]]),
    "unicode line ends inside": Nasty(utf8("a,b\n1\u2028x,2\x85y\n"), [["1\u2028x", "2\x85y"]]),
    "vertical tab and form feed": Nasty(b"a,b\n1\x0bx,2\x0cy\n", [["1\x0bx", "2\x0cy"]]),
    "end of file mark of old": Nasty(b"a,b\n1,2\n\x1a", AB, {3: "1 cell"}),
    "html": Nasty(b"a,b\n<b>1</b>,<script>alert(1)</script>\n", [["<b>1</b>", "<script>alert(1)</script>"]]),
    "templates stay text": Nasty(b"a,b\n{{ 7*7 }},{% x %}\n", [["{{ 7*7 }}", "{% x %}"]]),
    "nothing but numbers": Nasty(b"1,2\n3,4\n", [["3", "4"]], columns=["1", "2"]),
    "trailing delimiter in header and rows": Nasty(b"a,b,\n1,2,\n", [["1", "2", ""]], columns=["a", "b", "column 3"]),
    "many rows, one bad": Nasty(b"a,b\n" + b"1,2\n" * 500 + b"1\n" + b"1,2\n" * 500, [["1", "2"]] * 1000, {502: "1 cell"}),
}  # fmt: skip


def test_there_are_enough_of_them() -> None:
    assert len(NASTY) >= 50


@pytest.mark.parametrize("name", NASTY)
def test_nasty(name: str) -> None:
    nasty = NASTY[name]
    refused: dict[int, str] = {}
    with open_rows(io.BytesIO(nasty.content), format="csv") as source:
        rows = list(source.rows(lambda line, row, why: refused.__setitem__(line, why)))
        assert source.delimiter == nasty.delimiter or len(source.columns) == 1
        assert [row for _, row in rows] == nasty.rows
        assert refused.keys() == nasty.refused.keys(), refused
        assert all(word in refused[line] for line, word in nasty.refused.items()), refused
        if nasty.columns:
            assert source.columns == nasty.columns
        if nasty.encoding:
            assert source.encoding == nasty.encoding
        if nasty.lines:
            assert [line for line, _ in rows] == nasty.lines
        again = list(source.rows(lambda line, row, why: None))
        assert again == rows
    if nasty.refused:
        with (
            open_rows(io.BytesIO(nasty.content), format="csv") as source,
            pytest.raises(Invalid, match="line "),
        ):
            list(source.rows())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "stdin is empty"),
        (b"\n\n\n", "stdin has no row of column names"),
        (b" , \n", "stdin has no row of column names"),
        (b"," * 5000, "stdin has no row of column names"),
        (b"a," * 5000 + b"b\n", "stdin has 5001 columns"),
        (f'"{BIG}x",b\n1,2\n'.encode(), "stdin has no row of column names"),
    ],
)
def test_files_of_nothing(content: bytes, message: str) -> None:
    with pytest.raises(GhlError) as caught:
        open_rows(io.BytesIO(content), format="csv")
    assert caught.value.message == message


def test_a_thousand_stray_quotes_end() -> None:
    content = b"a,b\n" + b'"x,1\ny,2\n' * 1000
    refused: list[int] = []
    with open_rows(io.BytesIO(content), format="csv") as source:
        good = [row for _, row in source.rows(lambda line, row, why: refused.append(line))]
    assert good == [["y", "2"]] * 1000
    assert refused == list(range(2, 2002, 2))


def test_the_refused_cells_are_told() -> None:
    told: list[object] = []
    with open_rows(io.BytesIO(b'a,b\n1,2,3\n"x,y\n')) as source:
        list(source.rows(lambda line, row, why: told.append(row)))
    assert told == [["1", "2", "3"], ['"x', "y"]]

"""A file of records to read: what it is, its columns, and its rows as a stream."""

from __future__ import annotations

import sys
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, cast

from ghl.engine.data.formats.binary import refuse_binary
from ghl.engine.data.formats.survey import BLOCK, Survey, survey
from ghl.errors import Invalid, Malformed, NotFound

Row = list[str] | dict[str, Any]
"""The cells in the order of the columns (CSV, XLSX), or the fields by name (JSON Lines, vCard)."""

Reject = Callable[[int, Row, str], None]
"""Told of a row that cannot be read: its line, what could be read of it, and why."""

FORMATS = ("csv", "jsonl", "vcard", "xlsx")
_BY_SUFFIX = {
    ".csv": "csv", ".tsv": "csv", ".tab": "csv", ".txt": "csv",
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl",
    ".vcf": "vcard", ".vcard": "vcard",
    ".xlsx": "xlsx", ".xlsm": "xlsx", ".xls": "xlsx", ".xlsb": "xlsx", ".ods": "xlsx",
}  # fmt: skip
ALIASES = {"tsv": "csv", "ndjson": "jsonl", "json": "jsonl", "vcf": "vcard", "excel": "xlsx"}


class RowSource(ABC):
    """A file that is being read. Memory does not grow with it, except for XLSX."""

    format: str

    def __init__(self, name: str, file: BinaryIO, survey: Survey) -> None:
        self.name = name
        self.file = file
        self.size = survey.size
        self.fingerprint = survey.fingerprint
        """A hash of the content: the same file again, wherever it lies."""
        self.encoding: str | None = survey.encoding
        self.delimiter: str | None = None
        self.columns: list[str] = []
        self.total_hint = survey.lines
        """About how many rows there are; exact where no cell holds a line break."""
        self.blank = 0
        """Rows without a value that the latest pass over the rows has left out."""

    @abstractmethod
    def rows(self, reject: Reject | None = None) -> Iterator[tuple[int, Row]]:
        """Each row with the line it begins on, from the start of the file.

        A row that cannot be read goes to `reject` and the rest follows; without it the first such
        row raises Invalid.
        """

    @property
    def position(self) -> int:
        """Bytes read so far, of `size`."""
        return self.file.tell()

    def sample(self, count: int = 100) -> list[Row]:
        """The first rows that can be read."""
        found: list[Row] = []
        for _, row in self.rows(lambda line, row, why: None):
            found.append(row)
            if len(found) == count:
                break
        return found

    def value(self, row: Row, column: str) -> Any:
        """The value of a column in a row of this file; None where the row has none."""
        return row.get(column) if isinstance(row, dict) else row[self.columns.index(column)]

    def close(self) -> None:
        """Close the file."""
        self.file.close()

    def __enter__(self) -> RowSource:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def refuse(reject: Reject | None, line: int, row: Row, why: str) -> None:
    """Tell of a row that cannot be read."""
    if reject is None:
        raise Invalid(f"line {line} {why}", line=line)
    reject(line, row, why)


def open_rows(
    path: str | Path | BinaryIO,
    *,
    format: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
) -> RowSource:
    """Open a file of records; `-` is standard input, kept in a temporary file while it is read.

    What is not said is found out from name and content. Raises NotFound, Malformed for a file that
    is not what it should be, and MissingExtra for XLSX without the extra `import`.
    """
    name, file = _open(path)
    try:
        return _source(name, file, format, encoding, delimiter)
    except BaseException:
        file.close()
        raise


def _source(
    name: str, file: BinaryIO, format: str | None, encoding: str | None, delimiter: str | None
) -> RowSource:
    found = survey(file, encoding)
    if not found.size:
        raise Malformed(f"{name} is empty")
    kind = _format(name, found.head, format)
    refuse_binary(name, found, kind)
    if kind == "xlsx":
        from ghl.engine.data.formats.xlsx import XlsxSource  # an extra

        return XlsxSource(name, file, found)
    if kind == "vcard":
        from ghl.engine.data.formats.vcard import VcardSource  # one format in each run

        return VcardSource(name, file, found, given=encoding is not None)
    if kind == "jsonl":
        from ghl.engine.data.formats.jsonl import JsonLinesSource  # as above

        return JsonLinesSource(name, file, found, given=encoding is not None)
    from ghl.engine.data.formats.csvfile import CsvSource  # as above

    if delimiter is None and Path(name).suffix.lower() in (".tsv", ".tab"):
        delimiter = "\t"
    return CsvSource(name, file, found, delimiter)


def _open(path: str | Path | BinaryIO) -> tuple[str, BinaryIO]:
    if not isinstance(path, str | Path):
        return _name(path), path if path.seekable() else _spooled(path)
    if str(path) == "-":
        return "stdin", _spooled(sys.stdin.buffer)
    where = Path(path)
    if where.is_dir():
        raise Malformed(f"{path} is a folder", hint="one file at a time")
    try:
        file = where.open("rb")
    except FileNotFoundError:
        raise NotFound(f"there is no file {path}", hint=_similar(where)) from None
    except OSError as error:
        raise Malformed(f"{path} cannot be opened: {(error.strerror or str(error)).lower()}") from None
    return where.name, file if file.seekable() else _spooled(file)


def _name(file: BinaryIO) -> str:
    name = getattr(file, "name", None)
    return Path(name).name if isinstance(name, str) else "stdin"


def _spooled(stream: BinaryIO) -> BinaryIO:
    """The stream in a temporary file: its fingerprint must be known before its first row is used."""
    spool = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115 - the source closes it
    while block := stream.read(BLOCK):
        spool.write(block)
    spool.seek(0)
    return spool


def _similar(path: Path) -> str | None:
    import difflib  # only when something went wrong

    try:
        names = [entry.name for entry in path.parent.iterdir() if entry.suffix.lower() in _BY_SUFFIX]
    except OSError:
        return None
    close = difflib.get_close_matches(path.name, names, 1)
    return f"{path.parent / close[0]}?" if close else None


def _format(name: str, head: bytes, asked: str | None) -> str:
    if asked is not None:
        kind = ALIASES.get(asked.lower(), asked.lower())
        if kind not in FORMATS:
            raise Malformed(f'there is no format "{asked}"', hint=", ".join(FORMATS), field="format")
        return kind
    return by_content(head) or _BY_SUFFIX.get(Path(name).suffix.lower()) or _by_look(head)


def by_content(head: bytes) -> str | None:
    """The format of bytes that only one of them has."""
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
        return "xlsx"
    text = head[:4096].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return "vcard" if text[:11].upper() == b"BEGIN:VCARD" else None


def _by_look(head: bytes) -> str:
    text = head[:4096].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return "jsonl" if text.startswith(b"{") else "csv"


def format_of_name(name: str) -> str | None:
    """The format that a file's name promises."""
    return _BY_SUFFIX.get(Path(name).suffix.lower())


def unique_names(names: list[Any]) -> list[str]:
    """Column names that can be told apart: blanks are numbered, repetitions counted."""
    taken: dict[str, int] = {}
    unique: list[str] = []
    for place, name in enumerate(names, 1):
        text = (
            " ".join(str(name if name is not None else "").replace("\ufeff", "").split()) or f"column {place}"
        )
        taken[text] = taken.get(text, 0) + 1
        candidate = text if taken[text] == 1 else f"{text} ({taken[text]})"
        while candidate in unique:
            taken[text] += 1
            candidate = f"{text} ({taken[text]})"
        unique.append(candidate)
    return unique


def by_name(columns: list[str], row: Row) -> Mapping[str, Any]:
    """The row's values by the names of their columns."""
    return row if isinstance(row, dict) else dict(zip(columns, row, strict=False))

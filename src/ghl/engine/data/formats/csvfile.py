"""CSV files: rows streamed, and every row that cannot be read named by its line."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, islice
from typing import Any, BinaryIO

from ghl.engine.data.formats.dialect import probe, reader_options
from ghl.engine.data.formats.formulas import restore
from ghl.engine.data.formats.source import Reject, Row, RowSource, refuse, unique_names
from ghl.engine.data.formats.survey import Survey
from ghl.errors import Malformed

LONGEST_CELL = 1 << 20
MOST_COLUMNS = 2000
_SAMPLE = 1 << 18
_MOST_RESTARTS = 100
# Fed after the last line: a cell that swallows it was opened by a quote that nothing closes.
_END = "\0end of file\0"
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


class CsvSource(RowSource):
    """A CSV file. Its first row that is not blank names the columns, unless it holds an e-mail address."""

    format = "csv"

    def __init__(self, name: str, file: BinaryIO, survey: Survey, delimiter: str | None = None) -> None:
        super().__init__(name, file, survey)
        sample = survey.head[:_SAMPLE].decode(survey.encoding, errors="ignore")
        dialect = probe(sample, len(survey.head[:_SAMPLE]) == survey.size, delimiter)
        self.delimiter = dialect.delimiter
        self._options: Any = reader_options(dialect)
        self._survey = survey
        self.has_header = True
        self._read_header(1 if dialect.announced else 0)

    def _read_header(self, skipped: int) -> None:
        """Find the row of names, and after how many lines the data begins."""
        csv.field_size_limit(LONGEST_CELL)
        with self._lines() as lines:
            reader = csv.reader(islice(lines, skipped, None), **self._options)
            try:
                row = next((row for row in reader if any(cell.strip() for cell in row)), None)
            except csv.Error:
                row = None
            self._data_after = skipped + reader.line_num
        if row is None:
            raise Malformed(f"{self.name} has no row of column names")
        if len(row) > MOST_COLUMNS:
            raise Malformed(f"{self.name} has {len(row)} columns", hint=f"at most {MOST_COLUMNS}")
        if any(_EMAIL.fullmatch(cell.strip()) for cell in row):
            self.has_header, self._data_after = False, skipped
            row = [""] * len(row)
        self.columns = unique_names([restore(cell) for cell in row])
        self.total_hint = max(0, self.total_hint - self._data_after)

    @contextmanager
    def _lines(self) -> Iterator[Iterator[str]]:
        """The lines of the file from its start, with their ends."""
        self.file.seek(0)
        text = io.TextIOWrapper(self.file, self.encoding, errors="replace", newline="")
        try:
            yield text
        finally:
            if not self.file.closed:
                text.detach()

    def rows(self, reject: Reject | None = None) -> Iterator[tuple[int, Row]]:
        csv.field_size_limit(LONGEST_CELL)
        width = len(self.columns)
        careful = self._survey.nul or self._survey.damaged or self._survey.neutralised or width == 1
        after: int | None = self._data_after
        for restarts in range(_MOST_RESTARTS + 1):
            assert after is not None
            offset, after = after, None
            with self._lines() as lines:
                for _ in islice(lines, offset):
                    pass
                reader = csv.reader(chain(lines, (_END,)), **self._options)
                last = 0
                why: str | None
                while after is None:
                    try:
                        for row in reader:
                            line = last + 1
                            last = reader.line_num
                            if len(row) != width or last != line or careful or not any(row):
                                why = self._problem(row, last > line)
                                if why is not None:
                                    if why and last > line and restarts < _MOST_RESTARTS:
                                        after = offset + line
                                        break
                                    if why:
                                        refuse(reject, offset + line, _rest(row), why)
                                    continue
                                row = self._repaired(row)
                            yield offset + line, row
                        else:
                            return
                    except csv.Error:
                        line, last = last + 1, reader.line_num
                        why = f"has a cell longer than {LONGEST_CELL:,} characters"
                        if last > line and restarts < _MOST_RESTARTS:
                            after = offset + line
                        else:
                            refuse(reject, offset + line, [], why)
            # A row took lines that are not its own: only its first line is refused, the rest is read again.
            refuse(reject, after, self._line(after), why or "")

    def _problem(self, row: list[str], spread: bool) -> str | None:
        """Why a row cannot be used; empty for one that says nothing, None for one that is good."""
        width = len(self.columns)
        if row and row[-1].endswith(_END):
            return "" if row == [_END] else "opens a quote that is never closed"
        if not any(cell and not cell.isspace() for cell in row):
            return ""
        if len(row) < width or any(row[width:]):
            lines = ", counting the lines of its quoted cells" if spread else ""
            return f"has {_counted(len(row), 'cell')}{lines}; the header has {width}"
        if self._survey.nul and any("\0" in cell for cell in row):
            return "holds a NUL character"
        if self._survey.damaged and any("\ufffd" in cell for cell in row):
            return f"cannot be read as {self.encoding}"
        return None

    def _repaired(self, row: list[str]) -> list[str]:
        """A good row without blank cells past the header, and with its formulas put back."""
        row = row[: len(self.columns)]
        if self._survey.neutralised:
            return [restore(cell) if cell[:1] == "'" else cell for cell in row]
        return row

    def _line(self, number: int) -> list[str]:
        """The cells of one line by itself, whatever its quotes say."""
        with self._lines() as lines:
            text = next(islice(lines, number - 1, None), "")
        return text.rstrip("\r\n").split(self.delimiter)


def _rest(row: list[str]) -> list[str]:
    return [cell.removesuffix(_END) for cell in row]


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"

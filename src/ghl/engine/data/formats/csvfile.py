"""CSV files: rows streamed, and every row that cannot be read named by its line."""

from __future__ import annotations

import csv
import io
import re
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any, BinaryIO

from ghl.engine.data.formats.dialect import probe, reader_options
from ghl.engine.data.formats.source import Reject, Row, RowSource, refuse, unique_names
from ghl.engine.data.formats.survey import Survey
from ghl.errors import Malformed
from ghl.sdk.formulas import restore

LONGEST_CELL = 1 << 20
MOST_COLUMNS = 2000
_SAMPLE = 1 << 18
_BEHIND_QUOTE = "has text behind a closing quote"
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
        self.blank, width = 0, len(self.columns)
        careful = self._survey.nul or self._survey.damaged or self._survey.neutralised
        line = self._data_after + 1
        kept: list[str] = []  # the lines of the row that is being read
        ahead: deque[str] = deque()  # lines that a bad row swallowed, to be read again
        with self._lines() as lines:
            for _ in islice(lines, self._data_after):
                pass
            while True:
                why: str | None = None
                try:
                    for row in csv.reader(_fed(lines, ahead, kept), strict=True, **self._options):
                        spread = len(kept)
                        if len(row) != width or careful or spread != 1 or not row[0].strip():
                            why = self._problem(row)
                            if why:
                                break
                            if why is None:
                                yield line, self._repaired(row)
                            else:
                                self.blank += 1
                        else:
                            yield line, row
                        line += spread
                        kept.clear()
                    else:
                        return
                except csv.Error as error:
                    row, why = [], _explained(error)
                    if len(kept) == 1 and why == _BEHIND_QUOTE:
                        # Within one line the meaning is plain: `"Ana" Maria` is Ana Maria.
                        row = next(csv.reader(kept, **self._options))
                        why = self._problem(row)
                        if why is None:
                            yield line, self._repaired(row)
                if why and len(kept) > 1:
                    # Lines that belong to others: only the first is refused, the rest is read again.
                    ahead.extendleft(reversed(kept[1:]))
                    row = []
                if why:
                    refuse(reject, line, row or self._cells(kept), why)
                line += 1
                kept.clear()

    def _problem(self, row: list[str]) -> str | None:
        """Why a row cannot be used; empty for one that says nothing, None for one that is good."""
        width = len(self.columns)
        if not any(cell and not cell.isspace() for cell in row):
            return ""
        if len(row) < width or any(row[width:]):
            return f"has {_counted(len(row), 'cell')}; the header has {width}"
        if self._survey.nul and any("\0" in cell for cell in row):
            return "holds a NUL character"
        if self._survey.damaged and any("\ufffd" in cell for cell in row):
            return f"cannot be read as {self.encoding}"
        if self._survey.neutralised and not any(cell and not cell.isspace() for cell in self._repaired(row)):
            return ""
        return None

    def _repaired(self, row: list[str]) -> list[str]:
        """A good row without blank cells past the header, and with its formulas put back."""
        row = row[: len(self.columns)]
        if self._survey.neutralised:
            return [restore(cell) if cell[:1] == "'" else cell for cell in row]
        return row

    def _cells(self, kept: list[str]) -> list[str]:
        """The cells of the first line by itself, whatever its quotes say."""
        return kept[0].rstrip("\r\n").split(self.delimiter) if kept else []


def _fed(lines: Iterator[str], ahead: deque[str], kept: list[str]) -> Iterator[str]:
    """The lines to be read, first those to be read again; each is kept until its row is known."""
    while ahead:
        kept.append(ahead.popleft())
        yield kept[-1]
    for line in lines:
        kept.append(line)
        yield line


def _explained(error: csv.Error) -> str:
    text = str(error)
    if "limit" in text:
        return f"has a cell longer than {LONGEST_CELL:,} characters"
    return "opens a quote that is never closed" if "end of data" in text else _BEHIND_QUOTE


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"

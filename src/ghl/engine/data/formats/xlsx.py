"""Spreadsheets: the first sheet of XLSX (XLS, ODS) files as rows of text, and writing XLSX."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, BinaryIO

from ghl.engine.data.formats.cells import cell
from ghl.engine.data.formats.source import Reject, Row, RowSource, refuse, unique_names
from ghl.engine.data.formats.survey import Survey
from ghl.errors import Invalid, Malformed, MissingExtra

MOST_ROWS, MOST_COLUMNS, LONGEST_CELL = 1_048_576, 16_384, 32_767
_LARGEST_UNPACKED = 2 << 30


class XlsxSource(RowSource):
    """A spreadsheet file; its first row that is not blank names the columns. The sheet is held in memory."""

    format = "xlsx"

    def __init__(self, name: str, file: BinaryIO, survey: Survey, sheet: str | None = None) -> None:
        super().__init__(name, file, survey)
        self.encoding = None
        _refuse_bomb(name, file)
        try:
            from python_calamine import CalamineError, CalamineWorkbook  # an extra
        except ImportError:
            raise MissingExtra.named("import", "reading spreadsheets") from None
        try:
            book = CalamineWorkbook.from_filelike(file)
            if sheet is not None and sheet not in book.sheet_names:
                raise Malformed(
                    f'{name} has no sheet "{sheet}"', hint=", ".join(book.sheet_names), field="sheet"
                )
            self._sheet = book.get_sheet_by_name(sheet) if sheet else book.get_sheet_by_index(0)
        except (CalamineError, OSError, ValueError) as error:
            raise Malformed(
                f"{name} is not a spreadsheet that can be read: {str(error).rstrip('.')}"
            ) from None
        self._header = 0
        for number, values in enumerate(self._sheet.iter_rows()):
            if any(text(value).strip() for value in values):
                self._header = number
                self.columns = unique_names([text(value) for value in values])
                break
        if not self.columns:
            raise Malformed(f"{name} has nothing in its first sheet")
        self.total_hint = max(0, self._sheet.height - self._header - 1)

    def rows(self, reject: Reject | None = None) -> Iterator[tuple[int, Row]]:
        self.blank = 0
        for number, values in enumerate(self._sheet.iter_rows()):
            if number <= self._header:
                continue
            row = [text(value) for value in values]
            if any("\0" in cell for cell in row):
                refuse(reject, number + 1, row, "holds a NUL character")
            elif any(cell and not cell.isspace() for cell in row):
                yield number + 1, row
            else:
                self.blank += 1


def _refuse_bomb(name: str, file: BinaryIO) -> None:
    """Refuse a small file that unpacks to more than memory holds."""
    try:
        with zipfile.ZipFile(file) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError):
        unpacked = 0  # an old format, or broken: the reader says so
    file.seek(0)
    if unpacked > _LARGEST_UNPACKED:
        raise Malformed(f"{name} unpacks to {unpacked >> 20:,} MiB", hint="save it as CSV, which is streamed")


def text(value: Any) -> str:
    """A cell's value as text: whole numbers without decimals, dates in ISO form."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time(0) else value.isoformat(timespec="seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return cell(value)


class XlsxWriter:
    """Writes rows to one sheet, each cell as text so that none is a formula; memory stays constant."""

    def __init__(self, file: BinaryIO, columns: Sequence[str]) -> None:
        try:
            import xlsxwriter  # an extra
        except ImportError:
            raise MissingExtra.named("import", "writing spreadsheets") from None
        if len(columns) > MOST_COLUMNS:
            raise Invalid(f"a spreadsheet has at most {MOST_COLUMNS:,} columns, this has {len(columns):,}")
        self._book = xlsxwriter.Workbook(file, {"constant_memory": True})
        self._sheet = self._book.add_worksheet("Export")
        self._columns = columns
        self._row = 0
        bold = self._book.add_format({"bold": True})
        for place, column in enumerate(columns):
            self._sheet.write_string(0, place, column, bold)
        self._sheet.freeze_panes(1, 0)

    def write(self, row: Sequence[Any] | Mapping[str, Any]) -> None:
        """Write a row; raises Invalid past the limits of the format."""
        values = [row.get(column) for column in self._columns] if isinstance(row, Mapping) else row
        self._row += 1
        if self._row >= MOST_ROWS:
            raise Invalid(f"a spreadsheet has at most {MOST_ROWS:,} rows", hint="--format csv")
        for place, value in enumerate(values):
            shown = cell(value)
            if len(shown) > LONGEST_CELL:
                raise Invalid(
                    f"row {self._row + 1}, {self._columns[place]}: a cell of a spreadsheet holds at most "
                    f"{LONGEST_CELL:,} characters, this has {len(shown):,}",
                    hint="--format csv",
                )
            if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 10**15:
                self._sheet.write_number(self._row, place, value)
            elif shown:
                self._sheet.write_string(self._row, place, shown)

    def flush(self) -> None:
        """Nothing: a spreadsheet is written when it is closed."""

    def close(self) -> None:
        """Finish the file."""
        self._book.close()

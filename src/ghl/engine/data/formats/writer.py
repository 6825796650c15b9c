"""Writing a file of records: CSV, JSON Lines, vCard or XLSX, whole or not at all."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast

from ghl.engine.data.formats.cells import cell
from ghl.engine.data.formats.source import ALIASES, FORMATS, format_of_name
from ghl.errors import Malformed, StorageFull
from ghl.sdk.formulas import neutralise

Values = Sequence[Any] | Mapping[str, Any]
"""A row to write: its values in the order of the columns, or by their names."""


class _Sink(Protocol):
    def write(self, row: Values) -> None: ...
    def flush(self) -> None: ...
    def close(self) -> None: ...


class RowWriter:
    """A file that is being written. It takes its name only when it is closed without an error."""

    def __init__(self, target: str | Path | BinaryIO, sink: _Sink, file: BinaryIO, part: Path | None) -> None:
        self.count = 0
        """Rows written so far."""
        self._target, self._sink, self._file, self._part = target, sink, file, part

    def write(self, row: Values) -> None:
        """Write one row."""
        try:
            self._sink.write(row)
        except OSError as error:
            raise _failed(self._target, error) from None
        self.count += 1

    def flush(self) -> None:
        """Hand what was written to the system."""
        try:
            self._sink.flush()
            self._file.flush()
        except OSError as error:
            raise _failed(self._target, error) from None

    def close(self) -> None:
        """Finish the file and give it its name."""
        if self._sink is _CLOSED:
            return
        sink, self._sink = self._sink, _CLOSED
        try:
            sink.close()
            self._file.flush()
            if self._part is not None:
                self._file.close()
                self._part.replace(str(self._target))
        except OSError as error:
            self._discard()
            raise _failed(self._target, error) from None

    def abandon(self) -> None:
        """Leave nothing behind."""
        if self._sink is not _CLOSED:
            self._sink = _CLOSED
            self._discard()

    def _discard(self) -> None:
        if self._part is not None:
            self._file.close()
            self._part.unlink(missing_ok=True)

    def __enter__(self) -> RowWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if kind is None:
            self.close()
        else:
            self.abandon()


def open_writer(
    target: str | Path | BinaryIO,
    format: str | None = None,
    columns: Sequence[str] = (),
    *,
    delimiter: str = ",",
    encoding: str = "utf-8",
    version: str = "4.0",
    header: bool = True,
) -> RowWriter:
    """Begin a file of records; `-` is standard output.

    Without a format the name decides, else it is CSV. Formulas in CSV cells are made harmless.
    JSON Lines take mappings as they are where `columns` is empty. `version` is that of vCards.
    """
    name = str(target).lower() if isinstance(target, str | Path) else ""
    kind = ALIASES.get(format.lower(), format.lower()) if format else format_of_name(str(target)) or "csv"
    if kind not in FORMATS:
        raise Malformed(f'there is no format "{format}"', hint=", ".join(FORMATS), field="format")
    if (format or "").lower() == "tsv" or name.endswith((".tsv", ".tab")):
        delimiter = "\t"
    file, part = _create(target)
    try:
        if kind == "csv":
            return RowWriter(target, _Csv(file, columns, delimiter, encoding, header), file, part)
        return RowWriter(target, _sink(kind, file, columns, version), file, part)
    except BaseException:
        if part is not None:
            file.close()
            part.unlink(missing_ok=True)
        raise


def _create(target: str | Path | BinaryIO) -> tuple[BinaryIO, Path | None]:
    if not isinstance(target, str | Path):
        return target, None
    if str(target) == "-":
        return cast(BinaryIO, sys.stdout.buffer), None
    path = Path(target)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        return part.open("wb"), part
    except OSError as error:
        raise _failed(target, error) from None


def _sink(kind: str, file: BinaryIO, columns: Sequence[str], version: str) -> _Sink:
    if kind == "xlsx":
        from ghl.engine.data.formats.xlsx import XlsxWriter  # an extra

        return XlsxWriter(file, columns)
    if kind == "vcard":
        from ghl.engine.data.formats.vcard_writer import VcardWriter  # one format in each run

        return VcardWriter(file, version)
    return _JsonLines(file, columns)


class _Csv:
    def __init__(
        self, file: BinaryIO, columns: Sequence[str], delimiter: str, encoding: str, header: bool
    ) -> None:
        self._text = io.TextIOWrapper(file, encoding, newline="")
        self._columns = columns
        # RFC 4180's line end: a lone return or line feed inside a cell is then quoted too.
        self._writer = csv.writer(self._text, delimiter=delimiter, lineterminator="\r\n")
        if header:
            self._writer.writerow([neutralise(column) for column in columns])

    def write(self, row: Values) -> None:
        values = map(row.get, self._columns) if isinstance(row, Mapping) else row
        self._writer.writerow([neutralise(cell(value)) for value in values])

    def flush(self) -> None:
        self._text.flush()

    def close(self) -> None:
        self._text.detach()


class _JsonLines:
    def __init__(self, file: BinaryIO, columns: Sequence[str]) -> None:
        self._file, self._columns = file, columns

    def write(self, row: Values) -> None:
        if not isinstance(row, Mapping):
            row = dict(zip(self._columns, row, strict=True))
        elif self._columns:
            row = {column: row.get(column) for column in self._columns}
        self._file.write(json.dumps(row, ensure_ascii=False, default=_json).encode() + b"\n")

    def flush(self) -> None: ...

    def close(self) -> None: ...


class _Closed:
    def write(self, row: Values) -> None:
        raise ValueError("the file is closed")

    def flush(self) -> None: ...

    def close(self) -> None: ...


_CLOSED = _Closed()


def _json(value: Any) -> Any:
    from ghl.sdk.money import Money  # few rows hold one

    if isinstance(value, Money):
        return value.wire()
    return sorted(value) if isinstance(value, set | frozenset) else cell(value)


def _failed(target: object, error: OSError) -> Malformed | StorageFull:
    import errno  # only when something went wrong

    if isinstance(error, BrokenPipeError):
        raise error  # the reader has left; the face ends quietly
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageFull(f"no space is left to write {target}")
    return Malformed(f"{target} cannot be written: {(error.strerror or str(error)).lower()}")

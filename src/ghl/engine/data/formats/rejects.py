"""The rows that an import could not take, in a file with the same columns and the reason, to be mended."""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO

from ghl.engine.data.formats.source import RowSource
from ghl.engine.data.formats.writer import RowWriter, open_writer
from ghl.errors import Malformed

ERROR = "error"


class RejectFile:
    """Rejected rows of one source; the file comes into being with the first of them.

    It has the source's columns and, behind them, `error`, and reads again as an import once its rows
    are mended: CSV for rows of cells, JSON Lines for the others. Rows are kept as they come, so that
    a killed import leaves those it has flushed; one that resumes says at which size it goes on.
    """

    def __init__(self, path: str | Path, source: RowSource, resume_at: int = 0) -> None:
        self.path = Path(path)
        self.count = 0
        """Rows rejected so far."""
        self._source = source
        self._named = source.format in ("jsonl", "vcard")
        self._resume_at = resume_at
        self._file: BinaryIO | None = None
        self._writer: RowWriter | None = None

    def add(self, line: int, row: list[str] | dict[str, Any], why: str) -> None:
        """Keep a row with the reason, which is told with its line."""
        writer = self._writer or self._begin()
        self.count += 1
        columns, reason = self._source.columns, f"line {line} {why}"
        if self._named:
            writer.write({**(row if isinstance(row, dict) else {}), ERROR: reason})
            return
        cells = [*row, *[""] * (len(columns) - len(row))]
        # Cells past the header cannot have a column of their own; the last one takes them.
        if len(cells) > len(columns):
            cells = [*cells[: len(columns) - 1], " ".join(cells[len(columns) - 1 :])]
        writer.write([*cells, reason])

    def _begin(self) -> RowWriter:
        try:
            self._file = self.path.open("r+b" if self._resume_at and self.path.exists() else "w+b")
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise Malformed(f"{self.path} cannot be written: {why}", hint="--rejects FILE") from None
        kept = self._file.seek(0, 2) >= self._resume_at > 0
        self._file.truncate(self._resume_at if kept else 0)
        self._file.seek(0, 2)
        columns = [*self._source.columns, ERROR]
        self._writer = open_writer(
            self._file,
            "jsonl" if self._named else "csv",
            () if self._named else columns,
            delimiter=self._source.delimiter or ",",
            header=not kept,
        )
        return self._writer

    def flush(self) -> int:
        """Put what was added on the disk; the size to resume at."""
        if self._writer is None or self._file is None:
            return self._resume_at
        self._writer.flush()
        return self._file.tell()

    def close(self) -> None:
        """Finish the file, if there is one."""
        if self._writer is not None and self._file is not None:
            self._writer.close()
            self._file.close()


def path_for(source: str | Path, folder: Path | None = None) -> Path:
    """Where the rejected rows of a file go: `leads.csv` to `leads.rejected.csv`, beside it or in `folder`."""
    path = Path("stdin.csv" if str(source) == "-" else source)
    suffix = path.suffix.lower()
    if suffix in (".json", ".jsonl", ".ndjson", ".vcf", ".vcard"):
        suffix = ".jsonl"
    elif suffix not in (".csv", ".tsv", ".txt"):
        suffix = ".csv"
    return (folder or path.parent) / f"{path.stem}.rejected{suffix}"

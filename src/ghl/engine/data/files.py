"""Sending a file to an import, portion by portion, to a local store or a remote one alike."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from ghl.engine.data.formats import RowSource, open_rows
from ghl.engine.data.formats.rejects import RejectFile, path_for
from ghl.engine.data.formats.source import Row, by_name
from ghl.errors import Invalid, Malformed
from ghl.sdk.client import Client
from ghl.sdk.data.imports import (
    BadRow,
    ColumnInput,
    DateOrder,
    Import,
    ImportMapping,
    ImportRow,
    Mode,
    Policy,
)

PORTION = 10_000
"""Rows of one transaction on a local store."""
REMOTE_PORTION = 1_000
SAMPLE = 500

Progress = Callable[[int, int], None]
"""Told after each portion: rows done, and about how many there are."""


@dataclass(slots=True)
class Wish:
    """How a file is to be imported; what is left out is found out."""

    mode: Mode = "upsert"
    match: list[str] | None = None
    targets: dict[str, str | None] = field(default_factory=dict)
    policies: dict[str, Policy] = field(default_factory=dict)
    dates: DateOrder | None = None
    profile: str | None = None
    trial: bool = False
    live: bool = False
    plan: str | None = None
    strict_tags: bool = False
    rejects: Path | None = None
    portion: int | None = None


class FileImport:
    """One import of one file."""

    def __init__(self, crm: Client, noun: str, source: RowSource, wish: Wish, path: str | Path | BinaryIO) -> None:
        self.crm, self.noun, self.source, self.wish = crm, noun, source, wish
        self.mapping: ImportMapping | None = None if wish.plan else self._map()
        self.state: Import | None = None
        name = path if isinstance(path, str | Path) else source.name
        self.rejects = RejectFile(_writable(wish.rejects or path_for(name), asked=wish.rejects is not None), source)

    def _map(self) -> ImportMapping:
        sample = [dict(by_name(self.source.columns, row)) for row in self.source.sample(SAMPLE)]
        wish = self.wish
        return self.crm.imports.map(
            noun=self.noun, columns=self.source.columns, sample=sample, file=self.source.name, profile=wish.profile,
            targets=wish.targets, policies=wish.policies, dates=wish.dates,
        )  # fmt: skip

    @property
    def questions(self) -> list[str]:
        """What must be answered before the file can be imported: columns with dates of unclear order."""
        columns = self.mapping.columns if self.mapping else []
        return [f"{one.column}: {one.question}" for one in columns if one.target and one.question]

    def with_dates(self, dates: DateOrder) -> None:
        """Answer the questions."""
        self.wish.dates = dates
        self.mapping = self._map()

    def begin(self) -> Import:
        """Begin, or go on with what was stopped. Nothing of the file is imported yet."""
        wish, source, mapping = self.wish, self.source, self.mapping
        if self.questions:
            raise Invalid(
                f"the dates of {self.questions[0]}", hint="--dates dmy, --dates mdy or --dates ymd", field="dates"
            )
        columns = [ColumnInput(**one.model_dump()) for one in mapping.columns] if mapping else []
        self.state = self.crm.imports.begin(
            noun=self.noun, file=source.name, fingerprint=source.fingerprint, columns=columns, mode=wish.mode,
            match=wish.match, total=source.total_hint, trial=wish.trial, live=wish.live, digest=wish.plan,
            profile=mapping.profile if mapping else None, guessed=mapping.guessed if mapping else True,
            strict_tags=wish.strict_tags,
        )  # fmt: skip
        return self.state

    def run(self, progress: Progress | None = None) -> Import:
        """Send every row that is not done yet, and say that it is all."""
        state = self.state or self.begin()
        try:
            self._send(state, progress)
        finally:
            self.rejects.close()
        self.state = self.crm.imports.finish(import_id=state.id, blank=self.source.blank)
        return self.state

    def _send(self, state: Import, progress: Progress | None) -> None:
        place, size = state.line, self.wish.portion or self._size()
        bad: list[tuple[int, Row, str]] = []
        rows = self.source.rows(lambda line, row, why: bad.append((line, row, why)))
        place_before = place
        if place:
            rows = self._skip(rows, bad, state)
        lines: list[int] = []
        portion: list[Row] = []
        for line, row in rows:
            if line <= place_before:
                continue
            lines.append(line)
            portion.append(row)
            if len(portion) + len(bad) >= size:
                place = self._portion(state, place, lines, portion, bad, progress)
                lines, portion = [], []
        if portion or bad:
            self._portion(state, place, lines, portion, bad, progress)

    def _size(self) -> int:
        return PORTION if hasattr(self.crm._transport, "database") else REMOTE_PORTION

    def _portion(
        self, state: Import, place: int, lines: list[int], rows: list[Row], bad: list[tuple[int, Row, str]],
        progress: Progress | None,
    ) -> int:  # fmt: skip
        unreadable = [BadRow(line=line, error=why) for line, _, why in bad]
        answer = self.crm.imports.rows(
            import_id=state.id, after=place, lines=lines, rows=rows, unreadable=unreadable
        )
        if answer.rejected:
            known = dict(zip(lines, rows, strict=True)) | {line: row for line, row, _ in bad}
            for one in answer.rejected:
                self.rejects.add(one.line, known[one.line], one.error)
            self.rejects.flush()
        bad.clear()
        if progress:
            progress(answer.done, max(answer.done, self.source.total_hint))
        return answer.line

    def _skip(
        self, rows: Iterator[tuple[int, Row]], bad: list[tuple[int, Row, str]], state: Import
    ) -> Iterator[tuple[int, Row]]:
        """The rows behind the place reached; the rejected ones before it go into their file again."""
        rejected = iter(self.crm.imports.show_rows(import_id=state.id, verdict="rejected", page_size=1000))
        following: ImportRow | None = next(rejected, None)

        def again(line: int, row: Row) -> None:
            nonlocal following
            while following is not None and following.line < line:
                following = next(rejected, None)
            if following is not None and following.line == line:
                self.rejects.add(line, row, following.error or "")

        for line, row in rows:
            while bad and bad[0][0] <= state.line:
                again(*bad.pop(0)[:2])
            if line > state.line:
                yield line, row
            else:
                again(line, row)
        while bad and bad[0][0] <= state.line:
            again(*bad.pop(0)[:2])


def _writable(path: Path, *, asked: bool) -> Path:
    """Where rejected rows can be written, known before the first of them: the current folder, if need be."""
    folder = path.parent
    if folder.is_dir() and os.access(folder, os.W_OK):
        return path
    if asked:
        raise Malformed(f"{path} cannot be written: {'no access' if folder.is_dir() else 'there is no such folder'}", hint="--rejects FILE")
    return Path(path.name)


def open_import(
    crm: Client,
    noun: str,
    path: str | Path | BinaryIO,
    wish: Wish | None = None,
    *,
    format: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
) -> FileImport:
    """A file ready to be imported: opened, its columns mapped, nothing written."""
    source = open_rows(path, format=format, encoding=encoding, delimiter=delimiter)
    try:
        return FileImport(crm, noun, source, wish or Wish(), path)
    except BaseException:
        source.close()
        raise


def import_file(crm: Client, noun: str, path: str | Path | BinaryIO, wish: Wish | None = None, **format: Any) -> Import:
    """Import a file, from its opening to its end."""
    job = open_import(crm, noun, path, wish, **format)
    with job.source:
        return job.run()

"""Writing exports to files and reading copies back, from a local store or a remote one alike."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from ghl.engine.data.formats import open_writer
from ghl.engine.data.formats.source import ALIASES, format_of_name
from ghl.engine.data.shapes import chosen, flat
from ghl.errors import Conflict, Invalid, Malformed, NotFound
from ghl.nouns import NOUNS
from ghl.sdk.client import Client
from ghl.sdk.data.exports import BeginCopy, CopyHeader, CopyRecords, ExportPage, ExportRecords
from ghl.sdk.operation import Operation

PORTION = 500


class Reader:
    """Asks for portions: on a local store all in one snapshot, on a remote one by one."""

    def __init__(self, crm: Client) -> None:
        self._crm, self._transport = crm, crm._transport

    def __enter__(self) -> Reader:
        self._held: Any = self._transport.reading() if hasattr(self._transport, "reading") else None
        self._tx: Any = self._transport.tx(self._held.__enter__()) if self._held else None  # type: ignore[attr-defined]
        return self

    def __exit__(self, *error: Any) -> None:
        if self._held:
            self._held.__exit__(*error)

    def ask(self, operation: Operation[Any]) -> Any:
        """Perform a reading operation."""
        if self._tx is None:
            return self._crm.send(operation)
        from ghl.engine.access import authorise
        from ghl.engine.dispatch import perform

        authorise(self._tx.caller, type(operation))
        self._tx.memo.clear()
        return perform(operation, self._tx)

    def records(self, kind: type[Operation[ExportPage]], **fields: Any) -> Iterator[dict[str, Any]]:
        """Every record of an operation that answers portions."""
        after: int | None = 0
        while after is not None:
            page: ExportPage = self.ask(kind(after=after, size=PORTION, **fields))  # type: ignore[call-arg]
            yield from page.records
            after = page.next


def export_records(
    crm: Client,
    noun: str,
    target: str | Path | BinaryIO,
    *,
    where: str | None = None,
    search: str | None = None,
    fields: list[str] | None = None,
    format: str | None = None,
    **options: Any,
) -> int:
    """Write the records of a noun to a file; how many. Memory does not grow with them.

    CSV and XLSX have the columns that an import reads again, JSON Lines and vCards whole records.
    """
    kind = ALIASES.get(format or "", format) or (format_of_name(str(target)) if isinstance(target, str | Path) else None) or "csv"
    if kind == "vcard" and noun != "contacts":
        raise Invalid("only contacts are written as vCards", hint="--to csv", field="format")
    with Reader(crm) as reader:
        from ghl.sdk.data.exports import ListExportColumns

        known = reader.ask(ListExportColumns(noun=noun))
        columns = chosen(noun, fields, known.possible, known.columns)
        whole = kind in ("jsonl", "vcard")
        with open_writer(target, format or kind, () if whole and not fields else columns, **options) as writer:
            for record in reader.records(ExportRecords, noun=noun, where=where, search=search):
                if kind == "vcard":
                    writer.write({name: record.get(name) for name in fields} if fields else _card(record))
                elif whole:
                    writer.write(dict(zip(columns, flat(record, columns), strict=True)) if fields else record)
                else:
                    writer.write(flat(record, columns))
            return writer.count


_NOT_ON_A_CARD = frozenset(
    ("id", "version", "updated_at", "deleted_at", "company_id", "companies", "owner_id", "followers", "last_activity_at")
) | {"name", "email", "phone"}


def _card(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name not in _NOT_ON_A_CARD}


# --- everything


def export_everything(crm: Client, target: str | Path) -> dict[str, int]:
    """Write a copy of the account: one file, or a folder with a file for each noun."""
    path = Path(target)
    if path.suffix and path.suffix.lower() not in (".jsonl", ".ndjson"):
        raise Invalid(f"a copy is JSON Lines, not {path.suffix}", hint=f"{path.stem}.jsonl", field="target")
    with Reader(crm) as reader:
        header: CopyHeader = reader.ask(BeginCopy())
        if path.suffix:
            with open_writer(path, "jsonl") as writer:
                writer.write({"account": header.model_dump(mode="json")})
                return {noun: _write(reader, noun, writer, named=True) for noun in header.nouns}
        path.mkdir(parents=True, exist_ok=True)
        if any(path.iterdir()):
            raise Conflict(f"{path} is not empty; nothing was written", hint="choose a new folder")
        with open_writer(path / "account.jsonl", "jsonl") as writer:
            writer.write(header.model_dump(mode="json"))
        counts = {}
        for noun in header.nouns:
            with open_writer(path / f"{noun}.jsonl", "jsonl") as writer:
                counts[noun] = _write(reader, noun, writer, named=False)
        return counts


def _write(reader: Reader, noun: str, writer: Any, *, named: bool) -> int:
    count = 0
    for record in reader.records(CopyRecords, noun=noun):
        writer.write({noun: record} if named else record)
        count += 1
    return count


def import_copy(crm: Client, source: str | Path) -> tuple[dict[str, int], int | None]:
    """Read a copy into an empty account; how many records of each noun, and the change set that undoes it."""
    path = Path(source)
    lines = _lines(path)
    header = next(lines, (0, "", {}))[2]
    state = crm.imports.begin_copy(header=header, file=path.name)
    held: list[dict[str, Any]] = []
    waiting: dict[str, list[dict[str, Any]]] = {}
    counts: dict[str, int] = {}
    current = ""

    def send(noun: str, records: list[dict[str, Any]]) -> None:
        answer = crm.imports.copy(import_id=state.id, noun=noun, records=records)
        counts[noun] = counts.get(noun, 0) + answer.count
        waiting.setdefault(noun, []).extend(answer.waiting)

    for _, noun, record in lines:
        if held and (noun != current or len(held) == PORTION):
            send(current, held)
            held = []
        current = noun
        held.append(record)
    if held:
        send(current, held)
    for noun, records in waiting.items():
        for start in range(0, len(records), PORTION):
            crm.imports.copy(import_id=state.id, noun=noun, records=records[start : start + PORTION])
    done = crm.imports.finish(import_id=state.id)
    return counts, done.change_set


def _lines(path: Path) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """Line, noun and record; the header first."""
    if not path.exists():
        raise NotFound(f"there is no {path}", hint="what `ghl export` has written")
    if not path.is_dir():
        yield from _of_file(path, None)
        return
    if not (path / "account.jsonl").exists():
        raise Malformed(f"{path} holds no copy: there is no account.jsonl", hint="ghl export DIR makes one")
    header = list(_of_file(path / "account.jsonl", ""))
    yield header[0]
    for noun in header[0][2].get("nouns", []):
        if noun not in NOUNS:
            raise Malformed(f'the copy has a noun "{noun}" that this program does not know', hint="pip install -U ghl-toolkit")
        file = path / f"{noun}.jsonl"
        if file.exists():
            yield from _of_file(file, noun)


def _of_file(path: Path, noun: str | None) -> Iterator[tuple[int, str, dict[str, Any]]]:
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if not line.strip():
                    continue
                record = json.loads(line)
                if not isinstance(record, dict):
                    raise ValueError
                if noun is not None:
                    yield number, noun, record
                else:
                    ((named, inner),) = record.items()
                    yield number, named, inner
    except (ValueError, UnicodeDecodeError):
        raise Malformed(f"line {number} of {path} is not one record of a copy", hint="ghl export FILE.jsonl makes one") from None

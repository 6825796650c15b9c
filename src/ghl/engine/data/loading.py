"""Taking rows into the records of a noun: matched, created, changed or refused, one by one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from ghl.engine import custom
from ghl.engine.clock import milliseconds
from ghl.engine.columns import State
from ghl.engine.data.differences import counted, shown
from ghl.engine.data.policies import permitted
from ghl.engine.data.reading import LISTED, Reader, Values
from ghl.engine.data.related import Related
from ghl.engine.data.runs import CHANGED, CREATED, MERGED, REJECTED, UNCHANGED, Run, Verdict, known_keys
from ghl.engine.records import Store
from ghl.engine.stores import store_of
from ghl.errors import Conflict, GhlError, NotFound
from ghl.nouns import NOUNS
from ghl.sdk.data.imports import RejectedRow
from ghl.sdk.names import fold
from ghl.sdk.times import stamp

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}").fullmatch

MATCHES: dict[str, tuple[str, ...]] = {
    "contacts": ("id", "email", "external_id", "phone"),
    "companies": ("id", "external_id", "domain", "name"),
    "deals": ("id", "external_id", "name"),
    "products": ("id", "sku", "external_id", "name"),
    "users": ("id", "email", "name"),
    "notes": ("id", "external_id"),
    "tasks": ("id", "external_id"),
    "suppressions": ("address",),
}
"""The fields that records of a noun may be matched by, in order."""
NOT_BY_ITSELF = {"contacts": ("phone",), "deals": ("name",)}
"""Fields that are matched by only where it is asked for, or where there is nothing better."""


def default_match(noun: str, targets: Iterable[str]) -> list[str]:
    """What records are matched by where nobody says: what identifies and is in the file."""
    have = {{"emails": "email", "phones": "phone"}.get(one, one) for one in targets}
    if "id" in have and "external_id" in MATCHES[noun]:
        have.add("external_id")  # an id that is none of ours is one of another system
    possible = [name for name in MATCHES[noun] if name in have]
    sure = [name for name in possible if name not in NOT_BY_ITSELF.get(noun, ())]
    return sure or (possible if noun == "contacts" else [])


class Loader:
    """Takes portions of rows. A row that is refused leaves nothing behind."""

    def __init__(self, tx: Tx, run: Run) -> None:
        self.tx, self.run = tx, run
        self.noun = run.noun
        self.store: Store[Any] = store_of(NOUNS[run.noun].singular)
        self.mode = run.choices.mode
        self.match = run.choices.match
        declared = {d.name: d.type for d in custom.definitions(tx, self.store.noun).values()}
        self.reader = Reader(
            run.noun, run.choices.columns, zone=tx.account.tzinfo, custom=declared, currency=tx.account.currency
        )
        self.policies = {
            one.target: one.policy or ("append" if one.target in LISTED else "overwrite")
            for one in run.choices.columns
            if one.target
        }
        self.rejected: list[RejectedRow] = []
        self.planned: dict[int, tuple[int, int | None, int | None]] = {}
        self.refused: dict[int, str] = {}
        """Why the plan that is applied does not take a line."""
        self.known: set[tuple[str, str]] = set()
        self.related = Related(self)

    # --- a portion

    def load(self, lines: Sequence[int], rows: Sequence[Any]) -> None:
        """Take a portion of rows."""
        self.remember(lines)
        read = list(self._read(lines, rows))
        self.prepare(read)
        for line, values in read:
            try:
                with self.tx.part():
                    verdict = self.take(line, values)
            except GhlError as error:
                self.related.take_back()
                self.reject(line, error)
                continue
            self.related.keep()
            self.run.judge(verdict)

    def strangers(self, rows: Sequence[Any]) -> None:
        """Say so where rows by name have fields that the file's first rows, and so the mapping, did not have."""
        known = {one.column for one in self.run.choices.columns}
        for row in rows:
            if isinstance(row, dict) and not row.keys() <= known:
                for name in row.keys() - known:
                    self.run.notice(f'"{name[:60]}" is not imported: the first rows of the file do not have it')

    def _read(self, lines: Sequence[int], rows: Sequence[Any]) -> Iterable[tuple[int, Values]]:
        for line, row in zip(lines, rows, strict=True):
            try:
                yield line, self.identified(self.reader.read(row))
            except GhlError as error:
                self.reject(line, error)

    @staticmethod
    def identified(values: Values) -> Values:
        """An id that is none of ours is the id in another system."""
        if "id" in values and not UUID(values["id"].lower()):
            values.setdefault("external_id", values["id"])
            del values["id"]
        return values

    def prepare(self, read: list[tuple[int, Values]]) -> None:
        """Look up for all rows at once what would be looked up for each."""
        if not self.run.trial:
            return
        wanted: dict[str, set[str]] = {}
        for _, values in read:
            for kind, key in self.keys(values):
                wanted.setdefault(kind, set()).add(key)
        for kind, keys in wanted.items():
            self.known |= {(kind, key) for key in known_keys(self.tx, self.run, kind, sorted(keys))}
        self.related.recall(read)

    def remember(self, lines: Sequence[int]) -> None:
        """What the plan that is applied says of these lines."""
        if self.run.row["plan_id"] is None or not lines:
            return
        rows = self.tx.all("data/imports/planned", id=self.run.row["plan_id"], first=lines[0], last=lines[-1])
        self.planned = {row["line"]: (row["verdict"], row["record_id"], row["version"]) for row in rows}
        details = {row["line"]: row["detail"] for row in rows if row["verdict"] == REJECTED}
        self.refused = {line: json.loads(text or "{}").get("error", "") for line, text in details.items()}

    def reject(self, line: int, error: GhlError | str) -> None:
        """Refuse a row with its reason."""
        why = error if isinstance(error, str) else _reason(error)
        self.rejected.append(RejectedRow(line=line, error=why))
        self.run.judge(Verdict(line, REJECTED, detail={"error": why}))

    def strict(self) -> None:
        """Tags that do not exist are refused, where that is asked for; said again after a row was taken back."""
        if self.run.choices.strict_tags:
            self.tx.memo["strict_tags"] = True

    # --- a row

    def take(self, line: int, values: Values) -> Verdict:
        """Take one row: what became of it."""
        self.strict()
        number = self.matching(values)
        if number is None:
            if self.met_before(values):
                return Verdict(line, MERGED)
            self.expect(line, None, None, "")
            return self.made(line, values)
        state = self.store.load(self.tx, [number], lock=True)[0]
        touched = self.touched(state)
        if self.mode == "create" and not touched:
            raise Conflict(f"{self.store.label(state)} is there already")
        self.expect(line, state, None if touched else state["version"], self.store.label(state))
        new = self.change(state, values)
        return self.changed(line, state, new, touched=touched)

    def made(self, line: int, values: Values) -> Verdict:
        """Create the record of a row."""
        if self.mode == "update":
            raise NotFound(f"no {self.store.noun} matches it by {' or '.join(self.match) or 'anything'}")
        state = self.create(values)
        self.note_keys(line, values)
        return Verdict(line, CREATED, None if self.run.trial else state["id"], None, {"name": self.store.label(state)})

    def changed(self, line: int, old: State, new: State, *, touched: bool) -> Verdict:
        """The verdict on a row that met a record."""
        number, version = old["id"], old["version"]
        if self.related.was_named(number):
            # Another row has named it before its own row came.
            return Verdict(line, CREATED, None if self.run.trial else number, None, {"name": self.store.label(new)})
        kind = MERGED if touched else CHANGED if new is not old else UNCHANGED
        detail: dict[str, Any] = {"name": self.store.label(old)}
        if new is not old:
            before, after = self.store.difference(old, new)
            if kind == CHANGED:
                counted(self.tx, self.run, self.store, before, after)
            if self.run.trial:
                detail |= shown(self.tx, self.store, before, after)
            self.run.keys["record", str(number)] = line
        return Verdict(line, kind, number, version, detail)

    def matching(self, values: Values) -> int | None:
        """The row key of the one live record that a row means."""
        if "id" in self.match and values.get("id"):
            row = self.tx.one(
                f"select r.id, r.deleted_at from {self.store.table} r where r.account_id = :account_id"
                f" and r.public_id = :id{self.store.sight(self.tx)}",
                id=values["id"].lower(),
            )
            if row is not None:
                if row["deleted_at"]:
                    raise Conflict("it was deleted here", hint=f"ghl {self.store.plural} restore {values['id'][-6:]}")
                return int(row["id"])
        match = [name for name in self.match if name != "id" and (name != "external_id" or values.get(name))]
        found: int | None = self.store.matching(self.tx, values, match) if match else None  # type: ignore[attr-defined]
        return found

    def create(self, values: Values) -> State:
        """Make a record from a row."""
        state = self.store.blank(self.tx)
        self.born(state, values)
        self.store.assign(self.tx, state, self.settled(state, self.related.fields(values)))
        return self.store.insert(self.tx, state)

    def born(self, state: State, values: Values) -> None:
        """The id and the age that a record has from elsewhere."""
        if values.get("created_at"):
            moment = values["created_at"]
            state["created_at"] = stamp(moment)
            state["public_id"] = self.tx.public_id(max(0, milliseconds(moment)))
        if values.get("id"):
            state["public_id"] = values["id"].lower()

    def change(self, state: State, values: Values) -> State:
        """Put into a record what its columns' policies allow."""
        fields = self.settled(state, self.related.fields(values))
        fields = permitted(self.tx, self.store, state, fields, self.policies)
        return self.store.update(self.tx, state, fields)

    def settled(self, state: State, fields: dict[str, Any]) -> dict[str, Any]:
        """The fields of a row for the record it becomes or meets, where one depends on the other."""
        return fields

    # --- rows that mean the same record

    def keys(self, values: Values) -> list[tuple[str, str]]:
        """By what later rows of the file would find the record of this one."""
        found = []
        for name in self.match:
            value = values.get(name)
            if value:
                text = str(value)
                found.append((name, text.lower() if name == "id" else fold(text) if name == "name" else text))
        return found

    def met_before(self, values: Values) -> bool:
        """Whether an earlier row of a plan would have made the record that this one means."""
        return bool(self.known) and any(key in self.known for key in self.keys(values))

    def note_keys(self, line: int, values: Values) -> None:
        """Later rows of the plan meet this one."""
        if self.run.trial:
            for key in self.keys(values):
                self.run.keys.setdefault(key, line)

    def touched(self, state: State) -> bool:
        """Whether an earlier row of this import has made or changed a record."""
        row = self.tx.one(
            """select c.change_set_id from changes c join change_sets s on s.id = c.change_set_id
            where s.account_id = :account_id and c.id = :id""",
            id=state["change_id"],
        )
        if row is not None and row["change_set_id"] == self.tx.changes.set_id:
            return True
        number = str(state["id"])
        return self.run.trial and bool(known_keys(self.tx, self.run, "record", [number]))

    def expect(self, line: int, state: State | None, version: int | None, label: str) -> None:
        """Refuse a row of which the plan has said something else."""
        if self.run.row["plan_id"] is None:
            return
        kind, record, base = self.planned.get(line, (REJECTED, None, None))
        if kind == CREATED and state is not None and version is not None:
            raise Conflict(f"{label} has come since the plan was made")
        if kind in (CHANGED, UNCHANGED):
            if state is None or state["id"] != record:
                raise Conflict("the record that the plan would change is no longer found by this row")
            if version is not None and version != base:
                raise Conflict(f"{label} has changed since the plan was made")
        if kind == MERGED and (state is None or version is not None):
            raise Conflict("the row that the plan merges this one with was not taken")
        if kind == REJECTED:
            raise Conflict(self.refused.get(line) or "the plan does not take this row")


def _reason(error: GhlError) -> str:
    return error.message if not error.field or error.field in error.message else f"{error.field}: {error.message}"


def as_json(values: Iterable[Any]) -> str:
    """A list as the one parameter of a query."""
    return json.dumps(list(values))

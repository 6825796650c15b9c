"""Change sets: what every write leaves behind, so that it can be explained and taken back."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from ghl.errors import Conflict, NotFound

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

CREATED, CHANGED, DELETED, RESTORED = 1, 2, 3, 4
KINDS = {CREATED: "created", CHANGED: "changed", DELETED: "deleted", RESTORED: "restored"}

_SET = """insert into change_sets (id, account_id, actor, user_id, origin, at, name, reason, step_id, event_id, undoes)
values (:id, :account_id, :actor, :user_id, :origin, :now_ms, :name, :reason, :step_id, :event_id, :undoes)"""
_CHANGES = """insert into changes
(id, prev_id, change_set_id, noun, record_id, kind, version, enrollment_id, before, after)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""

_CREATIONS = f"""insert into changes (id, change_set_id, noun, record_id, kind, version, enrollment_id)
values (?, ?, ?, ?, {CREATED}, 1, ?)"""


def encode(values: dict[str, Any] | None) -> str | None:
    """Fields of a change as they are stored."""
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")) if values else None


class ChangeLog:
    """The changes of one transaction, collected and written together."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._rows: list[tuple[Any, ...]] = []
        self._set_id: int | None = None
        self._joined = False
        self._hash = hashlib.sha256()
        self.counts: Counter[str] = Counter()
        self.name: str | None = None
        self.reason: str | None = None
        self.undoes: int | None = None
        self.reverses: int | None = None
        """The one change that is being taken back, while an undo writes a record."""
        self.written = False
        self.made: dict[tuple[str, int], str] = {}
        """Records made in this transaction, by a name that is the same at every run of it."""

    @property
    def set_id(self) -> int:
        """The number of this transaction's change set, taken on first use."""
        if self._set_id is None:
            joined = self._tx.options.change_set
            if joined is not None:
                self._join(joined)
            else:
                self._set_id = self._tx.key("change_sets")
        assert self._set_id is not None
        return self._set_id

    def _join(self, number: int) -> None:
        row = self._tx.one("select * from change_sets where account_id = :account_id and id = :id", id=number)
        if row is None:
            raise NotFound(f"there is no change set {number}")
        if row["actor"] != self._tx.caller.actor:
            raise Conflict(f"change set {number} was opened by {row['actor']}")
        if row["open_until"] is None or row["open_until"] < self._tx.now_ms:
            raise Conflict(f"change set {number} is closed", hint="open another one")
        self._set_id, self._joined = number, True

    def record(
        self,
        noun: str,
        record_id: int,
        kind: int,
        *,
        public_id: str,
        version: int,
        prev_id: int | None,
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
        shape: dict[str, Any] | None = None,
    ) -> int:
        """Note one change of one record; the number of the change, which the record then holds."""
        tx = self._tx
        number = tx.key("changes")
        old, new = encode(before), encode(after)
        self._rows.append(
            (
                number, prev_id, self.set_id, tx.word("noun", noun), record_id, kind, version,
                tx.cause.enrollment_id, old, new,
            )
        )  # fmt: skip
        # A creation's id is new at every run; what makes two plans equal is what they do to what is there.
        subject = "" if kind == CREATED else f"{public_id}:{version}"
        if kind == CREATED:
            self.made[noun, record_id] = f"new {len(self.made)}"
        shown = encode(shape) if shape is not None else new
        self._hash.update(f"{noun}|{kind}|{subject}|{old}|{shown}\n".encode())
        self.counts[f"{noun} {KINDS[kind]}"] += 1
        return number

    def created(self, noun: str, numbers: list[tuple[int, int]]) -> None:
        """Write the creation of many records: the number of each change and the key of its record."""
        self.counted(noun, CREATED, len(numbers))
        set_id, word, enrollment = self.set_id, self._tx.word("noun", noun), self._tx.cause.enrollment_id
        self._tx.connection.many_tuples(
            _CREATIONS, [(number, set_id, word, record_id, enrollment) for number, record_id in numbers]
        )

    @property
    def joined(self) -> bool:
        """Whether the set was opened by an earlier transaction."""
        return self._joined

    def go_on_with(self, number: int) -> None:
        """Write into a set that an earlier transaction of the same work has opened."""
        self._set_id, self._joined = number, True

    def counted(self, noun: str, kind: int, count: int) -> None:
        """Changes that a statement has written by itself belong to this set."""
        self.counts[f"{noun} {KINDS[kind]}"] += count
        self._header()

    def told(self, text: str) -> None:
        """What a plan does beside changes of records belongs to its digest too."""
        self._hash.update(f"{text}\n".encode())

    def digest(self) -> str:
        """A short name of what was done: equal for equal effects on equal versions."""
        return self._hash.copy().hexdigest()[:12]

    def mark(self) -> tuple[Any, bool]:
        """Where the log stands, for a part that may be taken back."""
        return self._hash.copy(), self.written

    def back_to(self, mark: tuple[Any, bool]) -> None:
        """Forget what was recorded since the mark."""
        self._hash, self.written = mark
        self._rows = []

    def flush(self) -> None:
        """Write what was collected."""
        if not self._rows:
            return
        self._header()
        self._tx.connection.many_tuples(_CHANGES, self._rows)
        self._rows = []

    def _header(self) -> None:
        tx = self._tx
        number = self.set_id
        if not self.written and not self._joined:
            tx.run(
                _SET, id=number, actor=tx.caller.actor, origin=tx.word("origin", self._origin()),
                name=self.name, reason=self.reason or tx.options.reason, step_id=tx.cause.step_id,
                event_id=tx.cause.event_id, undoes=self.undoes,
            )  # fmt: skip
        self.written = True

    def _origin(self) -> str:
        return self._tx.options.origin or self._tx.caller.origin

"""What a handler may touch: queries, changes, events, other operations, the time and the caller."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from ghl.engine.access import Caller, authorise
from ghl.engine.accounts.account import Account
from ghl.engine.changelog import ChangeLog
from ghl.engine.clock import Clock, milliseconds
from ghl.engine.db import Connection, Row
from ghl.engine.db.sql import statement
from ghl.engine.dispatch import perform
from ghl.engine.eventlog import EventLog
from ghl.engine.ids import IdMaker
from ghl.engine.words import Words
from ghl.sdk.operation import Operation
from ghl.sdk.times import stamp
from ghl.sdk.transport import Options, Outcome

R = TypeVar("R")

VISIBLE = {"all": "", "own": " and {alias}.owner_id = :user_id", "none": " and 1 = 0"}


@dataclass(slots=True)
class Shared:
    """What transactions of one store share: clock, ids, the dictionary, the store's identity."""

    clock: Clock
    ids: IdMaker = field(default_factory=IdMaker)
    words: Words = field(default_factory=Words)


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a write happens, where a person did not ask for it: the event, the enrollment, the step."""

    depth: int = 0
    event_id: int | None = None
    enrollment_id: int | None = None
    step_id: int | None = None


class Tx:
    """One transaction of one caller."""

    def __init__(
        self,
        connection: Connection,
        caller: Caller,
        shared: Shared,
        options: Options | None = None,
        cause: Cause | None = None,
        *,
        within: Tx | None = None,
    ) -> None:
        self.connection = connection
        self.dialect = connection.dialect
        self.caller = caller
        self.account_id = caller.account_id
        self.shared = shared
        self.options = options or Options()
        self.cause = cause or Cause()
        moment = shared.clock.now()
        self.at = moment
        self.now = stamp(moment)
        self.now_ms = milliseconds(moment)
        self._base = {
            "account_id": caller.account_id,
            "now": self.now,
            "now_ms": self.now_ms,
            "user_id": caller.user_id,
        }
        # A transaction within another shares what is known of keys and words that are not committed yet.
        self._fresh_words: dict[tuple[str, str], int] = within._fresh_words if within else {}
        self._keys: dict[str, int] = within._keys if within else {}
        self._after_commit: list[Callable[[], None]] = []
        self.changes = ChangeLog(self)
        self.events = EventLog(self)
        self.memo: dict[Any, Any] = {}
        """What handlers remember for the length of the transaction."""

    # --- queries: a name of a block in a .sql file, or text that starts with a verb

    def text(self, query: str) -> str:
        """The SQL of a named block, with the caller's visibility filled in."""
        return query if " " in query else statement(query, self.dialect, sees=self.caller.sees)

    def params(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """The given parameters beside those that are always there."""
        return {**self._base, **given} if given else self._base

    def one(self, query: str, **params: Any) -> Row | None:
        """The first row of a query, or None."""
        return self.connection.one(self.text(query), self.params(params))

    def all(self, query: str, **params: Any) -> list[Row]:
        """Every row of a query."""
        return self.connection.all(self.text(query), self.params(params))

    def value(self, query: str, **params: Any) -> Any:
        """The first column of the first row, or None."""
        row = self.one(query, **params)
        return next(iter(row.values())) if row else None

    def run(self, query: str, **params: Any) -> int:
        """Execute a statement; how many rows it touched."""
        return self.connection.run(self.text(query), self.params(params))

    def many(self, query: str, rows: Iterable[Mapping[str, Any]]) -> int:
        """Execute a statement for each row of parameters."""
        return self.connection.many(self.text(query), (self.params(row) for row in rows))

    def visible(self, alias: str = "r") -> str:
        """The condition that keeps rows the caller must not see out of a query."""
        return VISIBLE[self.caller.sees].format(alias=alias)

    # --- keys and words

    def key(self, table: str) -> int:
        """The next row key of a table, known before the row is written."""
        if self.dialect == "postgres":
            return int(self.value(f"select nextval(pg_get_serial_sequence('{table}', 'id')) as n"))
        if table not in self._keys:
            self._keys[table] = self._newest(table)
        self._keys[table] += 1
        return self._keys[table]

    def _newest(self, table: str) -> int:
        return int(self.value(
            f"""select max(coalesce((select max(id) from {table}), 0),
            coalesce((select cast(value as integer) from store where name = 'newest {table}'), 0)) as n"""
        ))  # fmt: skip

    def retire(self, table: str, number: int) -> None:
        """Before a row is removed for good: its key is never given to another, to which the old one's events would belong.

        PostgreSQL counts on by itself; a file takes the number after the highest that is there.
        """
        if self.dialect == "sqlite" and number == self._newest(table):
            self.run(
                "insert into store (name, value) values (:name, :number) on conflict (name) do update set value = excluded.value",
                name=f"newest {table}", number=str(number),
            )  # fmt: skip

    def reserve(self, table: str, count: int) -> int:
        """SQLite: the key before `count` keys that a statement will use (`:base + n`, from 1)."""
        if table not in self._keys:
            self._keys[table] = self._newest(table)
        base = self._keys[table]
        self._keys[table] = base + count
        return base

    def keys(self, table: str, count: int) -> Iterable[int]:
        """So many row keys of a table, known before the rows are written."""
        if self.dialect == "sqlite":
            base = self.reserve(table, count)
            return range(base + 1, base + count + 1)
        query = f"select nextval(pg_get_serial_sequence('{table}', 'id')) as n from generate_series(1, :count)"
        return [row[0] for row in self.connection.tuples(query, {"count": count})]

    def take_turn(self, what: str) -> None:
        """Until this transaction ends, nobody else of the account is where this is said of the same thing."""
        if self.dialect == "postgres":  # on a file writers take turns anyway
            self.value("select 1 as n from pg_advisory_xact_lock(hashtext(:what), cast(:account_id as integer))", what=what)

    def acting(self, caller: Caller, cause: Cause, options: Options | None = None) -> Tx:
        """The same transaction for another caller or cause: its own change set and events."""
        return Tx(self.connection, caller, self.shared, options, cause, within=self)

    def forget_keys(self) -> None:
        """After rows were written by a statement of their own."""
        self._keys.clear()

    def public_id(self, at_ms: int | None = None) -> str:
        """A fresh public id; its time part is now, or the given moment."""
        return self.shared.ids.make(self.now_ms if at_ms is None else at_ms)

    def word(self, kind: str, name: str) -> int:
        """The number of a word of the dictionary, made on first use."""
        return self.shared.words.id(self.connection, kind, name, self._fresh_words)

    def known_word(self, kind: str, name: str) -> int:
        """The number of a word, or 0 where nothing has used it yet: for queries."""
        return self._fresh_words.get((kind, name)) or self.shared.words.find(self.connection, kind, name) or 0

    def spelled(self, number: int) -> str:
        """The word with this number."""
        return self.shared.words.name(self.connection, number)

    # --- the account

    @cached_property
    def account(self) -> Account:
        """The settings of the caller's account."""
        row = self.one("select * from accounts where id = :account_id")
        assert row is not None, "the caller's account exists"
        return Account.of(row)

    @property
    def zone(self) -> ZoneInfo:
        """Where words such as `tomorrow 10:00` are read: the caller's own zone, else the account's."""
        if self.caller.user_id is None:
            return self.account.tzinfo
        if "zone" not in self.memo:
            name = self.value("select zone from users where account_id = :account_id and id = :user_id")
            self.memo["zone"] = ZoneInfo(name) if name else None
        own: ZoneInfo | None = self.memo["zone"]
        return own or self.account.tzinfo

    # --- other operations, and the end

    def send(self, operation: Operation[R]) -> R:
        """Perform another operation in this transaction, for the same caller."""
        authorise(self.caller, type(operation))
        return perform(operation, self)

    @contextmanager
    def part(self) -> Iterator[None]:
        """A part of the transaction that fails alone: what it wrote is taken back, the rest stays."""
        self.flush()
        mark = (Counter(self.changes.counts), self.changes.mark())
        try:
            with self.connection.savepoint():
                yield
                self.flush()
        except BaseException:
            self.changes.counts, hashed = mark
            self.changes.back_to(hashed)
            self.events.forget()
            self._keys.clear()
            self.memo.clear()
            self._fresh_words.clear()
            raise

    def flush(self) -> None:
        """Write what was collected: changes and events. Needed before reading them back."""
        self.changes.flush()
        self.events.flush()

    def after_commit(self, action: Callable[[], None]) -> None:
        """Do something once the transaction is durable."""
        self._after_commit.append(action)

    def finish(self) -> Outcome:
        """Write what is still to be written and say what the transaction did."""
        self.flush()
        kept = self.changes.written or self.changes.joined  # what only counts, such as mail queued, is no set
        return Outcome(
            change_set=self.changes.set_id if kept and self.changes.counts else None,
            digest=self.changes.digest(),
            counts=dict(self.changes.counts),
            dry_run=self.options.dry_run,
        )

    def committed(self) -> None:
        """The transaction is durable."""
        self.shared.words.learn(self._fresh_words)
        for action in self._after_commit:
            action()

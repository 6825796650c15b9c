"""How records are kept: one description per noun, one way to create, change, remove, restore and read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from ghl.engine import custom
from ghl.engine.changelog import CHANGED, CREATED, DELETED, RESTORED
from ghl.engine.columns import Column, Elements, Part, State
from ghl.engine.finding import find
from ghl.engine.stores import hidden, recall, remember
from ghl.errors import NotFound, StaleVersion
from ghl.nouns import load
from ghl.sdk.fields import Kept
from ghl.sdk.names import fold, search_words
from ghl.sdk.times import parse_stamp

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

T = TypeVar("T", bound=Kept)

HEAD = ("id", "public_id", "version", "change_id", "created_at", "updated_at", "deleted_at")


class Store(Generic[T]):
    """What there is to know of a noun's records. A noun describes itself; the rest is the same for all."""

    noun: ClassVar[str]
    table: ClassVar[str]
    record: ClassVar[type[Kept]]
    columns: ClassVar[tuple[Column, ...]]
    derived: ClassVar[tuple[str, ...]] = ("name_key",)
    """Stored columns computed from others: keys to sort and match by. They are no part of a change."""
    parts: ClassVar[tuple[Part, ...]] = ()
    searched: ClassVar[bool] = True
    """Whether there is an index of words; without one a search looks through the names."""
    names: ClassVar[tuple[str, ...]] = ("r.name_key",)
    """What a search without an index looks through: folded texts, each as SQL."""
    owned: ClassVar[bool] = True
    """Whether rows belong to a user, so that a caller who sees only her own sees fewer."""
    sorts: ClassVar[dict[str, tuple[str, ...]]] = {
        "created_at": ("public_id",),
        "updated_at": ("updated_at",),
        "name": ("name_key",),
    }
    filters: ClassVar[dict[str, str]] = {}
    """Plain parameters of the list and the condition each of them means."""
    filter_nouns: ClassVar[dict[str, str]] = {}
    """Which of the plain parameters name a record of another noun."""

    # --- what a noun says of itself

    @property
    def plural(self) -> str:
        """The noun as people list it."""
        return f"{self.noun[:-1]}ies" if self.noun.endswith("y") else f"{self.noun}s"

    def derive(self, tx: Tx, state: State) -> None:
        """Compute the derived columns."""
        state["name_key"] = fold(state["name"])

    def check(self, tx: Tx, state: State, old: State | None) -> None:
        """Refuse a state that breaks a rule of the noun."""

    def words(self, state: State) -> Iterable[str | None]:
        """The texts that a search looks through."""
        return (state.get("name"),)

    def label(self, state: State) -> str:
        """The record's name for people."""
        return str(state.get("name") or state["public_id"])

    def announce(self, tx: Tx, old: State | None, new: State, changed: frozenset[str], change_id: int) -> None:
        """Emit the events of a write."""

    def after(self, tx: Tx, old: State | None, new: State, changed: frozenset[str]) -> None:
        """What else a write of this record writes."""

    def dress(self, tx: Tx, state: State, data: dict[str, Any]) -> None:
        """Add what the contract shows and the row does not hold."""

    def named(self, tx: Tx, text: str) -> list[int]:
        """Row keys of live records with exactly this name (or another unique word of the noun)."""
        query = f"""select r.id from {self.table} r
            where r.account_id = :account_id and r.deleted_at is null and r.name_key = :key{self.sight(tx)} limit 6"""
        return [row["id"] for row in tx.all(query, key=fold(text))]

    def gone(self, tx: Tx, text: str) -> list[int]:
        """Row keys of deleted records with exactly this name, or another word that named them."""
        if "name_key" not in self.derived:
            return []
        query = f"""select r.id from {self.table} r where r.account_id = :account_id
            and r.deleted_at is not null and r.name_key = :key{self.sight(tx)} limit 6"""
        return [row["id"] for row in tx.all(query, key=fold(text))]

    # --- reading

    def sight(self, tx: Tx) -> str:
        """The condition of what the caller may see."""
        return tx.visible("r") if self.owned else ""

    @property
    def stored(self) -> tuple[str, ...]:
        """The business columns of the table."""
        return tuple(name for column in self.columns for name in column.stored)

    def chosen(self) -> str:
        """The columns that a read selects."""
        return ", ".join(f"r.{name}" for name in (*HEAD, *self.stored, *self.derived, "custom"))

    def load(self, tx: Tx, ids: Sequence[int], *, lock: bool = False, order: bool = False) -> list[State]:
        """The states of these records, in this order; those the caller may not see are left out.

        The plus keeps SQLite from reading the whole account by an index, when it has not counted rows yet.
        """
        if not ids:
            return []
        locked = " for update" if lock and tx.dialect == "postgres" else ""
        searched = ", r.search_text" if lock else ""
        rows = tx.all(
            f"select {self.chosen()}{searched} from {self.table} r where +r.account_id = :account_id"
            f" and r.id in ({','.join(map(str, ids))}){self.sight(tx)}{locked}"
        )
        states = self.complete(tx, rows)
        if len(states) > 1:
            place = {number: index for index, number in enumerate(ids)}
            states.sort(key=lambda state: place[state["id"]])
        return states

    def complete(self, tx: Tx, rows: list[State]) -> list[State]:
        """Rows with their custom fields read and their parts beside them."""
        ids = [row["id"] for row in rows]
        for row in rows:
            row["custom"] = json.loads(row["custom"]) if row["custom"] != "{}" else {}
        for part in self.parts:
            found = part.load(tx, ids) if ids else {}
            for row in rows:
                row[part.field] = found.get(row["id"], {})
        return rows

    def one(self, tx: Tx, reference: str, *, deleted: bool = False, lock: bool = False) -> State:
        """The state of the record that a reference names."""
        number = self.find(tx, reference, deleted=deleted)
        states = self.load(tx, [number], lock=lock)
        if not states or (not deleted and states[0]["deleted_at"] is not None):
            raise self.missing(reference, states[0] if states else None)
        return states[0]

    def missing(self, reference: str, deleted: State | None = None) -> NotFound:
        """The error for a reference that names nothing the caller sees, or what is deleted."""
        message, hint = f'there is no {self.noun} "{reference}"', f"ghl {self.plural} list"
        if deleted is not None and "restore" in load(self.plural).__operations__:
            hint = f"it is deleted: ghl {self.plural} restore {deleted['public_id'][-6:]}"
        return NotFound(message, hint=hint, field=f"{self.noun}_id")

    def find(self, tx: Tx, reference: str, *, deleted: bool = False) -> int:
        """The row key that a reference names: an id, its last six or more characters, or a unique name."""
        return find(tx, self, reference, deleted=deleted)

    def present(self, tx: Tx, states: Sequence[State]) -> list[T]:
        """Records as the contract has them."""
        refs = [column for column in self.columns if column.kind == "ref"]
        for column in refs:
            remember(tx, column.noun, (s[column.name] for s in states if s[column.name] is not None))
        for part in self.parts:
            if part.noun:
                remember(tx, part.noun, (key for state in states for key in state[part.field]))
        return [self._present_one(tx, state) for state in states]

    def _present_one(self, tx: Tx, state: State) -> T:
        data: dict[str, Any] = {
            "id": state["public_id"],
            "version": state["version"],
            "created_at": parse_stamp(state["created_at"]),
            "updated_at": parse_stamp(state["updated_at"]),
            "deleted_at": parse_stamp(state["deleted_at"]) if state["deleted_at"] else None,
            "custom_fields": custom.decode(state["custom"]),
        }
        for column in self.columns:
            value = column.decode(state)
            if column.kind == "ref":
                known = recall(tx, column.noun, value)
                data[column.name] = known[0] if known else None
                data[column.name.removesuffix("_id")] = known[1] if known else None
            else:
                data[column.name] = value
        for part in self.parts:
            data[part.field] = part.decode(tx, state[part.field])
        self.dress(tx, state, data)
        shown: T = self.record.model_validate(data)  # type: ignore[assignment]
        return shown

    # --- writing

    def blank(self, tx: Tx) -> State:
        """A state with nothing set."""
        state: State = {"id": None, "public_id": None, "version": 0, "change_id": None}
        state |= {"created_at": tx.now, "updated_at": tx.now, "deleted_at": None, "custom": {}}
        for column in self.columns:
            state |= column.blank()
        for part in self.parts:
            state[part.field] = {}
        return state

    def assign(self, tx: Tx, state: State, values: dict[str, Any]) -> None:
        """Put the given fields of the contract into a state."""
        for column in self.columns:
            named = column.name
            if named not in values and column.kind == "ref":
                named = column.name.removesuffix("_id")
            if named in values and not self._hides(tx, column, state, values[named]):
                state |= column.encode(tx, values[named])
        for part in self.parts:
            if part.field in values:
                state[part.field] = part.encode(tx, values[part.field] or [], state)
        if "custom_fields" in values:
            given = values["custom_fields"]
            state["custom"] = custom.merge(tx, self.noun, state["custom"], given)

    @staticmethod
    def _hides(tx: Tx, column: Column, state: State, value: Any) -> bool:
        """Whether a null is no wish: it was shown for a reference to a record that is deleted."""
        old = state[column.name] if column.kind == "ref" and value is None else None
        return old is not None and bool(hidden(tx, column.noun, [old]))

    def create(self, tx: Tx, values: dict[str, Any]) -> State:
        """Make a record from fields of the contract."""
        state = self.blank(tx)
        self.assign(tx, state, values)
        return self.insert(tx, state)

    def insert(self, tx: Tx, state: State) -> State:
        """Write a complete new state."""
        self.derive(tx, state)
        self.check(tx, state, None)
        state["id"] = tx.key(self.table)
        state["public_id"] = state["public_id"] or tx.public_id()
        state["version"] = 1
        state["change_id"] = tx.changes.record(
            self.noun, state["id"], CREATED, public_id=state["public_id"], version=1, prev_id=None
        )
        state["search_text"] = self.search_text(tx, state)
        names = (*HEAD, *self.stored, *self.derived, "custom", "search_text")
        row = {name: state[name] for name in names} | {"custom": dump(state["custom"])}
        tx.run(
            f"insert into {self.table} (account_id, {', '.join(names)})"
            f" values (:account_id, {', '.join(':' + name for name in names)})",
            **row,
        )
        for part in self.parts:
            part.add(tx, state["id"], state[part.field])
        custom.index(tx, self.noun, state["id"], {}, state["custom"])
        self._search(tx, state["id"], None, state["search_text"])
        changed = frozenset(self.stored)
        self.after(tx, None, state, changed)
        self.announce(tx, None, state, changed, state["change_id"])
        return state

    def update(self, tx: Tx, state: State, values: dict[str, Any], *, version: int | None = None) -> State:
        """Change the given fields of a record; the same state comes back where nothing differs."""
        new = state | {"custom": dict(state["custom"])}
        self.assign(tx, new, values)
        if version is not None and version != state["version"]:
            raise self.stale(tx, state, version)
        return self.write(tx, state, new)

    def write(self, tx: Tx, old: State, new: State) -> State:
        """Write what differs between two states of a record, with its change and its events."""
        self.derive(tx, new)
        before, after = self.difference(old, new)
        if not before and not after:
            return old
        self.check(tx, new, old)
        new["version"], new["updated_at"] = old["version"] + 1, tx.now
        changed = frozenset(before) | frozenset(after)
        new["change_id"] = tx.changes.record(
            self.noun, old["id"], CHANGED, public_id=old["public_id"], version=new["version"],
            prev_id=old["change_id"], before=before, after=after, shape=self.shape(tx, after),
        )  # fmt: skip
        self._store(tx, old, new)
        for part in self.parts:
            gone, come = difference(old[part.field], new[part.field])
            part.remove(tx, old["id"], gone)
            part.add(tx, old["id"], come)
        custom.index(tx, self.noun, old["id"], old["custom"], new["custom"])
        self.after(tx, old, new, changed)
        self.announce(tx, old, new, changed, new["change_id"])
        return new

    def _store(self, tx: Tx, old: State, new: State) -> None:
        new["search_text"] = self.search_text(tx, new)
        names = ["version", "updated_at", "change_id", "deleted_at"]
        names += [n for n in (*self.stored, *self.derived) if new[n] != old.get(n)]
        row = {name: new[name] for name in names}
        if dump(new["custom"]) != dump(old["custom"]):
            row["custom"] = dump(new["custom"])
        if new["search_text"] != old.get("search_text"):
            row["search_text"] = new["search_text"]
        tx.run(
            f"update {self.table} set {', '.join(f'{name} = :{name}' for name in row)}"
            " where account_id = :account_id and id = :row_id",
            row_id=old["id"],
            **row,
        )
        if "search_text" in row:
            self._search(tx, old["id"], old.get("search_text"), new["search_text"])

    def remove(self, tx: Tx, state: State) -> State:
        """Delete softly: out of lists, searches and audiences, ready to be restored."""
        return self._flip(tx, state, DELETED, tx.now)

    def restore(self, tx: Tx, state: State) -> State:
        """Bring a deleted record back with its relations."""
        return self._flip(tx, state, RESTORED, None)

    def _flip(self, tx: Tx, old: State, kind: int, deleted_at: str | None) -> State:
        new = old | {"deleted_at": deleted_at, "version": old["version"] + 1, "updated_at": tx.now}
        self.check(tx, new, old)
        new["change_id"] = tx.changes.record(
            self.noun, old["id"], kind, public_id=old["public_id"], version=new["version"],
            prev_id=old["change_id"],
        )  # fmt: skip
        tx.run(
            f"""update {self.table} set deleted_at = :deleted_at, version = :version, updated_at = :now,
            change_id = :change_id where account_id = :account_id and id = :id""",
            id=old["id"], deleted_at=deleted_at, version=new["version"], change_id=new["change_id"],
        )  # fmt: skip
        tx.memo.pop(("shown", self.noun), None)
        self.after(tx, old, new, frozenset({"deleted_at"}))
        self.announce(tx, old, new, frozenset({"deleted_at"}), new["change_id"])
        return new

    def difference(self, old: State, new: State) -> tuple[dict[str, Any], dict[str, Any]]:
        """What a change records: fields before and after, custom ones by key, parts by element."""
        before: dict[str, Any] = {}
        after: dict[str, Any] = {}
        for name in self.stored:
            if old[name] != new[name]:
                before[name], after[name] = old[name], new[name]
        # By what is stored: to Python 1 equals true.
        if dump(old["custom"]) != dump(new["custom"]):
            for key in old["custom"].keys() | new["custom"].keys():
                was, becomes = old["custom"].get(key), new["custom"].get(key)
                if dump({key: was}) != dump({key: becomes}):
                    before[f"custom.{key}"], after[f"custom.{key}"] = was, becomes
        for part in self.parts:
            gone, come = difference(old[part.field], new[part.field])
            if gone:
                before[part.field] = gone
            if come:
                after[part.field] = come
        return before, after

    def shape(self, tx: Tx, after: dict[str, Any]) -> dict[str, Any] | None:
        """What a change writes, with records that the same plan makes by their place in it: their keys are
        others at every run."""
        made = tx.changes.made
        if not made:
            return None
        shaped = dict(after)
        for column in self.columns:
            if column.kind == "ref" and (column.noun, after.get(column.name)) in made:
                shaped[column.name] = made[column.noun, after[column.name]]
        for part in self.parts:
            if part.noun and part.field in after:
                shaped[part.field] = {made.get((part.noun, k), k): v for k, v in after[part.field].items()}
        return shaped

    def search_text(self, tx: Tx, state: State) -> str:
        """The folded words that a search matches, after a term for the account."""
        return f"account{tx.account_id} {search_words(*self.words(state))}" if self.searched else ""

    def _search(self, tx: Tx, record_id: int, old: str | None, new: str) -> None:
        if not self.searched or tx.dialect != "sqlite":
            return
        table = f"{self.plural}_search"
        if old is not None:
            forget = f"insert into {table} ({table}, rowid, search_text) values ('delete', :id, :text)"
            tx.run(forget, id=record_id, text=old)
        tx.run(f"insert into {table} (rowid, search_text) values (:id, :text)", id=record_id, text=new)

    def stale(self, tx: Tx, state: State, version: int) -> StaleVersion:
        """The conflict of an update that was made from another version; who asked adds what was submitted."""
        from ghl.engine.history import as_of  # needed for conflicts only

        return StaleVersion(
            f"{self.label(state)} has changed since version {version}; it is at {state['version']}",
            hint=f"ghl {self.plural} show {state['public_id'][-6:]}",
            current=self.present(tx, [state])[0].model_dump(mode="json"),
            original=as_of(tx, self, state, version) if version < state["version"] else None,
        )


def difference(old: Elements, new: Elements) -> tuple[Elements, Elements]:
    """Elements gone (or as they were) and elements come (or as they are)."""
    gone = {key: values for key, values in old.items() if new.get(key) != values}
    come = {key: values for key, values in new.items() if old.get(key) != values}
    return gone, come


def dump(values: dict[str, Any]) -> str:
    """Custom fields as they are stored: keys in order, so that equal is equal."""
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"), sort_keys=True) if values else "{}"

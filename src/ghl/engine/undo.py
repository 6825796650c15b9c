"""Taking back a change set: every field that still has the value it wrote, and a reason for the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from ghl.engine.changelog import CREATED, DELETED, KINDS, RESTORED
from ghl.engine.columns import State
from ghl.engine.history import chain, put_fields, values
from ghl.engine.records import Store
from ghl.engine.stores import STORES, store_of
from ghl.errors import GhlError
from ghl.sdk.changes import Refusal

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

CONSEQUENCES = (
    "ghl.engine.crm.merging",
    "ghl.engine.workflows.consequences",
    "ghl.engine.marketing.consequences",
)
"""Modules whose `undone(tx, change_set_id)` ends what only the change caused, and says what stays for good."""
OTHERS = {
    "setting": "ghl.engine.accounts.settings",
    "enrollment": "ghl.engine.workflows.consequences",
    "message": "ghl.engine.marketing.consequences",
}
"""What is no record and changes all the same: the modules whose `take_back(tx, change)` says why it cannot be undone,
and whose `called(tx, ids)` gives ids and names."""

_NEXT = """select * from changes where change_set_id = :set_id and id < :below order by id desc limit 500"""
_BEYOND = 2**62


class Aftermath(NamedTuple):
    """What an undo does beside records, in words: what ends with it, and what stays for good."""

    ended: list[str]
    stays: list[str]


@dataclass(slots=True)
class Undoing:
    """One undo under way: what it did, and what it had to leave."""

    tx: Tx
    set_id: int
    counts: Counter[str] = field(default_factory=Counter)
    """What was taken back, per noun and kind of change."""
    records: set[tuple[str, int]] = field(default_factory=set)
    kept: list[Refusal] = field(default_factory=list)
    blockers: set[int] = field(default_factory=set)
    states: dict[tuple[str, int], State | None] = field(default_factory=dict)

    @property
    def undone(self) -> int:
        """So many changes were taken back."""
        return self.counts.total()

    def run(self) -> None:
        """Take back every change of the set, newest first."""
        below = _BEYOND
        while True:
            rows = self.tx.all(_NEXT, set_id=self.set_id, below=below)
            if not rows:
                return
            below = rows[-1]["id"]
            self._fetch(rows)
            for row in rows:
                self._one(row)

    def _fetch(self, rows: list[dict[str, Any]]) -> None:
        wanted: dict[str, list[int]] = {}
        for row in rows:
            noun = self.tx.spelled(row["noun"])
            if (noun, row["record_id"]) not in self.states and noun in STORES:
                wanted.setdefault(noun, []).append(row["record_id"])
        for noun, ids in wanted.items():
            found = {s["id"]: s for s in store_of(noun).load(self.tx, list(dict.fromkeys(ids)), lock=True)}
            self.states |= {(noun, number): found.get(number) for number in ids}

    def _one(self, row: dict[str, Any]) -> None:
        noun = self.tx.spelled(row["noun"])
        if noun not in STORES:
            self._other(noun, row)
            return
        store, at = store_of(noun), (noun, row["record_id"])
        state = self.states.get(at)
        if state is None:
            self.kept.append(Refusal(noun=noun, record_id="erased", reason="erased"))
            return
        self.tx.changes.reverses = row["id"]
        try:
            with self.tx.part():
                new = self._back(store, state, row)
        except GhlError as error:
            self._refuse(store, state, error.message)
            return
        finally:
            self.tx.changes.reverses = None
        if new is not None and new is not state:
            self.states[at] = new
            self.counts[f"{noun} {KINDS[row['kind']]}"] += 1
            self.records.add(at)

    def _other(self, noun: str, row: dict[str, Any]) -> None:
        """A change of something that is no record, such as the account's settings."""
        module = import_module(OTHERS[noun])
        refused: str | None = module.take_back(self.tx, row)
        if refused is None:
            self.counts[f"{noun} {KINDS[row['kind']]}"] += 1
            self.records.add((noun, row["record_id"]))
        else:
            public, name = module.called(self.tx, [row["record_id"]])[row["record_id"]]
            self.kept.append(Refusal(noun=noun, record_id=public, name=name, reason=refused))

    def _back(self, store: Store[Any], state: State, row: dict[str, Any]) -> State | None:
        match row["kind"]:
            case k if k == CREATED:
                return self._uncreate(store, state, row)
            case k if k == DELETED:
                return store.restore(self.tx, state) if state["deleted_at"] else None
            case k if k == RESTORED:
                return store.remove(self.tx, state) if not state["deleted_at"] else None
            case _:
                return self._unchange(store, state, row)

    def _uncreate(self, store: Store[Any], state: State, row: dict[str, Any]) -> State | None:
        if state["deleted_at"]:
            return None
        later = net_changes(self.tx, store, state, row["id"])
        blocking = later | referring(self.tx, store, state, self.set_id)
        if blocking:
            self.blockers |= blocking
            numbers = ", ".join(map(str, sorted(blocking)))
            self._refuse(store, state, f"later change sets build on it: {numbers}", change_set=max(blocking))
            return None
        return store.remove(self.tx, state)

    def _unchange(self, store: Store[Any], state: State, row: dict[str, Any]) -> State | None:
        before, after = values(row["before"]), values(row["after"])
        free_before, free_after = dict(before), dict(after)
        for name in before.keys() | after.keys():
            taken = superseded(store, state, name, before, after)
            if taken is None:
                continue
            later = last_writer(self.tx, state, name, row["id"])
            if later is not None:
                self.blockers.add(later)
            self._refuse(store, state, f"`{name}` was changed since", field=name, change_set=later)
            for keys in (free_before, free_after):
                if taken is True:
                    keys.pop(name, None)
                elif taken and name in keys:
                    keys[name] = {k: v for k, v in keys[name].items() if k not in taken}
        _keep_money_whole(free_before, free_after, before)
        if not free_before and not free_after:
            return None
        new = state | {"custom": dict(state["custom"])}
        put_fields(store, new, free_before, free_after)
        return store.write(self.tx, state, new)

    def _refuse(
        self, store: Store[Any], state: State, reason: str, *, field: str | None = None, change_set: int | None = None
    ) -> None:
        self.kept.append(
            Refusal(
                noun=store.noun, record_id=state["public_id"], name=store.label(state), field=field,
                reason=reason, change_set=change_set,
            )
        )  # fmt: skip


def _keep_money_whole(free_before: dict[str, Any], free_after: dict[str, Any], before: dict[str, Any]) -> None:
    """An amount and its currency go back together or not at all."""
    for name in [n for n in before if n.endswith("_currency")]:
        amount = name.removesuffix("_currency")
        if amount in before and (name in free_before) != (amount in free_before):
            for keys in (free_before, free_after):
                keys.pop(name, None)
                keys.pop(amount, None)


def superseded(
    store: Store[Any], state: State, name: str, before: dict[str, Any], after: dict[str, Any]
) -> bool | set[str] | None:
    """Whether a field no longer has what the change wrote: True, the elements of a part, or None."""
    part = next((p for p in store.parts if p.field == name), None)
    if part is None:
        if name.startswith("custom."):
            current = state["custom"].get(name.removeprefix("custom."))
        else:
            current = state[name]
        return None if current == after.get(name) or current == before.get(name) else True
    elements, taken = state[name], set()
    came, went = after.get(name, {}), before.get(name, {})
    for key, columns in came.items():
        current = elements.get(part.restored(key))
        if current != columns and current != went.get(key):
            taken.add(key)
    for key, columns in went.items():
        current = elements.get(part.restored(key))
        if key not in came and current is not None and current != columns:
            taken.add(key)
    return taken or None


def last_writer(tx: Tx, state: State, name: str, since: int) -> int | None:
    """The change set that last wrote a field after a change."""
    for row in chain(tx, state["change_id"]):
        if row["id"] <= since:
            return None
        if name in values(row["before"]) or name in values(row["after"]):
            return int(row["change_set_id"])
    return None


def net_changes(tx: Tx, store: Store[Any], state: State, since: int) -> set[int]:
    """The change sets that made a record differ from what it was right after a change."""
    past = state | {"custom": dict(state["custom"])}
    sets: set[int] = set()
    for row in chain(tx, state["change_id"]):
        if row["id"] <= since:
            break
        put_fields(store, past, values(row["before"]), values(row["after"]))
        sets.add(int(row["change_set_id"]))
    before, after = store.difference(past, state)
    if not before and not after:
        return set()
    marked = tx.all(
        f"select id from change_sets where +account_id = :account_id and id in ({','.join(map(str, sets)) or 0})"
        " and undone_by is null and undoes is null"
    )
    return {row["id"] for row in marked}


def referring(tx: Tx, store: Store[Any], state: State, but: int) -> set[int]:
    """The later change sets whose live records refer to this one."""
    found: set[int] = set()
    for noun in STORES:
        other = store_of(noun) if _has_references(noun) else None
        if other is None:
            continue
        conditions = [f"r.{c.name} = :id" for c in other.columns if c.kind == "ref" and c.noun == store.noun]
        conditions += [
            f"r.id in (select p.{part.owner} from {part.table} p where p.{part.key} = :id)"
            for part in other.parts
            if part.noun == store.noun
        ]
        for condition in conditions:
            rows = tx.all(
                f"""select c.change_set_id from {other.table} r join changes c on c.id = r.change_id
                where r.account_id = :account_id and r.deleted_at is null and {condition}
                and c.change_set_id <> :but limit 5""",
                id=state["id"],
                but=but,
            )
            found |= {int(row["change_set_id"]) for row in rows}
    return found


def _has_references(noun: str) -> bool:
    store = store_of(noun)
    return any(c.kind == "ref" for c in store.columns) or any(p.noun for p in store.parts)


@contextmanager
def as_undo_of(tx: Tx, set_id: int) -> Iterator[None]:
    """The transaction's change set says which one it takes back."""
    tx.changes.undoes = set_id
    yield
    tx.flush()
    if tx.changes.counts:
        tx.run(
            "update change_sets set undone_by = :by where account_id = :account_id and id = :id",
            by=tx.changes.set_id,
            id=set_id,
        )


def consequences(tx: Tx, set_id: int) -> Aftermath:
    """End what only this set caused; what left the machine is listed."""
    all_of_it = Aftermath([], [])
    for name in CONSEQUENCES:
        ended, stays = import_module(name).undone(tx, set_id)
        all_of_it.ended.extend(ended)
        all_of_it.stays.extend(stays)
    return all_of_it



"""Merging contacts: fields by rule, lists united, everything that hangs on the losers moved; and back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ghl.engine.changes import take_back
from ghl.engine.columns import State
from ghl.engine.crm.contacts import STORE
from ghl.engine.dispatch import handles
from ghl.engine.eventlog import shard_of
from ghl.engine.history import readable
from ghl.engine.records import Store
from ghl.engine.stores import STORES, store_of
from ghl.engine.undo import Aftermath
from ghl.errors import Conflict, Invalid
from ghl.sdk.crm import duplicates as contract

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

_EMPTY = (None, "", 0, "[]")


def merge(request: contract.MergeContacts, tx: Tx) -> contract.MergeResult:
    """Merge contacts into one."""
    survivor = STORE.one(tx, request.contact_id, lock=True)
    losers = [STORE.one(tx, reference, lock=True) for reference in dict.fromkeys(request.others)]
    if any(loser["id"] == survivor["id"] for loser in losers):
        raise Invalid("a contact cannot be merged into itself", field="others")
    picked = {field: STORE.one(tx, reference)["id"] for field, reference in request.fields.items()}
    known = {column.name for column in STORE.columns} | {"email", "phone"}
    for field in picked:
        if field not in known and field.removeprefix("custom.") == field:
            raise Invalid(f'a contact has no field "{field}"', hint=", ".join(sorted(known)), field="fields")
    sources: dict[str, int] = {}
    new = united(survivor, losers, request.prefer, picked, sources)
    choices = told(tx, [survivor, *losers], new, sources)
    # The losers go first, so that their addresses are free for the one that stays; an undo goes the
    # other way round.
    moved = {f"{noun}s": n for noun, n in _move(tx, survivor, losers).items() if n}
    for loser in losers:
        STORE.remove(tx, loser)
        tx.run(
            """insert into aliases (account_id, noun, public_id, record_id, change_set_id)
            values (:account_id, :noun, :public_id, :record_id, :set_id)
            on conflict (account_id, noun, public_id) do update set record_id = excluded.record_id,
            change_set_id = excluded.change_set_id""",
            noun=tx.word("noun", "contact"), public_id=loser["public_id"], record_id=survivor["id"],
            set_id=tx.changes.set_id,
        )  # fmt: skip
        tx.run(
            "update contact_records set merged_into = :into where account_id = :account_id and id = :id",
            into=survivor["id"], id=loser["id"],
        )  # fmt: skip
    written = STORE.write(tx, survivor, new)
    tx.events.emit(
        "contact.merged", "contact", survivor["id"], person_id=survivor["id"], change_id=written["change_id"]
    )
    return contract.MergeResult(
        contact_id=survivor["public_id"], merged=[loser["public_id"] for loser in losers], fields=choices,
        moved=moved,
    )  # fmt: skip


def united(
    survivor: State,
    losers: list[State],
    prefer: str,
    picked: dict[str, int],
    sources: dict[str, int],
) -> State:
    """The state that a merge leaves: each field from whom the rule says, lists united; and whose it is."""
    everyone = [survivor, *losers]
    by_age = sorted(everyone, key=lambda state: state["updated_at"], reverse=prefer == "newest")
    order = everyone if prefer == "survivor" else by_age
    new = survivor | {"custom": dict(survivor["custom"])}

    def choose(field: str, values: dict[int, Any]) -> Any:
        first = picked.get(field)
        ranked = ([first] if first is not None else []) + [state["id"] for state in order]
        for number in ranked:
            if values.get(number) not in _EMPTY:
                sources[field] = number
                return values[number]
        return values.get(survivor["id"])

    for column in STORE.columns:
        if column.name == "dnd":
            every = sorted({channel for state in everyone for channel in json.loads(state["dnd"] or "[]")})
            new["dnd"] = json.dumps(every, ensure_ascii=False)
        elif column.name == "lead_score":
            new["lead_score"] = max(state["lead_score"] for state in everyone)
        else:
            new[column.name] = choose(column.name, {state["id"]: state[column.name] for state in everyone})
    for key in {key for state in everyone for key in state["custom"]}:
        new["custom"][key] = choose(f"custom.{key}", {state["id"]: state["custom"].get(key) for state in everyone})
    for part in STORE.parts:
        new[part.field] = _joined(part.field, survivor, losers, picked)
    return new


def told(tx: Tx, everyone: list[State], new: State, sources: dict[str, int]) -> list[contract.FieldChoice]:
    """What a person wants to see before a merge: each field that is not the same for all, kept and given up."""
    choices = []
    names = [column.name for column in STORE.columns] + sorted(f"custom.{key}" for key in new["custom"])
    for name in [*names, *(part.field for part in STORE.parts)]:
        had = [value for value in (_of(state, name) for state in everyone) if value not in _EMPTY and value != {}]
        kept, own = _of(new, name), _of(everyone[0], name)
        if not had or all(value == own for value in had):
            continue
        source = next((state for state in everyone if state["id"] == sources.get(name)), None)
        shown = [_text(tx, name, value) for value in (kept, *had)]
        choices.append(
            contract.FieldChoice(
                field=name.removesuffix("_id"), value=shown[0], chosen_from=STORE.label(source) if source else "all",
                contact_id=source["public_id"] if source else None,
                others=[text for text in dict.fromkeys(shown[1:]) if text != shown[0]] if source else [],
            )
        )  # fmt: skip
    return choices


def _of(state: State, name: str) -> Any:
    return state["custom"].get(name[7:]) if name.startswith("custom.") else state[name]


def _text(tx: Tx, name: str, value: Any) -> str:
    """A stored value as one text."""
    shown = next(iter(readable(tx, STORE, {name: value}).values()))
    items = shown if isinstance(shown, list) else [shown]
    words = ("address", "number", "name", "company")
    return "; ".join(str(next((one[w] for w in words if w in one), one) if isinstance(one, dict) else one) for one in items)


def _joined(field: str, survivor: State, losers: list[State], picked: dict[str, int]) -> dict[Any, Any]:
    joined = {key: dict(values) for key, values in survivor[field].items()}
    for loser in losers:
        for key, values in loser[field].items():
            if key in joined:
                continue
            values = dict(values)
            if "is_primary" in values:
                values["is_primary"] = int(values["is_primary"] and not any(v["is_primary"] for v in joined.values()))
            if "position" in values:
                values["position"] = len(joined)
            joined[key] = values
    chosen = picked.get(field.removesuffix("s"))
    if chosen is not None:
        source = next(state for state in [survivor, *losers] if state["id"] == chosen)
        first = next((key for key, values in source[field].items() if values["is_primary"]), None)
        if first is not None:
            for key, values in joined.items():
                values["is_primary"] = int(key == first)
    return joined


def pointing(noun: str) -> list[tuple[Store[Any], str | None, Any]]:
    """Every store whose records refer to this noun: by a column, or by a part."""
    found: list[tuple[Store[Any], str | None, Any]] = []
    for name in STORES:
        try:
            store = store_of(name)
        except ModuleNotFoundError:
            continue
        found += [(store, c.name, None) for c in store.columns if c.kind == "ref" and c.noun == noun]
        found += [(store, None, part) for part in store.parts if part.noun == noun]
    return found


def _move(tx: Tx, survivor: State, losers: list[State]) -> dict[str, int]:
    """Move what hangs on the losers; recorded like any change, so that it can be taken back."""
    moved: dict[str, int] = {}
    for loser in losers:
        for store, column, part in pointing("contact"):
            condition = (
                f"r.{column} = :id" if column else f"r.id in (select p.{part.owner} from {part.table} p where p.{part.key} = :id)"
            )
            rows = tx.all(
                f"select r.id from {store.table} r where r.account_id = :account_id and {condition}", id=loser["id"]
            )
            states = store.load(tx, [row["id"] for row in rows], lock=True)
            for state in states:
                new = state | {"custom": dict(state["custom"])}
                if column:
                    new[column] = survivor["id"]
                else:
                    elements = dict(state[part.field])
                    values = elements.pop(loser["id"])
                    elements.setdefault(survivor["id"], values)
                    new[part.field] = elements
                store.write(tx, state, new)
                moved[store.noun] = moved.get(store.noun, 0) + 1
        moved["run"] = moved.get("run", 0) + _move_runs(tx, survivor, loser)
        tx.run(
            "update outbox set subject_id = :to where account_id = :account_id and subject_id = :id",
            to=survivor["id"], id=loser["id"],
        )  # fmt: skip
    return moved


def _move_runs(tx: Tx, survivor: State, loser: State) -> int:
    """A loser's run goes on as the survivor's, or ends as `merged` where the survivor has one."""
    runs = tx.all("crm/contacts/runs", id=loser["id"])
    for run in runs:
        tx.run("crm/contacts/remember_run", set_id=tx.changes.set_id, **{k: run[k] for k in ("id", "person_id", "object_id", "state", "run_at", "due_at")})
        object_id = survivor["id"] if run["object_id"] == loser["id"] else run["object_id"]
        if run["state"] < 3 and object_id != run["object_id"]:
            taken = tx.one("crm/contacts/live_run", workflow_id=run["workflow_id"], object_id=object_id, slot=run["slot"])
            if taken is not None:
                tx.run("crm/contacts/end_run", id=run["id"])
                tx.run("crm/contacts/end_run_details", id=run["id"])
                continue
        _move_run(tx, "move_run", id=run["id"], person_id=survivor["id"], object_id=object_id)
        if run["state"] == 1 and run["run_at"] is None and run["due_at"] is not None:
            # The removal of the loser comes after this and would hold the run; it is the survivor's now.
            tx.run("crm/contacts/release_run", id=run["id"])
    return len(runs)


def _move_run(tx: Tx, block: str, **run: Any) -> None:
    """A run belongs to another person: with her, what it waits for, and where it is worked on."""
    shard = shard_of(tx.dialect, run["person_id"], run["object_id"])
    tx.run(f"crm/contacts/{block}", shard=shard, **run)
    tx.run("crm/contacts/move_waits", id=run["id"], person_id=run["person_id"], noun=tx.word("noun", "contact"))


def unmerge(request: contract.UnmergeContacts, tx: Tx) -> contract.UnmergeResult:
    """Take the latest merge into a contact apart."""
    survivor = STORE.one(tx, request.contact_id)
    row = tx.one(
        """select max(change_set_id) as n from aliases
        where account_id = :account_id and noun = :noun and record_id = :id""",
        noun=tx.known_word("noun", "contact"), id=survivor["id"],
    )  # fmt: skip
    number = row["n"] if row else None
    # 0 is a merge of the database that this one is a copy of.
    if not number:
        raise Conflict(f"nothing was merged into {STORE.label(survivor)}", hint="ghl changes list")
    names = tx.all(
        "select public_id from aliases where account_id = :account_id and change_set_id = :id", id=number
    )
    result = take_back(tx, int(number), with_dependents=False)
    return contract.UnmergeResult(
        restored=[name["public_id"] for name in names],
        kept=[f"{kept.name or kept.record_id}: {kept.reason}" for kept in result.kept] + result.not_undoable,
    )


def undone(tx: Tx, change_set_id: int) -> Aftermath:
    """What the undo of a merge brings back beside records: names and runs."""
    tx.run(
        "delete from aliases where account_id = :account_id and change_set_id = :id", id=change_set_id
    )
    for run in tx.all("crm/contacts/remembered_runs", set_id=change_set_id):
        _move_run(tx, "restore_run", **run)
    return Aftermath([], [])


handles(contract.MergeContacts)(merge)
handles(contract.UnmergeContacts)(unmerge)

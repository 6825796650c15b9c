"""Tags: unique when folded, counted, renamed without breaking anything, removed only where asked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ghl.engine import crud
from ghl.engine.columns import Column, State
from ghl.engine.dispatch import handles
from ghl.engine.records import Store
from ghl.engine.stores import store_of
from ghl.errors import Duplicate, InUse, Invalid, NotAllowed
from ghl.sdk.crm import tags as contract
from ghl.sdk.fields import Removed
from ghl.sdk.names import fold

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

TAGGED = ("contact", "company", "deal")


class TagStore(Store[contract.Tag]):
    """Tags."""

    noun = "tag"
    table = "tags"
    record = contract.Tag
    columns = (Column("name", length=100), Column("description", length=2000, lines=True))
    searched = False
    owned = False

    def assign(self, tx: Tx, state: State, values: dict[str, Any]) -> None:
        super().assign(tx, state, values)
        state["name"] = " ".join((state["name"] or "").split())

    def check(self, tx: Tx, state: State, old: State | None) -> None:
        if not state["name_key"]:
            raise Invalid("a tag needs a name", field="name")
        row = tx.one("crm/tags/by_name", key=state["name_key"])
        if row is not None and row["id"] != state["id"] and state["deleted_at"] is None:
            raise Duplicate(f'there is a tag "{row["name"]}" already', field="name", id=row["public_id"])

    def after(self, tx: Tx, old: State | None, new: State, changed: frozenset[str]) -> None:
        for memo in ("tags", ("shown", "tag")):
            tx.memo.pop(memo, None)

    def dress(self, tx: Tx, state: State, data: dict[str, Any]) -> None:
        for noun in TAGGED:
            data[store_of(noun).plural] = tx.value(f"crm/tags/{noun}_count", id=state["id"])

    def matching(self, tx: Tx, values: dict[str, Any], match: Iterable[str]) -> int | None:
        """The tag with this folded name."""
        row = tx.one("crm/tags/by_name", key=fold(values.get("name") or ""))
        return int(row["id"]) if row else None


STORE = TagStore()

crud.handle(
    STORE, create=contract.CreateTag, get=contract.GetTag, list=contract.ListTags,
    update=contract.UpdateTag, upsert=contract.UpsertTag, restore=contract.RestoreTag,
    create_many=contract.CreateTags, upsert_many=contract.UpsertTags, update_many=contract.UpdateTags,
    restore_many=contract.RestoreTags,
)  # fmt: skip


@handles(contract.DeleteTag)
def delete(request: contract.DeleteTag, tx: Tx) -> Removed:
    """Delete a tag; one that is in use only with `force`, and then it is taken off first."""
    state = STORE.one(tx, request.tag_id, lock=True)
    return Removed(id=remove(tx, state, force=request.force)["public_id"])


@handles(contract.DeleteTags)
def delete_many(request: contract.DeleteTags, tx: Tx) -> Any:
    """Delete tags that nobody has."""
    return crud.over(tx, STORE, request, lambda state: str(remove(tx, state, force=False)["public_id"]))


def remove(tx: Tx, state: State, *, force: bool) -> State:
    """Take a tag off every record, each a change of its own, and delete it."""
    holders = {noun: [row["id"] for row in tx.all(f"crm/tags/{noun}_users", id=state["id"])] for noun in TAGGED}
    live = {noun: int(tx.value(f"crm/tags/{noun}_live", id=state["id"])) for noun in TAGGED}
    used = {noun: count for noun, count in live.items() if count}
    if used and not force:
        told = ", ".join(f"{count} {store_of(noun).plural if count > 1 else noun}" for noun, count in used.items())
        raise InUse(f"the tag {state['name']} is on {told}", hint="--force takes it off them first", users=used)
    for noun, numbers in holders.items():
        store = store_of(noun)
        for start in range(0, len(numbers), 500):
            wanted = numbers[start : start + 500]
            records = store.load(tx, wanted, lock=True)
            if len(records) < len(wanted):
                raise NotAllowed(f"the tag {state['name']} is on {store.plural} that you do not see", hint="ask an owner of the account")
            for record in records:
                tags = {key: values for key, values in record["tags"].items() if key != state["id"]}
                store.write(tx, record, record | {"tags": tags, "custom": dict(record["custom"])})
    return STORE.remove(tx, state)

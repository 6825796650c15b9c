"""Notes: Markdown texts on a record, pinned ones first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ghl.engine import crud
from ghl.engine.columns import Column, State
from ghl.engine.crm.about import ABOUT, FILTER_NOUNS, FILTERS, person_of, refuse_nothing, same_elsewhere
from ghl.engine.records import Store
from ghl.errors import Invalid
from ghl.sdk.crm import notes as contract

if TYPE_CHECKING:
    from ghl.engine.tx import Tx


class NoteStore(Store[contract.Note]):
    """Notes."""

    noun = "note"
    table = "note_records"
    record = contract.Note
    columns = (
        Column("body", "body"),
        Column("pinned", "bool", default=0),
        Column("author"),
        Column("owner_id", "ref", noun="user"),
        *ABOUT,
        Column("external_id"),
    )
    derived = ()
    sorts = {"created_at": ("public_id",), "updated_at": ("updated_at",)}
    filters = FILTERS | {"pinned": "r.pinned = :pinned"}
    filter_nouns = FILTER_NOUNS

    def blank(self, tx: Tx) -> State:
        return super().blank(tx) | {"author": tx.caller.actor}

    def derive(self, tx: Tx, state: State) -> None:
        state["body"] = (state["body"] or "").strip()

    def check(self, tx: Tx, state: State, old: State | None) -> None:
        if not state["body"]:
            raise Invalid("a note needs a text", hint="ghl notes add --body '…' --contact ann@example.com", field="body")
        refuse_nothing(state, "note")

    def words(self, state: State) -> Iterable[str | None]:
        return (state["body"],)

    def label(self, state: State) -> str:
        first = str(state["body"]).strip().split("\n")[0]
        return first if len(first) <= 60 else f"{first[:59]}…"

    def named(self, tx: Tx, text: str) -> list[int]:
        return []

    def announce(self, tx: Tx, old: State | None, new: State, changed: frozenset[str], change_id: int) -> None:
        if old is None:
            tx.events.emit("note.added", "note", new["id"], person_id=person_of(tx, new), change_id=change_id)

    def assign(self, tx: Tx, state: State, values: dict[str, Any]) -> None:
        super().assign(tx, state, {name: value for name, value in values.items() if name != "author"})

    def matching(self, tx: Tx, values: dict[str, Any], match: Iterable[str]) -> int | None:
        """The one note with the same id in another system."""
        return same_elsewhere(tx, self, values)


STORE = NoteStore()

crud.handle(
    STORE, create=contract.CreateNote, get=contract.GetNote, list=contract.ListNotes,
    update=contract.UpdateNote, upsert=contract.UpsertNote, delete=contract.DeleteNote,
    restore=contract.RestoreNote, create_many=contract.CreateNotes, upsert_many=contract.UpsertNotes,
    update_many=contract.UpdateNotes, delete_many=contract.DeleteNotes, restore_many=contract.RestoreNotes,
)  # fmt: skip

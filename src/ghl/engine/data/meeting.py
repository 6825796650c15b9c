"""A row that meets a contact who is there: what it changes, by the policies of its columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ghl.engine.columns import State
from ghl.engine.crm.addresses import EMAILS, PHONES
from ghl.engine.crm.contacts import STORE
from ghl.engine.data.companies import company_keys
from ghl.engine.data.opting import opted_out
from ghl.engine.data.persons import Person
from ghl.engine.data.policies import permitted
from ghl.engine.stores import store_of
from ghl.sdk.names import fold

if TYPE_CHECKING:
    from ghl.engine.data.people import People

_WORDS = {"emails": "address", "phones": "number"}


def change(people: People, state: State, person: Person) -> State:
    """The contact with what the row may write; the same state where nothing differs."""
    tx, values, policies = people.tx, person.values or {}, people.policies
    if person.company:
        company_keys(tx, people.run, people.companies, [person.company])
        people.related.known["company", fold(person.company)] = people.companies[fold(person.company)]
    fields = permitted(tx, STORE, state, people.related.fields(values), policies)
    added: dict[str, list[dict[str, Any]]] = {
        name: fields.pop(name) for name in _WORDS if policies.get(name) == "append" and name in fields
    }
    for single in ("email", "phone"):
        if single in fields and policies.get(single) == "append":
            word = _WORDS[f"{single}s"]
            added.setdefault(f"{single}s", []).insert(0, {word: fields.pop(single), "label": None})
    if "company_id" in fields and policies.get("company") == "append" and state["companies"]:
        fields["companies"] = _with_company(people, state, fields.pop("company_id"))
    new = state | {"custom": dict(state["custom"])}
    STORE.assign(tx, new, fields)
    for name, items in added.items():
        new[name] = _with_addresses(people, new, name, items)
    new = STORE.write(tx, state, new)
    attach(people, person, new, known=_notes(people, new) if values.get("notes") else set())
    return new


def _with_addresses(people: People, state: State, name: str, items: list[dict[str, Any]]) -> dict[str, Any]:
    part = EMAILS if name == "emails" else PHONES
    elements = dict(state[name])
    for item in items:
        shown, key = part.read(people.tx, item[_WORDS[name]], state)
        if key not in elements:
            place = max((one["position"] for one in elements.values()), default=-1) + 1
            label = item.get("label") or None
            elements[key] = {"address": shown, "label": label, "is_primary": int(not elements), "position": place}
    return elements


def _with_company(people: People, state: State, text: str) -> list[dict[str, Any]]:
    number = people.related.row("company", text)
    rows = people.tx.all(
        "select id, public_id from company_records where account_id = :account_id"
        f" and id in ({','.join(map(str, state['companies']))})"
    )
    kept = [
        {"company_id": row["public_id"], "role": link["role"], "primary": bool(link["is_primary"])}
        for row in rows
        for link in [state["companies"][row["id"]]]
    ]
    return kept if number in state["companies"] else [*kept, {"company_id": text}]


def attach(people: People, person: Person, state: State, *, known: set[str]) -> None:
    """What hangs on a contact: notes that it has not yet, and its place among those who get nothing."""
    values = person.values or {}
    for note in values.get("notes", ()):
        body = str(note.get("body") if isinstance(note, dict) else note).strip()
        if body and body not in known:
            people.tx.memo["contact", state["public_id"]] = state["id"]
            store_of("note").create(people.tx, {"body": body, "contact_id": state["public_id"]})
    if "dnd" in values:
        opted_out(people.tx, people.run, values)


def _notes(people: People, state: State) -> set[str]:
    rows = people.tx.all(
        "select body from note_records where account_id = :account_id and contact_id = :id and deleted_at is null",
        id=state["id"],
    )
    return {row["body"] for row in rows}

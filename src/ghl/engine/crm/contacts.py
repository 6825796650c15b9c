"""Contacts: their fields, addresses, tags and companies, and how one is found."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ghl.engine import crud
from ghl.engine.columns import Column, State
from ghl.engine.crm.addresses import EMAILS, PHONES, primary, refuse_taken
from ghl.engine.crm.lifecycle import moved
from ghl.engine.crm.parts import COMPANIES, FOLLOWERS, changed_tags, tags_of
from ghl.engine.dispatch import handles
from ghl.engine.records import Store
from ghl.errors import Duplicate, GhlError, Invalid
from ghl.sdk.addresses import normalise_email, normalise_phone
from ghl.sdk.crm import contacts as contract
from ghl.sdk.fields import BulkResult
from ghl.sdk.names import fold
from ghl.sdk.times import check_zone

if TYPE_CHECKING:
    from ghl.engine.tx import Tx


class ContactStore(Store[contract.Contact]):
    """Contacts."""

    noun = "contact"
    table = "contact_records"
    record = contract.Contact
    columns = (
        Column("first_name"),
        Column("last_name"),
        Column("job_title"),
        Column("owner_id", "ref", noun="user"),
        Column("lifecycle_stage"),
        Column("lead_score", "number", default=0),
        Column("source"),
        Column("dnd", "json", default="[]"),
        Column("street", lines=True),
        Column("city"),
        Column("state"),
        Column("postal_code"),
        Column("country"),
        Column("website"),
        Column("birthday", "date"),
        Column("zone"),
        Column("locale"),
        Column("external_id"),
    )
    derived = ("name_key",)
    parts = (EMAILS, PHONES, COMPANIES, tags_of("contact"), FOLLOWERS)
    sorts = Store.sorts | {"lead_score": ("lead_score",), "last_activity_at": ("last_activity_at",)}
    filters = {
        "tag_id": "r.id in (select t.contact_id from contact_tags t where t.tag_id = :tag_id)",
        "company_id": "r.id in (select c.contact_id from contact_companies c where c.company_id = :company_id)",
        "owner_id": "r.owner_id = :owner_id",
    }
    filter_nouns = {"tag_id": "tag", "company_id": "company", "owner_id": "user"}

    def chosen(self) -> str:
        return f"{super().chosen()}, r.last_activity_at"

    def blank(self, tx: Tx) -> State:
        return super().blank(tx) | {"last_activity_at": ""}

    def assign(self, tx: Tx, state: State, values: dict[str, Any]) -> None:
        if "lifecycle_stage" in values:
            back = bool(values.get("move_back"))
            values = values | {"lifecycle_stage": moved(tx, state["lifecycle_stage"], values["lifecycle_stage"], back=back)}
        super().assign(tx, state, values)
        if "email" in values:
            state["emails"] = EMAILS.with_primary(tx, state["emails"], values["email"], state)
        if "phone" in values:
            state["phones"] = PHONES.with_primary(tx, state["phones"], values["phone"], state)
        if "company_id" in values:
            state["companies"] = COMPANIES.with_primary(tx, state["companies"], values["company_id"])
        changed_tags(tx, state, values)

    def derive(self, tx: Tx, state: State) -> None:
        state["name_key"] = fold(f"{state['last_name'] or ''} {state['first_name'] or ''}")

    def check(self, tx: Tx, state: State, old: State | None) -> None:
        if old is None and not self.identified(state):
            raise Invalid(
                "a contact needs a name, an e-mail, a phone or a company",
                hint="ghl contacts add --email ann@example.com",
            )
        if state["zone"] and (old is None or state["zone"] != old["zone"]):
            check_zone(state["zone"], field="zone")
        if state["deleted_at"] is None:
            refuse_taken(tx, state, old)

    @staticmethod
    def identified(state: State) -> bool:
        """Whether there is anything to know the contact by."""
        known = ("first_name", "last_name", "emails", "phones", "companies", "external_id")
        return any(state[name] for name in known)

    def words(self, state: State) -> Iterable[str | None]:
        yield state["first_name"]
        yield state["last_name"]
        for field in ("emails", "phones"):
            for values in state[field].values():
                yield values["address"]
        yield state["job_title"]
        yield state["city"]
        yield state["external_id"]

    def label(self, state: State) -> str:
        name = " ".join(n for n in (state["first_name"], state["last_name"]) if n)
        return str(name or primary(state.get("emails", {})) or state["public_id"])

    def dress(self, tx: Tx, state: State, data: dict[str, Any]) -> None:
        data["name"] = " ".join(n for n in (state["first_name"], state["last_name"]) if n)
        data["email"] = primary(state["emails"])
        data["phone"] = primary(state["phones"])
        main = next((link for link in data["companies"] if link["primary"]), None)
        data["company_id"] = main["company_id"] if main else None
        data["company"] = main["name"] if main else None
        data["last_activity_at"] = state["last_activity_at"] or None

    def after(self, tx: Tx, old: State | None, new: State, changed: frozenset[str]) -> None:
        if old is not None and "deleted_at" in changed:
            tx.run("crm/contacts/set_live", id=new["id"], live=int(new["deleted_at"] is None))

    def announce(self, tx: Tx, old: State | None, new: State, changed: frozenset[str], change_id: int) -> None:
        def emit(name: str) -> None:
            tx.events.emit(name, "contact", new["id"], person_id=new["id"], change_id=change_id)

        if old is None:
            emit("contact.created")
        elif "deleted_at" in changed:
            emit("contact.deleted" if new["deleted_at"] else "contact.restored")
            return
        else:
            emit("contact.changed")
        before = old["tags"] if old else {}
        if new["tags"].keys() - before.keys():
            emit("contact.tag_added")
        if before.keys() - new["tags"].keys():
            emit("contact.tag_removed")

    def gone(self, tx: Tx, text: str) -> list[int]:
        if "@" not in text:
            return super().gone(tx, text)
        try:
            key = normalise_email(text)[1]
        except GhlError:
            return []
        return [row["id"] for row in tx.all("crm/contacts/by_gone_email", key=key)]

    def named(self, tx: Tx, text: str) -> list[int]:
        if "@" in text:
            try:
                key = normalise_email(text)[1]
            except GhlError:
                return []
            row = tx.one("crm/contacts/by_visible_email", key=key)
            return [row["id"]] if row else []
        words = fold(text).split()
        found: list[int] = []
        for cut in range(1, len(words) + 1):
            key = " ".join((*words[cut:], *words[:cut])) if cut < len(words) else f"{' '.join(words)}"
            query = f"""select r.id from contact_records r where r.account_id = :account_id
                and r.deleted_at is null and r.name_key = :key{self.sight(tx)} limit 6"""
            found += [r["id"] for r in tx.all(query, key=key) if r["id"] not in found]
        if not found and text.lstrip("+").replace(" ", "").isdigit():
            try:
                key = normalise_phone(text, tx.account.country)[1]
            except GhlError:
                return []  # digits that are no number may still be the end of an id
            found = [row["id"] for row in tx.all("crm/contacts/by_phone", key=key)]
        return found

    def matching(self, tx: Tx, values: dict[str, Any], match: Iterable[str]) -> int | None:
        """The one contact that has the same value of a match field, in the order of the fields."""
        for field in match:
            found = self._matches(tx, field, values)
            if len(found) > 1:
                raise Duplicate(
                    f"{len(found)} contacts have the same {field}",
                    hint="match by email, or merge them: ghl contacts duplicates",
                    field=field,
                )
            if found:
                return found[0]
        return None

    def _matches(self, tx: Tx, field: str, values: dict[str, Any]) -> list[int]:
        if field == "email" and values.get("email"):
            row = tx.one("crm/contacts/by_visible_email", key=normalise_email(values["email"])[1])
            return [row["id"]] if row else []
        if field == "phone" and values.get("phone"):
            key = normalise_phone(values["phone"], tx.account.country)[1]
            return [row["id"] for row in tx.all("crm/contacts/by_phone", key=key)]
        if field == "external_id" and values.get("external_id"):
            rows = tx.all("crm/contacts/by_external_id", external_id=values["external_id"])
            return [row["id"] for row in rows]
        return []


def split_name(name: str | None) -> dict[str, Any]:
    """A full name as given and family name: the last word, and the particles before it."""
    words = (name or "").split()
    if len(words) < 2:
        return {"first_name": words[0] if words else None}
    cut = len(words) - 1
    while cut > 1 and words[cut - 1].lower() in PARTICLES:
        cut -= 1
    return {"first_name": " ".join(words[:cut]), "last_name": " ".join(words[cut:])}


PARTICLES = frozenset(["da", "das", "de", "del", "della", "der", "di", "do", "dos", "du", "la", "le", "van", "von", "zu", "zum", "bin", "al", "el"])

STORE = ContactStore()

crud.handle(
    STORE,
    create=contract.CreateContact,
    get=contract.GetContact,
    list=contract.ListContacts,
    update=contract.UpdateContact,
    upsert=contract.UpsertContact,
    delete=contract.DeleteContact,
    restore=contract.RestoreContact,
    create_many=contract.CreateContacts,
    upsert_many=contract.UpsertContacts,
    update_many=contract.UpdateContacts,
    delete_many=contract.DeleteContacts,
    restore_many=contract.RestoreContacts,
)


@handles(contract.TagContacts)
def tag(request: contract.TagContacts, tx: Tx) -> BulkResult:
    """Add tags to the chosen contacts."""
    return _retag(request, tx, {"add_tags": request.tags}, strict=request.strict_tags)


@handles(contract.UntagContacts)
def untag(request: contract.UntagContacts, tx: Tx) -> BulkResult:
    """Take tags from the chosen contacts."""
    return _retag(request, tx, {"remove_tags": request.tags}, strict=True)


def _retag(request: Any, tx: Tx, values: dict[str, Any], *, strict: bool) -> BulkResult:
    if strict:
        tx.memo["strict_tags"] = True

    def one(state: State) -> str | None:
        return str(state["public_id"]) if STORE.update(tx, state, values) is not state else None

    return crud.over(tx, STORE, request, one)

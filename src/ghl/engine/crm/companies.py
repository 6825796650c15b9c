"""Companies: their fields, the people in them, and how one is found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from ghl.engine import crud
from ghl.engine.columns import Column, State, one_line
from ghl.engine.crm import tagging
from ghl.engine.crm.addresses import PHONES
from ghl.engine.crm.domains import normalise_domain
from ghl.engine.crm.parts import changed_tags, tags_of
from ghl.engine.dispatch import handles
from ghl.engine.records import Store
from ghl.engine.stores import recall, remember, store_of
from ghl.errors import Duplicate, GhlError, Invalid, NotFound
from ghl.sdk.crm import companies as contract
from ghl.sdk.names import fold

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

SHOWN_CONTACTS = 50
DEEPEST = 50
"""Levels of companies within companies."""


class CompanyStore(Store[contract.Company]):
    """Companies."""

    noun = "company"
    table = "company_records"
    record = contract.Company
    columns = (
        Column("name", default=""),
        Column("domain"),
        Column("phone"),
        Column("website"),
        Column("industry"),
        Column("employees", "number"),
        Column("founded", "number"),
        Column("revenue", "money"),
        Column("street", lines=True),
        Column("city"),
        Column("state"),
        Column("postal_code"),
        Column("country"),
        Column("description", length=10_000, lines=True),
        Column("external_id"),
        Column("parent_id", "ref", noun="company"),
        Column("owner_id", "ref", noun="user"),
    )
    derived = ("name_key", "domain_key")
    parts = (tags_of("company"),)
    sorts = Store.sorts | {"revenue": ("revenue_currency", "revenue")}
    filters = {
        "tag_id": "r.id in (select t.company_id from company_tags t where t.tag_id = :tag_id)",
        "owner_id": "r.owner_id = :owner_id",
        "parent_id": "r.parent_id = :parent_id",
        "contact_id": "r.id in (select c.company_id from contact_companies c where c.contact_id = :contact_id)",
    }
    filter_nouns = {"tag_id": "tag", "owner_id": "user", "parent_id": "company", "contact_id": "contact"}

    def assign(self, tx: Tx, state: State, values: dict[str, Any]) -> None:
        if values.get("domain"):
            values = values | {"domain": normalise_domain(values["domain"])[0]}
        super().assign(tx, state, values)
        if values.get("phone") and state["phone"]:
            state["phone"] = PHONES.read(tx, state["phone"], state)[0]
        changed_tags(tx, state, values)

    def derive(self, tx: Tx, state: State) -> None:
        state["name_key"] = fold(state["name"])
        state["domain_key"] = normalise_domain(state["domain"])[1] if state["domain"] else None

    def check(self, tx: Tx, state: State, old: State | None) -> None:
        if not state["name"] and not state["domain"]:
            raise Invalid(
                "a company needs a name or a domain", hint="ghl companies add --name 'Acme Ltd'", field="name"
            )
        if state["parent_id"] is not None and (old is None or state["parent_id"] != old["parent_id"]):
            self._refuse_circle(tx, state)

    def _refuse_circle(self, tx: Tx, state: State) -> None:
        above = state["parent_id"]
        for _ in range(DEEPEST):
            if above is None:
                return
            if above == state["id"]:
                raise Invalid("a company cannot be part of itself", field="parent_id")
            above = tx.value("crm/companies/parent", id=above)
        raise Invalid(f"companies are nested deeper than {DEEPEST} levels", field="parent_id")

    def words(self, state: State) -> Iterable[str | None]:
        names = ("name", "domain", "phone", "industry", "city", "external_id")
        return (state[name] for name in names)

    def label(self, state: State) -> str:
        return str(state["name"] or state["domain"] or state["public_id"])

    def announce(self, tx: Tx, old: State | None, new: State, changed: frozenset[str], change_id: int) -> None:
        if old is None:
            name = "company.created"
        elif "deleted_at" in changed:
            name = "company.deleted" if new["deleted_at"] else "company.restored"
        else:
            name = "company.changed"
        tx.events.emit(name, "company", new["id"], change_id=change_id)

    def named(self, tx: Tx, text: str) -> list[int]:
        found = super().named(tx, text)
        if not found and "." in text:
            try:
                found = self._by_domain(tx, text)
            except GhlError:
                return []
        return found

    def _by_domain(self, tx: Tx, text: str) -> list[int]:
        return [row["id"] for row in tx.all("crm/companies/by_domain", key=normalise_domain(text)[1])]

    def present(self, tx: Tx, states: Sequence[State]) -> list[contract.Company]:
        people: dict[int, list[tuple[Any, ...]]] = {}
        if states:
            contacts = store_of("contact")
            numbers = ",".join(str(state["id"]) for state in states)
            # One query for a whole page of companies: the window numbers and counts the people of each.
            query = f"""select * from (select l.company_id, l.contact_id, l.role, l.is_primary,
                row_number() over (partition by l.company_id order by l.is_primary desc, l.contact_id) as place,
                count(*) over (partition by l.company_id) as number
                from contact_companies l join contact_records r on r.id = l.contact_id
                where +r.account_id = :account_id and r.deleted_at is null and l.company_id in ({numbers})
                {contacts.sight(tx)}) as links where place <= {SHOWN_CONTACTS} order by company_id, place"""
            for row in tx.connection.tuples(query, tx.params({})):
                people.setdefault(row[0], []).append(row)
            remember(tx, "contact", (row[1] for rows in people.values() for row in rows))
        for state in states:
            state["people"] = people.get(state["id"], [])
        return super().present(tx, states)

    def dress(self, tx: Tx, state: State, data: dict[str, Any]) -> None:
        people = state["people"]
        data["contact_count"] = people[0][5] if people else 0
        data["contacts"] = [
            {"contact_id": found[0], "name": found[1], "role": role, "primary": bool(primary)}
            for _, contact, role, primary, _, _ in people
            if (found := recall(tx, "contact", contact))
        ]

    def matching(self, tx: Tx, values: dict[str, Any], match: Iterable[str]) -> int | None:
        """The one company that has the same value of a match field, in the order of the fields."""
        for field in match:
            found = self._matches(tx, field, values.get(field))
            if len(found) > 1:
                raise Duplicate(
                    f'{len(found)} companies have the {field.replace("_", " ")} "{values[field]}"',
                    hint="name one by its id, or match by another field",
                    field=field,
                )
            if found:
                return found[0]
        return None

    def _matches(self, tx: Tx, field: str, value: str | None) -> list[int]:
        if not value:
            return []
        if field == "domain":
            return self._by_domain(tx, value)
        if field == "external_id":
            return [row["id"] for row in tx.all("crm/companies/by_external_id", external_id=value)]
        return super().named(tx, value)


STORE = CompanyStore()

crud.handle(
    STORE,
    create=contract.CreateCompany,
    get=contract.GetCompany,
    list=contract.ListCompanies,
    update=contract.UpdateCompany,
    upsert=contract.UpsertCompany,
    delete=contract.DeleteCompany,
    restore=contract.RestoreCompany,
    create_many=contract.CreateCompanies,
    upsert_many=contract.UpsertCompanies,
    update_many=contract.UpdateCompanies,
    delete_many=contract.DeleteCompanies,
    restore_many=contract.RestoreCompanies,
)
tagging.handle(STORE, tag=contract.TagCompanies, untag=contract.UntagCompanies)


@handles(contract.AddContact)
def add_contact(request: contract.AddContact, tx: Tx) -> contract.Company:
    """Put a person into a company: the contact's link says as what."""
    company, contacts = STORE.one(tx, request.company_id), store_of("contact")
    contact = contacts.one(tx, request.contact_id, lock=True)
    links = {key: dict(values) for key, values in contact["companies"].items()}
    link = links.setdefault(company["id"], {"role": None, "is_primary": int(not links)})
    if "role" in request.model_fields_set:
        link["role"] = one_line(request.role or "", "role") or None
    if request.primary:
        for values in links.values():
            values["is_primary"] = 0
        link["is_primary"] = 1
    contacts.write(tx, contact, contact | {"companies": links})
    return STORE.present(tx, [company])[0]


@handles(contract.RemoveContact)
def remove_contact(request: contract.RemoveContact, tx: Tx) -> contract.Company:
    """Take a person out of a company; another company becomes the main one where this was it."""
    company, contacts = STORE.one(tx, request.company_id), store_of("contact")
    contact = contacts.one(tx, request.contact_id, lock=True)
    if company["id"] not in contact["companies"]:
        raise NotFound(
            f"{contacts.label(contact)} is not in {STORE.label(company)}",
            hint=f"ghl companies show {company['public_id'][-6:]}",
            field="contact_id",
        )
    links = {key: dict(values) for key, values in contact["companies"].items() if key != company["id"]}
    if links and not any(values["is_primary"] for values in links.values()):
        links[next(iter(links))]["is_primary"] = 1
    contacts.write(tx, contact, contact | {"companies": links})
    return STORE.present(tx, [company])[0]

"""The short way for contacts: rows of texts, an e-mail, a phone, a company and tags, written as tuples.

Most files hold nothing else, and a million of such rows is no matter of dictionaries. What is written is,
byte for byte, what creating the contacts one by one would write; a property test compares the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ghl.engine.crm.contacts import STORE, split_name
from ghl.engine.data.persons import Person, PersonReader
from ghl.engine.data.reading import Cell, listed
from ghl.sdk.names import fold, search_words

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

TEXTS = frozenset(column.name for column in STORE.columns if column.kind == "text" and column.length == 500)
_SEARCHED = ("first_name", "last_name", "job_title", "city", "external_id")
_LONGEST = 500
_HEAD = "account_id, id, public_id, version, change_id, created_at, updated_at, name_key, search_text"
_ADDRESS = "insert into contact_addresses (contact_id, key, address, kind, account_id, is_primary) values (?, ?, ?, {}, {}, 1)"


class PlainRows:
    """Reads and writes plain rows."""

    def __init__(self, tx: Tx, cells: Sequence[Cell], reader: PersonReader) -> None:
        self._tx, self._reader = tx, reader
        texts = [cell for cell in cells if cell.target in TEXTS]
        place = {cell.target: cell.place for cell in cells}
        self._texts = [cell.place for cell in texts]
        self.columns = [cell.target for cell in texts]
        self._name = place.get("name")
        if self._name is not None:
            self.columns += ["first_name", "last_name"]
        self._email, self._phone = place.get("email"), place.get("phone")
        self._company, self._tags = place.get("company"), place.get("tags")
        at = {name: number for number, name in enumerate(self.columns)}
        self._first, self._last = at.get("first_name"), at.get("last_name")
        self._job, self._city, self._external = at.get("job_title"), at.get("city"), at.get("external_id")
        self._country = at.get("country")
        self._account = f"account{tx.account_id} "

    @staticmethod
    def fits(cells: Sequence[Cell]) -> bool:
        """Whether all columns are of the plain kind, each target by one of them."""
        targets = [cell.target for cell in cells]
        labels = any(cell.label for cell in cells if cell.target in ("email", "phone"))
        plain = (TEXTS - {"zone"}) | {"email", "phone", "company", "tags", "name"}
        both = "name" in targets and not {"first_name", "last_name"}.isdisjoint(targets)
        return len(set(targets)) == len(targets) and plain.issuperset(targets) and not labels and not both

    def read(self, line: int, row: Any) -> Person | None:
        """A plain row; None for one that needs more care."""
        if type(row) is not list:
            return None
        texts: list[str | None] = []
        for place in self._texts:
            cell = row[place]
            if cell:
                if type(cell) is not str or len(cell) > _LONGEST or not cell.isprintable():
                    return None
                texts.append(cell.strip() or None)
            else:
                texts.append(None)
        if self._name is not None:
            name = row[self._name] or ""
            if type(name) is not str or len(name) > _LONGEST or not name.isprintable():
                return None
            both = split_name(name)
            texts += (both["first_name"], both.get("last_name"))
        person = Person(line, None, row)
        email = row[self._email] if self._email is not None else None
        if email:
            if type(email) is not str or ";" in email or "," in email:
                return None
            if not email.isspace():
                person.email = email = self._reader.email(email)
                person.emails.append(email[1])
        phone = row[self._phone] if self._phone is not None else None
        if phone:
            if type(phone) is not str or ";" in phone:
                return None
            if not phone.isspace():
                country = texts[self._country] if self._country is not None else None
                person.phone = phone = self._reader.phone(phone, country)
                person.phones.append(phone[1])
        if self._company is not None and (company := row[self._company]):
            if type(company) is not str or len(company) > _LONGEST or not company.isprintable():
                return None
            person.company = company.strip() or None
        if self._tags is not None and row[self._tags]:
            person.tags = listed(row[self._tags])
        return self._complete(person, texts)

    def _complete(self, person: Person, texts: list[str | None]) -> Person | None:
        """The person with what is derived from its texts; None for one that nothing is known of."""
        first = texts[self._first] if self._first is not None else None
        last = texts[self._last] if self._last is not None else None
        external = texts[self._external] if self._external is not None else None
        if not (first or last or person.email or person.phone or person.company or external):
            return None
        person.texts, person.external_id = tuple(texts), external
        person.name_key = fold(f"{last or ''} {first or ''}")
        person.search_text = self._account + search_words(
            first, last, person.email[0] if person.email else None, person.phone[0] if person.phone else None,
            texts[self._job] if self._job is not None else None, texts[self._city] if self._city is not None else None,
            external,
        )  # fmt: skip
        return person

    def write(self, people: Sequence[Person], tags: dict[str, int], companies: dict[str, int]) -> None:
        """Write new contacts of plain rows."""
        tx, count = self._tx, len(people)
        account, now, connection = tx.account_id, tx.now, tx.connection
        numbers, changes = list(tx.keys("contact_records", count)), list(tx.keys("changes", count))
        tx.changes.created("contact", list(zip(changes, numbers, strict=True)))
        ids = tx.shared.ids.make_many(tx.now_ms, count)
        columns = "".join(f", {name}" for name in self.columns)
        connection.many_tuples(
            f"insert into contact_records ({_HEAD}{columns}) values (?, ?, ?, 1, ?, ?, ?, ?, ?{', ?' * len(self.columns)})",
            [
                (account, number, public, change, now, now, p.name_key, p.search_text, *p.texts)
                for p, number, public, change in zip(people, numbers, ids, changes, strict=True)
            ],
        )
        # In the order of the other index, so that its pages are written once and not here and there.
        emails = sorted([(p.email[1], p.email[0], n) for p, n in zip(people, numbers, strict=True) if p.email])
        phones = sorted([(p.phone[1], p.phone[0], n) for p, n in zip(people, numbers, strict=True) if p.phone])
        for kind, found in ((1, emails), (2, phones)):
            connection.many_tuples(_ADDRESS.format(kind, account), [(n, key, shown) for key, shown, n in found])
        connection.many_tuples(
            "insert into contact_companies (contact_id, company_id, is_primary) values (?, ?, 1)",
            [(n, companies[p.company]) for p, n in zip(people, numbers, strict=True) if p.company],
        )
        connection.many_tuples(
            "insert into contact_tags (contact_id, tag_id) values (?, ?)",
            [(n, tag) for p, n in zip(people, numbers, strict=True) if p.tags for tag in {tags[name] for name in p.tags}],
        )
        if tx.dialect == "sqlite":
            connection.many_tuples(
                "insert into contacts_search (rowid, search_text) values (?, ?)",
                [(n, p.search_text) for p, n in zip(people, numbers, strict=True)],
            )
        for person, number in zip(people, numbers, strict=True):
            person.id = number

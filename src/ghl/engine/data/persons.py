"""People of a file: rows that were read, with the keys that find contacts by them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ghl.engine.columns import State
from ghl.engine.crm.addresses import EMAILS
from ghl.engine.crm.contacts import split_name
from ghl.engine.data.loading import Loader
from ghl.engine.data.reading import Values
from ghl.errors import Invalid
from ghl.sdk.addresses import normalise_email, normalise_phone
from ghl.sdk.times import is_zone

if TYPE_CHECKING:
    from ghl.engine.data.runs import Run
    from ghl.engine.tx import Tx


class Person:
    """A row that was read.

    A plain row has its texts in the order of their columns and no values: those are read where it turns
    out to mean somebody who is there.
    """

    __slots__ = (
        "company", "email", "emails", "external_id", "id", "line", "name_key", "phone", "phones", "public_id", "row",
        "search_text", "state", "tags", "texts", "values",
    )  # fmt: skip

    def __init__(self, line: int, values: Values | None, row: Any = None) -> None:
        self.line, self.values, self.row = line, values, row
        self.id: int | None = None
        """The row key of its contact, once that is written."""
        self.state: State | None = None
        self.texts: tuple[str | None, ...] = ()
        self.name_key = self.search_text = ""
        self.email: tuple[str, str] | None = None
        self.phone: tuple[str, str] | None = None
        self.emails: list[str] = []
        self.phones: list[str] = []
        self.external_id: str | None = None
        self.public_id: str | None = None
        self.company: str | None = None
        self.tags: list[str] = []

    def key(self, kind: str) -> str | None:
        """What finds it by its id here, or in another system."""
        return self.public_id if kind == "id" else self.external_id


class PersonReader:
    """Reads the values of rows as people, whatever columns there are."""

    def __init__(self, tx: Tx, run: Run) -> None:
        self._tx, self._run = tx, run
        self._country = tx.account.country

    def read(self, line: int, values: Values) -> Person:
        """A person with normalised addresses; a wrong one raises Invalid."""
        if "id" in values:
            values = Loader.identified(values)
        if "name" in values:
            name = values.pop("name")
            if "first_name" not in values and "last_name" not in values:
                values |= split_name(name)
        if "zone" in values and not is_zone(values["zone"]):
            self._run.notice(f'time zone "{values.pop("zone")}" is not known and left out')
        person = Person(line, values)
        person.company, person.tags = values.get("company"), values.get("tags") or []
        person.external_id = values.get("external_id")
        person.public_id = values["id"].lower() if "id" in values else None
        self._emails(person, values)
        self._phones(person, values)
        return person

    def _emails(self, person: Person, values: Values) -> None:
        email = values.get("email")
        if email is not None:
            if ";" in email or "," in email:
                email = _several(values, "email", "emails", "address")
            person.email = self.email(email)
            person.emails.append(person.email[1])
        for item in values.get("emails", ()):
            person.emails.append(EMAILS.read(self._tx, item["address"], values)[1])

    def _phones(self, person: Person, values: Values) -> None:
        phone, country = values.get("phone"), values.get("country")
        if phone is not None:
            if ";" in phone:
                phone = _several(values, "phone", "phones", "number")
            person.phone = self.phone(phone, country)
            person.phones.append(person.phone[1])
        for item in values.get("phones", ()):
            person.phones.append(self.phone(item["number"], country)[1])

    def email(self, text: str) -> tuple[str, str]:
        """An e-mail as it is shown, and its key."""
        try:
            return normalise_email(text)
        except Invalid as error:
            error.field = "email"
            raise

    def phone(self, text: str, country: str | None) -> tuple[str, str]:
        """A number as it is shown, and its key, read in the country of the row."""
        default = country if country and len(country) == 2 and country.isalpha() else self._country
        try:
            number, key = normalise_phone(text, default)
        except Invalid as error:
            error.field = "phone"
            raise
        return number or text.strip(), key


def _several(values: Values, single: str, many: str, word: str) -> str:
    """Several addresses in one cell: the first is the primary one."""
    texts = [part.strip() for part in values[single].replace(",", ";").split(";") if part.strip()]
    more = [{word: text, "label": None, "primary": False} for text in texts[1:]]
    values[many] = more + values.get(many, [])
    values[single] = texts[0] if texts else ""
    return str(values[single])

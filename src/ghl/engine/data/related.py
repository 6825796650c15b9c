"""Records that rows name: companies, owners, people, deals; found by exact folded name, else made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ghl.engine.data.reading import Values
from ghl.engine.data.runs import known_keys
from ghl.engine.records import Store
from ghl.engine.stores import store_of
from ghl.errors import NotFound
from ghl.sdk.names import fold

if TYPE_CHECKING:
    from ghl.engine.data.loading import Loader

FIELDS = {
    "company": ("company_id", "company"),
    "parent": ("parent_id", "company"),
    "owner": ("owner_id", "user"),
    "contact": ("contact_id", "contact"),
    "deal": ("deal_id", "deal"),
}
"""Targets that name a record: the field that holds it, and its noun."""
PLURALS = {"company": "companies", "contact": "contacts", "user": "users", "product": "products"}
NAMED_EACH = frozenset({"user", "product"})
"""New records of these nouns are named one by one in the plan; of the others there may be thousands."""
_NO_FIELDS = frozenset({"id", "created_at", "currency", *FIELDS})


class Related:
    """Finds and makes what rows refer to. What a refused row has made is forgotten with it."""

    def __init__(self, loader: Loader) -> None:
        self.tx, self.run = loader.tx, loader.run
        self.known: dict[tuple[str, str], int] = {}
        self._fresh: list[tuple[str, str]] = []
        self._notes: list[str] = []
        self._own = loader.store.noun
        self._named: dict[int, str] = {}

    # --- a row

    def fields(self, values: Values) -> dict[str, Any]:
        """The values as fields of the contract, with references to records that are there."""
        fields = {name: value for name, value in values.items() if name not in _NO_FIELDS}
        for target, (field, noun) in FIELDS.items():
            if values.get(target):
                fields[field] = self.reference(noun, values[target])
        return fields

    def reference(self, noun: str, text: str) -> str:
        """The text itself, known from now on in this transaction as the name of a record."""
        self.tx.memo[noun, text] = self.row(noun, text)
        return text

    def row(self, noun: str, text: str) -> int:
        """The row key of a record by its name; a company, colleague or person who is not there is made."""
        key = (noun, fold(text))
        if key not in self.known:
            found = store_of(noun).named(self.tx, text)
            # Several of one name: the oldest, as a person would who has no better idea.
            self.known[key] = min(found) if found else self._make(noun, text)
        return self.known[key]

    def _make(self, noun: str, text: str) -> int:
        fields = self._new(noun, text)
        if fields is None:
            raise NotFound(f'there is no {noun} "{text}"', hint=f"ghl {store_of(noun).plural} list", field=noun)
        return self.made(noun, text, store_of(noun), fields)

    def made(self, noun: str, text: str, store: Store[Any], fields: dict[str, Any]) -> int:
        """Make a record that rows refer to, and say so in the plan."""
        state = store.create(self.tx, fields)
        key = (noun, fold(text))
        self.known[key] = state["id"]
        self._fresh.append(key)
        if noun == self._own:
            self._named[state["id"]] = _told(noun, text)
        self.tell(noun, text)
        return int(state["id"])

    def was_named(self, number: int) -> bool:
        """Whether a record of the imported noun was made because a row named it; asked once for each."""
        told = self._named.pop(number, None)
        if told is not None:
            # It is no surprise beside the rows any more, but one of them.
            self.run.notices[told] -= 1
            self.run.notices += type(self.run.notices)()
        return told is not None

    def tell(self, noun: str, text: str) -> None:
        """Count a record that is new, once in the whole import."""
        key = (noun, fold(text))
        if not self.is_new(key):
            return
        self._notes.append(_told(noun, text))
        self.run.keys[noun, key[1]] = 0

    def is_new(self, key: tuple[str, str]) -> bool:
        """Whether no earlier portion of the plan would have made it."""
        return key not in self.run.keys and not known_keys(self.tx, self.run, key[0], [key[1]])

    def notice(self, text: str) -> None:
        """Something to say of a row, if it is taken."""
        self._notes.append(text)

    @staticmethod
    def _new(noun: str, text: str) -> dict[str, Any] | None:
        if noun == "company":
            return {"name": text}
        if noun == "user":
            return {"name": text.partition("@")[0], "email": text} if "@" in text else {"name": text}
        if noun == "contact" and "@" in text:
            return {"email": text}
        return None

    # --- the end of a row

    def keep(self) -> None:
        """The row was taken."""
        self._fresh.clear()
        for note in self._notes:
            self.run.notice(note)
        self._notes.clear()

    def take_back(self) -> None:
        """The row was refused, and what it had made is gone."""
        for key in self._fresh:
            self.known.pop(key, None)
            self.run.keys.pop(key, None)
        self._fresh.clear()
        self._notes.clear()

    def recall(self, read: list[tuple[int, Values]]) -> None:
        """Nothing is looked up ahead."""


def _told(noun: str, text: str) -> str:
    return f'new {noun} "{text}"' if noun in NAMED_EACH else f"new {PLURALS.get(noun, noun)}"

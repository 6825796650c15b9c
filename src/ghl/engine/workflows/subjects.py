"""The people and records that runs are about, fetched once for a group, for conditions and texts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from ghl.engine.columns import State
from ghl.engine.records import store_of
from ghl.engine.workflows.waits import zone_of

if TYPE_CHECKING:
    from ghl.engine.tx import Tx


class Subjects:
    """Contacts and objects of a group of runs, by row key."""

    def __init__(self, tx: Tx, subject: str) -> None:
        self.tx = tx
        self.subject = subject
        self.people: dict[int, State] = {}
        self.objects: dict[int, State] = {}
        self._shown: dict[tuple[str, int], dict[str, Any]] = {}

    def load(self, runs: Iterable[tuple[Any, ...]]) -> None:
        """Fetch what these runs are about; each run ends in (…, person)."""
        people = list(dict.fromkeys(run[-1] for run in runs if run[-1] is not None))
        for start in range(0, len(people), 500):
            found = store_of("contact").load(self.tx, people[start : start + 500])
            self.people |= {state["id"]: state for state in found}

    def object(self, object_id: int) -> State | None:
        """The record that a run is about."""
        if self.subject in ("none", "") or not object_id:
            return None
        if self.subject == "contact":
            return self.person(object_id)
        if object_id not in self.objects:
            found = store_of(self.subject).load(self.tx, [object_id])
            self.objects |= {state["id"]: state for state in found}
        return self.objects.get(object_id)

    def person(self, person_id: int | None) -> State | None:
        """The contact that a run concerns."""
        if person_id is None:
            return None
        if person_id not in self.people:
            found = store_of("contact").load(self.tx, [person_id])
            self.people |= {state["id"]: state for state in found}
        return self.people.get(person_id)

    def zone(self, person_id: int | None) -> ZoneInfo:
        """The person's zone: her own, else her country's, else the account's."""
        state = self.person(person_id)
        own, country = (state["zone"], state["country"]) if state else (None, None)
        return zone_of(own, country, self.tx.account.zone)

    def shown(self, noun: str, state: State | None) -> dict[str, Any] | None:
        """A record as texts and conditions see it."""
        if state is None:
            return None
        key = (noun, state["id"])
        if key not in self._shown:
            record = store_of(noun).present(self.tx, [state])[0]
            data = record.model_dump(mode="json")
            data["custom"] = data.pop("custom_fields", {})
            self._shown[key] = {**data["custom"], **data}
        return self._shown[key]

    def data(self, object_id: int, person_id: int | None) -> dict[str, Any]:
        """The names that a text may use: the subject, its contact, company and owner, the account, the clock."""
        account = self.tx.account
        found: dict[str, Any] = {
            "account": {"name": account.name, "postal_address": account.postal_address, "currency": account.currency},
            "now": self.tx.now,
        }
        person = self.person(person_id)
        found["contact"] = self.shown("contact", person) or {}
        if self.subject not in ("contact", "none"):
            found[self.subject] = self.shown(self.subject, self.object(object_id)) or {}
        return found

    def value(self, field: str, object_id: int, person_id: int | None) -> Any:
        """A field of the subject, or of its contact as `contact.birthday`."""
        noun, _, name = field.rpartition(".")
        if noun == "custom" or not noun:
            noun, name = self.subject, field
        state = self.person(person_id) if noun == "contact" else self.object(object_id)
        shown = self.shown(noun, state)
        if shown is None:
            return None
        if name.startswith("custom."):
            return shown["custom"].get(name.removeprefix("custom."))
        return shown.get(name)

    def holds(
        self,
        text: str,
        object_id: int,
        person_id: int | None,
        *,
        enrollment_id: int | None = None,
        variables: dict[str, Any] | None = None,
    ) -> bool:
        """Whether a condition is true for a run."""
        from ghl.engine.filters import holds  # the language is loaded when a condition is met

        state = self.object(object_id) if self.subject != "contact" else self.person(person_id)
        noun = self.subject if self.subject != "none" else "contact"
        return holds(self.tx, noun, state, text, variables=variables or {})

    def evaluated(self, text: str, object_id: int, person_id: int | None) -> Any:
        """The value of an expression for a run, such as the key of a keyed re-entry."""
        from ghl.engine.filters import evaluated  # the language is loaded when an expression is met

        state = self.object(object_id) if self.subject != "contact" else self.person(person_id)
        return evaluated(self.tx, self.subject, state, text)

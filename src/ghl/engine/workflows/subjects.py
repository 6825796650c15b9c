"""The people and records that runs are about, fetched once for a group, for conditions and texts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from ghl.engine.columns import State
from ghl.engine.showing import account_shown, owner_shown, shown
from ghl.engine.stores import store_of
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
        self._shown: dict[tuple[str, int, int | None], dict[str, Any]] = {}

    def load(self, runs: Iterable[tuple[int, int | None]]) -> None:
        """Fetch what these runs are about: pairs of object and person."""
        runs = list(runs)
        people = dict.fromkeys(person for _, person in runs if person is not None)
        self._fetch("contact", self.people, people)
        if self.subject not in ("contact", "none"):
            self._fetch(self.subject, self.objects, dict.fromkeys(number for number, _ in runs if number))

    def _fetch(self, noun: str, known: dict[int, State], wanted: Iterable[int]) -> None:
        missing = [number for number in wanted if number not in known]
        for start in range(0, len(missing), 500):
            known |= {s["id"]: s for s in store_of(noun).load(self.tx, missing[start : start + 500])}

    def forget(self, object_id: int, person_id: int | None) -> None:
        """A step has written: what is known of this run's records may be old."""
        self.people.pop(person_id or 0, None)
        self.objects.pop(object_id, None)
        for key in (("contact", person_id or 0, None), (self.subject, object_id, None)):
            self._shown.pop(key, None)

    def object(self, object_id: int) -> State | None:
        """The record that a run is about."""
        if self.subject in ("none", "") or not object_id:
            return None
        if self.subject == "contact":
            return self.person(object_id)
        self._fetch(self.subject, self.objects, [object_id])
        return self.objects.get(object_id)

    def person(self, person_id: int | None) -> State | None:
        """The contact that a run concerns."""
        if person_id is None:
            return None
        self._fetch("contact", self.people, [person_id])
        return self.people.get(person_id)

    def zone(self, person_id: int | None) -> ZoneInfo:
        """The person's zone: her own, else her country's, else the account's."""
        state = self.person(person_id)
        own, country = (state["zone"], state["country"]) if state else (None, None)
        return zone_of(own, country, self.tx.account.zone)

    def shown(self, noun: str, state: State | None, version: int | None = None) -> dict[str, Any] | None:
        """A record as texts and conditions see it, now or as of a version."""
        if state is None:
            return None
        key = (noun, state["id"], version)
        if key not in self._shown:
            self._shown[key] = shown(self.tx, noun, state, version)
        return self._shown[key]

    def data(
        self, object_id: int, person_id: int | None, versions: dict[str, int] | None = None
    ) -> dict[str, Any]:
        """The names that a text may use: the subject, its contact, company and owner, the account, the clock.

        With `versions`, records are as they were then.
        """
        versions = versions or {}
        found: dict[str, Any] = {"account": account_shown(self.tx), "now": self.tx.now}
        person = self.person(person_id)
        contact = found["contact"] = self.shown("contact", person, versions.get("contact")) or {}
        found["company"], found["owner"] = {"name": contact.get("company")}, owner_shown(self.tx, person)
        if self.subject not in ("contact", "none"):
            found[self.subject] = self.shown(self.subject, self.object(object_id), versions.get(self.subject)) or {}
        return found

    def value(self, field: str, object_id: int, person_id: int | None) -> Any:
        """A field of the subject, or of its contact as `contact.birthday`."""
        noun, _, name = field.rpartition(".")
        if noun == "custom" or noun.endswith(".custom"):
            noun, name = noun.removesuffix("custom").rstrip("."), f"custom.{name}"
        noun = noun or self.subject
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

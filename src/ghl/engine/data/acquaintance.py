"""What is there already of the people of one batch: who holds an e-mail, who has a phone or an id."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ghl.engine.columns import State
from ghl.engine.crm.contacts import STORE
from ghl.engine.data.loading import as_json
from ghl.engine.data.persons import Person
from ghl.engine.data.runs import Run, known_keys

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

Holder = int | Person
"""A contact that is there, by its row key, or a new one that is not written yet."""


class Acquaintance:
    """Contacts that the rows of a batch could mean."""

    def __init__(self, tx: Tx, run: Run, match: list[str], people: list[Person]) -> None:
        self._tx, self._run, self._match = tx, run, match
        self.holders: dict[str, Holder] = {}
        """By e-mail, whoever may see them: each address has one holder."""
        self.states: dict[int, State] = {}
        self.touched: set[int] = set()
        """Contacts that earlier rows of this import have made or changed."""
        self.planned: set[tuple[str, str]] = set()
        """Keys of contacts that earlier portions of a trial would have made."""
        self.erased: set[str] = set()
        """E-mails of people who asked to be forgotten: no file brings them back."""
        self._found: dict[tuple[str, str], list[Holder]] = {}
        self._look(people)
        if run.trial:
            self._look_at_plan(people)

    def _look(self, people: list[Person]) -> None:
        tx = self._tx
        emails = [key for person in people for key in person.emails]
        if emails:
            rows = tx.connection.tuples(tx.text("data/imports/emails"), tx.params({"keys": as_json(emails)}))
            self.holders = dict(rows)
            self.erased = _erased(tx, emails)
        if "phone" in self._match:
            keys = [key for person in people for key in person.phones]
            self._fill("phone", tx.connection.tuples(tx.text("data/imports/phones"), tx.params({"keys": as_json(keys)})))
        for kind, column in (("external_id", "external_id"), ("id", "public_id")):
            if kind in self._match:
                self._fill(kind, self._by_column(people, kind, column))
        self.load(number for number in self.holders.values() if isinstance(number, int))
        self.load(number for found in self._found.values() for number in found if isinstance(number, int))

    def _fill(self, kind: str, rows: Iterable[tuple[Any, ...]]) -> None:
        for key, number in rows:
            self._found.setdefault((kind, key), []).append(number)

    def _by_column(self, people: list[Person], kind: str, column: str) -> list[tuple[Any, ...]]:
        texts = list(dict.fromkeys(text for person in people if (text := person.key(kind))))
        live = "" if kind == "id" else " and r.deleted_at is null"
        found: list[tuple[Any, ...]] = []
        for start in range(0, len(texts), 500):
            part = texts[start : start + 500]
            marks = ", ".join(f":k{n}" for n in range(len(part)))
            found += self._tx.connection.tuples(
                f"select r.{column}, r.id from contact_records r where r.account_id = :account_id"
                f" and r.{column} in ({marks}){live}{STORE.sight(self._tx)} order by r.id",
                self._tx.params({f"k{n}": text for n, text in enumerate(part)}),
            )
        return found

    def load(self, numbers: Iterable[int]) -> None:
        """Fetch the states of contacts; those the caller may not see stay away."""
        wanted = sorted(set(numbers) - self.states.keys())
        for start in range(0, len(wanted), 500):
            part = wanted[start : start + 500]
            self.states |= {state["id"]: state for state in STORE.load(self._tx, part, lock=True)}
            self.touched |= self._touched(part)

    def _touched(self, numbers: list[int]) -> set[int]:
        self._tx.flush()
        rows = self._tx.connection.tuples(
            f"""select r.id from contact_records r join changes c on c.id = r.change_id
            where +r.account_id = :account_id and c.change_set_id = :set_id and r.id in ({",".join(map(str, numbers))})""",
            self._tx.params({"set_id": self._tx.changes.set_id}),
        )
        earlier = known_keys(self._tx, self._run, "record", [str(number) for number in numbers])
        return {row[0] for row in rows} | {int(text) for text in earlier}

    def _look_at_plan(self, people: list[Person]) -> None:
        wanted = {
            "email": [key for person in people for key in person.emails],
            "phone": [key for person in people for key in person.phones],
            "external_id": [text for person in people if (text := person.external_id)],
            "id": [text for person in people if (text := person.public_id)],
        }
        for kind, keys in wanted.items():
            if kind in self._match or kind == "email":
                self.planned |= {(kind, key) for key in known_keys(self._tx, self._run, kind, keys)}

    def candidates(self, person: Person, kind: str) -> list[Holder]:
        """Whom a row could mean by one kind of key."""
        if kind == "email":
            holders = [self.holders[key] for key in person.emails if key in self.holders]
            # Somebody whom the caller does not see has the address: no match, and it is taken.
            return [one for one in holders if isinstance(one, Person) or one in self.states]
        if kind == "phone":
            return [one for key in person.phones for one in self._found.get(("phone", key), ())]
        text = person.key(kind)
        return self._found.get((kind, text), []) if text else []

    def remember(self, person: Person, holder: Holder) -> None:
        """From now on the keys of a row lead to its contact."""
        emails: Iterable[str] = self.states[holder]["emails"] if isinstance(holder, int) else person.emails
        for key in emails:
            self.holders[key] = holder
        for kind in self._match:
            if kind == "email":
                continue
            text = person.key(kind) if kind != "phone" else None
            for key in person.phones if kind == "phone" else [text] if text else []:
                found = self._found.setdefault((kind, key), [])
                if holder not in found:
                    found.append(holder)
        if self._run.trial:
            keys = [("email", key) for key in emails] + [("phone", key) for key in person.phones]
            keys += [(kind, text) for kind in ("external_id", "id") if (text := person.key(kind))]
            for kind_and_key in keys:
                self._run.keys.setdefault(kind_and_key, person.line)


def _erased(tx: Tx, emails: list[str]) -> set[str]:
    """Of these addresses, those of erased people; known only by a hash, and only where anybody was erased."""
    if not tx.value("marketing/suppressions/key", purpose="erasure"):
        return set()
    from ghl.engine.marketing.suppressions import suppressed  # most accounts have erased nobody

    return {key for key, reason in suppressed(tx, "email", emails).items() if reason == "erased"}

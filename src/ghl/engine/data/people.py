"""Taking contacts in: matched by keys a few thousand at a time, and written a statement per table."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from ghl.engine.columns import State
from ghl.engine.crm.contacts import STORE
from ghl.engine.crm.parts import tag_key
from ghl.engine.data.acquaintance import Acquaintance
from ghl.engine.data.bulk import insert_many
from ghl.engine.data.companies import company_keys
from ghl.engine.data.loading import Loader
from ghl.engine.data.meeting import attach, change
from ghl.engine.data.opting import suppress_row
from ghl.engine.data.persons import Person, PersonReader
from ghl.engine.data.plain import PlainRows
from ghl.engine.data.runs import CREATED, MERGED, Run, Verdict
from ghl.errors import Conflict, Duplicate, GhlError, NotFound
from ghl.sdk.names import fold

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

BATCH = 1500
"""Rows that are looked up and written together; a portion of an import has several batches."""


class People(Loader):
    """Takes contacts. Only what meets a contact that is there, or another row, is written one by one."""

    def __init__(self, tx: Tx, run: Run) -> None:
        super().__init__(tx, run)
        self.companies: dict[str, int] = {}
        """Row keys by folded name."""
        self._tags: dict[str, int] = {}
        self._persons = PersonReader(tx, run)
        cells = self.reader.cells
        silent = not run.choices.live and not run.trial
        self._plain = PlainRows(tx, cells, self._persons) if silent and PlainRows.fits(cells) else None
        # A plain row is a new contact unless somebody has its e-mail, where nothing else is matched by.
        self._by_email = not set(self.match) - {"email"} and self.mode in ("upsert", "create")
        self._by_email = self._by_email and run.row["plan_id"] is None

    def load(self, lines: Sequence[int], rows: Sequence[Any]) -> None:
        self.remember(lines)
        for start in range(0, len(rows), BATCH):
            self._batch(lines[start : start + BATCH], rows[start : start + BATCH])

    def _batch(self, lines: Sequence[int], rows: Sequence[Any]) -> None:
        people = self._read_people(lines, rows)
        there = self._there = Acquaintance(self.tx, self.run, self.match, people)
        alone = self._by_email and not there.erased
        pending: list[Person] = []
        self._pending = pending
        for person in people:
            try:
                if alone and person.values is None and there.holders.keys().isdisjoint(person.emails):
                    for key in person.emails:
                        there.holders[key] = person
                    self._pending.append(person)
                    continue
                self._one(person)
            except GhlError as error:
                self._take_back(person)
                self.reject(person.line, error)
            else:
                self.related.keep()
        self._flush()
        del self._there

    def _read_people(self, lines: Sequence[int], rows: Sequence[Any]) -> list[Person]:
        people: list[Person] = []
        plain = self._plain.read if self._plain else None
        for line, row in zip(lines, rows, strict=True):
            try:
                person = plain(line, row) if plain else None
                people.append(person or self._persons.read(line, self.reader.read(row)))
            except GhlError as error:
                self.reject(line, error)
        return people

    def _take_back(self, person: Person) -> None:
        """What a refused row has made is gone, and must be looked for again."""
        self.related.take_back()
        if person.company:
            self.companies.pop(fold(person.company), None)
            self.related.known.pop(("company", fold(person.company)), None)

    # --- a row

    def _one(self, person: Person) -> None:
        number = self._match(person)
        if self.mode == "suppress":
            with self.tx.part():
                state = self._there.states.get(number) if number is not None else None
                verdict, new = suppress_row(self, person.line, self._read_again(person), state)
            self.run.judge(verdict)
            if new is not None:
                self._there.states[new["id"]] = new
        elif number is None:
            if self._met_before(person):
                if person.company:
                    company_keys(self.tx, self.run, self.companies, [person.company])
                self.run.judge(Verdict(person.line, MERGED))
                return
            self.expect(person.line, None, None, "")
            self._new(person)
        else:
            self._meet(person, number)

    def _read_again(self, person: Person) -> dict[str, Any]:
        """The values of a row; of a plain one they were not needed until now."""
        if person.values is None:
            person.values = self._persons.read(person.line, self.reader.read(person.row)).values
        return person.values or {}

    def _meet(self, person: Person, number: int) -> None:
        there = self._there
        there.load([number])
        state = there.states[number]
        if state["deleted_at"]:
            raise Conflict("it was deleted here", hint=f"ghl contacts restore {state['public_id'][-6:]}")
        touched = number in there.touched
        if self.mode == "create" and not touched:
            raise Conflict(f"{STORE.label(state)} is there already")
        self.expect(person.line, state, None if touched else state["version"], STORE.label(state))
        self._read_again(person)
        with self.tx.part():
            self.strict()
            new = change(self, state, person)
            verdict = self.changed(person.line, state, new, touched=touched)
        self.run.judge(verdict)
        if new is not state:
            there.states[number] = new
            there.touched.add(number)
            for key in state["emails"].keys() - new["emails"].keys():
                there.holders.pop(key, None)
            there.remember(person, number)

    def _match(self, person: Person) -> int | None:
        for kind in self.match:
            found = self._there.candidates(person, kind)
            if any(isinstance(one, Person) and one.id is None for one in found):
                self._flush()
            numbers = {one.id if isinstance(one, Person) else one for one in found}
            if len(numbers) > 1:
                raise Duplicate(f"{len(numbers)} contacts have its {kind.replace('_', ' ')}", field=kind)
            if numbers:
                return numbers.pop()
        return None

    def _met_before(self, person: Person) -> bool:
        """Whether an earlier portion of a trial would have made the contact that this row means."""
        planned = self._there.planned
        if not planned:
            return False
        keys = [("email", key) for key in person.emails] + [("phone", key) for key in person.phones]
        keys += [(kind, text) for kind in ("external_id", "id") if (text := person.key(kind))]
        if any(key in planned for key in keys if key[0] in self.match):
            return True
        if any(key in planned for key in keys if key[0] == "email"):
            raise Duplicate("its e-mail belongs to the contact of another row", field="email")
        return False

    # --- new contacts

    def _new(self, person: Person) -> None:
        if self.mode == "update":
            raise NotFound(f"no contact matches it by {' or '.join(self.match) or 'anything'}")
        for key in person.emails:
            if key in self._there.holders:
                raise Duplicate(f"{key} belongs to another contact", field="email")
        if not self._there.erased.isdisjoint(person.emails):
            raise Conflict("a person with this e-mail was erased, and no import brings her back", field="email")
        if person.values is not None:
            person.state = self._state(person)
        self._pending.append(person)
        self._there.remember(person, person)

    def _state(self, person: Person) -> State:
        """The complete new state, but for company and tags, which are found for many at once."""
        values, state = self._read_again(person), STORE.blank(self.tx)
        self.born(state, values)
        left_out = ("company", "tags")
        fields = self.related.fields({name: value for name, value in values.items() if name not in left_out})
        STORE.assign(self.tx, state, fields)
        STORE.derive(self.tx, state)
        if not person.company or not STORE.identified(state | {"companies": True}):
            STORE.check(self.tx, state, None)
        return state

    def _flush(self) -> None:
        """Write the new contacts that are waiting, in the order of their rows."""
        people, self._pending = self._pending, []
        if not people:
            return
        self.strict()
        people = self._tagged(people)
        companies = company_keys(self.tx, self.run, self.companies, [p.company for p in people if p.company])
        for plain, group in groupby(people, key=lambda person: person.state is None):
            written = list(group)
            try:
                with self.tx.part():
                    self._write(written, companies, plain=plain)
            except Conflict:
                # Somebody else has taken an address meanwhile: each for itself.
                written = self._one_by_one(written, companies)
            self._judge(written)

    def _tagged(self, people: list[Person]) -> list[Person]:
        """Those whose tags are there, or could be made."""
        refused: dict[str, GhlError] = {}
        for name in dict.fromkeys(name for person in people for name in person.tags):
            if name not in self._tags:
                try:
                    self._tags[name] = tag_key(self.tx, name)
                except GhlError as error:
                    refused[name] = error
        if not refused:
            return people
        for person in people:
            bad = next((refused[name] for name in person.tags if name in refused), None)
            if bad is not None:
                self.reject(person.line, bad)
        return [person for person in people if refused.keys().isdisjoint(person.tags)]

    def _write(self, people: list[Person], companies: dict[str, int], *, plain: bool) -> None:
        if plain and self._plain:
            self._plain.write(people, self._tags, companies)
            return
        states = [self._whole(person, companies) for person in people]
        insert_many(self.tx, STORE, states)
        for person, state in zip(people, states, strict=True):
            person.id = state["id"]
            if person.values:
                attach(self, person, state, known=set())

    def _whole(self, person: Person, companies: dict[str, int]) -> State:
        state = person.state or self._state(person)
        state |= {"id": None, "change_id": None}
        if person.company:
            state["companies"] = {companies[person.company]: {"role": None, "is_primary": 1}}
        state["tags"] = {self._tags[name]: {} for name in person.tags}
        return state

    def _one_by_one(self, people: list[Person], companies: dict[str, int]) -> list[Person]:
        taken = []
        for person in people:
            try:
                with self.tx.part():
                    self._write([person], companies, plain=False)
            except GhlError as error:
                self.reject(person.line, error)
            else:
                taken.append(person)
        return taken

    def _judge(self, people: list[Person]) -> None:
        if not self.run.trial:
            self.run.counts["created"] += len(people)
            return
        for person in people:
            name = STORE.label(person.state or {})
            self.run.judge(Verdict(person.line, CREATED, None, None, {"name": name}))

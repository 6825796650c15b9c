"""Taking contacts in: matched by keys a few thousand at a time, and written a statement per table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from ghl.engine.columns import State
from ghl.engine.crm.addresses import EMAILS, PHONES
from ghl.engine.crm.contacts import STORE, split_name
from ghl.engine.crm.parts import tag_key
from ghl.engine.data.bulk import insert_many
from ghl.engine.data.companies import company_keys
from ghl.engine.data.loading import Loader, as_json
from ghl.engine.data.opting import opted_out, suppress_row
from ghl.engine.data.policies import permitted
from ghl.engine.data.reading import Values, listed
from ghl.engine.data.runs import CREATED, MERGED, Run, Verdict, known_keys
from ghl.engine.records import store_of
from ghl.errors import Conflict, Duplicate, GhlError, Invalid, NotFound
from ghl.sdk.addresses import normalise_email, normalise_phone
from ghl.sdk.names import fold, search_words
from ghl.sdk.times import is_zone

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

BATCH = 1500
"""Rows that are looked up and written together; a portion of an import has several batches."""
_TEXTS = frozenset(column.name for column in STORE.columns if column.kind == "text" and column.length == 500)
_FAST = _TEXTS | {"email", "phone", "company", "tags", "id", "created_at"}
_LONGEST = 500


NOTHING: Values = {}
"""The values of a plain row, which are read when they are needed."""


class Person:
    """A row that was read, with the keys that find people by it.

    A plain row has its new state at once, and its values are read again where it turns out to mean
    somebody who is there.
    """

    __slots__ = ("company", "email", "emails", "line", "phone", "phones", "row", "state", "tags", "values")

    def __init__(self, line: int, values: Values, row: Any = None, state: State | None = None) -> None:
        self.line, self.values, self.row, self.state = line, values, row, state
        self.email: tuple[str, str] | None = None
        self.phone: tuple[str, str] | None = None
        self.emails: list[str] = []
        self.phones: list[str] = []
        self.company: str | None = None
        self.tags: list[str] = []

    def text(self, name: str) -> str | None:
        """A text of the row, whether its values were read or its state was made at once."""
        found: str | None = self.state.get(name) if self.values is NOTHING and self.state else self.values.get(name)
        return found


class People(Loader):
    """Takes contacts. Only what meets a contact that is there, or another row, is written one by one."""

    def __init__(self, tx: Tx, run: Run) -> None:
        super().__init__(tx, run)
        self._country = tx.account.country
        self.blank = STORE.blank(tx)
        self._tags: dict[str, int] = {}
        self._companies: dict[str, int] = {}
        self._plain = PlainRows(self) if PlainRows.fits(self) else None
        self._forget()

    def load(self, lines: Sequence[int], rows: Sequence[Any]) -> None:
        self.remember(lines)
        for start in range(0, len(rows), BATCH):
            self._batch(lines[start : start + BATCH], rows[start : start + BATCH])

    def _batch(self, lines: Sequence[int], rows: Sequence[Any]) -> None:
        people: list[Person] = []
        plain = self._plain.read if self._plain else None
        for line, row in zip(lines, rows, strict=True):
            try:
                person = plain(line, row) if plain else None
                people.append(person or self._person(line, self.reader.read(row)))
            except GhlError as error:
                self.reject(line, error)
        self._look_up(people)
        holders, alone = self._holders, self._alone
        for person in people:
            try:
                if alone and person.values is NOTHING:
                    for key in person.emails:
                        if key in holders:
                            break
                    else:
                        # Nobody has its addresses, and nothing else could say who it is.
                        for key in person.emails:
                            holders[key] = person.state  # type: ignore[assignment]
                        self._pending.append(person)
                        continue
                self._one(person)
            except GhlError as error:
                self._take_back(person)
                self.reject(person.line, error)
            else:
                self.related.keep()
        self._flush()
        self._forget()

    def _forget(self) -> None:
        """What was known of one batch; the next one looks for itself."""
        self._holders: dict[str, int | State] = {}
        self._found: dict[tuple[str, str], list[int | State]] = {}
        self._states: dict[int, State] = {}
        self._touched: set[int] = set()
        self._pending: list[Person] = []

    def _take_back(self, person: Person) -> None:
        """What a refused row has made is gone, and must be looked for again."""
        self.related.take_back()
        if person.company:
            self._companies.pop(fold(person.company), None)
            self.related.known.pop(("company", fold(person.company)), None)

    # --- reading

    def _person(self, line: int, values: Values) -> Person:
        if "id" in values:
            values = self.identified(values)
        if "name" in values:
            name = values.pop("name")
            if "first_name" not in values and "last_name" not in values:
                values |= split_name(name)
        if "zone" in values and not is_zone(values["zone"]):
            self.run.notice(f'time zone "{values.pop("zone")}" is not known and left out')
        person = Person(line, values)
        person.company, person.tags = values.get("company"), values.get("tags") or []
        email = values.get("email")
        if email is not None:
            if ";" in email or "," in email:
                email = self._several(values, "email", "emails", "address")
            try:
                person.email = normalise_email(email)
            except Invalid as error:
                error.field = "email"
                raise
            person.emails.append(person.email[1])
        for item in values.get("emails", ()):
            person.emails.append(EMAILS.read(self.tx, item["address"], values)[1])
        phone = values.get("phone")
        if phone is not None:
            if ";" in phone:
                phone = self._several(values, "phone", "phones", "number")
            person.phone = self.phone(phone, values.get("country"))
            person.phones.append(person.phone[1])
        for item in values.get("phones", ()):
            person.phones.append(self.phone(item["number"], values.get("country"))[1])
        return person

    @staticmethod
    def _several(values: Values, single: str, many: str, word: str) -> str:
        """Several addresses in one cell: the first is the primary one."""
        texts = [part.strip() for part in values[single].replace(",", ";").split(";") if part.strip()]
        more = [{word: text, "label": None, "primary": False} for text in texts[1:]]
        values[many] = more + values.get(many, [])
        values[single] = texts[0] if texts else ""
        return str(values[single])

    def phone(self, text: str, country: str | None) -> tuple[str, str]:
        default = country if country and len(country) == 2 and country.isalpha() else self._country
        try:
            number, key = normalise_phone(text, default)
        except Invalid as error:
            error.field = "phone"
            raise
        return number or text.strip(), key

    # --- what is there

    def _look_up(self, people: list[Person]) -> None:
        """All that the rows could meet: by e-mail always, since each has one holder; by the others if asked."""
        tx = self.tx
        emails = [key for person in people for key in person.emails]
        if emails:
            rows = tx.connection.tuples(tx.text("data/imports/emails"), tx.params({"keys": as_json(emails)}))
            self._holders = dict(rows)
        if "phone" in self.match:
            keys = [key for person in people for key in person.phones]
            self._fill("phone", tx.connection.tuples(tx.text("data/imports/phones"), tx.params({"keys": as_json(keys)})))
        if "external_id" in self.match:
            self._fill("external_id", self._by_column(people, "external_id"))
        if "id" in self.match:
            self._fill("id", self._by_column(people, "id", "public_id"))
        self._load({n for n in self._holders.values() if isinstance(n, int)})
        self._load({n for found in self._found.values() for n in found if isinstance(n, int)})
        if self.run.trial:
            for kind, name in (("email", "emails"), ("phone", "phones")):
                keys = [key for person in people for key in getattr(person, name)]
                self._remember_keys(kind, keys)
            for kind in ("external_id", "id"):
                self._remember_keys(kind, [text for p in people if (text := p.text(kind))])

    def _remember_keys(self, kind: str, keys: list[str]) -> None:
        if kind in self.match or kind == "email":
            self.known |= {(kind, key) for key in known_keys(self.tx, self.run, kind, keys)}

    def _fill(self, kind: str, rows: Iterable[tuple[Any, ...]]) -> None:
        for key, number in rows:
            self._found.setdefault((kind, key), []).append(number)

    def _by_column(self, people: list[Person], name: str, column: str | None = None) -> list[tuple[Any, ...]]:
        texts = [text.lower() if name == "id" else text for p in people if (text := p.text(name))]
        if not texts:
            return []
        marks = ", ".join(f":k{n}" for n in range(min(len(texts), 500)))
        found: list[tuple[Any, ...]] = []
        for start in range(0, len(texts), 500):
            part = texts[start : start + 500]
            part += [part[0]] * (min(len(texts), 500) - len(part))
            live = "" if name == "id" else " and r.deleted_at is null"
            found += self.tx.connection.tuples(
                f"select r.{column or name}, r.id from contacts r where r.account_id = :account_id"
                f" and r.{column or name} in ({marks}){live}{STORE.sight(self.tx)} order by r.id",
                self.tx.params({f"k{n}": text for n, text in enumerate(part)}),
            )
        return found

    def _load(self, numbers: set[int]) -> None:
        wanted = sorted(numbers - self._states.keys())
        if not wanted:
            return
        for start in range(0, len(wanted), 500):
            part = wanted[start : start + 500]
            self._states |= {state["id"]: state for state in STORE.load(self.tx, part, lock=True)}
            self._touched |= self._touched_of(part)

    def _touched_of(self, numbers: list[int]) -> set[int]:
        rows = self.tx.connection.tuples(
            f"""select r.id from contacts r join changes c on c.id = r.change_id
            where r.account_id = :account_id and c.change_set_id = :set_id and r.id in ({','.join(map(str, numbers))})""",
            self.tx.params({"set_id": self.tx.changes.set_id}),
        )
        earlier = known_keys(self.tx, self.run, "record", [str(number) for number in numbers])
        return {row[0] for row in rows} | {int(text) for text in earlier}

    # --- a row

    @property
    def _alone(self) -> bool:
        """Whether a plain row is a new contact unless somebody has its e-mail."""
        only_email = not set(self.match) - {"email"}
        return only_email and self.mode in ("upsert", "create") and not self.run.trial and not self.run.row["plan_id"]

    def _one(self, person: Person) -> None:
        if person.values is NOTHING:
            state, person = person.state, self._person(person.line, self.reader.read(person.row))
            person.state = state
        number = self._match(person)
        if self.mode == "suppress":
            state = self._states.get(number) if number is not None else None
            with self.tx.part():
                verdict = suppress_row(self, person.line, person.values, state)
            self.run.judge(verdict)
            return
        if number is None:
            if self._met_before(person):
                self.run.judge(Verdict(person.line, MERGED))
                return
            self.expect(person.line, None, None, "")
            self._new(person)
            return
        state = self._states[number]
        if state["deleted_at"]:
            raise Conflict("it was deleted here", hint=f"ghl contacts restore {state['public_id'][-6:]}")
        touched = number in self._touched
        if self.mode == "create" and not touched:
            raise Conflict(f"{STORE.label(state)} is there already")
        self.expect(person.line, state, None if touched else state["version"], STORE.label(state))
        with self.tx.part():
            new = self._change(state, person)
            verdict = self.changed(person.line, state, new, touched=touched)
        self.run.judge(verdict)
        if new is not state:
            self._states[number] = new
            self._touched.add(number)
            for key in state["emails"].keys() - new["emails"].keys():
                self._holders.pop(key, None)
            self._register(person, number)

    def _match(self, person: Person) -> int | None:
        for name in self.match:
            found = self._candidates(person, name)
            if any(isinstance(one, dict) for one in found):
                self._flush()
                found = [one if isinstance(one, int) else int(one["id"]) for one in found]
            numbers = {one for one in found if isinstance(one, int)}
            if len(numbers) > 1:
                raise Duplicate(f"{len(numbers)} contacts have its {name.replace('_', ' ')}", field=name)
            if numbers:
                return numbers.pop()
        return None

    def _candidates(self, person: Person, name: str) -> list[int | State]:
        if name == "email":
            holders = [self._holders[key] for key in person.emails if key in self._holders]
            # Somebody whom the caller does not see has the address: no match, and it is taken.
            return [one for one in holders if not isinstance(one, int) or one in self._states]
        if name == "phone":
            return [one for key in person.phones for one in self._found.get(("phone", key), ())]
        value = person.values.get(name)
        return self._found.get((name, value.lower() if name == "id" else value), []) if value else []

    def _met_before(self, person: Person) -> bool:
        if not self.known:
            return False
        keys = [("email", key) for key in person.emails if "email" in self.match]
        keys += [("phone", key) for key in person.phones if "phone" in self.match]
        keys += [(kind, person.values[kind]) for kind in ("external_id", "id") if kind in person.values]
        if any(key in self.known for key in keys):
            return True
        if any(("email", key) in self.known for key in person.emails):
            raise Duplicate("its e-mail belongs to the contact of another row", field="email")
        return False

    def _register(self, person: Person, holder: int | State) -> None:
        """From now on the keys of a row lead to its contact."""
        emails = person.emails if not isinstance(holder, int) else self._states[holder]["emails"]
        for key in emails:
            self._holders[key] = holder
        for name in ("phone", "external_id", "id"):
            if name in self.match:
                keys = person.phones if name == "phone" else [person.values[name]] if name in person.values else []
                for key in keys:
                    found = self._found.setdefault((name, key), [])
                    if holder not in found:
                        found.append(holder)
        if self.run.trial:
            kinds = [("email", key) for key in emails] + [("phone", key) for key in person.phones]
            kinds += [(kind, person.values[kind]) for kind in ("external_id", "id") if kind in person.values]
            for kind_key in kinds:
                self.run.keys.setdefault(kind_key, person.line)

    # --- new contacts

    def _new(self, person: Person) -> None:
        if self.mode == "update":
            raise NotFound(f"no contact matches it by {' or '.join(self.match) or 'anything'}")
        for key in person.emails:
            if key in self._holders:
                raise Duplicate(f"{key} belongs to another contact", field="email")
        state = person.state = person.state or self._state(person)
        self._pending.append(person)
        self._register(person, state)

    def _state(self, person: Person) -> State:
        """The complete new state, but for company and tags, which are found for many at once."""
        values, state = person.values, self.blank.copy()
        if "created_at" in values or "id" in values:
            self.born(state, values)
        if values.keys() <= _FAST:
            for name, value in values.items():
                if name in _TEXTS:
                    if len(value) > _LONGEST or "\x00" in value:
                        STORE.assign(self.tx, state, {name: value})  # raises what is wrong with it
                    state[name] = value
            if person.email is not None:
                state["emails"] = _only(*person.email)
            if person.phone is not None:
                state["phones"] = _only(*person.phone)
        else:
            STORE.assign(self.tx, state, self._fields(values, new=True))
        STORE.derive(self.tx, state)
        if not STORE.identified(state) and not person.company:
            STORE.check(self.tx, state, None)
        return state

    def _fields(self, values: Values, *, new: bool) -> dict[str, Any]:
        """The values as fields of the contract; of a new contact without company and tags."""
        left_out = {"company", "tags"} if new else set()
        return self.related.fields({name: value for name, value in values.items() if name not in left_out})

    def _flush(self) -> None:
        """Write the new contacts that are waiting."""
        people, self._pending = self._pending, []
        if not people:
            return
        self.strict()
        self._put_companies(people)
        self._put_tags(people)
        states = [person.state for person in people if person.state is not None]
        try:
            with self.tx.part():
                insert_many(self.tx, STORE, states, self._plain.columns if self._plain else None)
        except Conflict:
            people = self._one_by_one(people)
        for person in people:
            state = person.state
            assert state is not None
            self._states[state["id"]] = state
            if person.values:
                self._attach(person, state)
        self._touched |= {person.state["id"] for person in people if person.state is not None}
        if self.run.trial:
            for person in people:
                name = {"name": STORE.label(person.state or {})}
                self.run.judge(Verdict(person.line, CREATED, None, None, name))
        else:
            self.run.counts["created"] += len(people)

    def _one_by_one(self, people: list[Person]) -> list[Person]:
        """Somebody else has taken an address meanwhile: each for itself."""
        taken = []
        for person in people:
            assert person.state is not None
            person.state |= {"id": None, "change_id": None}
            try:
                with self.tx.part():
                    STORE.insert(self.tx, person.state)
            except GhlError as error:
                self.reject(person.line, error)
            else:
                taken.append(person)
        return taken

    def _put_tags(self, people: list[Person]) -> None:
        known: dict[str, int] = self._tags
        nothing: dict[str, Any] = {}
        for person in people:
            if person.tags and person.state is not None:
                for name in person.tags:
                    if name not in known:
                        known[name] = tag_key(self.tx, name)
                person.state["tags"] = {known[name]: nothing for name in person.tags}

    def _put_companies(self, people: list[Person]) -> None:
        names = [person.company for person in people if person.company]
        if not names:
            return
        keys = company_keys(self.tx, self.run, self._companies, names)
        link = {"role": None, "is_primary": 1}
        for person in people:
            if person.company and person.state is not None:
                person.state["companies"] = {keys[person.company]: link}

    def _attach(self, person: Person, state: State) -> None:
        """What hangs on a contact: its notes, and its place on the list of those who get nothing."""
        for body in person.values.get("notes", ()):
            self.tx.memo["contact", state["public_id"]] = state["id"]
            store_of("note").create(self.tx, {"body": _body(body), "contact_id": state["public_id"]})
        if "dnd" in person.values:
            opted_out(self.tx, self.run, person.values)

    # --- contacts that are there

    def _change(self, state: State, person: Person) -> State:
        values = person.values
        self.strict()
        if person.company:
            company_keys(self.tx, self.run, self._companies, [person.company])
            self.related.known["company", fold(person.company)] = self._companies[fold(person.company)]
        fields = permitted(self.tx, STORE, state, self._fields(values, new=False), self.policies)
        added: dict[str, list[dict[str, Any]]] = {name: fields.pop(name) for name in ("emails", "phones") if self._adds(name) and name in fields}
        for single in ("email", "phone"):
            if single in fields and self.policies.get(single) == "append":
                word = "address" if single == "email" else "number"
                added.setdefault(f"{single}s", []).insert(0, {word: fields.pop(single), "label": None})
        if "company_id" in fields and self.policies.get("company") == "append" and state["companies"]:
            fields["companies"] = self._with_company(state, fields.pop("company_id"))
        new = state | {"custom": dict(state["custom"])}
        STORE.assign(self.tx, new, fields)
        for name, items in added.items():
            new[name] = self._with_addresses(new, name, items)
        new = STORE.write(self.tx, state, new)
        known = self._known_notes(new) if values.get("notes") else set()
        for body in values.get("notes", ()):
            if _body(body) not in known:
                self.tx.memo["contact", new["public_id"]] = new["id"]
                store_of("note").create(self.tx, {"body": _body(body), "contact_id": new["public_id"]})
        if "dnd" in values:
            opted_out(self.tx, self.run, values)
        return new

    def _adds(self, name: str) -> bool:
        return self.policies.get(name) == "append"

    def _with_addresses(self, state: State, name: str, items: list[dict[str, Any]]) -> dict[str, Any]:
        part, word = (EMAILS, "address") if name == "emails" else (PHONES, "number")
        elements = dict(state[name])
        for item in items:
            shown, key = part.read(self.tx, item[word], state)
            if key not in elements:
                place = max((one["position"] for one in elements.values()), default=-1) + 1
                elements[key] = {
                    "address": shown, "label": item.get("label") or None, "is_primary": int(not elements), "position": place,
                }  # fmt: skip
        return elements

    def _with_company(self, state: State, text: str) -> list[dict[str, Any]]:
        number = self.related.row("company", text)
        if number in state["companies"]:
            text = ""
        rows = self.tx.all(
            f"select id, public_id from companies where account_id = :account_id and id in ({','.join(map(str, state['companies']))})"
        )
        kept = [
            {"company_id": row["public_id"], "role": link["role"], "primary": bool(link["is_primary"])}
            for row in rows
            for link in [state["companies"][row["id"]]]
        ]
        return [*kept, {"company_id": text}] if text else kept

    def _known_notes(self, state: State) -> set[str]:
        rows = self.tx.all(
            "select body from notes where account_id = :account_id and contact_id = :id and deleted_at is null",
            id=state["id"],
        )
        return {row["body"] for row in rows}


class PlainRows:
    """Reads rows of texts, an e-mail, a phone, a company and tags straight into new states."""

    def __init__(self, people: People) -> None:
        self._people, self._blank = people, people.blank
        cells = people.reader.cells
        self._texts = [(c.place, c.target) for c in cells if c.target in _TEXTS]
        self.columns = tuple(dict.fromkeys(target for _, target in self._texts))
        place = {c.target: c.place for c in cells}
        self._email, self._phone = place.get("email"), place.get("phone")
        self._company, self._tags = place.get("company"), place.get("tags")
        self._search = f"account{people.tx.account_id} "

    @staticmethod
    def fits(people: People) -> bool:
        """Whether the columns are of the plain kind, each target by one of them."""
        cells = people.reader.cells
        targets = [cell.target for cell in cells]
        labels = any(cell.label for cell in cells if cell.target in ("email", "phone"))
        plain = (_TEXTS - {"zone"}) | {"email", "phone", "company", "tags"}
        return len(set(targets)) == len(targets) and plain.issuperset(targets) and not labels

    def read(self, line: int, row: Any) -> Person | None:
        """A plain row; None for one that needs more care."""
        if type(row) is not list:
            return None
        state = self._blank.copy()
        for place, target in self._texts:
            cell = row[place]
            if cell:
                if type(cell) is not str:
                    return None
                text = cell.strip()
                if text:
                    if len(text) > _LONGEST or "\x00" in text:
                        return None
                    state[target] = text
        person = Person(line, NOTHING, row, state)
        email = row[self._email] if self._email is not None else None
        if email:
            if type(email) is not str or ";" in email or "," in email:
                return None
            if email and not email.isspace():
                try:
                    person.email = normalise_email(email)
                except Invalid as error:
                    error.field = "email"
                    raise
                shown, key = person.email
                state["emails"] = {key: {"address": shown, "label": None, "is_primary": 1, "position": 0}}
                person.emails.append(key)
        if self._phone is not None:
            phone = row[self._phone]
            if phone:
                if type(phone) is not str or ";" in phone:
                    return None
                if not phone.isspace():
                    shown, key = person.phone = self._people.phone(phone, state["country"])
                    state["phones"] = {key: {"address": shown, "label": None, "is_primary": 1, "position": 0}}
                    person.phones.append(key)
        if self._company is not None:
            company = row[self._company]
            if company:
                person.company = str(company).strip() or None
        if self._tags is not None and row[self._tags]:
            person.tags = listed(row[self._tags])
        first, last = state["first_name"], state["last_name"]
        state["name_key"] = fold(f"{last or ''} {first or ''}")
        state["search_text"] = self._search + search_words(
            first, last, person.email[0] if person.email else None, person.phone[0] if person.phone else None,
            state["job_title"], state["city"], state["external_id"],
        )  # fmt: skip
        if not (first or last or person.emails or person.phones or person.company or state["external_id"]):
            return None
        return person


def _only(shown: str, key: str) -> dict[str, Any]:
    return {key: {"address": shown, "label": None, "is_primary": 1, "position": 0}}


def _body(note: Any) -> str:
    return str(note.get("body") if isinstance(note, dict) else note).strip()

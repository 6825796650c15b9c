"""Records as the evaluator sees them: the state at hand, and what hangs on it when it is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from ghl.engine import custom
from ghl.engine.columns import State
from ghl.engine.expressions import Record
from ghl.engine.fields import fields_of, is_record
from ghl.engine.stores import HIDDEN, store_of
from ghl.errors import GhlError
from ghl.sdk.expressions import Type
from ghl.sdk.money import Money
from ghl.sdk.times import parse_stamp

if TYPE_CHECKING:
    from ghl.engine.tx import Tx


@dataclass(slots=True)
class StateRecord:
    """A record's state as the evaluator sees it."""

    tx: Tx
    noun: str
    state: State

    def value(self, name: str) -> Any:
        if name.startswith("custom."):
            return self._custom(name.removeprefix("custom."))
        place = fields_of(self.noun).places.get(name)
        return place.read(self.tx, self.state) if place is not None else None

    def _custom(self, key: str) -> Any:
        found = self.state["custom"].get(key)
        definition = custom.definitions(self.tx, self.noun).get(key)
        if found is None or definition is None:
            return None
        return typed(found, {"money": Type.MONEY, "datetime": Type.DATETIME, "date": Type.DATE}.get(definition.type))

    def related(self, name: str) -> Iterable[Record]:
        hanging = fields_of(self.noun).relations[name]
        rows_only = not is_record(hanging.noun)
        body = hanging.sql.replace("{q}", "q").replace("{r}", "r")
        join, _, condition = body.partition(" where ")
        rows = self.tx.all(
            f"""select {"q.*" if rows_only else "q.id"} from {store_of(self.noun).table} r cross join {join}
            where r.id = :record_id and r.account_id = :account_id and {condition}""",
            record_id=self.state["id"],
        )
        if rows_only:
            return [StateRecord(self.tx, hanging.noun, row) for row in rows]
        states = store_of(hanging.noun).load(self.tx, [row["id"] for row in rows])
        return [StateRecord(self.tx, hanging.noun, state) for state in states]

    def link(self, name: str) -> Record | None:
        if name == self.noun:
            return self
        noun, key = fields_of(self.noun).links[name]
        if key.startswith("{r}."):
            number = self.state[key.removeprefix("{r}.")]
        else:
            number = self.tx.value(
                f"""select {key.replace("{r}", "r")} as id from {store_of(self.noun).table} r
                where r.id = :record_id and r.account_id = :account_id""",
                record_id=self.state["id"],
            )
        states = store_of(noun).load(self.tx, [number]) if number is not None else []
        if not states or (noun in HIDDEN and states[0]["deleted_at"] is not None):
            return None
        return StateRecord(self.tx, noun, states[0])


def typed(value: Any, type_: Type | None) -> Any:
    """A value as it is stored or shown, as the evaluator takes it; None where it is none of that type."""
    try:
        if isinstance(value, Mapping) and {"minor", "currency"} <= value.keys():
            return Money(minor=value["minor"], currency=value["currency"])
        if isinstance(value, str) and type_ is Type.DATETIME:
            return parse_stamp(value)
        if isinstance(value, str) and type_ is Type.DATE:
            return date.fromisoformat(value)
    except (GhlError, ValueError):
        return None
    return value


def spread(noun: str, variables: Mapping[str, Any]) -> dict[str, Any]:
    """What an event carries, with the fields of `before` and `after` as names of their own: `after.city`."""
    places = fields_of(noun).places
    found = dict(variables)
    for side, values in variables.items():
        if isinstance(values, Mapping):
            for name, value in values.items():
                place = places.get(name)
                found[f"{side}.{name}"] = typed(value, place.field.type if place else None)
    return found

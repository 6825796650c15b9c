"""The stages of a pipeline as a list-valued part of it: known ones keep their row key and their deals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ghl.engine.columns import Elements, Part, State, one_line
from ghl.errors import Invalid, NotFound
from ghl.sdk.crm.pipelines import StageInput
from ghl.sdk.names import fold

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

_WRITE = """insert into stages
(pipeline_id, id, public_id, name, name_key, position, probability, sets_status, account_id, retired)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)
on conflict (id) do update set name = excluded.name, name_key = excluded.name_key,
position = excluded.position, probability = excluded.probability, sets_status = excluded.sets_status, retired = 0"""
_RETIRE = "update stages set retired = 1 where pipeline_id = ? and id = ?"


class StagePart(Part):
    """Stages in order. A removed one is retired, not deleted: where deals have been keeps its name."""

    def add(self, tx: Tx, record_id: int, elements: Elements) -> None:
        rows = [
            (record_id, key, *(values[column] for column in self.columns), tx.account_id)
            for key, values in elements.items()
        ]
        if rows:
            tx.connection.many_tuples(_WRITE, rows)

    def remove(self, tx: Tx, record_id: int, elements: Elements) -> None:
        if elements:
            tx.connection.many_tuples(_RETIRE, [(record_id, key) for key in elements])

    def restored(self, key: str) -> Any:
        return int(key)

    def encode(self, tx: Tx, value: Any, state: State) -> Elements:
        known: Elements = state[self.field]
        elements: Elements = {}
        for item in value:
            key, values = self.read(tx, item, known)
            if key in elements:
                raise twice(values["name"])
            elements[key] = values
        return numbered(elements)

    def read(self, tx: Tx, item: StageInput | str, known: Elements) -> tuple[int, dict[str, Any]]:
        """A stage as it is given: the known one that it means with what changes, or a new one."""
        given = StageInput(name=item) if isinstance(item, str) else item
        key = key_of(known, given.id) if given.id else key_of(known, given.name or "", strict=False)
        if key is not None:
            values = dict(known[key])
        else:
            key = tx.key("stages")
            values = dict.fromkeys(self.columns) | {"public_id": tx.public_id()}
        if given.name is not None or "name" not in values:
            values["name"] = one_line(" ".join((given.name or "").split()), "stages")
            values["name_key"] = fold(values["name"])
        if "sets_status" in given.model_fields_set:
            values["sets_status"] = given.sets_status
        if given.probability is not None:
            values["probability"] = given.probability
        if not values["name_key"]:
            raise Invalid("a stage needs a name", field="stages")
        if len(values["name"]) > 100:
            raise Invalid(f'stage "{values["name"][:20]}…" is longer than 100 characters', field="stages")
        return key, values

    def decode(self, tx: Tx, elements: Elements) -> Any:
        ordered = sorted(elements.values(), key=lambda values: values["position"])
        return [
            {"id": v["public_id"], "name": v["name"], "probability": v["probability"], "sets_status": v["sets_status"]}
            for v in ordered
        ]

    def changed(self, tx: Tx, state: State, values: dict[str, Any]) -> None:
        """Apply `remove_stages` and `add_stages` to a state."""
        elements: Elements = dict(state[self.field])
        for reference in values.get("remove_stages") or []:
            elements.pop(key_of(elements, reference), None)
        for item in values.get("add_stages") or []:
            key, columns = self.read(tx, item, elements)
            order = [k for k in elements if k != key]
            order.insert(_place(elements, order, item), key)
            elements[key] = columns
            elements = {k: elements[k] for k in order}
        state[self.field] = numbered(elements)


def _place(elements: Elements, order: list[int], item: StageInput | str) -> int:
    """After the stage it names, else before the stages that end a deal."""
    if isinstance(item, StageInput) and item.after:
        found = key_of(elements, item.after)
        return order.index(found) + 1 if found in order else len(order)
    plain = [index for index, key in enumerate(order) if elements[key]["sets_status"] is None]
    return plain[-1] + 1 if plain else 0


def key_of(known: Elements, reference: str, *, strict: bool = True) -> Any:
    """The row key of the stage with this name or id."""
    text, wanted = reference.strip().lower(), fold(reference)
    for key, values in known.items():
        if values["name_key"] == wanted:
            return key
    for key, values in known.items():
        if len(text) >= 6 and values["public_id"].endswith(text):
            return key
    if strict:
        names = ", ".join(values["name"] for values in known.values())
        raise NotFound(f'the pipeline has no stage "{reference}"', hint=f"stages: {names}", field="stages")
    return None


def numbered(elements: Elements) -> Elements:
    """The stages with their places, and a probability for those that have none yet."""
    names: set[str] = set()
    plain = [key for key, values in elements.items() if values["sets_status"] is None]
    for position, (key, values) in enumerate(elements.items()):
        values = elements[key] = values | {"position": position}
        if values["name_key"] in names:
            raise twice(values["name"])
        names.add(values["name_key"])
        if values["probability"] is None:
            spaced = round(100 * (plain.index(key) + 1) / (len(plain) + 1)) if key in plain else 0
            values["probability"] = 100 if values["sets_status"] == "won" else spaced
    return elements


def twice(name: str) -> Invalid:
    """Two stages of a pipeline with one name."""
    return Invalid(f'two stages have the name "{name}"', hint="each stage is named once", field="stages")


COLUMNS = ("public_id", "name", "name_key", "position", "probability", "sets_status")
STAGES = StagePart("stages", "stages", "pipeline_id", "id", COLUMNS, {"retired": 0})

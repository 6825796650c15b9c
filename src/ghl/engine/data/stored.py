"""Records as they are stored, for copies: public ids in place of row keys, and back again."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from ghl.engine.columns import Part, State
from ghl.engine.records import Store
from ghl.engine.stores import store_of
from ghl.errors import Invalid
from ghl.nouns import NOUNS
from ghl.sdk.data.exports import ExportPage

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

FORMAT, VERSION = "ghl copy", 1
ORDER = (
    "users", "tags", "fields", "pipelines", "products", "companies", "contacts", "deals", "activities", "notes",
    "tasks", "views", "attachments", "templates", "senders", "suppressions", "workflows",
)  # fmt: skip
"""Nouns of a copy, each behind those that its records refer to."""
_SETTINGS = ("name", "zone", "currency", "country", "locale", "postal_address")


def settings(tx: Tx) -> dict[str, Any]:
    """The account's settings, and the key under which erased addresses stay suppressed."""
    found: dict[str, Any] = {name: getattr(tx.account, name) for name in _SETTINGS}
    key = tx.value("marketing/suppressions/key", purpose="erasure")
    return found | {"settings": tx.account.settings} | ({"erasure_key": key} if key else {})


def page(tx: Tx, noun: str, after: int, size: int) -> ExportPage:
    """Records behind a row, deleted ones too."""
    if noun not in ORDER:
        raise Invalid(f"{noun} are no part of a copy", hint=f"one of: {', '.join(ORDER)}", field="noun")
    if noun == "workflows":
        return _workflows(tx, after, size)
    store = store_of(NOUNS[noun].singular)
    ids = [
        row[0]
        for row in tx.connection.tuples(
            f"select r.id from {store.table} r where r.account_id = :account_id and r.id > :after{store.sight(tx)}"
            " order by r.id limit :size",
            tx.params({"after": after, "size": size}),
        )
    ]
    states = store.load(tx, ids)
    return ExportPage(records=_written(tx, store, states), next=ids[-1] if len(ids) == size else None)


def _workflows(tx: Tx, after: int, size: int) -> ExportPage:
    rows = tx.all(
        """select w.id, w.name, w.status, v.definition, v.source from workflows w
        join workflow_versions v on v.id = w.version_id
        where w.account_id = :account_id and w.deleted_at is null and w.id > :after order by w.id limit :size""",
        after=after, size=size,
    )  # fmt: skip
    records = [
        {"id": row["name"], "name": row["name"], "status": row["status"], "source": row["source"], "definition": json.loads(row["definition"])}
        for row in rows
    ]
    return ExportPage(records=records, next=rows[-1]["id"] if len(rows) == size else None)


# --- writing


def _written(tx: Tx, store: Store[Any], states: Sequence[State]) -> list[dict[str, Any]]:
    names = Names(tx)
    for column in store.columns:
        if column.kind == "ref":
            names.want(column.noun, (state[column.name] for state in states))
    for part in store.parts:
        if part.noun:
            names.want(part.noun, (key for state in states for key in state[part.field]))
    if store.noun == "deal":
        names.want("product", (line["product_id"] for state in states for line in state["lines"].values()))
    more = _known_as(tx, states, names) if store.noun == "contact" else EXTRAS.get(store.noun)
    return [_record(store, state, names) | (more(tx, state, names) if more else {}) for state in states]


def _record(store: Store[Any], state: State, names: Names) -> dict[str, Any]:
    record: dict[str, Any] = {"id": state["public_id"], "created_at": state["created_at"], "updated_at": state["updated_at"]}
    if state["deleted_at"]:
        record["deleted_at"] = state["deleted_at"]
    for column in store.columns:
        value = state[column.name]
        if column.kind == "money":
            currency = state[f"{column.name}_currency"]
            value = {"minor": value, "currency": currency} if currency else None
        elif column.kind == "ref":
            value = names.public(column.noun, value)
        elif column.kind == "json":
            value = json.loads(value) if value else None
        elif column.kind == "bool":
            value = bool(value)
        if value is not None and value != column.default:
            record[column.name] = value
    for part in store.parts:
        if state[part.field]:
            record[part.field] = [_element(part, key, values, names) for key, values in state[part.field].items()]
    if state["custom"]:
        record["custom"] = state["custom"]
    return record


def _element(part: Part, key: Any, values: dict[str, Any], names: Names) -> dict[str, Any]:
    if part.noun:
        return {part.noun: names.public(part.noun, key), **values}
    if part.field == "lines":
        return {**values, "product_id": names.public("product", values["product_id"]), "number": int(str(key).rpartition("#")[2])}
    return dict(values) if part.field == "stages" else {"key": key, **values}


class Names:
    """Public ids of rows."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._known: dict[str, dict[int, str]] = {}

    def want(self, noun: str, numbers: Iterable[int | None]) -> None:
        """Look up these rows of a noun at once."""
        known = self._known.setdefault(noun, {})
        wanted = sorted({number for number in numbers if number is not None and number not in known})
        table = "stages" if noun == "stage" else store_of(noun).table
        for start in range(0, len(wanted), 1000):
            known |= dict(
                self._tx.connection.tuples(
                    f"select id, public_id from {table} where account_id = :account_id"
                    f" and id in ({','.join(map(str, wanted[start : start + 1000]))})",
                    self._tx.params({}),
                )
            )

    def public(self, noun: str, number: int | None) -> str | None:
        """The public id of a row that was looked up."""
        return self._known[noun].get(number) if number is not None else None


def _visits(tx: Tx, state: State, names: Names) -> dict[str, Any]:
    rows = tx.all(
        """select pipeline_id, stage_id, entered_at, left_at, seconds, actor, blind from stage_visits
        where account_id = :account_id and deal_id = :id order by entered_at, id""",
        id=state["id"],
    )
    names.want("pipeline", (row["pipeline_id"] for row in rows))
    names.want("stage", (row["stage_id"] for row in rows))
    for row in rows:
        row["pipeline_id"] = names.public("pipeline", row["pipeline_id"])
        row["stage_id"] = names.public("stage", row["stage_id"])
    return {"stage_entered_at": state["stage_entered_at"], "visits": rows}


def _known_as(tx: Tx, states: Sequence[State], names: Names) -> Callable[[Tx, State, Names], dict[str, Any]]:
    """What is remembered of people beside their records: ids of those merged into them, and who is somebody else."""
    if not states:
        return lambda tx, state, names: {}
    ends = {"first": min(state["id"] for state in states), "last": max(state["id"] for state in states)}
    merged: dict[int, list[str]] = {}
    for row in tx.all("data/exports/aliases", noun=tx.known_word("noun", "contact"), **ends):
        merged.setdefault(row["record_id"], []).append(row["public_id"])
    apart: dict[int, list[dict[str, Any]]] = {}
    pairs = tx.all("data/exports/judged", **ends)
    names.want("contact", (row["left_id"] for row in pairs))
    for row in pairs:
        other = names.public("contact", row["left_id"])
        apart.setdefault(row["right_id"], []).append({"contact": other, "at": row["at"], "actor": row["actor"]})

    def known(tx: Tx, state: State, names: Names) -> dict[str, Any]:
        found = {"merged": merged.get(state["id"]), "not_duplicates": apart.get(state["id"])}
        return {name: values for name, values in found.items() if values}

    return known


def _retired(tx: Tx, state: State, names: Names) -> dict[str, Any]:
    rows = tx.all(
        """select public_id, name, name_key, position, probability, sets_status from stages
        where account_id = :account_id and pipeline_id = :id and retired = 1 order by id""",
        id=state["id"],
    )
    return {"retired_stages": rows} if rows else {}


def _content(tx: Tx, state: State, names: Names) -> dict[str, Any]:
    row = tx.one("crm/attachments/content", digest=state["digest"])
    return {"content": base64.b64encode(bytes(row["content"])).decode()} if row else {}


def _hashed(tx: Tx, state: State, names: Names) -> dict[str, Any]:
    return {} if state["address"] else {"address_key": state["address_key"]}


EXTRAS: dict[str, Callable[[Tx, State, Names], dict[str, Any]]] = {
    "deal": _visits, "pipeline": _retired, "attachment": _content, "suppression": _hashed,
}  # fmt: skip
"""What of a noun hangs on a record beside its columns and parts."""

"""The values of a custom field across its noun's records: found, converted to another type, indexed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ghl.engine import custom
from ghl.engine.columns import State
from ghl.engine.stores import store_of
from ghl.errors import Conflict, GhlError, NotAllowed
from ghl.sdk.crm.fields import Conversion
from ghl.sdk.money import Money

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

CHUNK = 1000


def stored(tx: Tx, field: State) -> Iterator[tuple[int, Any]]:
    """Every value of a field by its record's key, deleted records too: they may come back."""
    name, table = field["name"], store_of(field["noun"]).table
    value = f"json_extract(r.custom, '$.{name}')" if tx.dialect == "sqlite" else f"cast(r.custom as jsonb) -> '{name}'"
    after = 0
    while True:
        rows = tx.all(
            f"""select r.id, r.custom from {table} r
            where r.account_id = :account_id and r.id > :after and {value} is not null order by r.id limit {CHUNK}""",
            after=after,
        )
        for row in rows:
            yield row["id"], json.loads(row["custom"])[name]
        if len(rows) < CHUNK:
            return
        after = rows[-1]["id"]


def holders(tx: Tx, field: State) -> Iterator[State]:
    """The records that have a value, locked; all of them, or none where some are hidden from the caller."""
    store, wanted = store_of(field["noun"]), [number for number, _ in stored(tx, field)]
    for start in range(0, len(wanted), CHUNK):
        ids = wanted[start : start + CHUNK]
        records = store.load(tx, ids, lock=True)
        if len(records) < len(ids):
            raise NotAllowed(
                f"{store.plural} that you do not see have a value of {field['name']}", hint="ask an owner of the account"
            )
        yield from records


def live(tx: Tx, field: State) -> int:
    """How many live records have a value."""
    table, wanted = store_of(field["noun"]).table, [number for number, _ in stored(tx, field)]
    return sum(
        int(tx.value(f"select count(*) as n from {table} where deleted_at is null and id in ({','.join(map(str, ids))})"))
        for ids in (wanted[start : start + CHUNK] for start in range(0, len(wanted), CHUNK))
    )


def convert(
    tx: Tx, field: State, to: str, choices: list[str], *, force: bool
) -> tuple[int, list[Conversion]]:
    """Convert every value; those that cannot be are told, and dropped only where asked."""
    target = custom.Definition(field["id"], field["name"], field["label"], to, tuple(choices), False)
    records = list(holders(tx, field))
    lost: list[Conversion] = []
    new: list[Any] = []
    for record in records:
        value = record["custom"][field["name"]]
        try:
            new.append(custom.encode(tx, target, _plain(value, to)))
        except GhlError as error:
            lost.append(Conversion(record_id=record["public_id"], value=_plain(value, to), error=error.message))
            new.append(None)
    if lost and not force:
        return 0, lost
    changed = sum(put(tx, field, record, value) for record, value in zip(records, new, strict=True))
    return changed - len(lost), lost


def put(tx: Tx, field: State, record: State, value: Any) -> bool:
    """Write a record's value, or take it away; whether that changed anything."""
    kept = {key: old for key, old in record["custom"].items() if key != field["name"]}
    new = record | {"custom": kept if value is None else kept | {field["name"]: value}}
    return store_of(field["noun"]).write(tx, record, new) is not record


def _plain(value: Any, to: str) -> Any:
    """A stored value as somebody would write it."""
    if isinstance(value, dict) and value.keys() == {"minor", "currency"}:
        return str(Money(**value))
    if isinstance(value, bool) and to in ("text", "select", "url"):
        return "true" if value else "false"
    if isinstance(value, list) and to == "text":
        return "; ".join(map(str, value))
    return value


def reindex(tx: Tx, field: State) -> None:
    """Fill or empty the index of a field's values."""
    tx.run("crm/fields/empty_index", id=field["id"])
    if not field["indexed"] or field["deleted_at"] is not None:
        return
    rows = []
    for number, value in stored(tx, field):
        text, key = custom.keys(value)
        rows.append({"field_id": field["id"], "record_id": number, "text": text, "number": key})
        if len(rows) == CHUNK:
            tx.many("crm/fields/add_index", rows)
            rows = []
    if rows:
        tx.many("crm/fields/add_index", rows)


def refuse_written_since(tx: Tx, field: State, change: int) -> None:
    """A change of a type is not taken back where values of the new type were written after it."""
    from ghl.engine.undo import last_writer  # for undo only, which imports every noun

    for record in holders(tx, field):
        if last_writer(tx, record, f"custom.{field['name']}", change) is not None:
            raise Conflict(f"values of {field['name']} were written since, as {field['type']}")

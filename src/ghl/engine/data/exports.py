"""The handlers of exports: portions of records in the order of their rows, which new ones do not disturb."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ghl.engine import custom
from ghl.engine.data import stored
from ghl.engine.data.shapes import COLUMNS
from ghl.engine.dispatch import handles
from ghl.engine.lists import query
from ghl.engine.records import Store
from ghl.engine.stores import store_of
from ghl.errors import Invalid
from ghl.nouns import NOUNS
from ghl.sdk.data import exports as contract

if TYPE_CHECKING:
    from ghl.engine.tx import Tx


def _store(noun: str) -> Store[Any]:
    if noun not in COLUMNS:
        raise Invalid(f"{noun} cannot be exported", hint=f"one of: {', '.join(COLUMNS)}", field="noun")
    return store_of(NOUNS[noun].singular)


@handles(contract.ListExportColumns)
def columns(request: contract.ListExportColumns, tx: Tx) -> contract.ExportColumns:
    """The columns of an export."""
    store = _store(request.noun)
    more = [f"custom.{key}" for key in custom.definitions(tx, store.noun)]
    default = [*COLUMNS[request.noun].split(), *more]
    possible = [name for name in store.record.model_fields if name != "custom_fields"]
    return contract.ExportColumns(columns=default, possible=list(dict.fromkeys([*possible, *default])))


@handles(contract.ExportRecords)
def records(request: contract.ExportRecords, tx: Tx) -> contract.ExportPage:
    """A portion of records."""
    store = _store(request.noun)
    found = query(tx, store, request)
    found.add("r.id > :after", after=request.after)
    sql = f"select r.id from {store.table} r where {found.sql} order by r.id limit :size"
    ids = [row[0] for row in tx.connection.tuples(sql, tx.params(found.params | {"size": request.size}))]
    shown = store.present(tx, store.load(tx, ids))
    return contract.ExportPage(
        records=[one.model_dump(mode="json") for one in shown], next=ids[-1] if len(ids) == request.size else None
    )


@handles(contract.BeginCopy)
def begin_copy(request: contract.BeginCopy, tx: Tx) -> contract.CopyHeader:
    """The header of a copy."""
    return contract.CopyHeader(
        format=stored.FORMAT, version=stored.VERSION, id=tx.public_id(), nouns=list(stored.ORDER),
        settings=stored.settings(tx),
    )  # fmt: skip


@handles(contract.CopyRecords)
def copy(request: contract.CopyRecords, tx: Tx) -> contract.ExportPage:
    """A portion of a copy."""
    return stored.page(tx, request.noun, request.after, request.size)

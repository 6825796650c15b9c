"""Which noun is kept by which store, and references to records: by name in, with their names out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ghl.errors import NotFound

if TYPE_CHECKING:
    from ghl.engine.records import Store
    from ghl.engine.tx import Tx

STORES: dict[str, str] = {
    "contact": "crm.contacts",
    "company": "crm.companies",
    "deal": "crm.deals",
    "pipeline": "crm.pipelines",
    "product": "crm.products",
    "activity": "crm.activities",
    "note": "crm.notes",
    "task": "crm.tasks",
    "tag": "crm.tags",
    "field": "crm.fields",
    "view": "crm.views",
    "attachment": "crm.attachments",
    "user": "accounts.users",
    "template": "marketing.templates",
    "sender": "marketing.senders",
    "suppression": "marketing.suppressions",
    "workflow": "workflows.workflows",
}

HIDDEN = frozenset({"contact", "company", "deal"})
"""Nouns whose deleted records are seen nowhere: who refers to one shows nothing, until it is restored.

Users are not among them: who left still owned what she owned."""
_PAST = "names of the past"


def store_of(noun: str) -> Store[Any]:
    """The store of a noun, imported when it is first needed."""
    store: Store[Any] = import_module(f"ghl.engine.{STORES[noun]}").STORE
    return store


def resolve(tx: Tx, noun: str, reference: str, *, field: str | None = None, deleted: bool = False) -> int:
    """The row key that a reference in a request names."""
    if noun == "stage":
        from ghl.engine.crm.stages import find  # stages belong to pipelines and have no store of their own

        return find(tx, reference, field=field or "stage_id").id
    memo = (noun, reference)
    if memo not in tx.memo:
        try:
            tx.memo[memo] = store_of(noun).find(tx, reference, deleted=deleted)
        except NotFound as error:
            error.field = field or error.field
            raise
    return int(tx.memo[memo])


def remember(tx: Tx, noun: str, ids: Iterable[int]) -> None:
    """Fetch public ids and names of records that will be shown as references."""
    known: dict[int, tuple[str, str, bool]] = tx.memo.setdefault(("shown", noun), {})
    wanted = {number for number in ids if number is not None and number not in known}
    if not wanted:
        return
    if noun == "stage":
        rows = tx.all(
            f"select id, public_id, name from stages where +account_id = :account_id and id in ({','.join(map(str, wanted))})"
        )
        known |= {row["id"]: (row["public_id"], row["name"], True) for row in rows}
        return
    store = store_of(noun)
    chosen = ", ".join(f"r.{name}" for name in ("id", "public_id", "deleted_at", *store.stored))
    rows = tx.all(
        f"select {chosen} from {store.table} r"
        f" where +r.account_id = :account_id and r.id in ({','.join(map(str, wanted))})"
    )
    for row in rows:
        known[row["id"]] = (row["public_id"], store.label(row), noun not in HIDDEN or row["deleted_at"] is None)


def recall(tx: Tx, noun: str, number: int | None) -> tuple[str, str] | None:
    """Public id and name of a record that was remembered; None of one that is hidden, but where the past is told."""
    found: tuple[str, str, bool] | None = tx.memo.get(("shown", noun), {}).get(number)
    return found[:2] if found and (found[2] or _PAST in tx.memo) else None


def hidden(tx: Tx, noun: str, ids: Iterable[int]) -> set[int]:
    """Those of these records that are deleted, so that who refers to them does not show it.

    What a caller does not see it neither clears nor replaces: a restored record finds its relations again.
    """
    if noun not in HIDDEN:
        return set()
    numbers = list(ids)
    remember(tx, noun, numbers)
    known = tx.memo[("shown", noun)]
    return {number for number in numbers if number in known and not known[number][2]}


@contextmanager
def past(tx: Tx) -> Iterator[None]:
    """Inside, names of deleted records are told too: of what has happened."""
    before = _PAST in tx.memo
    tx.memo[_PAST] = True
    yield
    if not before:
        tx.memo.pop(_PAST, None)

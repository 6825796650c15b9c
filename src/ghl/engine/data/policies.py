"""What a row may write into a record that is there: by column overwrite, fill, append or never."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ghl.engine.columns import State
from ghl.engine.records import Store
from ghl.errors import Invalid

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

ONCE = frozenset({"id", "created_at", "notes"})
"""What only a new record takes, or what is no field of it."""
_OF_TARGET = {"company_id": "company", "owner_id": "owner", "parent_id": "parent", "contact_id": "contact",
              "deal_id": "deal", "stage_id": "stage", "pipeline_id": "pipeline", "expected_close_on": "expected_close_at",
              "lines": "product"}  # fmt: skip


def permitted(
    tx: Tx, store: Store[Any], state: State, fields: Mapping[str, Any], policies: Mapping[str, str]
) -> dict[str, Any]:
    """The fields that may be written; for `append`, with what is there already before them."""
    kept: dict[str, Any] = {}
    for name, value in fields.items():
        if name in ONCE:
            continue
        if name == "custom_fields":
            allowed = _custom(state, value, policies)
            if allowed:
                kept[name] = allowed
            continue
        policy = policies.get(name) or policies.get(_OF_TARGET.get(name, name), "overwrite")
        if policy == "never" or (policy == "fill" and not is_blank(store, state, name)):
            continue
        if name == "tags":
            kept["tags" if policy == "overwrite" else "add_tags"] = value
        elif name == "dnd":
            # Being left alone is never taken away by an import.
            kept[name] = sorted({*json.loads(state["dnd"]), *value})
        elif policy == "append":
            kept[name] = _appended(store, state, name, value)
        else:
            kept[name] = value
    return kept


def is_blank(store: Store[Any], state: State, name: str) -> bool:
    """Whether a record has nothing in a field."""
    if any(part.field == name for part in store.parts):
        return not state[name]
    if name in ("email", "phone") and f"{name}s" in state:
        return not state[f"{name}s"]
    if name == "company_id" and "companies" in state:
        return not state["companies"]
    if name == "contact_id" and "contacts" in state:
        return not state["contacts"]
    for column in store.columns:
        if column.name == name:
            blank = column.blank()
            return all(state[key] == value for key, value in blank.items())
    return not state.get(name)


def _custom(state: State, values: Mapping[str, Any], policies: Mapping[str, str]) -> dict[str, Any]:
    allowed: dict[str, Any] = {}
    for key, value in values.items():
        policy = policies.get(f"custom.{key}", "overwrite")
        known = state["custom"].get(key)
        if policy == "never" or (policy == "fill" and known is not None):
            continue
        if policy == "append" and isinstance(known, list):
            allowed[key] = list(dict.fromkeys([*known, *(value if isinstance(value, list) else [value])]))
        elif policy == "append" and isinstance(known, str):
            allowed[key] = _joined(known, str(value))
        else:
            allowed[key] = value
    return allowed


def _appended(store: Store[Any], state: State, name: str, value: Any) -> Any:
    column = next((c for c in store.columns if c.name == name), None)
    if column is not None and column.kind in ("text", "body"):
        return _joined(state[name] or "", str(value))
    if column is not None and column.kind != "ref":
        raise Invalid(f"`{name}` is no text and no list: nothing can be appended to it", field=name)
    return value


def _joined(known: str, more: str) -> str:
    parts = [part.strip() for part in known.split(";")]
    return known if more in parts or not more else f"{known}; {more}" if known else more

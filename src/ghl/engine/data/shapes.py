"""The columns of exports, noun by noun, and records as flat rows that an import reads again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ghl.errors import Invalid

_PLACE = "street city state postal_code country"
COLUMNS: dict[str, str] = {
    "contacts": "id external_id first_name last_name email emails phone phones company job_title tags owner "
    f"lifecycle_stage lead_score source dnd {_PLACE} website birthday zone locale created_at",
    "companies": f"id external_id name domain website phone industry employees founded revenue {_PLACE} parent owner "
    "tags description created_at",
    "deals": "id external_id name amount pipeline stage status lost_reason company contact owner product opened_at "
    "closed_at expected_close_on source tags description created_at",
    "products": "id external_id name sku family price active description",
    "users": "id external_id name email manager office zone",
    "notes": "id external_id body contact company deal owner pinned created_at",
    "tasks": "id external_id title body due_at status done_at kind priority owner contact company deal",
    "activities": "id external_id at kind direction outcome subject body seconds contact company deal owner created_at",
    "pipelines": "id name stages stale_days created_at",
    "tags": "id name description created_at",
    "suppressions": "address channel reason source created_at",
}
"""What each export has where nobody chooses. Names are those of the records."""
_WORDS = ("name", "address", "number")


def chosen(noun: str, fields: list[str] | None, possible: list[str], default: list[str]) -> list[str]:
    """The columns that were asked for, each one that there is."""
    if not fields:
        return default
    for name in fields:
        if name not in possible:
            import difflib  # only when something went wrong

            close = difflib.get_close_matches(name, possible, 1)
            raise Invalid(
                f'{noun} have no field "{name}"', hint=f"{close[0]}?" if close else f"fields: {', '.join(possible)}",
                field="fields",
            )  # fmt: skip
    return fields


def flat(record: Mapping[str, Any], columns: list[str]) -> list[Any]:
    """One row: lists of objects as the words that name them, custom fields by their keys."""
    return [_value(record, name) for name in columns]


def _value(record: Mapping[str, Any], name: str) -> Any:
    if name.startswith("custom."):
        return (record.get("custom_fields") or {}).get(name[7:])
    if name in ("emails", "phones"):
        word = "address" if name == "emails" else "number"
        return [one[word] for one in record.get(name) or [] if not one["primary"]]
    if name == "product":
        lines = record.get("lines") or []
        return lines[0]["name"] if len(lines) == 1 else None
    value = record.get(name)
    if isinstance(value, list):
        return [next((one[w] for w in _WORDS if w in one), one) if isinstance(one, Mapping) else one for one in value]
    return value

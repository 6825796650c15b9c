"""The business records of an account in a form that two accounts can be compared by."""

from __future__ import annotations

from typing import Any

import ghl
from ghl.engine.data.copies import Reader
from ghl.engine.data.stored import ORDER
from ghl.sdk.data.exports import BeginCopy, CopyRecords

_NOT_COMPARED = ("updated_at",)


def business(crm: ghl.Client, *, live: bool = True) -> dict[str, list[dict[str, Any]]]:
    """Every record by noun, without what differs between equal accounts; deleted ones of the copy stay."""
    with Reader(crm) as reader:
        header = reader.ask(BeginCopy()).model_dump()
        found: dict[str, Any] = {"settings": [{k: v for k, v in header["settings"].items() if k != "name"}]}
        for noun in ORDER:
            records = [dict(record) for record in reader.records(CopyRecords, noun=noun)]
            for record in records:
                for name in _NOT_COMPARED:
                    record.pop(name, None)
                for part in ("companies", "contacts", "tags", "followers"):
                    if part in record:
                        record[part] = sorted(record[part], key=str)
            # What a new account had and gave way is no part of the copy.
            found[noun] = sorted((r for r in records if "deleted_at" not in r or noun == "contacts"), key=lambda r: str(r["id"]))
        return found

"""What expressions may ask of a company beside its columns: its people and what hangs on it."""

from __future__ import annotations

from ghl.engine.fields import NounFields


def declare(found: NounFields) -> None:
    """Add them."""
    found.hang_through("contacts", "contact", "contact_companies")
    found.hang("deal", "task", "note", "activity")
    found.relations["companies"] = found.part_of("parent_id")

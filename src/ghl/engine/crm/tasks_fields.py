"""What expressions may ask of a task beside its columns."""

from __future__ import annotations

from ghl.engine.fields import NounFields


def declare(found: NounFields) -> None:
    """Add it."""
    found.choose("status", "open", "done")

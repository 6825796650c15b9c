"""What expressions may ask of a pipeline beside its columns: the deals in it."""

from __future__ import annotations

from ghl.engine.fields import NounFields


def declare(found: NounFields) -> None:
    """Add them."""
    found.hang("deal")

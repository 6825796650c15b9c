"""Sizes of files in words."""

from __future__ import annotations

UNITS = ("KiB", "MiB", "GiB", "TiB")


def size(count: int) -> str:
    """`812 bytes`, `11.4 MiB`, `10 MiB`."""
    if count < 1024:
        return f"{count} byte{'' if count == 1 else 's'}"
    power = min((count.bit_length() - 1) // 10, len(UNITS))
    text = f"{count / 1024**power:,.1f}"
    return f"{text.removesuffix('.0')} {UNITS[power - 1]}"

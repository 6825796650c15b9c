"""Sizes of files in words."""

from __future__ import annotations

import pytest

from ghl.sdk.sizes import size

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 bytes"), (1, "1 byte"), (1023, "1023 bytes"), (1024, "1 KiB"), (1536, "1.5 KiB"), (10 << 20, "10 MiB"), (72 << 30, "72 GiB"), (3 << 50, "3,072 TiB")],
)  # fmt: skip
def test_size(count: int, text: str) -> None:
    assert size(count) == text

"""A store with a clock that stands still, and a worker that the test moves on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import ghl
from ghl.engine.clock import VirtualClock
from tests.workflows.play import Play


@pytest.fixture
def play(local: ghl.Client, clock: VirtualClock, tmp_path: Path) -> Iterator[Play]:
    """A client on a store of each kind, and its worker."""
    with Play(local, clock, tmp_path / "outbox") as made:
        yield made


@pytest.fixture
def file_play(file_crm: ghl.Client, clock: VirtualClock, tmp_path: Path) -> Iterator[Play]:
    """The same on a file, where one store is enough."""
    with Play(file_crm, clock, tmp_path / "outbox") as made:
        yield made

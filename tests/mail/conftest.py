"""A store with a worker, and mail servers on this machine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.channels.smtp_servers import Handler, real_server
from tests.workflows.conftest import file_play, play

__all__ = ["file_play", "play"]


@pytest.fixture
def server() -> Iterator[tuple[int, Handler]]:
    """A mail server and what it took."""
    with real_server() as made:
        yield made

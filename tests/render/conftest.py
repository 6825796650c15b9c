"""One renderer for all tests of templates, so that its child processes start once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ghl.engine.render import Renderer


@pytest.fixture(scope="session")
def renderer() -> Iterator[Renderer]:
    with Renderer(processes=2) as made:
        yield made

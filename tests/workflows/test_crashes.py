"""Workers that are killed at any moment lose nothing and repeat nothing but what they say they may have."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import ghl
from tests.channels.smtp_servers import real_server
from tests.workflows.crashing import Crash

pytestmark = [pytest.mark.integration, pytest.mark.skipif(not hasattr(os, "fork"), reason="workers are forked")]


@pytest.mark.timeout(240)
def test_killed_again_and_again(target: str, tmp_path: Path) -> None:
    with real_server() as (port, handler), ghl.init(target, zone="UTC", currency="EUR", country="PT") as crm:
        crash = Crash(crm, target, str(tmp_path / "out"), port, handler, people=150)
        kills = crash.kill(15, seed=7)
        crash.finish()
        found = crash.count(kills)
    assert found.wrong == []
    assert (found.lost, found.twice, found.stuck) == (0, 0, 0)
    assert found.explained <= kills
    assert found.unknown <= kills

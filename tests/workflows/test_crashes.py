"""Workers that are killed at any moment lose nothing and repeat nothing but what they say they may have."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import ghl
from tests.channels.smtp_servers import real_server
from tests.workflows.crashing import Crash, born, gone, nursery, prepare

pytestmark = [pytest.mark.integration, pytest.mark.skipif(not hasattr(os, "fork"), reason="workers are forked")]

SETTINGS = {"zone": "UTC", "currency": "EUR", "country": "PT"}


@pytest.mark.timeout(240)
@pytest.mark.parametrize("together", [1, 2])
def test_killed_again_and_again(target: str, tmp_path: Path, together: int) -> None:
    server = "://" in target
    with real_server() as (port, handler), ghl.init(target, **SETTINGS) as crm:
        crash = Crash(crm, target, str(tmp_path / "out"), port, handler, people=120)
        kills = crash.kill(12, seed=10, longest=0.3 if server else 0.15, together=together)
        crash.finish()
        found = crash.count(kills)
    assert found.wrong == []
    assert (found.lost, found.twice, found.stuck) == (0, 0, 0)
    assert found.explained <= kills
    assert found.unknown <= kills


@pytest.mark.timeout(240)
def test_a_step_that_ends_the_program_is_found_and_parked(target: str, tmp_path: Path) -> None:
    """Everybody else is done, exactly once."""
    with ghl.init(target, **SETTINGS) as crm:
        prepare(crm, 30)
        poisoned = crm.contacts.create(first_name="Poison", email="poison@example.com")
        with nursery(target, str(tmp_path / "out"), "poison") as children:
            for _ in range(25):
                born(children)
                gone(children)
                if crm.workflows.enrollments(state="parked").items:
                    break
            born(children)
            gone(children)
        counts = crm.workflows.get(workflow_id="crash").counts
        (parked,) = crm.workflows.enrollments(state="parked").items
        detail = crm.workflows.enrollment(enrollment_id=parked.id)
        assert counts == {"done": 30, "parked": 1}
        assert parked.contact_id == poisoned.id
        assert detail.path[-1].detail["code"] == "poison"
        assert crm.tasks.list().total == 30


class Worker:
    """A worker as people start it, in a process of its own."""

    def __init__(self, target: str, folder: Path, drain: float = 10) -> None:
        start = f"from ghl.engine import worker; worker.DRAIN = {drain}; from ghl.__main__ import main; main()"
        self.process = subprocess.Popen(
            [sys.executable, "-c", start, "--db", target, "worker", "--outbox", str(folder)], stderr=subprocess.PIPE, text=True
        )

    def stop(self) -> tuple[int, float, str]:
        """Ask it to stop: its exit code, the seconds it took, and what it said."""
        begun = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        _, said = self.process.communicate(timeout=30)
        return self.process.returncode, time.monotonic() - begun, said


@pytest.mark.timeout(120)
def test_asked_to_stop_it_finishes_what_is_under_way(tmp_path: Path) -> None:
    target = str(tmp_path / "crm.db")
    with real_server() as (port, handler), ghl.init(target, **SETTINGS) as crm:
        crash = Crash(crm, target, str(tmp_path / "out"), port, handler, people=60)
        worker = Worker(target, tmp_path / "out")
        until = time.monotonic() + 30
        while not handler.taken and time.monotonic() < until:
            time.sleep(0.02)
        code, seconds, said = worker.stop()
        assert (code, "finishing what is under way" in said) == (0, True)
        assert seconds < 15
        left = crash._rows("select state, count(*) as n from outbox where state in (1, 2) group by state")
        assert left == []
        crash.finish()
        found = crash.count(0)
    assert (found.wrong, found.lost, found.twice, found.explained, found.unknown, found.stuck) == ([], 0, 0, 0, 0, 0)


@pytest.mark.timeout(120)
def test_asked_to_stop_while_a_server_does_not_answer(tmp_path: Path) -> None:
    import socket

    target = str(tmp_path / "crm.db")
    with socket.create_server(("127.0.0.1", 0)) as silent, ghl.init(target, **SETTINGS) as crm:
        port = silent.getsockname()[1]
        crm.senders.create(name="main", url=f"smtp://127.0.0.1:{port}", from_address="a@shop.example")
        prepare(crm, 3)
        worker = Worker(target, tmp_path / "out", drain=1)
        silent.settimeout(30)
        connection, _ = silent.accept()
        code, seconds, _ = worker.stop()
        connection.close()
        assert code == 0
        assert 1 <= seconds < 15
        states = {row.state for row in crm.messages.list().items}
        assert states <= {"queued", "deferred", "sending", "claimed"}
        assert crm.workflows.get(workflow_id="crash").counts.get("failed") is None

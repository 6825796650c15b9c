"""Workers by the real clock: who lives, who took over, and what is said when something does not work."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import ghl
from ghl.engine.clock import SystemClock, VirtualClock, milliseconds
from ghl.engine.local import LocalTransport
from ghl.engine.worker import Worker
from ghl.engine.workflows.trials import DEAD_AFTER, DEATHS, Trial, halved, is_dead
from ghl.errors import Busy, Invalid
from tests.workflows.crashing import prepare
from tests.workflows.play import Play

pytestmark = pytest.mark.integration


@pytest.fixture
def crm(target: str) -> Any:
    with ghl.init(target, zone="UTC", currency="EUR", country="PT") as made:
        yield made


def worker(crm: ghl.Client, folder: Path, **more: Any) -> Worker:
    local = crm._transport
    assert isinstance(local, LocalTransport)
    return Worker(local.database, local.shared, folder=str(folder), **more)


def rows(one: Worker, sql: str) -> list[dict[str, Any]]:
    with one.database.read() as connection:
        return connection.all(sql, {})


def run(one: Worker, sql: str) -> None:
    with one.database.write() as connection:
        connection.run(sql, {})


def test_one_that_was_taken_for_dead_begins_anew(crm: ghl.Client, tmp_path: Path) -> None:
    """Its row is gone, so what it was trying is another's now."""
    mine = worker(crm, tmp_path)
    mine.work()
    assert len(rows(mine, "select id from workers")) == 1
    run(mine, "delete from workers")
    mine._beat_at = 0
    prepare(crm, 5)
    assert mine.once().mail.sent == 10
    assert crm.tasks.list().total == 5
    assert rows(mine, "select id from workers") == []


def test_what_a_dead_one_was_trying_is_halved_and_done(crm: ghl.Client, tmp_path: Path) -> None:
    """It ended after its group was set aside, and before anything of the group was done."""

    class Killed(BaseException):
        pass

    prepare(crm, 20)
    dead: Worker

    def fault(point: str) -> None:
        if point == "after commit" and dead.trials and dead.trials.first():
            raise Killed

    dead = worker(crm, tmp_path, fault=fault)
    with pytest.raises(Killed):
        dead.work()
    (row,) = rows(dead, "select id, trial from workers")
    assert row["trial"]
    assert crm.tasks.list().total == 0
    living = worker(crm, tmp_path)
    living.once()
    assert crm.tasks.list().total == 0, "its heart has only just stopped, and its process lives"
    run(dead, f"update workers set beat_at = beat_at - {DEAD_AFTER + 60_000}")
    living = worker(crm, tmp_path)
    living.once()
    assert crm.tasks.list().total == 20
    assert {one.state for one in crm.workflows.enrollments(page_size=100).items} == {"done"}
    assert rows(living, "select id from workers") == []


def test_nobody_is_blamed_before_dying_alone_often_enough() -> None:
    first, rest = Trial([0], 1, [1, 2, 3]), Trial([0], 2, [7])
    assert halved([]) == []
    assert halved([first, rest]) == [Trial([0], 1, [1, 2]), Trial([0], 1, [3]), rest]
    alone = [Trial([0], 1, [5])]
    for died in range(1, DEATHS + 1):
        alone = halved(alone)
        assert alone == [Trial([0], 1, [5], died)]


@pytest.mark.parametrize(
    ("name", "seconds", "dead"),
    [
        ("here:1", 0, False), ("here:1", 31, True), ("here:99999999", 0, True), ("elsewhere:99999999", 0, False), ("here:x", 0, False),
        ("elsewhere:1", 31, True),
    ],
)  # fmt: skip
def test_who_is_dead(name: str, seconds: int, dead: bool) -> None:
    now = milliseconds(SystemClock().now())
    row = {"name": name.replace("here", socket.gethostname()), "beat_at": now - 1000 * seconds}
    assert is_dead(row, now) is dead


def test_a_worker_that_waits_for_a_server_still_says_that_it_lives(crm: ghl.Client, tmp_path: Path) -> None:
    one = worker(crm, tmp_path)
    one._live()
    assert rows(one, "select id from workers") == []
    one._beat()
    run(one, "update workers set beat_at = 1")
    one._live()
    assert rows(one, "select beat_at from workers")[0]["beat_at"] > 1
    one._goodbye()


def test_what_does_not_work_is_said_and_tried_again(crm: ghl.Client, tmp_path: Path) -> None:
    said: list[str] = []
    one = worker(crm, tmp_path, say=said.append)
    before = SystemClock().now()

    def locked() -> int | None:
        raise Busy("crm.db is in use")

    again = one._looked(locked)
    assert said == ["error: crm.db is in use"]
    assert again is not None
    assert timedelta(seconds=4) < again - before < timedelta(seconds=60)


def test_mail_waits_until_its_worker_is_known_to_live(crm: ghl.Client, tmp_path: Path) -> None:
    prepare(crm, 1)
    one = worker(crm, tmp_path)
    one.runner.tick()
    one.runner.tick()
    assert one._mail_due() is None
    assert list(tmp_path.glob("*.eml")) == []
    one._due()
    one._mail_due()
    assert len(list(tmp_path.glob("*.eml"))) >= 1
    one._goodbye()


def test_only_virtual_time_can_be_moved(crm: ghl.Client, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="only a virtual clock"):
        worker(crm, tmp_path).until(SystemClock().now())


def test_virtual_time_is_told_as_it_passes_and_can_be_stopped(file_play: Play, clock: VirtualClock) -> None:
    file_play.apply("steps:\n- wait: 1 day\n- add_tag: a\n- wait: 1 day\n- add_tag: b\n- wait: 1 day\n- add_tag: c\n")
    ann, start, told = file_play.person("Ann"), clock.now(), []
    file_play.enroll(ann)

    def tell(moment: Any) -> None:
        told.append(moment)
        if len(told) == 2:
            file_play.worker._stopping.set()

    file_play.worker.until(start + timedelta(days=10), told=tell)
    assert [moment - start for moment in told] == [timedelta(days=1), timedelta(days=2)]
    assert file_play.tags(ann) == ["a"]


@pytest.mark.parametrize("asked", ["_ticks", "_mail"])
def test_one_that_is_to_stop_begins_nothing(crm: ghl.Client, tmp_path: Path, asked: str) -> None:
    prepare(crm, 2)
    one = worker(crm, tmp_path)
    one._stopping.set()
    look: Callable[[], bool] = getattr(one, asked)
    assert look() is False
    assert one.done.steps == one.done.mail.sent == 0


def test_two_at_once_share_the_work(crm: ghl.Client, tmp_path: Path) -> None:
    prepare(crm, 30)
    both = [worker(crm, tmp_path) for _ in range(2)]
    threads = [threading.Thread(target=one.once) for one in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    worker(crm, tmp_path).once()
    assert crm.tasks.list().total == 30
    assert len(list(tmp_path.glob("*.eml"))) == 60

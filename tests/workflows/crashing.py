"""Kills workers at random while they work, and counts afterwards what was lost and what was done twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path
from typing import Any

import ghl
from ghl.engine.local import LocalTransport
from ghl.engine.worker import Worker
from ghl.engine.working import open_worker
from tests.channels.smtp_servers import Handler

# A process that has done such work before and makes a worker by forking itself: a fresh start in milliseconds.
_NURSERY = """
import os, sys
from ghl.engine.working import open_worker
from tests.workflows.crashing import poison, practise

practise()
if sys.argv[3] == "poison":
    poison()
if "://" in sys.argv[1]:
    import ghl.engine.db.postgres  # the driver takes longer to import than some workers live
for line in sys.stdin:
    pid = os.fork()
    if pid == 0:
        try:
            with open_worker(sys.argv[1], folder=sys.argv[2]) as working:
                working.worker.runner.size = 40
                working.worker.once()
        finally:
            os._exit(0)
    print(pid, flush=True)
    while os.waitpid(pid, 0)[0] != pid:
        pass
    print("gone", flush=True)
"""

FLOW = """
workflow: crash
status: active
re_entry: never
triggers: [contact.created]
steps:
- add_tag: in
- send_email: news
- if: lead_score > 50
  then:
  - add_tag: high
  else:
  - add_tag: low
- tasks.create: {title: 'Call {{ contact.first_name }}'}
- send_email: receipt
- update_field: {source: done}
"""


@dataclass
class Counted:
    """What a run of kills has left."""

    kills: int
    lost: int
    twice: int
    explained: int
    stuck: int
    wrong: list[str] = field(default_factory=list)
    unknown: int = 0


def prepare(crm: ghl.Client, people: int) -> None:
    """Two templates, a workflow, and people who enter it."""
    crm.templates.create(name="news", subject="News {{ contact.first_name }}", body="n")
    crm.templates.create(name="receipt", kind="transactional", subject="Receipt {{ contact.first_name }}", body="r")
    crm.workflows.apply(source=FLOW)
    crm.contacts.create_many(
        items=[{"first_name": f"P{n}", "email": f"p{n}@example.com", "lead_score": n % 100} for n in range(people)]
    )


def practise() -> None:
    """Do the same on a small file, so that everything is imported and made ready."""
    with tempfile.TemporaryDirectory() as folder:
        with ghl.init(f"{folder}/crm.db", zone="UTC") as crm:
            prepare(crm, 3)
        with open_worker(f"{folder}/crm.db", folder=folder) as working:
            working.worker.once()


def born(nursery: subprocess.Popen[str]) -> int:
    """Start a worker; its process."""
    assert nursery.stdin is not None
    assert nursery.stdout is not None
    nursery.stdin.write("go\n")
    return int(nursery.stdout.readline())


def gone(nursery: subprocess.Popen[str]) -> None:
    """Wait until it is no more."""
    assert nursery.stdout is not None
    assert nursery.stdout.readline().strip() == "gone"


def poison() -> None:
    """Let the making of one task end the program."""
    from ghl.engine.dispatch import HANDLERS, handler_of
    from ghl.sdk.crm.tasks import CreateTask

    make = handler_of(CreateTask)

    def deadly(request: CreateTask, tx: Any) -> Any:
        if request.title == "Call Poison":
            os._exit(9)
        return make(request, tx)

    HANDLERS[CreateTask] = deadly


@contextmanager
def nursery(target: str, folder: str, manner: str = "plain") -> Iterator[subprocess.Popen[str]]:
    """A process that makes workers on a store by forking itself, one for each line that it is sent."""
    process = subprocess.Popen(
        [sys.executable, "-c", _NURSERY, target, folder, manner], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        text=True, bufsize=1, cwd=Path(__file__).resolve().parents[2],
    )  # fmt: skip
    try:
        yield process
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(10)


class Crash:
    """A store with people in a workflow, a mail server, and workers that are killed."""

    def __init__(self, crm: ghl.Client, target: str, folder: str, port: int, handler: Handler, people: int) -> None:
        self.crm, self.target, self.folder, self.handler = crm, target, folder, handler
        local = crm._transport
        assert isinstance(local, LocalTransport)
        self.local: LocalTransport = local
        self.people = people
        crm.senders.create(name="main", url=f"smtp://127.0.0.1:{port}", from_address="a@shop.example", default=True)
        prepare(crm, people)

    def kill(self, times: int, seed: int, *, longest: float = 0.12, together: int = 1) -> int:
        """Start a worker and kill it after a moment, so many times; how many were killed at work.

        The first ones die early, among the steps; the later ones are given time to come to the mail. Of
        several that work together one dies, and is replaced.
        """
        dice, killed = random.Random(seed), 0
        with ExitStack() as stack:
            nurseries = [stack.enter_context(nursery(self.target, self.folder)) for _ in range(together)]
            pids = [born(one) for one in nurseries]
            for number in range(times):
                time.sleep(dice.uniform(0.004, longest if number < times // 2 else 4 * longest))
                place = number % together
                try:
                    os.kill(pids[place], signal.SIGKILL)
                    killed += 1
                except ProcessLookupError:
                    pass
                gone(nurseries[place])
                if number < times - together:
                    pids[place] = born(nurseries[place])
        return killed

    def finish(self, seconds: float = 60) -> None:
        """Let one worker do the rest."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            worker = Worker(self.local.database, self.local.shared, folder=self.folder)
            worker.once()
            if not self._rows("select 1 as x from outbox where state in (0, 1, 2, 4) limit 1") and not self._rows(
                "select 1 as x from enrollments where state = 1 limit 1"
            ):
                return
            time.sleep(0.2)

    def _rows(self, sql: str) -> list[dict[str, Any]]:
        with self.local.database.read() as connection:
            return connection.all(sql)

    def count(self, kills: int) -> Counted:
        """Compare what there is with what the people imply."""
        wrong: list[str] = []

        def expect(what: str, found: Any, wanted: Any) -> None:
            if found != wanted:
                wrong.append(f"{what}: {found}, not {wanted}")

        value = lambda sql: next(iter(self._rows(sql)[0].values()))  # noqa: E731
        n = self.people
        expect("finished runs", value("select count(*) as n from enrollments where state = 3"), n)
        expect("journal rows", value("select count(*) as n from journal where outcome <> 6"), 7 * n)
        expect(
            "hops taken twice",
            value("select count(*) as n from (select 1 from journal group by enrollment_id, hop having count(*) > 1) x"), 0,
        )
        high = sum(1 for k in range(n) if k % 100 > 50)
        for tag, wanted in (("in", n), ("high", high), ("low", n - high)):
            sql = f"select count(*) as n from contact_tags t join tags g on g.id = t.tag_id where g.name = '{tag}'"
            expect(f"tag {tag}", value(sql), wanted)
        expect("tasks", value("select count(*) as n from task_records"), n)
        expect("tasks of one person", value("select max(n) as n from (select count(*) as n from task_records group by contact_id) x"), 1)
        expect("fields set", value("select count(*) as n from contact_records where source = 'done' "), n)
        expect("mail rows", value("select count(*) as n from outbox"), 2 * n)
        expect("inbox rows", value("select count(*) as n from inbox"), 0)
        mails = Counter(str(message_from_bytes(one.data)["Subject"]) for one in self.handler.taken)
        ids = {str(message_from_bytes(one.data)["Message-ID"]) for one in self.handler.taken}
        expect("Message-IDs", len(ids), len(mails))
        unknown = {row["subject"] for row in self._rows("select d.subject from outbox o join message_details d on d.outbox_id = o.id where o.state = 6")}
        wanted = {f"{what} P{k}" for what in ("News", "Receipt") for k in range(n)}
        lost = [one for one in wanted if mails[one] == 0 and one not in unknown]
        twice = [one for one, times in mails.items() if times > 1]
        # A receipt whose answer was lost to a kill is sent again, under its id; news never are.
        explained = [one for one in twice if one.startswith("Receipt")]
        stuck = value("select count(*) as n from outbox where state in (0, 1, 2, 4)") + value(
            "select count(*) as n from enrollments where state = 1"
        )
        return Counted(
            kills, len(lost), len(twice) - len(explained), len(explained), int(stuck), wrong, len(unknown)
        )

"""The workflow engine against the bare loop on its own tables, with sleepers, and beside other writers.

    python bench/engine.py [--people 100000] [--sleeping 1000000] [--postgres URL] [--only steps,sleeping,writers,triggers]

The bare loop claims, writes the journal and moves everybody on, and nothing else. Goals: five steps >= 0.5 of it,
a claim of 5,000 among 1,000,000 sleepers <= 1.2 times that among 5,000, the whole tick <= 3 times, a small write
beside a busy worker at p95 <= 2 times (tick + checkpoint).
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import ghl
from ghl.engine.access import Caller
from ghl.engine.clock import VirtualClock
from ghl.engine.local import LocalTransport
from ghl.engine.tx import Tx
from ghl.engine.workflows.batch import Batch
from ghl.engine.workflows.runner import Runner

HEAD = "status: active\nre_entry: never\n"
FIVE = HEAD + """steps:
- add_tag: lead
- send_email: hello
- wait: 1 day
- if: lead_score > 50
  then:
  - update_field: {source: high}
- webhook: https://example.com/hook
"""
"""Five steps as people write them: half of them enter the branch."""
HEAVY = HEAD + """steps:
- add_tag: lead
- update_field: {source: x}
- send_email: hello
- update_field: {source: y}
- remove_tag: lead
"""
"""Five steps that each write a record or a message."""
BARE = HEAD + "steps:\n" + "".join(f"- id: s{n}\n  goto: s{n + 1}\n" for n in range(1, 6)) + "- id: s6\n  exit: end\n"
SLEEP = HEAD + "steps:\n- wait: 9 days\n- add_tag: awake\n"

PEOPLE = {
    "sqlite": """with recursive c(n) as (select :first union all select n + 1 from c where n < :last)
        insert into contact_records (account_id, public_id, created_at, updated_at, first_name, name_key, lead_score, source)
        select :account, printf('01990000-%04x-7000-8000-%012x', n % 65536, n), :now, :now, 'P' || n, 'p' || n, n % 100, null from c""",
    "postgres": """insert into contact_records (account_id, public_id, created_at, updated_at, first_name, name_key, lead_score, source)
        select :account, '01990000-' || lpad(to_hex(n % 65536), 4, '0') || '-7000-8000-' || lpad(to_hex(n), 12, '0'), :now, :now,
        'P' || n, 'p' || n, n % 100, null from generate_series(cast(:first as bigint), cast(:last as bigint)) n""",
}  # fmt: skip


class Bench:
    """A store with people."""

    def __init__(self, target: str, people: int) -> None:
        self.clock = VirtualClock(datetime.now(UTC))
        self.crm = ghl.init(target, zone="UTC", currency="EUR", country="PT", clock=self.clock)
        local = self.crm._transport
        assert isinstance(local, LocalTransport)
        self.local: LocalTransport = local
        self.database = local.database
        self.crm.templates.create(name="hello", subject="Hello {{ contact.first_name }}", body="Hi")
        self.number, self.highest = people, 0
        self.people(1, people)
        self.runner = Runner(self.database, local.shared)

    def people(self, first: int, last: int) -> None:
        with self.database.write() as connection:
            connection.run(
                PEOPLE[self.database.dialect],
                {"first": first, "last": last, "account": self.local.caller.account_id, "now": "2026-01-01T00:00:00.000Z"},
            )
            if self.database.dialect == "sqlite":  # the index takes away only what it holds
                connection.run("insert into contacts_search (contacts_search) values ('rebuild')")

    def rows(self, sql: str, **params: Any) -> Any:
        with self.database.read() as connection:
            return connection.tuples(sql, params)

    def shards(self) -> list[int]:
        return [0] if self.database.dialect == "sqlite" else list(range(64))

    def enroll(self, workflow: str, where: str = "true") -> float:
        begun = time.perf_counter()
        self.crm.workflows.enroll(workflow_id=workflow, where=where)
        return time.perf_counter() - begun

    def drain(self, each: Callable[[float], None] = lambda seconds: None) -> tuple[int, float]:
        """Tick until nothing is due; steps, and seconds."""
        steps, begun = 0, time.perf_counter()
        while True:
            start = time.perf_counter()
            done = self.runner.tick(self.shards())
            each(time.perf_counter() - start)
            steps += done.steps
            if done.idle:
                return steps, time.perf_counter() - begun

    def bare(self) -> tuple[int, float]:
        """Claim, journal, move, with nothing done at any step; steps, and seconds."""
        steps, begun = 0, time.perf_counter()
        while True:
            with self.database.write() as connection:
                system = Tx(connection, Caller(account_id=0, actor="bench", origin="workflow"), self.local.shared)
                batch = Batch(system)
                if not batch.claim(self.shards(), system.now_ms, 5_000):
                    return steps, time.perf_counter() - begun
                batch.settle()
                steps += batch.size

    def apply(self, text: str, name: str) -> None:
        self.crm.workflows.apply(source=f"workflow: {name}\n{text}")

    def pass_time(self, **duration: float) -> None:
        self.clock.advance(timedelta(**duration))

    def close(self) -> None:
        self.crm.close()


ROUNDS = 3


def steps(bench: Bench) -> None:
    """Five steps for everybody beside the bare loop, in turns."""
    rates: dict[str, list[float]] = {"bare": [], "five": [], "heavy": []}
    ticks: list[float] = []
    for turn in range(ROUNDS):
        for name, text in (("bare", BARE), ("five", FIVE), ("heavy", HEAVY)):
            bench.apply(text, f"{name}{turn}")
            entering = bench.enroll(f"{name}{turn}")
            bench.runner.size = 5_000
            taken, seconds = bench.bare() if name == "bare" else bench.drain(ticks.append)
            if name == "five":
                bench.pass_time(days=1)
                more, longer = bench.drain(ticks.append)
                taken, seconds = taken + more, seconds + longer
            rates[name].append(taken / seconds)
            with bench.database.write() as connection:
                connection.run("delete from contact_tags")
                connection.run("update contact_records set source = null where source is not null")
        shown = ", ".join(f"{name} {found[-1] / 1000:,.0f}k" for name, found in rates.items())
        print(f"  {shown} steps/s; enrolling {bench.number / entering / 1000:,.0f}k/s")
    print(f"  a tick of 5,000: median {statistics.median(ticks) * 1000:.0f} ms, p99 {sorted(ticks)[int(len(ticks) * 0.99)] * 1000:.0f} ms")
    bare = statistics.median(rates["bare"])
    print(f"five steps / bare loop: {statistics.median(rates['five']) / bare:.2f} (goal 0.5)")
    print(f"five steps that all write / bare loop: {statistics.median(rates['heavy']) / bare:.2f}")
    size = bench.rows("select count(*) from journal")[0][0]
    if bench.database.dialect == "sqlite":
        pages = bench.rows("select sum(pgsize) from dbstat where name in ('journal', 'events', 'events_position', 'events_person', 'changes', 'changes_set', 'outbox', 'outbox_ready', 'outbox_subject')")[0][0]
        print(f"bytes per step, all written: {pages / size:.0f} (<= 150 without indexes of the timeline)")


def triggers(bench: Bench) -> None:
    """Events that start a workflow: people per second through entry and all steps."""
    bench.apply(HEAVY.replace("steps:", "triggers: [contact.created]\nsteps:", 1), "triggered")
    count = min(50_000, bench.number)
    with bench.database.write() as connection:
        tx = Tx(connection, bench.local.caller, bench.local.shared)
        for (number,) in connection.tuples("select id from contact_records order by id limit :n", {"n": count}):
            tx.events.emit("contact.created", "contact", number, person_id=number)
        tx.finish()
    taken, seconds = bench.drain()
    print(f"triggers: {count / seconds / 1000:,.1f}k people/s through entry and five steps ({taken / seconds / 1000:,.0f}k steps/s)")
    bench.crm.workflows.archive(workflow_id="triggered")


def sleeping(bench: Bench, sleepers: int) -> None:
    """A claim and a whole tick of 5,000 who are due, among few and among many who sleep."""
    bench.apply(SLEEP, "sleep")
    awake = bench.rows("select id from workflow_steps where name = 'add_tag-1' order by id desc limit 1")[0][0]
    workflow = bench.rows("select id from workflows where name = 'sleep'")[0][0]
    shard = "0" if bench.database.dialect == "sqlite" else "n % 64"
    series = (
        "(with recursive c(n) as (select cast(:first as bigint) union all select n + 1 from c where n < :last) select n from c)"
        if bench.database.dialect == "sqlite"
        else "generate_series(cast(:first as bigint), cast(:last as bigint)) c (n)"
    )
    now = int(bench.clock.now().timestamp() * 1000)

    def add(first: int, last: int, due: str) -> None:
        with bench.database.write() as connection:
            connection.run(
                f"""insert into enrollments (account_id, workflow_id, object_id, person_id, slot, shard, state, step_id, run_at)
                select :account, :workflow, n % :people + 1, n % :people + 1, n, {shard}, 1, :step, {due} from {series}""",
                {"account": bench.local.caller.account_id, "workflow": workflow, "people": bench.number, "step": awake, "first": first, "last": last, "now": now},
            )

    def measured() -> tuple[float, float]:
        claims, ticks = [], []
        for _ in range(7):
            add(bench.highest + 1, bench.highest + 5_000, "cast(:now as bigint)")
            bench.highest += 5_000
            with bench.database.write() as connection:
                system = Tx(connection, Caller(account_id=0, actor="bench", origin="workflow"), bench.local.shared)
                batch = Batch(system)
                begun = time.perf_counter()
                assert batch.claim(bench.shards(), system.now_ms, 5_000 if len(bench.shards()) == 1 else 10_000) >= 4_900
                claims.append(time.perf_counter() - begun)
                system.run("delete from batch") if connection.dialect == "sqlite" else None
            bench.runner.size = 5_000 if len(bench.shards()) == 1 else 10_000
            begun = time.perf_counter()
            bench.runner.tick(bench.shards())
            ticks.append(time.perf_counter() - begun)
            bench.drain()
            with bench.database.write() as connection:
                connection.run("delete from contact_tags")
        return statistics.median(claims), statistics.median(ticks)

    bench.highest = 0
    add(1, 5_000, "cast(:now as bigint) + 900000000 + n")
    bench.highest = 5_000
    few_claim, few_tick = measured()
    if bench.database.dialect == "sqlite":
        before = table_bytes(bench)
    add(bench.highest + 1, bench.highest + sleepers, "cast(:now as bigint) + 900000000 + n * 7919 % 700000000")
    bench.highest += sleepers
    if bench.database.dialect == "sqlite":
        print(f"bytes per sleeper in enrollments and its indexes: {(table_bytes(bench) - before) / sleepers:.0f} (<= 100)")
    many_claim, many_tick = measured()
    print(f"a claim of 5,000: {few_claim * 1000:.2f} ms among 5,000 sleepers, {many_claim * 1000:.2f} ms among {sleepers:,}: {many_claim / few_claim:.2f} (<= 1.2)")
    print(f"a whole tick: {few_tick * 1000:.0f} ms, {many_tick * 1000:.0f} ms: {many_tick / few_tick:.2f} (<= 3)")
    begun = time.perf_counter()
    bench.runner.next_due()
    print(f"the next due time among {sleepers:,}: {(time.perf_counter() - begun) * 1000:.2f} ms")


def table_bytes(bench: Bench) -> int:
    names = "('enrollments', 'enrollments_due', 'enrollments_live', 'enrollments_person', 'enrollments_object')"
    return int(bench.rows(f"select sum(pgsize) from dbstat where name in {names}")[0][0])


def writers(bench: Bench) -> None:
    """A small write of another program while a worker is busy."""
    bench.apply(HEAVY, "busy")
    bench.enroll("busy")
    bench.runner.size = 5_000
    target = bench.database.target
    took: list[float] = []
    ticks: list[float] = []
    script = WRITER.format(target=target)
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        other.stdout.readline()
        other.stdin.write("go\n")
        other.stdin.flush()
        while True:
            begun = time.perf_counter()
            done = bench.runner.tick(bench.shards())
            ticks.append(time.perf_counter() - begun)
            if done.idle:
                break
            time.sleep(0.002)
        other.stdin.write("stop\n")
        other.stdin.flush()
        took = [float(line) for line in other.stdout]
    begun = time.perf_counter()
    bench.database.checkpoint()
    check = time.perf_counter() - begun
    took.sort()
    bound = statistics.median(ticks) + check
    p50, p95, most = took[len(took) // 2], took[int(len(took) * 0.95)], took[-1]
    print(
        f"{len(took)} small writes beside a busy worker: p50 {p50 * 1000:.0f}, p95 {p95 * 1000:.0f}, max {most * 1000:.0f} ms;"
        f" tick {statistics.median(ticks) * 1000:.0f} + checkpoint {check * 1000:.0f} ms: {p95 / bound:.2f} (<= 2)"
    )


WRITER = """
import sys, threading, time
import ghl
crm = ghl.connect({target!r})
ann = crm.contacts.list(page_size=1).items[0]
crm.contacts.update(contact_id=ann.id, city="warm")
stopping = threading.Event()
def listen():
    sys.stdin.readline()
    stopping.set()
print("ready", flush=True)
sys.stdin.readline()
threading.Thread(target=listen, daemon=True).start()
number = 0
while not stopping.is_set():
    number += 1
    begun = time.perf_counter()
    crm.contacts.update(contact_id=ann.id, city=f"c{{number}}")
    print(time.perf_counter() - begun, flush=True)
    time.sleep(0.02)
"""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--sleeping", type=int, default=1_000_000)
    parser.add_argument("--postgres")
    parser.add_argument("--only", default="steps,triggers,writers,sleeping")
    asked = parser.parse_args()
    chosen = asked.only.split(",")
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"GHL_STATE_DIR": folder, "GHL_CONFIG_DIR": folder}
        bench = Bench(asked.postgres or f"{folder}/crm.db", asked.people)
        for name, run in (
            ("steps", steps), ("triggers", triggers), ("writers", writers),
            ("sleeping", lambda found: sleeping(found, asked.sleeping)),
        ):  # fmt: skip
            if name in chosen:
                run(bench)
        bench.close()


if __name__ == "__main__":
    main()

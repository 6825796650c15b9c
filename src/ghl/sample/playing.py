"""Plays the sample into a new file: the past at once, then two weeks with a worker at work."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby

import ghl
from ghl.engine.clock import SystemClock, VirtualClock
from ghl.engine.db.backup import write_out
from ghl.engine.db.identity import adopt
from ghl.engine.local import LocalTransport
from ghl.engine.playback import Deed, perform
from ghl.engine.worker import Work, Worker
from ghl.sample.generator import Sample, generate
from ghl.sample.recipients import Recipients, recipients
from ghl.sample.story import Story

WEEKS = timedelta(days=14)
SLOT = timedelta(minutes=30)
"""How finely what people do is mixed with what the worker does."""
INVITED = '!("supplier" in tags) && !("press" in tags)'


@dataclass(frozen=True, slots=True)
class Played:
    """What came of it."""

    work: Work
    enrolled: int
    seconds: float
    days: int
    recipients: list[Recipients]


def play(target: str, outbox: str, *, seed: int, contacts: int, say: Callable[[str], None] = lambda line: None) -> Played:
    """Make a new file that ends now. The worker's last two weeks leave their mail in `outbox`."""
    end = SystemClock().now().astimezone(UTC).replace(microsecond=0)
    begin, sample = end - WEEKS, generate(seed, end, contacts)
    story = Story(sample)
    deeds = story.deeds()
    birth = min(deed[0] for deed in deeds) - timedelta(days=1)
    clock = VirtualClock(birth)
    # In memory, since nobody has to find half of a demo after a crash; a worker on a file is as durable as it can be.
    with ghl.init(":memory:", name="Norte", zone="Europe/Lisbon", currency="EUR", country="PT", locale="pt-PT", clock=clock) as crm:
        local = crm._transport
        assert isinstance(local, LocalTransport), "a new store is opened here"
        crm.settings.set(postal_address="Norte, Rua da Rosa 20, 1200-385 Lisboa")
        crm.senders.create(name="outbox", url="outbox:", from_address="Norte <hello@norte.example.com>", default=True)
        perform(local, clock, [*story.begin(birth), *(deed for deed in deeds if deed[0] < begin)])
        clock.move_to(begin)
        _apply(crm, sample)
        say(f"{len(deeds):,} things happened in a year; now two weeks with a worker")
        crm.workflows.enroll(workflow_id="welcome", where=INVITED)
        started = time.perf_counter()
        worker = Worker(local.database, local.shared, folder=outbox)
        work = _two_weeks(worker, local, clock, [deed for deed in deeds if deed[0] >= begin], end)
        seconds = time.perf_counter() - started
        yours = crm.with_options(reason="contacts tag", origin="cli")
        yours.contacts.tag(where='city == "Lisbon" && "lead" in tags', tags=["meetup"])
        enrolled = sum(sum(crm.workflows.get(workflow_id=name).counts.values()) for name, _ in sample.workflows)
        with local.database.write() as connection:
            connection.run("analyze")  # the planner meets tables that were empty a moment ago
        write_out(local.database, target)
    with ghl.connect(target) as crm:
        made = crm._transport
        assert isinstance(made, LocalTransport), "a file is local"
        adopt(made.database)  # it was made here: its mail leaves from here
    return Played(work, enrolled, seconds, WEEKS.days, recipients(target))


def _apply(crm: ghl.Client, sample: Sample) -> None:
    """Put templates and workflows into force."""
    for name, text in sample.templates:
        crm.templates.apply(source=text, file=f"{name}.html")
    for name, text in sample.workflows:
        crm.workflows.apply(source=text, file=f"{name}.yaml")


def _two_weeks(worker: Worker, local: LocalTransport, clock: VirtualClock, deeds: list[Deed], end: datetime) -> Work:
    """Let time pass: the worker does what is due, then people do what they did in the next half hour."""
    for slot, some in groupby(deeds, key=lambda deed: (deed[0] - datetime.min.replace(tzinfo=UTC)) // SLOT):
        worker.until(max(clock.now(), datetime.min.replace(tzinfo=UTC) + slot * SLOT))
        perform(local, clock, some)
    return worker.until(end)

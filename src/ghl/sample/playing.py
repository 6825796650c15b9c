"""Plays the sample into a new file: the past at once, then two weeks with a worker at work."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby

import ghl
from ghl.engine.clock import SystemClock, VirtualClock
from ghl.engine.db import Database
from ghl.engine.local import LocalTransport
from ghl.engine.playback import Deed, perform
from ghl.engine.worker import Work, Worker
from ghl.sample.generator import Sample, generate
from ghl.sample.story import Story
from ghl.templates import fields_of_file

WEEKS = timedelta(days=14)
SLOT = timedelta(minutes=30)
"""How finely what people do is mixed with what the worker does."""
AT_ONCE = 500
INVITED = '!("supplier" in tags) && !("press" in tags)'


@dataclass(frozen=True, slots=True)
class Played:
    """What came of it."""

    work: Work
    enrolled: int
    seconds: float
    days: int


def play(target: str, outbox: str, *, seed: int, contacts: int, say: Callable[[str], None] = lambda line: None) -> Played:
    """Make a new store that ends now. The worker's last two weeks leave their mail in `outbox`."""
    end = SystemClock().now().astimezone(UTC).replace(microsecond=0)
    begin, sample = end - WEEKS, generate(seed, end, contacts)
    story = Story(sample)
    deeds = story.deeds()
    birth = min(deed[0] for deed in deeds) - timedelta(days=1)
    clock = VirtualClock(birth)
    with ghl.init(target, name="Norte", zone="Europe/Lisbon", currency="EUR", country="PT", locale="pt-PT", clock=clock) as crm:
        local = crm._transport
        assert isinstance(local, LocalTransport), "a new store is opened here"
        crm.settings.set(postal_address="Norte, Rua da Rosa 20, 1200-385 Lisboa")
        crm.senders.create(name="outbox", url="outbox:", from_address="Norte <hello@norte.example.com>", default=True)
        perform(local, clock, story.begin(birth))
        past = [deed for deed in deeds if deed[0] < begin]
        for start in range(0, len(past), AT_ONCE):
            perform(local, clock, past[start : start + AT_ONCE])
        clock.move_to(begin)
        _apply(crm, sample)
        say(f"{len(past):,} things happened until {begin.date()}; now two weeks with a worker")
        crm.workflows.enroll(workflow_id="welcome", where=INVITED)
        started = time.perf_counter()
        worker = Worker(local.database, local.shared, folder=outbox)
        work = _two_weeks(worker, local, clock, [deed for deed in deeds if deed[0] >= begin], end)
        seconds = time.perf_counter() - started
        crm.with_options(reason="contacts tag").contacts.tag(where='city == "Lisbon" && "lead" in tags', tags=["meetup"])
        _settle(local.database)
        enrolled = sum(sum(crm.workflows.get(workflow_id=name).counts.values()) for name, _ in sample.workflows)
    return Played(work, enrolled, seconds, WEEKS.days)


def _apply(crm: ghl.Client, sample: Sample) -> None:
    """Put templates and workflows into force."""
    for name, text in sample.templates:
        crm.templates.upsert(**fields_of_file(text.encode(), f"{name}.html"))
    for name, text in sample.workflows:
        crm.workflows.apply(source=text, file=f"{name}.yaml")


def _two_weeks(worker: Worker, local: LocalTransport, clock: VirtualClock, deeds: list[Deed], end: datetime) -> Work:
    """Let time pass: the worker does what is due, then people do what they did in the next half hour."""
    for slot, some in groupby(deeds, key=lambda deed: (deed[0] - datetime.min.replace(tzinfo=UTC)) // SLOT):
        worker.until(max(clock.now(), datetime.min.replace(tzinfo=UTC) + slot * SLOT))
        perform(local, clock, some)
    return worker.until(end)


def _settle(database: Database) -> None:
    """Let the planner know the tables that were just filled."""
    with database.write() as connection:
        connection.run("analyze")

"""Whatever the size of batches, and wherever a tick is taken back, everybody comes to the same end."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import ghl
from ghl.engine.clock import VirtualClock
from tests.conftest import START
from tests.workflows.play import Play

pytestmark = pytest.mark.integration


class Taken(Exception):
    """A tick is taken back."""


class Faults:
    """Raises at chosen visits of the points at which a program could die."""

    def __init__(self, visits: set[int]) -> None:
        self.visits, self.count = visits, 0

    def __call__(self, point: str) -> None:
        self.count += 1
        if self.count in self.visits:
            raise Taken(point)


SIMPLE = st.sampled_from(
    [
        {"add_tag": "a"}, {"add_tag": ["b", "c"]}, {"remove_tag": "a"}, {"remove_tag": "start"},
        {"update_field": {"source": "flow"}}, {"update_field": {"lead_score": 7}},
        {"update_field": {"job_title": "{{ contact.first_name }}!"}}, {"wait": "1 hour"}, {"wait": "30 min"},
        {"wait": {"for": "1 hour", "at": "09:30"}}, {"create_task": "Call {{ contact.first_name }}"},
        {"webhook": "https://example.com/"}, {"wait_for": {"event": "contact.tag_added", "timeout": "2 hours"}},
        {"wait_for": {"when": "lead_score > 5", "timeout": "1 hour"}}, {"exit": "left"},
        {"tasks.create": {"title": "x", "owner_id": "{{ contact.first_name }}"}, "on_error": "continue"},
    ]
)  # fmt: skip
CONDITIONS = st.sampled_from(["lead_score > 4", "'a' in tags", "first_name.matches('^P[0-4]')", "city == 'Faro'"])


def branches(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    lists = st.lists(inner, min_size=1, max_size=3)
    condition = st.builds(lambda when, then, other: {"if": when, "then": then, "else": other}, CONDITIONS, lists, lists)
    split = st.builds(lambda one, two: {"split": {"one": 1, "two": 2}, "one": one, "two": two}, lists, lists)
    return condition | split


STEPS = st.lists(st.recursive(SIMPLE, branches, max_leaves=5), min_size=1, max_size=6)
PEOPLE = st.lists(st.tuples(st.integers(0, 9), st.sampled_from(["Faro", "Porto", None])), min_size=1, max_size=8)


def outcome(steps: list[dict[str, Any]], people: list[tuple[int, str | None]], size: int, visits: set[int]) -> Any:
    """What becomes of everybody."""
    with tempfile.TemporaryDirectory() as folder:
        clock = VirtualClock(START)
        with (
            ghl.init(f"{folder}/crm.db", zone="Europe/Lisbon", currency="EUR", country="PT", clock=clock) as crm,
            Play(crm, clock, Path(folder)) as play,
        ):
            definition = {"workflow": "flow", "status": "active", "re_entry": "never", "triggers": ["contact.created"], "steps": steps}
            crm.workflows.apply(definition=definition)
            for number, (score, city) in enumerate(people):
                crm.contacts.create(first_name=f"P{number}", lead_score=score, city=city, tags=["start"] if score % 2 else [])
            faults = Faults(visits)
            play.worker = play.another(fault=faults)
            play.worker.held = "webhooks stay here"
            play.worker.runner.size = size
            for _ in range(120):
                try:
                    due = play.worker.work()
                except Taken:
                    continue
                if due is None or clock.now() - START > timedelta(days=3):
                    break
                clock.advance(timedelta(minutes=30))
                play.worker.runner.size = size
            return told(play)


def told(play: Play) -> Any:
    people = {who.id: who for who in play.crm.contacts.list(page_size=100).items}
    facts = {w.first_name: (sorted(w.tags), w.lead_score, w.source, w.job_title) for w in people.values()}
    paths = {}
    for run in play.runs():
        found = play.run(run.id)
        paths[run.contact] = (found.state, found.outcome, [(e.step, e.outcome, e.at) for e in found.path])
    tasks = sorted((task.title, people[task.contact_id or ""].first_name) for task in play.crm.tasks.list(page_size=100).items)
    hooks = [row["n"] for row in play.rows("select count(*) as n from outbox group by subject_id order by subject_id")]
    changes = play.rows("select record_id, count(*) as n from changes group by noun, record_id order by noun, record_id")
    return facts, paths, tasks, hooks, [row["n"] for row in changes]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=STEPS, people=PEOPLE, size=st.integers(1, 5), visits=st.sets(st.integers(1, 60), max_size=12))
def test_the_same_end(steps: list[dict[str, Any]], people: list[tuple[int, str | None]], size: int, visits: set[int]) -> None:
    plain = outcome(steps, people, 1_000, set())
    assert outcome(steps, people, size, visits) == plain

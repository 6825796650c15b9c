"""Workflows that the clock starts, also where clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.workflows.play import Play

pytestmark = pytest.mark.integration


def entered(play: Play) -> list[datetime]:
    return [run.entered_at for run in play.runs() if run.entered_at]


def test_one_run_about_nothing(play: Play) -> None:
    play.apply("subject: none\ntriggers:\n- {on: schedule, cron: '0 9 * * mon'}\nsteps:\n- tasks.create: {title: Review}\n")
    play.later(days=15)
    assert entered(play) == [datetime(2026, 3, 9, 9, tzinfo=UTC), datetime(2026, 3, 16, 9, tzinfo=UTC)]
    assert len(play.crm.tasks.list().items) == 2


def test_everybody_for_whom_something_is_true(play: Play) -> None:
    play.apply("triggers:\n- {on: schedule, cron: '0 8 * * *', where: lead_score > 5}\nre_entry: after_exit\nsteps:\n- add_tag: hot\n")
    ann, bob = play.person("Ann", lead_score=9), play.person("Bob")
    play.later(days=1)
    assert (play.tags(ann), play.tags(bob)) == (["hot"], [])
    play.later(days=1)
    assert len(play.runs()) == 2


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        # Lisbon goes from 01:00 to 02:00 on 29 March, and back from 02:00 to 01:00 on 25 October.
        ("2026-03-27", ["2026-03-28T01:30", "2026-03-29T01:00", "2026-03-30T00:30"]),
        ("2026-10-23", ["2026-10-24T00:30", "2026-10-25T00:30", "2026-10-26T01:30"]),
    ],
)
def test_half_past_one_on_the_days_when_clocks_change(play: Play, start: str, expected: list[str]) -> None:
    play.clock.move_to(datetime.fromisoformat(f"{start}T12:00+00:00"))
    play.apply("subject: none\ntriggers:\n- {on: schedule, cron: '30 1 * * *'}\nsteps:\n- exit: x\n")
    play.later(days=3)
    assert [f"{at:%Y-%m-%dT%H:%M}" for at in entered(play)] == expected


def test_a_zone_of_its_own(play: Play) -> None:
    play.apply("subject: none\ntriggers:\n- {on: schedule, cron: '0 9 * * *', zone: Asia/Tokyo}\nsteps:\n- exit: x\n")
    play.later(days=1)
    assert entered(play) == [datetime(2026, 3, 3, 0, tzinfo=UTC)]


def test_what_was_missed_while_nobody_worked_fires_once(play: Play) -> None:
    play.apply("subject: none\ntriggers:\n- {on: schedule, cron: '0 * * * *'}\nsteps:\n- exit: x\n")
    play.clock.advance(timedelta(days=2, minutes=30))
    play.work()
    assert len(play.runs()) == 1
    play.later(hours=1)
    assert len(play.runs()) == 2


def test_a_pause_is_not_caught_up_with(play: Play) -> None:
    play.apply("subject: none\ntriggers:\n- {on: schedule, cron: '0 * * * *'}\nsteps:\n- exit: x\n")
    play.crm.workflows.pause(workflow_id="flow")
    play.later(hours=5)
    play.crm.workflows.resume(workflow_id="flow")
    play.work()
    assert play.runs() == []
    play.later(hours=1)
    assert len(play.runs()) == 1


def test_a_draft_that_is_made_active_later(play: Play) -> None:
    play.apply("status: draft\nsubject: none\ntriggers:\n- {on: schedule, cron: '0 * * * *'}\nsteps:\n- exit: x\n")
    play.later(days=1)
    play.crm.workflows.activate(workflow_id="flow")
    play.work()
    assert play.runs() == []


def test_a_new_version_s_schedule_replaces_the_old_one(play: Play) -> None:
    text = "subject: none\ntriggers:\n- {on: schedule, cron: '0 {hour} * * *'}\nsteps:\n- exit: x\n"
    play.apply(text.replace("{hour}", "9"))
    play.apply(text.replace("{hour}", "15"))
    play.later(days=1)
    assert [at.hour for at in entered(play)] == [15]

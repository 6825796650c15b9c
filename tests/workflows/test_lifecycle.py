"""A step that sets the lifecycle stage of everybody moves nobody back."""

from __future__ import annotations

import pytest

from tests.workflows.play import Play

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("stage", ["lead", "{{ 'lead' }}"])
def test_a_step_moves_people_only_forward(play: Play, stage: str) -> None:
    """Those further on keep their stage, whichever way the step is performed."""
    play.apply(f'steps:\n- update_field: {{lifecycle_stage: "{stage}"}}\n')
    stages = [None, "subscriber", "lead", "customer", "partner"]
    people = [play.person(f"P{n}", lifecycle_stage=stage) for n, stage in enumerate(stages)]
    for who in people:
        play.enroll(who)
    play.work()
    found = [play.crm.contacts.get(contact_id=who.id) for who in people]
    assert [one.lifecycle_stage for one in found] == ["lead", "lead", "lead", "customer", "lead"]
    assert [one.version for one in found] == [2, 2, 1, 1, 2]

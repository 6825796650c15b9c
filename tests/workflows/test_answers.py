"""Steps that reach outside and say what follows an error: the run waits for what became of it."""

from __future__ import annotations

import pytest

from ghl.engine.channels.http import Http
from tests.workflows.play import Play
from tests.workflows.test_webhooks import Receiver, allow, receiver

pytestmark = pytest.mark.integration
__all__ = ["receiver"]

FLOW = """
triggers: [{{on: manual}}]
steps:
  - webhook: {url}/x
    on_error: {policy}
  - add_tag: went-on
  - exit
  - add_tag: after-error
    id: other
"""


@pytest.mark.parametrize(
    ("status", "policy", "tags", "state"),
    [
        (204, "{goto: other}", ["went-on"], "exited"),
        (404, "{goto: other}", ["after-error"], "done"),
        (404, "stop", [], "failed"),
        (404, "continue", ["went-on"], "exited"),
    ],
)
def test_what_follows_an_answer(play: Play, receiver: Receiver, status: int, policy: str, tags: list[str], state: str) -> None:
    allow(play, receiver)
    receiver.status = status
    play.apply(FLOW.format(url=receiver.url, policy=policy))
    ann = play.person("Ann")
    run = play.enroll(ann)
    play.work()
    assert play.tags(ann) == tags
    assert play.run(run).state == state
    assert len(receiver.requests) == 1


def test_a_receiver_that_comes_back_and_one_that_never_does(play: Play, receiver: Receiver) -> None:
    allow(play, receiver)
    receiver.status = 503
    play.apply(FLOW.format(url=receiver.url, policy="{goto: other}"))
    ann = play.person("Ann")
    play.enroll(ann)
    play.later(minutes=1)
    assert play.tags(ann) == []
    receiver.status = 200
    play.later(days=1)
    assert play.tags(ann) == ["went-on"]
    receiver.status = 503
    bob = play.person("Bob")
    play.enroll(bob)
    play.later(days=5)
    assert play.tags(bob) == ["after-error"]


def test_mail_that_is_not_sent_by_a_rule_is_no_error(play: Play) -> None:
    play.crm.templates.create(name="hello", subject="Hello", html="<p>Hello</p>")
    play.apply(
        """
        triggers: [{on: manual}]
        steps:
          - send_email: hello
            on_error: stop
          - add_tag: went-on
        """
    )
    ann = play.person("Ann")
    play.crm.suppressions.create(address="ann@example.com", reason="unsubscribed")
    run = play.enroll(ann)
    play.work()
    assert play.tags(ann) == ["went-on"]
    assert play.run(run).state == "done"


def test_no_way_out_is_an_error(play: Play) -> None:
    play.worker.delivery._http = Http()
    play.apply(FLOW.format(url="http://127.0.0.1:9", policy="{goto: other}"))
    ann = play.person("Ann")
    play.enroll(ann)
    play.work()
    assert play.tags(ann) == ["after-error"]

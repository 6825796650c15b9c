"""The ledger as people ask it: which messages, sending one by hand, sending again, and why."""

from __future__ import annotations

from typing import Any

import pytest

from ghl.errors import Conflict, Duplicate, Invalid, NotFound
from tests.channels.smtp_servers import Handler, Script, scripted_server
from tests.workflows.play import Play

pytestmark = pytest.mark.integration


def ready(play: Play) -> None:
    """A template, and a workflow that sends it to Ann and to Bo, who wants no mail."""
    play.crm.templates.create(name="hello", subject="Hello {{ what | default('you') }}", body="Hi", kind="marketing")
    play.apply("workflow: flow\nsteps:\n- send_email: hello\n")
    play.apply("workflow: other\nsteps:\n- send_email: hello\n")
    play.person("Ann")
    play.person("Bo", dnd=["email"])


def test_messages_of_a_workflow_and_with_a_reason(play: Play) -> None:
    ready(play)
    for who in play.crm.contacts.list(sort="created_at").items:
        play.enroll(who)
    play.enroll(play.crm.contacts.get(contact_id="ann@example.com"), "other")
    play.work()
    listed: Any = play.crm.messages.list
    assert sorted((one.contact, one.workflow) for one in listed().items) == [("Ann", "flow"), ("Ann", "other"), ("Bo", "flow")]
    assert [one.contact for one in listed(workflow_id="other").items] == ["Ann"]
    assert [(one.contact, one.state) for one in listed(reason="do_not_disturb").items] == [("Bo", "skipped")]
    assert listed(reason="do_not_disturb", workflow_id="other").total == 0
    assert [one.contact for one in listed(contact_id="bo@example.com", channel="email").items] == ["Bo"]
    assert listed(channel="webhook").items == []


def test_a_message_is_sent_by_hand_with_data_through_a_sender(play: Play, server: tuple[int, Handler]) -> None:
    ready(play)
    play.crm.senders.create(name="main", url=f"smtp://127.0.0.1:{server[0]}", from_address="a@shop.example")
    play.crm.senders.create(name="second", url=f"smtp://127.0.0.1:{server[0]}", from_address="b@shop.example")
    made = play.crm.messages.send(contact_id="ann@example.com", template_id="hello", sender="second", data={"what": "World"}, key="k")
    assert (made.state, len(made.id), made.subject) == ("queued", 36, None)
    assert play.crm.messages.get(message_id=made.id).state == "queued"
    assert play.crm.messages.explain(message_id=made.id)[0].verdict == "not yet: it is queued"
    with pytest.raises(Duplicate, match='with the key "k" is queued'):
        play.crm.messages.send(contact_id="ann@example.com", template_id="hello", key="k")
    play.work()
    (sent,) = play.crm.messages.list().items
    assert (sent.state, sent.subject, sent.sender) == ("sent", "Hello World", "second")
    with pytest.raises(NotFound):
        play.crm.messages.get(message_id="queued-999999")
    assert play.crm.messages.get(message_id=sent.id[-8:]).id == sent.id


@pytest.mark.parametrize("reference", ["abc", "nothing-like-this", "queued-1"])
def test_a_message_that_is_not_there(play: Play, reference: str) -> None:
    with pytest.raises(NotFound, match=f'there is no message "{reference}"') as told:
        play.crm.messages.get(message_id=reference)
    assert told.value.hint == "ghl messages list"


def test_what_is_sent_again_is_said(play: Play) -> None:
    ready(play)
    play.enroll(play.crm.contacts.get(contact_id="ann@example.com"))
    play.work()
    (sent,) = play.crm.messages.list().items
    for asked in ({}, {"ids": [sent.id], "state": "failed"}):
        with pytest.raises(Invalid, match="say which"):
            play.crm.messages.retry(**asked)
    with pytest.raises(Conflict, match=f"message {sent.id[-6:]} is sent"):
        play.crm.messages.retry(ids=[sent.id])
    assert play.crm.messages.retry(state="failed").count == 0


def test_why_is_told_with_the_servers_own_words(play: Play) -> None:
    ready(play)
    with scripted_server(Script({"rcpt": "550 5.1.1 no such mailbox"})) as port:
        play.crm.senders.create(name="main", url=f"smtp://127.0.0.1:{port}", from_address="a@shop.example")
        play.enroll(play.crm.contacts.get(contact_id="ann@example.com"))
        play.work()
    (told,) = play.crm.messages.explain(contact_id="ann@example.com")
    assert told.verdict.startswith("not sent: the server refused it for good (")
    assert "because of  workflow flow › hello" in told.lines
    assert any(line.startswith("answer      ") and "no such mailbox" in line for line in told.lines)
    with pytest.raises(Invalid, match="say which message"):
        play.crm.messages.explain()

"""From a workflow through the ledger to a mail server, and everything that keeps a message from leaving."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import pairwise
from typing import Any

import pytest

from ghl.errors import NotFound
from ghl.sdk.crm.contacts import Contact
from ghl.sdk.marketing.messages import Message
from tests.channels.smtp_servers import Handler, Script, scripted_server
from tests.workflows.play import Play

pytestmark = pytest.mark.integration

FLOW = "steps:\n- send_email: hello\n"


def sender(play: Play, port: int, **more: Any) -> None:
    play.crm.senders.create(name="main", url=f"smtp://127.0.0.1:{port}", from_address="Ines <ines@shop.example>", **more)


def template(play: Play, kind: str = "marketing", **more: Any) -> None:
    texts = {"subject": "Hello {{ contact.first_name | default('there') }}", "html": "<p>Dear {{ contact.first_name | default('you') }}</p>"}
    play.crm.templates.create(name="hello", kind=kind, **(texts | more))


def ready(play: Play, port: int, kind: str = "marketing") -> Contact:
    sender(play, port)
    template(play, kind)
    play.apply(FLOW)
    ann = play.person("Ann")
    play.enroll(ann)
    return ann


def messages(play: Play, **filters: Any) -> list[Message]:
    return list(play.crm.messages.list(**filters).items)[::-1]


def parsed(data: bytes) -> EmailMessage:
    message = message_from_bytes(data, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def test_a_workflow_sends_to_a_server(play: Play, server: tuple[int, Handler]) -> None:
    port, handler = server
    ann = ready(play, port)
    play.work()
    (taken,) = handler.taken
    mail = parsed(taken.data)
    assert (taken.recipients, mail["Subject"], mail["From"]) == (["ann@example.com"], "Hello Ann", "Ines <ines@shop.example>")
    assert "Dear Ann" in mail.get_body(("html",)).get_content()  # type: ignore[union-attr]
    (row,) = messages(play)
    assert (row.state, row.workflow, row.step, row.template, row.sender) == ("sent", "flow", "hello", "hello", "main")
    assert (row.contact_id, row.address, row.attempts) == (ann.id, "ann@example.com", 1)
    assert f"<{row.message_id}>" == mail["Message-ID"]
    detail = play.crm.messages.get(message_id=row.id)
    assert "queued as" in (detail.answer or "") or detail.reason == "accepted"
    assert "Dear Ann" in (detail.html or "")


def test_nothing_is_sent_twice(play: Play, server: tuple[int, Handler]) -> None:
    port, handler = server
    ready(play, port)
    for _ in range(3):
        play.work()
        play.another().work()
    assert len(handler.taken) == 1


@pytest.mark.parametrize(
    ("why", "reason"),
    [
        ("suppressed", "manual"), ("unsubscribed", "unsubscribed"), ("dnd", "do_not_disturb"), ("dnd all", "do_not_disturb"),
        ("deleted", "deleted"), ("no email", "no_email"), ("no sender", "no_sender"), ("missing value", "template"),
    ],
)  # fmt: skip
def test_a_refusal_is_a_row_with_its_reason(play: Play, server: tuple[int, Handler], why: str, reason: str) -> None:
    port, handler = server
    sender(play, port)
    if why == "no sender":
        sender2 = {"name": "second", "url": f"smtp://127.0.0.1:{port}", "from_address": "b@shop.example"}
        play.crm.senders.create(**sender2)
    template(play, **({"subject": "From {{ contact.city }}"} if why == "missing value" else {}))
    play.apply(FLOW)
    ann = play.person("Ann", **({"email": None} if why == "no email" else {}))
    play.enroll(ann)
    play.worker._ticks()
    if why in ("suppressed", "unsubscribed"):
        play.crm.suppressions.create(address="ANN@example.com", reason=reason)
    elif why.startswith("dnd"):
        play.crm.contacts.update(contact_id=ann.id, dnd=["all" if "all" in why else "email"])
    elif why == "deleted":
        play.crm.contacts.delete(contact_id=ann.id)
    play.work()
    assert handler.taken == []
    (row,) = messages(play)
    assert (row.state, row.reason) == ("skipped", reason)
    assert row.rule
    (told,) = play.crm.messages.explain(contact_id=ann.id) if why != "deleted" else play.crm.messages.explain(message_id=row.id)
    assert told.verdict.startswith("not sent: ")


def test_suppression_after_the_mail_was_prepared(play: Play, server: tuple[int, Handler]) -> None:
    """What counts is the transaction after which it leaves."""
    port, handler = server
    ready(play, port)
    played = []

    def suppress(point: str) -> None:
        if point == "claimed" and not played:
            played.append(play.crm.suppressions.create(address="ann@example.com"))

    play.another(fault=suppress).work()
    assert played
    assert handler.taken == []
    assert messages(play)[0].reason == "manual"


def test_transactional_mail_reaches_who_left_marketing(play: Play, server: tuple[int, Handler]) -> None:
    port, handler = server
    ann = ready(play, port, "transactional")
    play.crm.contacts.update(contact_id=ann.id, dnd=["email"])
    play.crm.suppressions.create(address="ann@example.com", reason="unsubscribed")
    play.work()
    (taken,) = handler.taken
    mail = parsed(taken.data)
    assert mail["List-Unsubscribe"] is None
    assert mail["Precedence"] is None
    assert "Unsubscribe" not in str(mail)


def test_a_complaint_stops_transactional_mail_too(play: Play, server: tuple[int, Handler]) -> None:
    port, handler = server
    ready(play, port, "transactional")
    play.crm.suppressions.create(address="ann@example.com", reason="complained")
    play.work()
    assert handler.taken == []


def test_refused_for_good(play: Play, server: tuple[int, Handler]) -> None:
    port, handler = server
    sender(play, port)
    template(play)
    play.apply(FLOW)
    play.enroll(play.person("Nobody", email="550-nobody@example.com"))
    play.enroll(play.person("Ann"))
    play.work()
    states = {row.address: (row.state, row.reason, row.code) for row in messages(play)}
    assert states["550-nobody@example.com"] == ("failed", "no_such_mailbox", "5.1.1")
    assert states["ann@example.com"][0] == "sent"
    play.clock.advance(timedelta(days=4))
    play.work()
    assert len(handler.taken) == 1
    assert [(s.address, s.reason) for s in play.crm.suppressions.list().items] == [("550-nobody@example.com", "bounced")]


def test_tried_again_later_and_later_with_the_same_id(play: Play, server: tuple[int, Handler]) -> None:
    port, handler = server
    sender(play, port)
    template(play)
    play.apply(FLOW)
    play.enroll(play.person("Busy", email="450-busy@example.com"))
    seen, waits = set(), []
    for _ in range(6):
        play.work()
        (row,) = messages(play)
        assert row.state == "deferred"
        seen.add(row.message_id)
        assert row.available_at is not None
        waits.append(row.available_at - play.clock.now())
        play.clock.move_to(row.available_at)
    assert len(seen) == 1
    assert waits[0] <= timedelta(seconds=70)
    assert all(later > earlier * 1.5 for earlier, later in pairwise(waits[:5]))
    assert max(waits) <= timedelta(hours=4.5)
    for _ in range(40):
        play.work()
        (row,) = messages(play)
        if row.state != "deferred":
            break
        assert row.available_at is not None
        play.clock.move_to(row.available_at)
    assert (row.state, row.reason) == ("failed", "gave_up")
    assert play.clock.now() - play.run(play.runs()[0].id).path[0].at >= timedelta(hours=60)
    assert handler.taken == []


@pytest.mark.parametrize("kind", ["marketing", "transactional"])
def test_an_answer_that_was_lost(play: Play, kind: str) -> None:
    script = Script(close_at="dot")
    with scripted_server(script) as port:
        ready(play, port, kind)
        play.work()
        (row,) = messages(play)
        assert row.reason == "answer_lost"
        if kind == "marketing":
            assert row.state == "unknown"
            play.clock.advance(timedelta(days=2))
            play.work()
            assert len(script.messages) == 1
            return
        assert row.state == "deferred"
        script.close_at = ""
        play.clock.advance(timedelta(minutes=2))
        play.work()
        (again,) = messages(play)
        assert (again.state, again.message_id) == ("sent", row.message_id)
        first, second = script.messages
        assert first == second


def test_a_person_says_to_send_it_again(play: Play) -> None:
    script = Script(close_at="dot")
    with scripted_server(script) as port:
        ready(play, port)
        play.work()
        script.close_at = ""
        done = play.crm.messages.retry(state="unknown")
        assert done.count == 1
        play.work()
        (row,) = messages(play)
        assert row.state == "sent"
        assert len({parsed(one)["Message-ID"] for one in script.messages}) == 1


def test_what_was_skipped_is_sent_once_the_reason_is_gone(play: Play, server: tuple[int, Handler]) -> None:
    port, handler = server
    ready(play, port)
    listed = play.crm.suppressions.create(address="ann@example.com")
    play.work()
    play.crm.suppressions.delete(suppression_id=listed.id)
    play.crm.messages.retry(ids=[messages(play)[0].id])
    play.work()
    assert len(handler.taken) == 1


def test_a_server_that_is_not_there_pauses_its_sender(play: Play) -> None:
    from tests.channels.smtp_servers import free_port

    sender(play, free_port())
    template(play)
    play.apply(FLOW)
    for name in ("Ann", "Bob", "Cid"):
        play.enroll(play.person(name))
    play.work()
    states = [(row.state, row.attempts) for row in messages(play)]
    assert states == [("deferred", 1), ("queued", 0), ("queued", 0)]


def test_mail_that_is_queued_keeps_its_template(play: Play, server: tuple[int, Handler]) -> None:
    port, handler = server
    ready(play, port)
    play.worker._ticks()
    play.crm.templates.update(template_id="hello", subject="Changed")
    play.work()
    assert parsed(handler.taken[0].data)["Subject"] == "Hello Ann"


def test_a_password_is_kept_apart_and_can_be_changed_alone(play: Play) -> None:
    play.crm.senders.create(name="s", url="smtp://ann:first@mail.example.com", from_address="a@example.com")
    shown = play.crm.senders.update(sender_id="s", url="smtp://ann:second@mail.example.com")
    assert (shown.url, shown.secret) == ("smtp://ann@mail.example.com", True)
    assert [row["value"] for row in play.rows("select value from secrets where owner like 'sender:%'")] == ["second"]
    assert "second" not in str(play.crm.senders.list().items)


def test_a_step_s_own_subject_sender_and_recipient(play: Play, server: tuple[int, Handler]) -> None:
    port, handler = server
    sender(play, port, default=True)
    play.crm.senders.create(name="other", url=f"smtp://127.0.0.1:{port}", from_address="Rui <rui@shop.example>")
    template(play)
    play.apply("""\
        steps:
        - send_email:
            template: hello
            subject: 'For {{ contact.first_name }}, {{ offer }}'
            data: {offer: 'only {{ contact.lead_score }}'}
            sender: other
            to: '{{ contact.first_name }}@sales.example'
            reply_to: desk@shop.example
        """)
    ann = play.person("Ann", dnd=["all"], lead_score=7)
    play.enroll(ann)
    play.work()
    (taken,) = handler.taken
    mail = parsed(taken.data)
    assert taken.recipients[0].lower() == "ann@sales.example"
    assert (mail["From"], mail["Reply-To"]) == ("Rui <rui@shop.example>", "desk@shop.example")
    assert mail["Subject"] == "For Ann, only 7"


def test_deals_are_in_reach_of_the_text(play: Play, server: tuple[int, Handler]) -> None:
    port, handler = server
    sales = play.crm.pipelines.create(name="Sales", stages=["New"])
    sender(play, port)
    template(play, subject="About {{ deal.name }}: {{ deal.amount | money }}")
    play.apply("subject: deal\nsteps:\n- send_email: hello\n")
    ann = play.person("Ann")
    deal = play.crm.deals.create(name="Roof", pipeline_id=sales.id, contact_id=ann.id, amount="1200 EUR")
    play.crm.workflows.enroll(workflow_id="flow", deal_id=deal.id)
    play.work()
    assert parsed(handler.taken[0].data)["Subject"].startswith("About Roof: ")


def test_undo_keeps_queued_mail_here(play: Play, server: tuple[int, Handler]) -> None:
    port, handler = server
    sender(play, port)
    template(play)
    play.apply("triggers:\n- {on: contact.tag_added, tag: vip}\nsteps:\n- send_email: hello\n")
    ann, bob = play.person("Ann"), play.person("Bob")
    play.crm.contacts.update(contact_id=bob.id, add_tags=["vip"])
    play.work()
    play.crm.contacts.update(contact_id=ann.id, add_tags=["vip"])
    play.worker._ticks()
    assert play.crm.undo().ended == ["1 queued message does not leave"]
    play.work()
    assert [row.state for row in messages(play)] == ["sent", "undone"]
    assert len(handler.taken) == 1
    undone = play.crm.undo()
    assert undone.not_undoable == [
        "1 run of flow is over, and what it did stays", "1 message sent because of it cannot be taken back"
    ]  # fmt: skip


def test_a_message_by_hand_is_sent_once_for_its_key(play: Play, server: tuple[int, Handler]) -> None:
    from ghl.errors import Duplicate

    port, handler = server
    sender(play, port)
    template(play)
    ann = play.person("Ann")
    play.crm.messages.send(template_id="hello", contact_id=ann.id, key="welcome")
    with pytest.raises(Duplicate):
        play.crm.messages.send(template_id="hello", contact_id=ann.id, key="welcome")
    play.work()
    assert len(handler.taken) == 1


@pytest.mark.security
def test_a_subject_of_a_step_is_filled_in_once(play: Play, server: tuple[int, Handler]) -> None:
    port, handler = server
    sender(play, port)
    template(play)
    play.apply("steps:\n- send_email: {template: hello, subject: 'For {{ contact.first_name }}'}\n")
    play.enroll(play.crm.contacts.create(first_name="{{ account.name }}", email="ann@example.com"))
    play.work()
    (taken,) = handler.taken
    assert parsed(taken.data)["Subject"] == "For {{ account.name }}"


def test_what_cannot_be_filled_in_is_told_by_the_line_of_its_file(play: Play, server: tuple[int, Handler]) -> None:
    port, _ = server
    sender(play, port)
    play.crm.templates.apply(source="---\nsubject: Hello\n---\n<p>\n{{ contact.city }}\n", file="t/hello.html")
    play.apply("steps:\n- send_email: hello\n- send_email: {template: hello, subject: '{{ contact.city }}'}\n")
    play.enroll(play.person("Ann"))
    play.work()
    rules = {row.rule for row in messages(play)}
    assert rules == {
        "the template cannot be filled in: t/hello.html:5:1  contact.city has no value",
        "the template cannot be filled in: the step's subject: contact.city has no value",
    }


def test_a_message_has_one_id_from_the_start(play: Play, server: tuple[int, Handler]) -> None:
    """Also in SQL, and by its last characters."""
    ready(play, server[0])
    play.worker._ticks()
    (queued,) = messages(play)
    assert (queued.state, len(queued.id)) == ("queued", 36)
    play.work()
    (sent,) = messages(play)
    assert (sent.state, sent.id) == ("sent", queued.id)
    for reference in (sent.id, sent.id.upper(), sent.id[-6:], sent.id[-20:]):
        assert play.crm.messages.get(message_id=reference).id == sent.id
    assert [row["id"] for row in play.rows("select id from messages")] == [sent.id]
    assert play.crm.contacts.timeline(contact_id="Ann").items[0].id == sent.id
    assert play.crm.export_person(contact_id="Ann").records["messages"][0]["id"] == sent.id


@pytest.mark.parametrize("reference", ["1", "00001", "zzzzzz", "", "000002", "99999999-9999-8999-8999-000000000001", "queued-1"])
def test_no_other_words_name_a_message(play: Play, server: tuple[int, Handler], reference: str) -> None:
    ready(play, server[0])
    play.work()
    with pytest.raises(NotFound):
        play.crm.messages.get(message_id=reference or " ")


def test_a_message_by_hand_is_taken_back_until_it_has_left(play: Play, server: tuple[int, Handler]) -> None:
    port, handler = server
    sender(play, port)
    template(play)
    ann = play.person("Ann")
    play.crm.messages.send(template_id="hello", contact_id=ann.id)
    assert play.crm.undo().counts == {"message created": 1}
    play.work()
    assert ([row.state for row in messages(play)], handler.taken) == (["undone"], [])
    assert "not put back" in play.crm.redo().kept[0].reason
    sent = play.crm.messages.send(template_id="hello", contact_id=ann.id)
    play.work()
    (kept,) = play.crm.undo().kept
    assert (kept.noun, kept.record_id, kept.reason) == ("message", sent.id, "it is sent already")

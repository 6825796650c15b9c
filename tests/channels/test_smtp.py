"""SMTP against real servers on this machine: protection, signing in, every kind of answer, lost connections."""

from __future__ import annotations

import ssl
import threading
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest

from ghl.engine.channels import Address, Message, Outcome, channel, channel_for_url
from ghl.engine.channels.smtp import Smtp
from ghl.engine.channels.smtp_address import parse_smtp_url
from ghl.engine.clock import VirtualClock
from ghl.errors import Invalid, NotFound
from tests.channels.smtp_servers import Script, free_port, real_server, scripted_server

pytestmark = pytest.mark.integration

MAIL = Message(
    id="m1@example.com", to=(Address("ann@example.com", "Ann"),), sender=Address("shop@example.com", "Shop"),
    subject="Hello", text="Hi\n.\n..x\n", html="<p>Hi</p>",
)  # fmt: skip


def smtp(port: int, clock: VirtualClock, options: str = "", who: str = "", scheme: str = "smtp") -> Smtp:
    return Smtp.open(f"{scheme}://{who}127.0.0.1:{port}{options}", clock=clock)


def test_a_mail_arrives_as_it_was(clock: VirtualClock) -> None:
    with real_server() as (port, handler), smtp(port, clock) as sender:
        receipt = sender.send(MAIL)
        assert (receipt.outcome, receipt.code, receipt.provider_id) == (Outcome.SENT, 250, "A00001")
        assert [(one.address, one.outcome) for one in receipt.recipients] == [
            ("ann@example.com", Outcome.SENT)
        ]
        assert handler.taken[0].sender == "shop@example.com"
        assert handler.taken[0].recipients == ["ann@example.com"]
        assert b"Hi\r\n.\r\n..x\r\n" in handler.taken[0].data
        sender.send(replace(MAIL, bounces="bounce-7@example.com"))
        assert handler.taken[1].sender == "bounce-7@example.com"


def test_starttls_and_signing_in(clock: VirtualClock, tls: ssl.SSLContext, certificate: Path) -> None:
    options = f"?starttls=required&cafile={quote(str(certificate))}"
    with real_server(context=tls, password="s3cret") as (port, handler):
        with smtp(port, clock, options, "ann:s3cret@") as sender:
            assert sender.verify().outcome is Outcome.SENT
            assert sender.send(MAIL).outcome is Outcome.SENT
        assert len(handler.taken) == 1
        with smtp(port, clock, options, "ann:wrong@") as sender:
            receipt = sender.send(MAIL)
            assert (receipt.outcome, receipt.scope, receipt.reason) == (
                Outcome.DEFERRED,
                "sender",
                "auth_failed",
            )
            assert "wrong" not in repr(receipt) + repr(sender.address)
        with smtp(port, clock, "?starttls=required", "ann:s3cret@") as sender:
            receipt = sender.send(MAIL)  # nobody vouches for this certificate
            assert (receipt.outcome, receipt.reason) == (Outcome.DEFERRED, "tls_failed")
        assert len(handler.taken) == 1


def test_tls_from_the_start(clock: VirtualClock, tls: ssl.SSLContext, certificate: Path) -> None:
    with real_server(context=tls, implicit=True) as (port, handler):
        with smtp(port, clock, f"?cafile={quote(str(certificate))}", scheme="smtps") as sender:
            assert sender.send(MAIL).outcome is Outcome.SENT
        with smtp(port, clock, scheme="smtps") as sender:
            assert sender.send(MAIL).reason == "tls_failed"
        assert len(handler.taken) == 1


def test_the_name_on_the_certificate_counts(
    clock: VirtualClock, tls: ssl.SSLContext, certificate: Path
) -> None:
    with real_server(context=tls) as (port, handler):
        sender = Smtp.open(
            f"smtp://127.0.0.2:{port}?starttls=required&cafile={quote(str(certificate))}", clock=clock
        )
        assert sender.verify().reason in ("tls_failed", "unreachable")
        assert not handler.taken


def test_a_password_is_never_said_in_the_clear(clock: VirtualClock) -> None:
    script = Script(features=("AUTH PLAIN LOGIN",))
    with scripted_server(script) as port:
        with smtp(port, clock, "?starttls=required", "ann:s3cret@") as sender:
            assert sender.send(MAIL).reason == "tls_missing"
        assert not any("AUTH" in command for command in script.commands)
    far = parse_smtp_url("smtp://ann:s3cret@mail.example.com")
    assert far.protection == "required"
    assert parse_smtp_url("smtp://localhost").protection == "optional"


def test_one_connection_carries_many_messages_and_is_renewed(clock: VirtualClock) -> None:
    script = Script()
    with scripted_server(script) as port, smtp(port, clock, "?per_connection=10") as sender:
        for number in range(25):
            assert sender.send(replace(MAIL, id=f"m{number}@example.com")).outcome is Outcome.SENT
        assert (script.connections, len(script.messages)) == (3, 25)
        assert script.commands.count("quit") == 2


@pytest.mark.parametrize("pipelining", [True, False])
@pytest.mark.parametrize(
    ("answers", "outcome", "scope", "reason", "code", "status"),
    [
        ({"rcpt": "550 5.1.1 no such user"}, "failed", "recipient", "no_such_mailbox", 550, "5.1.1"),
        ({"rcpt": "552 5.2.2 quota"}, "failed", "recipient", "mailbox_full", 552, "5.2.2"),
        ({"rcpt": "450 4.2.0 greylisted, try again in 5 minutes"}, "deferred", "recipient", "mailbox_problem", 450, "4.2.0"),
        ({"rcpt": "451 later"}, "deferred", "recipient", "server_problem", 451, ""),
        ({"rcpt": "452 4.2.2 full"}, "deferred", "recipient", "mailbox_full", 452, "4.2.2"),
        ({"rcpt": "554 5.7.1 Relay access denied"}, "deferred", "sender", "policy", 554, "5.7.1"),
        ({"rcpt": "421 4.7.0 too fast"}, "deferred", "sender", "policy", 421, "4.7.0"),
        ({"mail": "550 5.1.8 sender unknown"}, "deferred", "sender", "bad_sender_address", 550, "5.1.8"),
        ({"mail": "530 5.7.0 sign in first"}, "deferred", "sender", "policy", 530, "5.7.0"),
        ({"mail": "552 5.3.4 too big"}, "failed", "recipient", "message_too_large", 552, "5.3.4"),
        ({"data": "554 5.5.1 no"}, "failed", "recipient", "refused", 554, "5.5.1"),
        ({"data": "451 4.3.0 later"}, "deferred", "recipient", "server_problem", 451, "4.3.0"),
        ({"dot": "554 5.7.1 looks like spam"}, "failed", "recipient", "policy", 554, "5.7.1"),
        ({"dot": "452 4.3.1 disk full"}, "deferred", "recipient", "server_full", 452, "4.3.1"),
        ({"dot": "550-5.7.26 line one\r\n550 5.7.26 line two"}, "failed", "recipient", "authentication_of_mail", 550, "5.7.26"),
        ({"dot": "421 4.7.28 slow down"}, "deferred", "sender", "rate_limited", 421, "4.7.28"),
        ({"connect": "554 go away"}, "deferred", "sender", "refused", 554, ""),
        ({"connect": "421 busy"}, "deferred", "sender", "throttled", 421, ""),
    ],
)  # fmt: skip
def test_answers_are_told_apart(
    clock: VirtualClock,
    answers: dict[str, str],
    outcome: str,
    scope: str,
    reason: str,
    code: int,
    status: str,
    pipelining: bool,
) -> None:
    script = Script(dict(answers), features=("PIPELINING", "SIZE 100000") if pipelining else ())
    with scripted_server(script) as port, smtp(port, clock) as sender:
        receipt = sender.send(MAIL)
        assert (receipt.outcome, receipt.scope, receipt.reason) == (Outcome(outcome), scope, reason)
        assert (receipt.code, receipt.status) == (code, status)
        if outcome == "deferred" and scope == "sender":
            assert receipt.retry_after
        if "5 minutes" in str(answers):
            assert receipt.retry_after == 300
        taken = len(script.messages)
        script.answers.clear()
        assert sender.send(MAIL).outcome is Outcome.SENT  # the next one is not harmed
        assert len(script.messages) == taken + 1


@pytest.mark.parametrize("pipelining", [True, False])
def test_one_of_three_refused(clock: VirtualClock, pipelining: bool) -> None:
    script = Script({"leo@example.com": "550 5.1.1 unknown"}, features=("PIPELINING",) if pipelining else ())
    three = tuple(Address(f"{name}@example.com") for name in ("ann", "leo", "zoe"))
    with scripted_server(script) as port, smtp(port, clock) as sender:
        receipt = sender.send(replace(MAIL, to=three))
        assert receipt.outcome is Outcome.SENT
        assert [(one.address[:3], one.outcome.value, one.status) for one in receipt.recipients] == [
            ("ann", "sent", "2.0.0"), ("leo", "failed", "5.1.1"), ("zoe", "sent", "2.0.0"),
        ]  # fmt: skip
        script.answers["zoe@example.com"] = "450 4.2.1 later"
        receipt = sender.send(replace(MAIL, to=three))
        assert receipt.outcome is Outcome.DEFERRED
        assert [one.outcome.value for one in receipt.recipients] == ["sent", "failed", "deferred"]
        script.answers |= {
            "rcpt": "550 5.1.1 nobody",
            "zoe@example.com": "550 no",
            "leo@example.com": "550 no",
        }
        assert sender.send(replace(MAIL, to=three)).outcome is Outcome.FAILED
        assert len(script.messages) == 2


def test_a_real_server_refuses_one_of_three(clock: VirtualClock) -> None:
    with real_server() as (port, handler), smtp(port, clock) as sender:
        receipt = sender.send(
            replace(
                MAIL,
                to=(
                    Address("ann@example.com"),
                    Address("550-leo@example.com"),
                    Address("450-zoe@example.com"),
                ),
            )
        )
        assert [one.outcome.value for one in receipt.recipients] == ["sent", "failed", "deferred"]
        assert handler.taken[0].recipients == ["ann@example.com"]


@pytest.mark.parametrize(
    ("moment", "outcome", "reason"),
    [("connect", "deferred", "unreachable"), ("ehlo", "deferred", "unreachable"), ("mail", "deferred", "connection_lost"),
     ("rcpt", "deferred", "connection_lost"), ("data", "deferred", "connection_lost"), ("text", "deferred", "connection_lost"),
     ("dot", "unknown", "answer_lost")],
)  # fmt: skip
def test_a_connection_that_breaks(clock: VirtualClock, moment: str, outcome: str, reason: str) -> None:
    script = Script(close_at=moment)
    big = replace(MAIL, text="x\n" * 3_000_000 if moment == "text" else "x\n")
    script.features = ("PIPELINING",)
    with scripted_server(script) as port, smtp(port, clock) as sender:
        receipt = sender.send(big)
        assert (receipt.outcome, receipt.reason) == (Outcome(outcome), reason)
        assert receipt.recipients if outcome == "unknown" else True
        assert script.connections == 1  # a fresh connection is not tried twice, and nothing is sent twice
        script.close_at = ""
        assert sender.send(MAIL).outcome is Outcome.SENT


def test_a_server_that_wants_a_text_for_nobody(clock: VirtualClock) -> None:
    script = Script({"rcpt": "550 5.1.1 nobody"}, stubborn=True)
    with scripted_server(script) as port, smtp(port, clock) as sender:
        assert sender.send(MAIL).outcome is Outcome.FAILED
        assert script.messages == [b""]
        script.answers.clear()
        assert sender.send(MAIL).outcome is Outcome.SENT


def test_an_idle_connection_that_was_closed_is_no_trouble(clock: VirtualClock) -> None:
    script = Script()
    with scripted_server(script) as port, smtp(port, clock) as sender:
        assert sender.send(MAIL).outcome is Outcome.SENT
        script.close_at = "mail"
        script_open = threading.Event()

        def reopen() -> None:
            script.close_at = ""
            script_open.set()

        # The first MAIL on the old connection is answered by a hang-up, the second by a new connection.
        original = script.commands

        class Watched(list[str]):
            def append(self, line: str) -> None:
                super().append(line)
                if line.startswith("ehlo"):
                    reopen()

        script.commands = Watched(original)
        receipt = sender.send(MAIL)
        assert script_open.is_set()
        assert receipt.outcome is Outcome.SENT
        assert (script.connections, len(script.messages)) == (2, 2)


def test_a_silent_server_is_given_up(clock: VirtualClock) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listener:
        sender = smtp(listener.getsockname()[1], clock, "?timeout=1")
        receipt = sender.send(MAIL)
        assert (receipt.outcome, receipt.scope, receipt.reason) == (Outcome.DEFERRED, "sender", "unreachable")


def test_nobody_there(clock: VirtualClock) -> None:
    receipt = smtp(free_port(), clock).send(MAIL)
    assert (receipt.outcome, receipt.scope, receipt.reason) == (Outcome.DEFERRED, "sender", "unreachable")
    receipt = Smtp.open("smtp://nowhere.invalid", clock=clock).verify()
    assert receipt.reason == "unreachable"


def test_a_message_that_the_server_cannot_take(clock: VirtualClock) -> None:
    script = Script(features=("SIZE 1000",))
    with scripted_server(script) as port, smtp(port, clock) as sender:
        receipt = sender.send(replace(MAIL, text="x\n" * 2000))
        assert (receipt.outcome, receipt.reason) == (Outcome.FAILED, "message_too_large")
        receipt = sender.send(replace(MAIL, to=(Address("пётр@example.com"),)))
        assert (receipt.outcome, receipt.reason) == (Outcome.FAILED, "smtputf8_missing")
        assert receipt.recipients[0].address == "пётр@example.com"
        assert not script.messages


def test_international_addresses_arrive(clock: VirtualClock) -> None:
    with real_server(enable_SMTPUTF8=True) as (port, handler), smtp(port, clock) as sender:
        receipt = sender.send(replace(MAIL, to=(Address("пётр@пример.example", "Пётр"),)))
        assert receipt.outcome is Outcome.SENT
        assert handler.taken[0].recipients == ["пётр@xn--e1afmkfd.example"]


@pytest.mark.security
@pytest.mark.parametrize(
    "address", ["ann@example.com>\r\nRCPT TO:<evil@example.com", "ann@example.com\nDATA", "a\r\nQUIT@x.com"]
)
def test_no_command_can_be_added(clock: VirtualClock, address: str) -> None:
    script = Script()
    with scripted_server(script) as port, smtp(port, clock) as sender:
        for message in (
            replace(MAIL, to=(Address(address),)),
            replace(MAIL, sender=Address(address)),
            replace(MAIL, bounces=address),
        ):
            with pytest.raises(Invalid):
                sender.send(message)
        assert script.connections == 0


@pytest.mark.security
def test_no_text_ends_the_mail_early(clock: VirtualClock) -> None:
    script = Script()
    attack = (
        "a\r\n.\r\nMAIL FROM:<evil@example.com>\r\nRCPT TO:<x@example.com>\r\nDATA\r\nSubject: b\n.\r.\n\n.\n"
    )
    with scripted_server(script) as port, smtp(port, clock) as sender:
        assert sender.send(replace(MAIL, text=attack, html=attack)).outcome is Outcome.SENT
        assert len(script.messages) == 1
        assert sum(command.startswith("MAIL") for command in script.commands) == 1


@pytest.mark.parametrize(
    "url",
    ["", "smtp://", "http://a", "smtp://a/b", "smtp://a:99999", "smtp://a?starttls=maybe", "smtp://a?nope=1", "smtps://a?starttls=required",
     "smtp://a b", "smtp://a\nb", "smtp://a?timeout=0", "smtp://a?timeout=x", "smtp://u:p%0d%0a@a", "smtp://a?hello=a%20b", "smtp://[::1"],
)  # fmt: skip
def test_urls_that_are_refused(url: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse_smtp_url(url)
    assert caught.value.field == "url"


def test_urls() -> None:
    address = parse_smtp_url(
        "smtp://ann%40x.com:p%40ss%2F@mail.example.com?timeout=5&per_connection=7&hello=crm.example.com"
    )
    assert (address.host, address.port, address.user, address.password) == (
        "mail.example.com",
        587,
        "ann@x.com",
        "p@ss/",
    )
    assert (address.timeout, address.answer_timeout, address.per_connection) == (5, 5, 7)
    assert parse_smtp_url("smtps://mail.example.com").port == 465
    assert parse_smtp_url("smtp://[::1]:25").is_loopback


def test_channels_by_name_and_by_url() -> None:
    assert channel("smtp") is channel_for_url("smtps://mail.example.com") is Smtp
    assert channel_for_url("outbox:mails").name == "outbox"
    assert channel_for_url("https://x.test/hook").name == "webhook"
    with pytest.raises(NotFound, match='no channel "fax"'):
        channel("fax")
    with pytest.raises(NotFound):
        channel_for_url("fax://x")

"""Mail into a folder where no sender was made, and what marketing mail must have."""

from __future__ import annotations

import pytest

from tests.workflows.play import Play

pytestmark = pytest.mark.integration


def body(mail: object, kind: str) -> str:
    part = mail.get_body((kind,))  # type: ignore[attr-defined]
    return str(part.get_content()).replace("\r\n", "\n")


def test_an_account_that_never_had_a_sender_writes_into_a_folder(play: Play) -> None:
    play.crm.templates.create(name="hello", subject="Hello", body="Hi {{ contact.first_name }}")
    play.apply("steps:\n- send_email: hello\n")
    play.enroll(play.person("Ann"))
    play.work()
    (mail,) = play.mail()
    assert mail["Subject"] == "Hello"
    (made,) = play.crm.senders.list().items
    assert (made.name, made.url, made.default) == ("outbox", "outbox:", True)
    play.crm.senders.delete(sender_id="outbox")
    play.enroll(play.person("Bob"))
    play.work()
    assert len(play.mail()) == 1
    assert play.crm.messages.list(state="skipped").items[0].reason == "no_sender"


def test_address_and_link_are_added_where_they_lack(play: Play) -> None:
    play.crm.settings.set(postal_address="Rua Nova 1\n1200 Lisboa", public_url="https://crm.example.com")
    play.crm.templates.create(name="hello", subject="Hello", html="<html><body><p>Hi</p></body></html>")
    play.apply("steps:\n- send_email: hello\n")
    play.enroll(play.person("Ann"))
    play.work()
    (mail,) = play.mail()
    html, text = body(mail, "html"), body(mail, "plain")
    assert "Rua Nova 1 · 1200 Lisboa" in html
    assert html.index("Unsubscribe") < html.index("</body>")
    assert "Rua Nova 1\n1200 Lisboa" in text
    assert "Unsubscribe: https://crm.example.com/u/v1." in text
    link = mail["List-Unsubscribe"].split(",")[0].strip("<> ")
    assert link.startswith("https://crm.example.com/u/v1.")
    assert link in text
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_nothing_is_added_twice(play: Play) -> None:
    play.crm.settings.set(postal_address="Rua Nova 1, 1200 Lisboa", public_url="https://crm.example.com")
    html = "<p>Hi</p><p>{{ account.postal_address }} <a href='{{ unsubscribe_url }}'>leave</a></p>"
    play.crm.templates.create(name="hello", subject="Hello", html=html)
    play.apply("steps:\n- send_email: hello\n")
    play.enroll(play.person("Ann"))
    play.work()
    (mail,) = play.mail()
    assert body(mail, "html").count("Lisboa") == 1
    assert body(mail, "html").count("/u/v1.") == 1
    assert body(mail, "plain").count("Lisboa") == 1
    assert body(mail, "plain").count("/u/v1.") == 1


def test_without_a_public_address_one_leaves_by_mail(play: Play) -> None:
    play.crm.senders.create(name="box", url="outbox:", from_address="Ines <ines@shop.example>")
    play.crm.templates.create(name="hello", subject="Hello", body="Hi")
    play.apply("steps:\n- send_email: hello\n")
    play.enroll(play.person("Ann"))
    play.work()
    (mail,) = play.mail()
    assert mail["List-Unsubscribe"] == "<mailto:ines@shop.example?subject=unsubscribe>"
    assert mail["List-Unsubscribe-Post"] is None
    assert "mailto:ines@shop.example?subject=unsubscribe" in body(mail, "plain")


def test_transactional_mail_is_left_as_it_is(play: Play) -> None:
    play.crm.settings.set(postal_address="Rua Nova 1, 1200 Lisboa")
    play.crm.templates.create(name="hello", kind="transactional", subject="Receipt", body="Paid")
    play.apply("steps:\n- send_email: hello\n")
    play.enroll(play.person("Ann"))
    play.work()
    (mail,) = play.mail()
    assert body(mail, "plain").strip() == "Paid"

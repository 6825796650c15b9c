"""Messages as mail: what receivers read back, and what no message can smuggle in."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ghl.engine.channels import Address, Message, Unsubscribe, message_id
from ghl.engine.channels.email import build
from ghl.errors import Invalid

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
PLAIN = Message(
    id="abc@example.com", to=(Address("ann@example.com", "Ann"),), sender=Address("shop@example.com", "The Shop"),
    subject="Hello", text="Hi\n", html="<p>Hi</p>",
)  # fmt: skip


def with_(**changes: Any) -> Message:
    return Message(**{name: getattr(PLAIN, name) for name in Message.__dataclass_fields__} | changes)


def parsed(message: Message) -> EmailMessage:
    data = build(message, NOW).data
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert b"\r" not in data.replace(b"\r\n", b"")
    assert max(map(len, data.split(b"\r\n"))) <= 998
    read = message_from_bytes(data, policy=default)
    assert isinstance(read, EmailMessage)
    assert not read.defects
    return read


@pytest.mark.unit
def test_a_mail_reads_back() -> None:
    read = parsed(with_(reply_to=(Address("help@example.com"),), automatic="generated", bulk=True, feedback_id="a:b:c",
                        headers={"X-Workflow": "welcome"}))  # fmt: skip
    assert read["From"] == "The Shop <shop@example.com>"
    assert read["To"] == "Ann <ann@example.com>"
    assert read["Reply-To"] == "help@example.com"
    assert read["Message-ID"] == "<abc@example.com>"
    assert read["Date"] == "Tue, 24 Nov 2026 10:00:00 +0000"
    assert (read["Auto-Submitted"], read["Precedence"], read["Feedback-ID"]) == (
        "auto-generated",
        "bulk",
        "a:b:c",
    )
    assert read["X-Workflow"] == "welcome"
    plain, html = read.get_body(("plain",)), read.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert (plain.get_content(), html.get_content()) == ("Hi", "<p>Hi</p>")
    assert read.get_content_type() == "multipart/alternative"


@pytest.mark.unit
def test_the_same_message_gives_the_same_bytes() -> None:
    message = with_(date=datetime(2026, 1, 1, tzinfo=UTC))
    assert build(message, NOW) == build(message, datetime(2027, 1, 1, tzinfo=UTC))
    assert message_id("Exämple.de", "db", 7, 3) == message_id("xn--exmple-cua.de", "db", 7, 3)
    assert message_id("a.de", "ab", "c") != message_id("a.de", "a", "bc")


@pytest.mark.unit
def test_one_click_unsubscribing() -> None:
    link = "https://crm.example.com/u/v1." + "a" * 200
    data = build(
        with_(unsubscribe=Unsubscribe(link, "leave@example.com"), list_id="news.example.com"), NOW
    ).data
    assert (
        f"List-Unsubscribe: <{link}>,\r\n <mailto:leave@example.com?subject=unsubscribe>\r\n".encode() in data
    )
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in data
    assert b"List-Id: <news.example.com>\r\n" in data
    for leave in (Unsubscribe(mailto="leave@example.com"), Unsubscribe("http://localhost:8000/u")):
        assert b"List-Unsubscribe-Post" not in build(with_(unsubscribe=leave), NOW).data
    for url in (
        "https://x.test/ a",
        "https://x.test/>,<mailto:a@b.c",
        "javascript:1",
        "https://x.test/\r\nBcc: a@b.c",
    ):
        with pytest.raises(Invalid):
            build(with_(unsubscribe=Unsubscribe(url)), NOW)


@pytest.mark.unit
@pytest.mark.parametrize(
    "subject",
    ["Plain", "", "Grüße aus München", "日本語の件名" * 30, "x" * 2000, "word " * 100, "=?utf-8?q?fake?=", "a  b   c",
     "emoji 🎉 and “quotes”", "ends with space "],
)  # fmt: skip
def test_subjects_read_back(subject: str) -> None:
    assert parsed(with_(subject=subject))["Subject"].split() == subject.split()


@pytest.mark.unit
@pytest.mark.parametrize(
    "name",
    [
        "Ann",
        "Ann O'Neil, Ltd.",
        'The "Best" \\ Shop',
        "Zoë Müller",
        "名前",
        "a@b.c",
        "=?utf-8?q?x?=",
        "x" * 150,
        "Ü" * 8,
    ],
)
def test_names_read_back(name: str) -> None:
    read = parsed(with_(to=(Address("ann@example.com", name), Address("leo@example.com"))))
    assert [(one.display_name, one.addr_spec) for one in read["To"].addresses] == [
        (name, "ann@example.com"), ("", "leo@example.com"),
    ]  # fmt: skip


@pytest.mark.unit
def test_a_long_name_is_cut_into_words_that_join_again() -> None:
    read = message_from_bytes(
        build(with_(to=(Address("ann@example.com", "Ü" * 90),)), NOW).data
    )  # not policy=default,
    # which puts spaces between the encoded words of a name
    assert str(make_header(decode_header(read["To"]))) == f"{'Ü' * 90} <ann@example.com>"


@pytest.mark.unit
@pytest.mark.parametrize(
    "text",
    ["", "plain\n", ".\n..\n.leading dot\n", "From here\n", "x" * 5000, "trailing  \nspaces\t\n", "Grüße\n" * 3,
     "日本語" * 500, "a=b =20 ==\n", "\r\nmixed\rline\nends\r\n", "long " * 400 + "ü", "🎉" * 100],
)  # fmt: skip
def test_bodies_read_back(text: str) -> None:
    body = parsed(with_(text=text or "-", html="")).get_content().replace("\r\n", "\n")
    assert body == (text or "-").replace("\r\n", "\n").replace("\r", "\n").rstrip("\n") + "\n"


@pytest.mark.unit
def test_international_addresses() -> None:
    mail = build(with_(to=(Address("leo@münchen.example"),)), NOW)
    assert mail.recipients == ("leo@xn--mnchen-3ya.example",)
    assert not mail.utf8
    mail = build(with_(to=(Address("пётр@пример.example", "Пётр"),)), NOW)
    assert mail.utf8
    assert "To: =?utf-8?b?0J/RkdGC0YA=?= <пётр@xn--e1afmkfd.example>\r\n".encode() in mail.data


INJECTIONS = [
    "a\r\nBcc: evil@example.com", "a\nBcc: evil@example.com", "a\rBcc: evil@example.com", "a\r\n\r\nbody",
    "a\0b", "a\x0bBcc: x", "a\x85Bcc: x", "a\u2028Bcc: x", "a\u2029Bcc: x", "a\r\n .\r\nMAIL FROM:<x>",
    "a%0d%0aBcc: x\r", "\r\n", "\n.\r\n", "a\x1b[2J", "a\x7f",
]  # fmt: skip


@pytest.mark.unit
@pytest.mark.security
@pytest.mark.parametrize("payload", INJECTIONS)
def test_no_header_can_be_added(payload: str) -> None:
    places: list[dict[str, Any]] = [
        {"subject": payload}, {"to": (Address(payload),)}, {"to": (Address(f"ann@{payload}.com"),)}, {"id": payload},
        {"id": f"a@b{payload}"}, {"sender": Address(payload)}, {"reply_to": (Address(payload),)}, {"bounces": payload},
        {"list_id": payload}, {"feedback_id": payload}, {"headers": {"X-A": payload}}, {"headers": {payload: "a"}},
        {"unsubscribe": Unsubscribe(payload)}, {"unsubscribe": Unsubscribe(mailto=payload)},
    ]  # fmt: skip
    for change in places:
        with pytest.raises(Invalid):
            build(with_(**change), NOW)
    # Names come from data: they are cleaned, and a person is written to all the same.
    read = parsed(with_(to=(Address("ann@example.com", payload),), text=payload, html=f"<p>{payload}</p>"))
    assert [one.addr_spec for one in read["To"].addresses] == ["ann@example.com"]
    assert "Bcc" not in read
    assert set(read.keys()) == set(parsed(PLAIN).keys())


@pytest.mark.unit
@pytest.mark.security
@pytest.mark.parametrize(
    "address",
    ["", "ann", "@example.com", "ann@", "ann@example.com, leo@example.com", "ann@example.com>", "<ann@example.com>",
     "ann@exa mple.com", "ann@example.com\u202e", "a b@example.com", '"a b"@example.com', "ann@example..com", "ann@-x.com",
     "ann@[127.0.0.1]", "ann@example.com:x@y.z", "ann@example.com;leo", "ann(c)@example.com", "ann@example.com SIZE=1",
     "x" * 65 + "@example.com", "ann@" + "a." * 130 + "com", "ann@ex%ample.com", "ann@\u2028.com"],
)  # fmt: skip
def test_an_address_is_one_address(address: str) -> None:
    for change in ({"to": (Address(address),)}, {"sender": Address(address)}, {"bounces": address or " "}):
        with pytest.raises(Invalid):
            build(with_(**change), NOW)


@pytest.mark.unit
@pytest.mark.security
@pytest.mark.parametrize(
    "name", ["Bcc", "From", "Content-Type", "MIME-Version", "List-Unsubscribe", "Received", "a b", "", "X:Y"]
)
def test_our_own_headers_cannot_be_overridden(name: str) -> None:
    with pytest.raises(Invalid):
        build(with_(headers={name: "x"}), NOW)


@pytest.mark.unit
@given(subject=st.text(max_size=300), name=st.text(max_size=120), text=st.text(max_size=600))
def test_anything_becomes_a_mail_or_is_refused(subject: str, name: str, text: str) -> None:
    try:
        read = parsed(
            with_(subject=subject, to=(Address("ann@example.com", name),), text=text, html="<p>x</p>")
        )
    except Invalid as error:
        assert error.field == "subject"  # noqa: PT017  (only some texts are refused)
        return
    assert read["Subject"].split() == subject.split()
    assert [one.addr_spec for one in read["To"].addresses] == ["ann@example.com"]


@pytest.mark.unit
def test_what_is_missing_is_named() -> None:
    for change, field in (({"sender": None}, "sender"), ({"to": ()}, "to")):
        with pytest.raises(Invalid) as caught:
            build(with_(**change), NOW)
        assert caught.value.field == field

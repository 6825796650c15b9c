"""Messages as RFC 5322 mail: the same message gives the same bytes, at every try and on every machine.

Headers are written here and not by the standard library's policies, which cut long words (a link in
List-Unsubscribe, a Message-ID) into encoded words that no receiver reads.
"""

from __future__ import annotations

import re
from base64 import encodebytes
from binascii import b2a_qp
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.header import Header
from email.utils import format_datetime
from functools import lru_cache
from hashlib import sha256

from ghl.engine.channels.messages import Address, Message
from ghl.errors import Invalid

LINE = 76
LONGEST = 900  # of a line that cannot be folded; 998 is the limit of the protocol

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_LOCAL = re.compile(r"[^\s\x00-\x1f\x7f\"(),:;<>@\[\]\\]{1,64}")
_LABEL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_URL = re.compile(r"https?://[!#-;=?-\[\]_a-z~]{1,890}")
_LIST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,200}[A-Za-z0-9])?")
_MESSAGE_ID = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,200}@[A-Za-z0-9._-]{1,200}")
_HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}")
_OURS = {
    "from", "to", "cc", "bcc", "sender", "reply-to", "subject", "date", "message-id", "mime-version", "return-path",
    "received", "dkim-signature", "list-unsubscribe", "list-unsubscribe-post", "list-id", "auto-submitted",
    "precedence", "feedback-id",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mail:
    """What goes over the wire: the envelope and the message with its lines ended by CR LF."""

    sender: str
    recipients: tuple[str, ...]
    data: bytes
    utf8: bool
    """Whether an address has a name that only SMTPUTF8 carries."""


def build(message: Message, now: datetime) -> Mail:
    """The mail of a message. Invalid, with the field, for what no mail may hold."""
    if message.sender is None:
        raise Invalid("a mail needs a sender", field="sender")
    if not message.to:
        raise Invalid("a mail needs a recipient", field="to")
    sender = envelope_address(message.sender.email, "sender")
    recipients = tuple(envelope_address(one.email, "to") for one in message.to)
    bounces = envelope_address(message.bounces, "bounces") if message.bounces else sender
    lines = list(_headers(message, now))
    lines += _body(message)
    replies = [envelope_address(one.email, "reply_to") for one in message.reply_to]
    utf8 = not all(one.isascii() for one in (sender, bounces, *recipients, *replies))
    return Mail(bounces, recipients, b"".join(lines), utf8)


@lru_cache(maxsize=4096)
def envelope_address(email: str, field: str) -> str:
    """The address with its domain in ASCII; Invalid for anything that could mean more than an address."""
    local, at, domain = email.rpartition("@")
    ascii_domain = _ascii_domain(domain)
    if not at or _LOCAL.fullmatch(local) is None or _CONTROL.search(local) or not ascii_domain:
        shown = _CONTROL.sub("·", email)[:80]
        raise Invalid(f'"{shown}" is not an address that mail can go to', hint="ana@example.com", field=field)
    return f"{local}@{ascii_domain}"


def _ascii_domain(domain: str) -> str:
    if not domain.isascii():
        import idna  # only for names that are not ASCII

        try:
            domain = idna.encode(domain, uts46=True).decode("ascii")
        except idna.IDNAError:
            return ""
    labels = domain.split(".")
    return domain.lower() if len(domain) <= 253 and all(map(_LABEL.fullmatch, labels)) else ""


def _headers(message: Message, now: datetime) -> Iterable[bytes]:
    date = message.date or now
    if _MESSAGE_ID.fullmatch(message.id) is None:
        raise Invalid("a Message-ID is a word, an @ and a domain", field="id")
    assert message.sender is not None  # `build` has looked
    yield _header("Date", format_datetime(date.astimezone(UTC).replace(microsecond=0)))
    yield _addresses("From", (message.sender,), "sender")
    yield _addresses("To", message.to, "to")
    if message.reply_to:
        yield _addresses("Reply-To", message.reply_to, "reply_to")
    yield _header("Subject", message.subject, "subject")
    yield _header("Message-ID", f"<{message.id}>")
    yield b"MIME-Version: 1.0\r\n"
    yield from _list_headers(message)
    if message.automatic:
        yield _header("Auto-Submitted", f"auto-{message.automatic}")
    if message.bulk:
        yield b"Precedence: bulk\r\n"
    if message.feedback_id:
        yield _header("Feedback-ID", message.feedback_id, "feedback_id")
    for name, value in message.headers.items():
        if (
            _HEADER_NAME.fullmatch(name) is None
            or name.lower() in _OURS
            or name.lower().startswith("content-")
        ):
            raise Invalid(
                f'"{_CONTROL.sub("·", name)[:60]}" is not a header that a message may set', field="headers"
            )
        yield _header(name, value, "headers")


def _list_headers(message: Message) -> Iterable[bytes]:
    leave = message.unsubscribe
    if message.list_id:
        if _LIST.fullmatch(message.list_id) is None:
            raise Invalid("a list's id is a domain name", hint="newsletter.example.com", field="list_id")
        yield _header("List-Id", f"<{message.list_id}>")
    if leave is None:
        return
    ways: list[str] = []
    if leave.url:
        if _URL.fullmatch(leave.url) is None:
            raise Invalid(
                "the address for unsubscribing is not a link", hint="https://…", field="unsubscribe"
            )
        ways.append(f"<{leave.url}>")
    if leave.mailto:
        address = envelope_address(leave.mailto.removeprefix("mailto:"), "unsubscribe")
        if not address.isascii():
            raise Invalid("the address for unsubscribing must be ASCII", field="unsubscribe")
        ways.append(
            f"<mailto:{address.replace('%', '%25').replace('?', '%3F').replace('&', '%26')}?subject=unsubscribe>"
        )
    if ways:
        yield f"List-Unsubscribe: {f',{_FOLD}'.join(ways)}\r\n".encode("ascii")
    if leave.url.startswith("https://"):
        # RFC 8058: only https, and only for an address that acts on a POST.
        yield b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"


_FOLD = "\r\n "


def _header(name: str, value: str, field: str | None = None) -> bytes:
    """One header, folded at spaces; anything that is not plain ASCII becomes encoded words."""
    if _CONTROL.search(value):
        raise Invalid(f"{name} holds a line break or a control character", field=field)
    if value.isascii() and "=?" not in value:
        folded = _folded(value, len(name) + 2)
        if folded is not None:
            return f"{name}: {folded}\r\n".encode("ascii")
    encoded = Header(value, "utf-8", maxlinelen=LINE, header_name=name).encode(linesep="\r\n")
    return f"{name}: {encoded}\r\n".encode("ascii")


def _folded(value: str, used: int) -> str | None:
    """The value on lines of a good length; None where a word is too long for any line."""
    if used + len(value) <= LINE:
        return value
    lines, line = [], ""
    for word in re.split(r"(?<=\S) (?=\S)", value):
        if line and used + len(line) + 1 + len(word) > LINE:
            lines.append(line)
            line, used = word, 1
        else:
            line = f"{line} {word}" if line else word
    lines.append(line)
    return _FOLD.join(lines) if max(map(len, lines)) <= LONGEST else None


def _addresses(name: str, addresses: Iterable[Address], field: str) -> bytes:
    written = [f"{_phrase(one.name)}<{envelope_address(one.email, field)}>" for one in addresses]
    plain = [item[1:-1] if item.startswith("<") else item for item in written]
    return f"{name}: {f',{_FOLD}'.join(plain)}\r\n".encode()


def _phrase(name: str) -> str:
    """A display name. It comes from data, so a stray line break is a space and not an error."""
    words = " ".join(_CONTROL.sub(" ", name).split())[:200]
    if not words:
        return ""
    if words.isascii() and "=?" not in words:
        if _ATOMS.fullmatch(words):
            return f"{words} "
        escaped = words.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}" '
    return Header(words, "utf-8", maxlinelen=LINE, header_name="Reply-To").encode(linesep="\r\n") + " "


def _body(message: Message) -> list[bytes]:
    if not message.html:
        return [_part("plain", message.text)]
    if not message.text:
        return [_part("html", message.html)]
    digest = sha256(
        f"{message.id}\0{len(message.text)}\0{len(message.html)}".encode("utf-8", "replace")
    ).hexdigest()
    parts = [_part("plain", message.text), _part("html", message.html)]
    boundary = f"=_{digest[:32]}"
    while any(
        boundary.encode() in part for part in parts
    ):  # nobody's text holds it, but nothing rests on that
        boundary += "x"
    mark = boundary.encode("ascii")
    return [
        b'Content-Type: multipart/alternative; boundary="' + mark + b'"\r\n\r\n',
        *(b"--" + mark + b"\r\n" + part for part in parts),
        b"--" + mark + b"--\r\n",
    ]


def _part(kind: str, text: str) -> bytes:
    """Headers and body of a part: as it is if every server takes it, else in the shorter encoding."""
    clean = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n") + "\n"
    data = clean.encode("utf-8", "replace")
    head = f'Content-Type: text/{kind}; charset="utf-8"\r\nContent-Transfer-Encoding: '.encode("ascii")
    plain = clean.isascii() and "\0" not in clean
    if plain and max(map(len, clean.split("\n"))) <= LONGEST:
        return head + b"7bit\r\n\r\n" + data.replace(b"\n", b"\r\n")
    if sum(byte > 127 for byte in data) * 3 > len(data):
        return head + b"base64\r\n\r\n" + encodebytes(data.replace(b"\n", b"\r\n")).replace(b"\n", b"\r\n")
    quoted: bytes = b2a_qp(data, istext=True)
    return head + b"quoted-printable\r\n\r\n" + quoted.replace(b"\n", b"\r\n")

"""Mail over SMTP: one protected connection for many messages, every answer told apart."""

from __future__ import annotations

import re
import smtplib
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ghl.engine.channels import Channel
from ghl.engine.channels.email import Mail, build
from ghl.engine.channels.messages import Message, Outcome, Receipt, RecipientResult, cleaned
from ghl.engine.channels.smtp_address import SmtpAddress, parse_smtp_url
from ghl.engine.channels.smtp_connection import RETRY, NoConnection, SmtpConnection
from ghl.engine.channels.smtp_replies import of_recipient, of_sender, provider_id, summed
from ghl.engine.clock import Clock

if TYPE_CHECKING:
    from ghl.engine.channels.http import Http

_DOT = re.compile(rb"(?m)^\.")

Reply = tuple[int, bytes]


class _Lost(Exception):
    """The connection broke before the server could have taken the message."""


class Smtp(Channel, name="smtp", schemes=("smtp", "smtps")):
    """Sends over one connection, renewed after a number of messages or some minutes."""

    def __init__(self, address: SmtpAddress, clock: Clock) -> None:
        self.address, self.clock = address, clock
        self._connection = SmtpConnection(address)

    @classmethod
    def open(cls, url: str, *, clock: Clock, http: Http | None = None) -> Smtp:
        return cls(parse_smtp_url(url), clock)

    def send(self, message: Message) -> Receipt:
        mail = build(message, self.clock.now())
        for last in (False, True):
            reused = self._connection.is_open
            try:
                return self._transaction(self._connection.use(), mail)
            except NoConnection as trouble:
                return trouble.receipt
            except _Lost as lost:
                self._connection.drop()
                # Servers close idle connections: that says nothing about the message, so once more.
                if last or not reused:
                    return Receipt(
                        Outcome.DEFERRED,
                        "connection_lost",
                        detail=cleaned(str(lost)),
                        retry_after=RETRY,
                        scope="sender",
                    )
        raise AssertionError

    def verify(self) -> Receipt:
        """Connect and sign in, send nothing."""
        self.close()
        try:
            code, reply = self._connection.use().noop()
        except NoConnection as trouble:
            return trouble.receipt
        except (OSError, smtplib.SMTPException) as error:
            self._connection.drop()
            return Receipt(Outcome.DEFERRED, "connection_lost", detail=cleaned(str(error)), scope="sender")
        return Receipt(Outcome.SENT, "accepted", code) if code == 250 else of_sender(code, reply)

    def close(self) -> None:
        self._connection.close()

    def abort(self) -> None:
        self._connection.abort()

    def _transaction(self, smtp: smtplib.SMTP, mail: Mail) -> Receipt:
        refusal = _unsendable(smtp, mail)
        if refusal is not None:
            return refusal
        try:
            mailed, named, data = self._envelope(smtp, mail)
        except (OSError, smtplib.SMTPException) as error:
            raise _Lost(str(error)) from None
        results = [
            of_recipient(address, *reply) for address, reply in zip(mail.recipients, named, strict=False)
        ]
        accepted = [one for one in results if one.outcome is Outcome.SENT and mailed[0] // 100 == 2]
        waits = data is not None and data[0] == 354
        if not accepted or not waits:
            if waits:
                self._abandon(smtp)
            else:
                self._reset(smtp, *[code for code, _ in (mailed, *named, data or (0, b""))])
            if mailed[0] // 100 != 2:
                return _of_mail_from(mail, mailed)
            if data is not None and accepted:
                results = [of_recipient(one.address, *data) if one in accepted else one for one in results]
            return summed(results)
        return self._content(smtp, mail, results)

    def _envelope(self, smtp: smtplib.SMTP, mail: Mail) -> tuple[Reply, list[Reply], Reply | None]:
        """The answers to MAIL, each RCPT and DATA; DATA is not sent where nobody would get it."""
        options = (f" SIZE={len(mail.data)}" if smtp.has_extn("size") else "") + (
            " SMTPUTF8" if mail.utf8 else ""
        )
        commands = [f"MAIL FROM:<{mail.sender}>{options}", *(f"RCPT TO:<{one}>" for one in mail.recipients)]
        lines = [f"{command}\r\n".encode() for command in commands]
        if smtp.has_extn("pipelining"):
            smtp.send(b"".join([*lines, b"DATA\r\n"]))
            replies: list[Reply] = []
            for _ in (*lines, b"DATA"):
                replies.append(smtp.getreply())
                if replies[-1][0] == 421:  # goodbye: what else was asked is not answered any more
                    replies += [replies[-1]] * (len(lines) + 1 - len(replies))
                    break
            return replies[0], replies[1:-1], replies[-1]
        mailed = _said(smtp, lines[0])
        if mailed[0] // 100 != 2:
            return mailed, [], None
        named = [_said(smtp, line) for line in lines[1:]]
        if not any(code // 100 == 2 for code, _ in named):
            return mailed, named, None
        return mailed, named, _said(smtp, b"DATA\r\n")

    def _content(self, smtp: smtplib.SMTP, mail: Mail, results: list[RecipientResult]) -> Receipt:
        assert smtp.sock is not None
        try:
            smtp.send(_DOT.sub(b"..", mail.data))
        except (OSError, smtplib.SMTPException) as error:
            raise _Lost(str(error)) from None  # without the final dot nothing was taken
        try:
            smtp.sock.settimeout(self.address.answer_timeout)
            smtp.send(b".\r\n")
            code, reply = smtp.getreply()
            smtp.sock.settimeout(self.address.timeout)
        except (OSError, smtplib.SMTPException) as error:
            self._connection.drop()
            code, reply = 0, str(error).encode("utf-8", "replace")
        if code == 0 or code // 100 not in (2, 4, 5):
            self._connection.drop()
            detail = cleaned(reply)
            results = [
                RecipientResult(one.address, Outcome.UNKNOWN, code or None, "", "answer_lost", detail)
                if one.outcome is Outcome.SENT else one
                for one in results
            ]  # fmt: skip
            return summed(results)
        if code == 421:
            self._connection.drop()
        results = [
            of_recipient(one.address, code, reply) if one.outcome is Outcome.SENT else one for one in results
        ]
        return summed(results, provider_id(reply) if code // 100 == 2 else "")

    def _abandon(self, smtp: smtplib.SMTP) -> None:
        """Nobody was accepted, yet the server waits for text: give it none, and a connection of its own."""
        try:
            smtp.send(b".\r\n")
            smtp.getreply()
        except (OSError, smtplib.SMTPException):
            pass
        self._connection.drop()

    def _reset(self, smtp: smtplib.SMTP, *codes: int) -> None:
        """Ready for the next message; a server that said goodbye, or does not follow, is let go."""
        if 421 in codes:
            self._connection.drop()
            return
        try:
            if smtp.rset()[0] == 250:
                return
        except (OSError, smtplib.SMTPException):
            pass
        self._connection.drop()


def _said(smtp: smtplib.SMTP, line: bytes) -> Reply:
    smtp.send(line)
    return smtp.getreply()


def _unsendable(smtp: smtplib.SMTP, mail: Mail) -> Receipt | None:
    """The refusal of a message that this server says it cannot take."""
    reason = ""
    if mail.utf8 and not smtp.has_extn("smtputf8"):
        reason, detail = "smtputf8_missing", "the server cannot take an address with these letters"
    size = smtp.esmtp_features.get("size", "")
    if size.isdecimal() and 0 < int(size) < len(mail.data):
        reason, detail = (
            "message_too_large",
            f"the server takes {int(size):,} bytes, this is {len(mail.data):,}",
        )
    if not reason:
        return None
    return summed(list(_everybody(mail, Outcome.FAILED, reason, detail)))


def _of_mail_from(mail: Mail, reply: Reply) -> Receipt:
    """MAIL was refused: mostly the sender is at fault, but a message may be too large for the server."""
    one = of_recipient("", *reply)
    if one.reason in ("message_too_large", "bad_content") or reply[0] == 552:
        return summed([of_recipient(address, *reply) for address in mail.recipients])
    receipt = of_sender(*reply)
    everybody = tuple(_everybody(mail, Outcome.DEFERRED, receipt.reason, receipt.detail))
    return Receipt(
        receipt.outcome, receipt.reason, receipt.code, receipt.status, receipt.detail, "", receipt.retry_after,
        "sender", everybody,
    )  # fmt: skip


def _everybody(mail: Mail, outcome: Outcome, reason: str, detail: str) -> Iterable[RecipientResult]:
    return (RecipientResult(one, outcome, None, "", reason, detail) for one in mail.recipients)

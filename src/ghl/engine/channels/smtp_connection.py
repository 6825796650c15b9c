"""A connection to an SMTP server: greeted, protected, signed in, and renewed now and then."""

from __future__ import annotations

import smtplib
import socket
import ssl
from time import monotonic

from ghl.engine.channels.messages import Outcome, Receipt, cleaned
from ghl.engine.channels.smtp_address import SmtpAddress
from ghl.engine.channels.smtp_replies import of_sender

OLDEST = 300.0
"""Seconds until a connection is renewed."""

RETRY = 60.0
"""Seconds to wait where a server gave no hint."""


class NoConnection(Exception):
    """No connection can be had; the receipt says why."""

    def __init__(self, receipt: Receipt) -> None:
        super().__init__(receipt.reason)
        self.receipt = receipt


class SmtpConnection:
    """At most one open connection, made when it is asked for."""

    def __init__(self, address: SmtpAddress) -> None:
        self.address = address
        self._smtp: smtplib.SMTP | None = None
        self._opening: smtplib.SMTP | None = None
        self._made = 0.0
        self._used = 0

    @property
    def is_open(self) -> bool:
        """Whether the next use is of a connection that has been used before."""
        return self._smtp is not None

    def close(self) -> None:
        """Say goodbye and hang up."""
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            try:
                if smtp.sock is not None:
                    smtp.sock.settimeout(5)
                smtp.quit()
            except (OSError, smtplib.SMTPException):
                pass
            finally:
                smtp.close()

    def use(self) -> smtplib.SMTP:
        """The connection for one more message; NoConnection where there is none."""
        expired = self._used >= self.address.per_connection or monotonic() - self._made > OLDEST
        if self._smtp is not None and (expired or self._smtp.sock is None):
            self.close()
        if self._smtp is None:
            self._smtp = self._connect()
            self._made, self._used = monotonic(), 0
        self._used += 1
        return self._smtp

    def drop(self) -> None:
        """Hang up without a word: the conversation has come apart."""
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            smtp.close()

    def abort(self) -> None:
        """Hang up from another thread: whoever waits for an answer gets an error."""
        for smtp in (self._smtp, self._opening):
            if smtp is not None and smtp.sock is not None:
                try:
                    smtp.sock.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def _connect(self) -> smtplib.SMTP:
        address = self.address
        smtp: smtplib.SMTP
        try:
            if address.protection == "implicit":
                smtp = smtplib.SMTP_SSL(
                    timeout=address.timeout, context=self._context(), local_hostname="localhost"
                )
            else:
                smtp = smtplib.SMTP(timeout=address.timeout, local_hostname="localhost")
        except (OSError, ssl.SSLError) as error:
            raise _trouble("tls_unusable", f"cafile: {error}") from None
        self._opening = smtp
        smtp._host = address.host  # type: ignore[attr-defined]  # the name that a certificate must have
        try:
            self._greet(smtp)
            self._protect(smtp)
            self._sign_in(smtp)
        except smtplib.SMTPAuthenticationError as error:
            smtp.close()
            raise NoConnection(of_sender(error.smtp_code, _bytes(error.smtp_error), "auth_failed")) from None
        except smtplib.SMTPResponseException as error:
            smtp.close()
            raise NoConnection(of_sender(error.smtp_code, _bytes(error.smtp_error))) from None
        except ssl.SSLError as error:
            smtp.close()
            raise _trouble("tls_failed", getattr(error, "verify_message", "") or error.reason or "") from None
        except UnicodeError:
            smtp.close()
            raise _trouble("auth_failed", "the user name, the password and the host must be ASCII") from None
        except (OSError, smtplib.SMTPException) as error:
            smtp.close()
            raise _trouble("unreachable", error) from None
        except NoConnection:
            smtp.close()
            raise
        finally:
            self._opening = None
        return smtp

    def _greet(self, smtp: smtplib.SMTP) -> None:
        code, reply = smtp.connect(self.address.host, self.address.port)
        if code != 220:
            raise smtplib.SMTPResponseException(code, reply)
        assert smtp.sock is not None
        # Small writes follow each other here; waiting to join them costs 40 ms each.
        smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        local = smtp.sock.getsockname()[0]
        # The machine's own name is nobody's business and often no name at all: an address always is.
        smtp.local_hostname = self.address.hello or (f"[IPv6:{local}]" if ":" in local else f"[{local}]")
        smtp.ehlo_or_helo_if_needed()

    def _protect(self, smtp: smtplib.SMTP) -> None:
        address = self.address
        if address.protection in ("implicit", "off"):
            return
        if smtp.has_extn("starttls"):
            code, reply = smtp.starttls(context=self._context())
            if code != 220:
                raise smtplib.SMTPResponseException(code, reply)
            smtp.ehlo()
        elif address.protection == "required" or (address.user and not address.is_loopback):
            raise _trouble("tls_missing", "the server offers no STARTTLS")

    def _sign_in(self, smtp: smtplib.SMTP) -> None:
        if self.address.user:
            try:
                smtp.login(self.address.user, self.address.password)
            except smtplib.SMTPNotSupportedError:
                raise _trouble("auth_missing", "the server offers no way to sign in") from None

    def _context(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self.address.cafile:
            context.load_verify_locations(self.address.cafile)
        return context


def _trouble(reason: str, detail: object) -> NoConnection:
    text = cleaned(str(detail))
    return NoConnection(Receipt(Outcome.DEFERRED, reason, detail=text, retry_after=RETRY, scope="sender"))


def _bytes(text: bytes | str) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8", "replace")

"""Where an SMTP sender connects and how it protects the connection, from its URL."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Literal, cast, get_args
from urllib.parse import parse_qsl, unquote, urlsplit

from ghl.errors import Invalid

Protection = Literal["implicit", "required", "optional", "off"]
_EXAMPLE = "smtp://user:password@mail.example.com:587?starttls=required"
_OPTIONS = ("cafile", "hello", "per_connection", "starttls", "timeout")


@dataclass(frozen=True, slots=True)
class SmtpAddress:
    """The parts of a sender's URL. Its password is in no repr and no error."""

    host: str
    port: int
    protection: Protection
    user: str = ""
    password: str = field(default="", repr=False)
    cafile: str = ""
    timeout: float = 30.0
    answer_timeout: float = 120.0
    """Seconds to wait for the answer to a whole message, which servers take their time for."""
    per_connection: int = 100
    hello: str = ""

    @property
    def is_loopback(self) -> bool:
        """Whether the host is this machine, by a name or address that cannot be anything else."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False


def parse_smtp_url(url: str) -> SmtpAddress:
    """Read `smtp://user:password@host:587?starttls=required` or `smtps://…`.

    Options: `starttls` required (the default), optional (the default on this machine) or off;
    `cafile`, a file of certificates to trust beside the system's; `timeout` in seconds;
    `per_connection`, messages before a connection is renewed; `hello`, the name to greet with.
    Invalid, with `field="url"` and never with the password in it.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _wrong("the sender's URL cannot be read") from None
    if (
        parts.scheme not in ("smtp", "smtps")
        or not parts.hostname
        or parts.path not in ("", "/")
        or parts.fragment
    ):
        raise _wrong("the sender's URL is not smtp://host or smtps://host")
    if any(c <= " " or c == "\x7f" for c in url):
        raise _wrong("the sender's URL holds a space or a control character")
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    unknown = sorted(set(options) - set(_OPTIONS))
    if unknown:
        raise _wrong(f'an smtp URL has no option "{unknown[0][:40]}"', f"options: {', '.join(_OPTIONS)}")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if any(c < " " for c in user + password):
        raise _wrong("the user name or the password holds a control character")
    address = SmtpAddress(parts.hostname, port or (465 if parts.scheme == "smtps" else 587), "off")
    wanted = options.get("starttls") or ("optional" if address.is_loopback else "required")
    if wanted not in get_args(Protection)[1:]:
        raise _wrong(f'starttls is required, optional or off, not "{wanted[:40]}"')
    protection = "implicit" if parts.scheme == "smtps" else cast(Protection, wanted)
    if protection == "implicit" and "starttls" in options:
        raise _wrong("smtps is protected from the start and has no starttls")
    hello = options.get("hello", "")
    if any(c <= " " or c > "~" for c in hello):
        raise _wrong("hello is a host name")
    timeout = _number(options, "timeout", 30.0, 1, 600)
    return SmtpAddress(
        address.host, address.port, protection, user, password, options.get("cafile", ""), timeout,
        max(timeout, 120.0) if "timeout" not in options else timeout,
        int(_number(options, "per_connection", 100, 1, 100_000)), hello,
    )  # fmt: skip


def _number(options: dict[str, str], name: str, default: float, least: float, most: float) -> float:
    try:
        value = float(options.get(name, default))
    except ValueError:
        value = -1
    if not least <= value <= most:
        raise _wrong(f"{name} is a number from {least:g} to {most:g}")
    return value


def _wrong(message: str, hint: str = _EXAMPLE) -> Invalid:
    return Invalid(message, hint=hint, field="url")

"""Signed links: a token that says who and what for, that nobody else can make."""

from __future__ import annotations

import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BadBase64
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from ghl.engine.clock import EPOCH
from ghl.errors import Gone, Invalid

KEY_BYTES = 32
MAC_BYTES = 20  # 160 bits: more than anybody can guess, short enough for a line of a mail
LONGEST = 512

_PURPOSE = re.compile(r"[a-z][a-z0-9_.-]{0,40}")
_TOKEN = re.compile(r"v1\.([A-Za-z0-9_-]{1,700})\.([A-Za-z0-9_-]{27})")


def make_token(key: bytes, purpose: str, subject: str, *, expires: datetime | None = None) -> str:
    """A token `v1.…` for one purpose. `subject` is opaque ids, never a name or an address: it can be read.

    The key has at least 32 bytes. The same arguments give the same token.
    """
    if len(key) < KEY_BYTES:
        raise Invalid(
            f"the key for signed links is shorter than {KEY_BYTES} bytes", hint="secrets.token_bytes(32)"
        )
    if _PURPOSE.fullmatch(purpose) is None:
        raise Invalid("the purpose of a link is one word", hint="unsubscribe")
    until = int((expires - EPOCH) / timedelta(seconds=1)) if expires is not None else 0
    body = f"{until:x}:{subject}".encode()
    if len(body) > LONGEST:
        raise Invalid(f"a signed link holds at most {LONGEST} bytes")
    return f"v1.{_encoded(body)}.{_encoded(_mac(key, purpose, body))}"


def read_token(keys: Sequence[bytes], purpose: str, token: str, now: datetime) -> str:
    """The subject of a token that one of the keys made for this purpose.

    Invalid for any other text, and Gone for a good token whose time is over. During a change of keys the
    new one comes first and the old one still reads.
    """
    found = _TOKEN.fullmatch(token)
    body, mac = (_decoded(found[1]), _decoded(found[2])) if found else (b"", b"")
    good = False
    for key in keys:
        if len(key) >= KEY_BYTES:
            good |= hmac.compare_digest(mac, _mac(key, purpose, body))
    # One spelling only: base64 lets the last character vary, and a log would know two tokens for one.
    if not good or token != f"v1.{_encoded(body)}.{_encoded(mac)}":
        raise Invalid("this link is not valid", hint="open the newest message and use its link")
    until, _, subject = body.decode("utf-8").partition(":")
    if until != "0" and now >= EPOCH + timedelta(seconds=int(until, 16)):
        raise Gone("this link is no longer valid")
    return subject


def _mac(key: bytes, purpose: str, body: bytes) -> bytes:
    signed = b"ghl link v1\0" + purpose.encode() + b"\0" + body
    return hmac.digest(key, signed, sha256)[:MAC_BYTES]


def _encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _decoded(text: str) -> bytes:
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (BadBase64, ValueError):
        return b""

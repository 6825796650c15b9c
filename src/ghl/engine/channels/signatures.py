"""Standard Webhooks 1.0.0: signing what is sent, and checking what is received."""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from binascii import Error as BadBase64
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_bytes

from ghl.engine.clock import EPOCH
from ghl.errors import Invalid, Unauthenticated

TOLERANCE = timedelta(minutes=5)
_PREFIX = "whsec_"


def new_secret() -> str:
    """A fresh secret of 32 random bytes."""
    return _PREFIX + b64encode(token_bytes(32)).decode("ascii")


def secret_bytes(secret: str) -> bytes:
    """The key of a secret; Invalid unless it is `whsec_` and 24 to 64 bytes in base64."""
    try:
        key = b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (BadBase64, ValueError):
        key = b""
    if not secret.startswith(_PREFIX) or not 24 <= len(key) <= 64:
        raise Invalid("a webhook's secret is whsec_ and 24 to 64 bytes in base64", field="secret")
    return key


def sign(secrets: Sequence[str], id: str, body: bytes, at: datetime) -> dict[str, str]:
    """The three headers of one try. During a rotation the new secret and the old one sign."""
    if not id or "." in id or not id.isascii() or any(c <= " " for c in id):
        raise Invalid("a webhook's id is ASCII without dots or spaces", field="id")
    timestamp = str(int((at - EPOCH).total_seconds()))
    signatures = [f"v1,{_signature(secret_bytes(one), id, timestamp, body)}" for one in secrets]
    return {"webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": " ".join(signatures)}


def verify(
    secrets: Sequence[str],
    headers: Mapping[str, str],
    body: bytes,
    now: datetime,
    tolerance: timedelta = TOLERANCE,
) -> str:
    """The id of a webhook that one of the secrets signed lately; Unauthenticated for any other.

    The body is the raw bytes as they came in. Whoever acts on it keeps the id, and acts once.
    """
    given = {name.lower(): value for name, value in headers.items()}
    id, timestamp = given.get("webhook-id", ""), given.get("webhook-timestamp", "")
    listed = given.get("webhook-signature", "").split(" ")[:20]
    if not id or not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
        raise Unauthenticated("the webhook is not signed")
    good = False
    for secret in secrets:
        expected = _signature(secret_bytes(secret), id, timestamp, body)
        for one in listed:
            version, _, signature = one.partition(",")
            # Every pair is compared in full, so that the time says nothing about which was close.
            good |= version == "v1" and hmac.compare_digest(signature.encode(), expected.encode())
    if not good:
        raise Unauthenticated("the webhook's signature is wrong")
    if abs(now - (EPOCH + timedelta(seconds=int(timestamp)))) > tolerance:
        raise Unauthenticated("the webhook is too old, or the clocks differ")
    return id


def _signature(key: bytes, id: str, timestamp: str, body: bytes) -> str:
    signed = f"{id}.{timestamp}.".encode() + body
    return b64encode(hmac.digest(key, signed, sha256)).decode("ascii")

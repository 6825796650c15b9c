"""Webhooks out: a signed POST to somebody's URL, and what the answer means for trying again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from hashlib import sha256
from urllib.parse import parse_qsl

from ghl.engine.channels import Channel
from ghl.engine.channels.http import Answer, Http, NoAnswer, UrlRefused
from ghl.engine.channels.messages import Message, Outcome, Receipt, cleaned
from ghl.engine.channels.signatures import secret_bytes, sign
from ghl.engine.clock import Clock
from ghl.errors import Invalid

LARGEST = 256 * 1024
"""Bytes of a body; the standard asks for less than 20,000, and receivers may refuse more."""

RETRIES = (0.0, 5.0, 300.0, 1_800.0, 7_200.0, 18_000.0, 36_000.0, 50_400.0, 72_000.0, 86_400.0)
"""Seconds before each try, the standard's own: ten tries in three days."""

_THROTTLED = {429, 502, 503, 504}
_PASSING = {408, 409, 425}
"""Refusals that are about the moment, not about the request; every other 4xx would be answered the same again."""
_LATEST = 86_400.0


def retry_delay(attempt: int, id: str) -> float | None:
    """Seconds to wait after so many tries, up to a tenth more by the message's id; None: no more tries."""
    if attempt >= len(RETRIES):
        return None
    share = int.from_bytes(sha256(f"{id}:{attempt}".encode()).digest()[:4], "big") / 2**32
    return RETRIES[attempt] * (1 + share / 10)


class Webhook(Channel, name="webhook", schemes=("https", "http")):
    """Posts the payload of a message as JSON, signed by Standard Webhooks 1.0.0.

    Only 2xx is success; a redirect is a failure, and so is 4xx but for 408, 409, 425 and 429; 410 means
    that the receiver wants no more. A lost answer is unknown: the caller repeats the message under the
    same id, by which receivers tell.
    """

    def __init__(
        self,
        url: str,
        clock: Clock,
        http: Http,
        secrets: Sequence[str] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        for secret in secrets:
            secret_bytes(secret)
        http.check(url)
        self.url, self.clock, self.http = url, clock, http
        self.secrets, self.headers = tuple(secrets), dict(headers or {})

    @classmethod
    def open(cls, url: str, *, clock: Clock, http: Http | None = None) -> Webhook:
        """`https://host/path#secret=whsec_…`; the fragment holds the secrets and is never sent."""
        address, _, fragment = url.partition("#")
        options = parse_qsl(fragment.replace("+", "%2B"))  # a plus is a character of base64
        unknown = [name for name, _ in options if name != "secret"]
        if unknown:
            raise Invalid(
                f'a webhook\'s URL has no option "{unknown[0][:40]}"', hint="#secret=whsec_…", field="url"
            )
        return cls(address, clock, http or Http(), [value for _, value in options])

    def send(self, message: Message) -> Receipt:
        try:
            text = json.dumps(
                message.payload or {}, ensure_ascii=False, separators=(",", ":"), allow_nan=False
            )
            body = text.encode()
        except (TypeError, ValueError, RecursionError):
            raise Invalid("a webhook's payload must be JSON", field="payload") from None
        return self.post(message.id, body)

    def post(
        self,
        id: str,
        body: bytes,
        content_type: str = "application/json",
        *,
        method: str = "POST",
        timeout: float | None = None,
    ) -> Receipt:
        """One try with this very body."""
        if len(body) > LARGEST:
            raise Invalid(f"a webhook's body is at most {LARGEST // 1024} KiB", field="payload")
        headers = {"Content-Type": content_type, "webhook-id": id, **self.headers}
        if self.secrets:
            headers |= sign(self.secrets, id, body, self.clock.now())
        try:
            answer = self.http.request(method, self.url, headers=headers, body=body, timeout=timeout)
        except UrlRefused as error:
            return Receipt(Outcome.FAILED, "url_refused", detail=error.message, scope="sender")
        except NoAnswer as error:
            outcome = Outcome.UNKNOWN if error.sent else Outcome.DEFERRED
            return Receipt(outcome, "no_answer", detail=error.message)
        return self.judged(answer)

    def judged(self, answer: Answer) -> Receipt:
        """What a status means."""
        code, detail = answer.status, cleaned(answer.body)
        if code // 100 == 2:
            return Receipt(
                Outcome.SENT,
                "accepted",
                code,
                provider_id=cleaned(answer.headers.get("x-request-id", ""), 80),
            )
        if code // 100 == 3:
            return Receipt(Outcome.FAILED, "redirected", code, detail=detail)
        if code == 410:
            return Receipt(Outcome.FAILED, "gone", code, detail=detail, disable=True)
        if code // 100 == 4 and code not in _THROTTLED | _PASSING:
            return Receipt(Outcome.FAILED, f"http_{code}", code, detail=detail)
        waits = self._retry_after(answer.headers.get("retry-after", ""))
        if code in _THROTTLED:
            return Receipt(
                Outcome.DEFERRED, "throttled", code, detail=detail, retry_after=waits or 60.0, scope="sender"
            )
        return Receipt(Outcome.DEFERRED, f"http_{code}", code, detail=detail, retry_after=waits)

    def _retry_after(self, value: str) -> float | None:
        """Seconds, from a number of them or a date; never more than a day."""
        value = value.strip()
        if value.isascii() and value.isdigit():
            return min(float(value[:9]), _LATEST)
        if not 20 <= len(value) <= 40:
            return None
        try:
            moment: datetime = parsedate_to_datetime(value)
        except (ValueError, TypeError, IndexError):
            return None
        aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
        return min(max((aware - self.clock.now()).total_seconds(), 0.0), _LATEST) or None

"""Webhooks: signatures, and what each answer means."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from datetime import timedelta

import pytest

from ghl.engine.channels import Message, Outcome
from ghl.engine.channels.http import Answer, Http
from ghl.engine.channels.signatures import new_secret, sign, verify
from ghl.engine.channels.webhook import RETRIES, Webhook, retry_delay
from ghl.engine.clock import VirtualClock
from ghl.errors import Invalid, Unauthenticated
from tests.channels.test_http import listening, raw

SECRET = "whsec_" + b64encode(b"0123456789abcdef0123456789abcdef").decode()


@pytest.mark.unit
def test_the_standards_own_example(clock: VirtualClock) -> None:
    from datetime import UTC, datetime

    secret, id = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek"
    headers = sign([secret], id, b'{"test": 2432232314}', datetime.fromtimestamp(1614265330, UTC))
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.unit
@pytest.mark.security
def test_only_what_was_signed_lately_is_taken(clock: VirtualClock) -> None:
    now, body = clock.now(), b'{"a":1}'
    other = new_secret()
    headers = sign([SECRET], "msg_1", body, now)
    assert verify([SECRET], headers, body, now) == "msg_1"
    assert (
        verify([other, SECRET], {name.title(): value for name, value in headers.items()}, body, now)
        == "msg_1"
    )
    both = sign([other, SECRET], "msg_1", body, now)
    assert verify([SECRET], both, body, now) == verify([other], both, body, now) == "msg_1"
    assert verify([SECRET], headers, body, now + timedelta(seconds=300)) == "msg_1"
    signature = headers["webhook-signature"]
    flipped = signature[:5] + ("A" if signature[5] != "A" else "B") + signature[6:]
    wrong: list[dict[str, str]] = [
        {}, {"webhook-signature": ""}, {"webhook-signature": flipped}, {"webhook-signature": signature[3:]},
        {"webhook-signature": "v2" + signature[2:]}, {"webhook-signature": "v1,"}, {"webhook-signature": "v1, " + "é" * 40},
        {"webhook-id": "msg_2"}, {"webhook-id": ""}, {"webhook-timestamp": "0"}, {"webhook-timestamp": ""},
        {"webhook-timestamp": "x"}, {"webhook-timestamp": "-1"}, {"webhook-timestamp": "٣"}, {"webhook-timestamp": "9" * 40},
        {"webhook-timestamp": str(int(headers["webhook-timestamp"]) + 1)},
    ]  # fmt: skip
    for change in wrong[1:]:
        with pytest.raises(Unauthenticated):
            verify([SECRET], headers | change, body, now)
    for given, text, secrets, at in (
        ({}, body, [SECRET], now), (headers, b'{"a": 1}', [SECRET], now), (headers, body, [other], now), (headers, body, [], now),
        (headers, body, [SECRET], now + timedelta(seconds=301)), (headers, body, [SECRET], now - timedelta(seconds=301)),
    ):  # fmt: skip
        with pytest.raises(Unauthenticated):
            verify(secrets, given, text, at)


@pytest.mark.unit
@pytest.mark.security
@pytest.mark.parametrize(
    "secret",
    ["", "whsec_", "whsec_" + b64encode(b"short").decode(), "whsec_!!!!", SECRET[6:], "whsec_" + "A" * 200],
)
def test_weak_secrets_are_refused(secret: str, clock: VirtualClock) -> None:
    with pytest.raises(Invalid):
        Webhook("https://example.com/", clock, Http(), [secret])
    assert len(b64decode(new_secret()[6:])) == 32
    assert new_secret() != new_secret()


@pytest.mark.unit
def test_ids_have_no_dots(clock: VirtualClock) -> None:
    for id in ("a.b", "", "a b", "é", "a\n"):
        with pytest.raises(Invalid):
            sign([SECRET], id, b"", clock.now())


@pytest.mark.unit
@pytest.mark.parametrize(
    ("status", "headers", "outcome", "reason", "scope", "after", "disable"),
    [
        (200, {}, "sent", "accepted", "recipient", None, False), (204, {}, "sent", "accepted", "recipient", None, False),
        (301, {}, "failed", "redirected", "recipient", None, False), (307, {}, "failed", "redirected", "recipient", None, False),
        (410, {}, "failed", "gone", "recipient", None, True), (500, {}, "deferred", "http_500", "recipient", None, False),
        (400, {}, "failed", "http_400", "recipient", None, False), (401, {}, "failed", "http_401", "recipient", None, False),
        (404, {"retry-after": "60"}, "failed", "http_404", "recipient", None, False), (422, {}, "failed", "http_422", "recipient", None, False),
        (408, {}, "deferred", "http_408", "recipient", None, False), (409, {}, "deferred", "http_409", "recipient", None, False),
        (425, {"retry-after": "60"}, "deferred", "http_425", "recipient", 60, False), (501, {}, "deferred", "http_501", "recipient", None, False),
        (429, {"retry-after": "120"}, "deferred", "throttled", "sender", 120, False), (502, {}, "deferred", "throttled", "sender", 60, False),
        (504, {"retry-after": "Tue, 24 Nov 2026 10:10:00 GMT"}, "deferred", "throttled", "sender", 600, False),
        (429, {"retry-after": "Tue, 24 Nov 2020 10:10:00 GMT"}, "deferred", "throttled", "sender", 60, False),
        (503, {"retry-after": "99999999999999"}, "deferred", "throttled", "sender", 86400, False),
        (503, {"retry-after": "soon, I hope, or later"}, "deferred", "throttled", "sender", 60, False),
    ],
)  # fmt: skip
def test_what_a_status_means(
    clock: VirtualClock,
    status: int,
    headers: dict[str, str],
    outcome: str,
    reason: str,
    scope: str,
    after: float | None,
    disable: bool,
) -> None:
    receipt = Webhook("https://example.com/", clock, Http()).judged(Answer(status, headers, b"no\x1b[2J"))
    assert (receipt.outcome, receipt.reason, receipt.scope, receipt.code) == (
        Outcome(outcome),
        reason,
        scope,
        status,
    )
    assert (receipt.retry_after, receipt.disable) == (after, disable)
    assert "\x1b" not in receipt.detail


@pytest.mark.integration
def test_a_webhook_arrives_signed(clock: VirtualClock) -> None:
    with listening() as (port, handler):
        seen: list[tuple[dict[str, str], bytes]] = []
        original = handler.do_GET

        def keep(self: object) -> None:
            length = int(self.headers["Content-Length"])  # type: ignore[attr-defined]
            body = self.rfile.read(length)  # type: ignore[attr-defined]
            seen.append((dict(self.headers), body))  # type: ignore[attr-defined]
            del self.headers["Content-Length"]  # type: ignore[attr-defined]
            original(self)  # type: ignore[arg-type]

        handler.do_POST = keep  # type: ignore[method-assign]
        http = Http(allow=[f"127.0.0.1:{port}"])
        with Webhook.open(f"http://127.0.0.1:{port}/hook#secret={SECRET}", clock=clock, http=http) as hook:
            receipt = hook.send(Message(id="msg_1", payload={"type": "deal.won", "data": {"name": "Zoë"}}))
        assert receipt.outcome is Outcome.SENT
        headers, body = seen[0]
        assert verify([SECRET], headers, body, clock.now()) == "msg_1"
        assert json.loads(body)["data"] == {"name": "Zoë"}
        assert "secret" not in handler.hits[0][1]


@pytest.mark.integration
def test_what_cannot_be_known_is_unknown(clock: VirtualClock) -> None:
    with raw(b"", then_wait=True) as port:
        hook = Webhook(f"http://127.0.0.1:{port}/", clock, Http(allow=[f"127.0.0.1:{port}"], timeout=0.5))
        assert hook.send(Message(id="m")).outcome is Outcome.UNKNOWN
    hook = Webhook("http://127.0.0.1:1/", clock, Http(allow=["127.0.0.1:1"]))
    assert hook.send(Message(id="m")).outcome is Outcome.DEFERRED
    hook = Webhook("https://inside.example/", clock, Http(resolver=lambda host, port: ["10.0.0.1"]))
    receipt = hook.send(Message(id="m"))
    assert (receipt.outcome, receipt.reason, receipt.scope) == (Outcome.FAILED, "url_refused", "sender")
    for payload in ({"a": float("nan")}, {"a": object()}, {"a": "\ud800"}):
        with pytest.raises(Invalid):
            hook.send(Message(id="m", payload=payload))
    with pytest.raises(Invalid):
        hook.post("m", b"x" * 300_000)
    with pytest.raises(Invalid):
        Webhook.open("https://example.com/#token=x", clock=clock)


@pytest.mark.unit
def test_the_schedule_of_tries() -> None:
    delays = [retry_delay(n, "m") for n in range(len(RETRIES))]
    assert all(
        delay is not None and least <= delay <= least * 1.1
        for delay, least in zip(delays, RETRIES, strict=True)
    )
    assert retry_delay(1, "m") == retry_delay(1, "m") != retry_delay(1, "n")
    assert retry_delay(10, "m") is None

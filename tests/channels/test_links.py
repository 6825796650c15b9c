"""Signed links: made by us, for one purpose, for a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ghl.engine.channels.links import make_token, read_token
from ghl.errors import Gone, Invalid

KEY, OLD = b"k" * 32, b"o" * 40
NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)

pytestmark = [pytest.mark.unit, pytest.mark.security]


@given(st.text(max_size=100))
def test_a_token_reads_back(subject: str) -> None:
    try:
        token = make_token(KEY, "unsubscribe", subject)
    except (Invalid, UnicodeEncodeError):
        return
    assert read_token([KEY], "unsubscribe", token, NOW) == subject
    assert read_token([OLD, KEY], "unsubscribe", token, NOW) == subject
    assert token.startswith("v1.")
    assert set(token) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")


@given(st.data())
def test_a_changed_token_is_refused(data: st.DataObject) -> None:
    token = make_token(KEY, "unsubscribe", "contact-7:topic-2")
    at = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.characters(max_codepoint=126, min_codepoint=33).filter(lambda c: c != token[at]))
    for changed in (
        token[:at] + other + token[at + 1 :],
        token[:at] + token[at + 1 :],
        token[:at] + other + token[at:],
    ):
        with pytest.raises(Invalid):
            read_token([KEY], "unsubscribe", changed, NOW)


def test_another_purpose_key_or_time() -> None:
    token = make_token(KEY, "unsubscribe", "c1", expires=NOW + timedelta(days=1))
    assert read_token([KEY], "unsubscribe", token, NOW) == "c1"
    for keys, purpose in (
        ([KEY], "click"),
        ([OLD], "unsubscribe"),
        ([], "unsubscribe"),
        ([b"short"], "unsubscribe"),
    ):
        with pytest.raises(Invalid):
            read_token(keys, purpose, token, NOW)
    with pytest.raises(Gone):
        read_token([KEY], "unsubscribe", token, NOW + timedelta(days=1))
    assert make_token(KEY, "a", "b:c") != make_token(KEY, "a", "b") != make_token(KEY, "ab", "")


@pytest.mark.parametrize(
    "token",
    [
        "",
        "v1",
        "v1..",
        "v2.a.b",
        "v1.a.b",
        "v1." + "a" * 5000 + ".x",
        "é",
        "v1.YQ." + "A" * 27,
        "\0",
        "v1.YQ==." + "A" * 27,
    ],
)
def test_nonsense_is_refused(token: str) -> None:
    with pytest.raises(Invalid):
        read_token([KEY], "unsubscribe", token, NOW)


def test_what_cannot_be_signed() -> None:
    for key, purpose, subject in (
        (b"short", "a", "b"),
        (KEY, "", "b"),
        (KEY, "a b", "b"),
        (KEY, "a", "x" * 600),
    ):
        with pytest.raises(Invalid):
            make_token(key, purpose, subject)

"""Senders: which URLs are taken, and what is said of the others."""

from __future__ import annotations

import pytest

import ghl
from ghl.errors import Invalid

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(
    ("url", "message", "hint"),
    [
        ("smtp://h:587?starttls=bogus", 'starttls is required, optional or off, not "bogus"', "starttls=required"),
        ("smtp://h:587/path?x=1", "the sender's URL is not smtp://host or smtps://host", "smtp://user:password@"),
        ("smtp://h?x=1", 'an smtp URL has no option "x"', "options: cafile, hello, per_connection, starttls, timeout"),
        ("smtp://h?timeout=soon", "timeout is a number from 1 to 600", "smtp://"),
        ("smtps://h?starttls=off", "smtps is protected from the start and has no starttls", "smtp://"),
        ("smtp://h:99999", "the sender's URL cannot be read", "smtp://"),
        ("smtp://ann:secret@h/x", "the sender's URL is not smtp://host or smtps://host", "smtp://"),
        ("smtp://", "the sender's URL is not smtp://host or smtps://host", "smtp://"),
        ("smtp://h#x", "the sender's URL is not smtp://host or smtps://host", "smtp://"),
        ("smtp://[h", "the sender's URL cannot be read", "smtp://"),
        ("ftp://h", '"ftp" is no way out for mail', "smtp://user@host:587, smtps://…, outbox:FOLDER"),
        ("nonsense", '"nonsense" is no way out for mail', "smtp://"),
    ],
)  # fmt: skip
def test_a_url_that_could_not_be_used_is_refused(crm: ghl.Client, url: str, message: str, hint: str) -> None:
    crm.senders.create(name="good", url="smtp://ann:first@h?starttls=optional&timeout=5", from_address="a@example.com")
    with pytest.raises(Invalid) as caught:
        crm.senders.create(name="s", url=url, from_address="a@example.com")
    assert (caught.value.message, caught.value.field) == (message, "url")
    assert hint in (caught.value.hint or "")
    assert "secret" not in str(caught.value.as_dict())
    with pytest.raises(Invalid, match=message[:20].replace("(", "")):
        crm.senders.update(sender_id="good", url=url)
    assert crm.senders.get(sender_id="good").url == "smtp://ann@h?starttls=optional&timeout=5"

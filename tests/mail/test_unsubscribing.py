"""Links that end a subscription: nothing happens by looking, one POST acts, and nobody can make one up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import anyio.from_thread
import httpx
import pytest

import ghl
from ghl.engine.clock import VirtualClock
from ghl.server import public, rest
from ghl.server.door import Doors
from tests.http import InProcess
from tests.workflows.play import Play

pytestmark = pytest.mark.integration


@dataclass
class Site:
    """A store with a mail that was sent, its link, and somebody who opens links."""

    play: Play
    browser: httpx.Client
    link: str

    def listed(self) -> list[tuple[str | None, str]]:
        return [(one.address, one.reason) for one in self.play.crm.suppressions.list().items]


@pytest.fixture
def site(local: ghl.Client, target: str, clock: VirtualClock, tmp_path: Path) -> Iterator[Site]:
    with Play(local, clock, tmp_path / "outbox") as play:
        local.settings.set(public_url="https://crm.example.com", postal_address="Rua Nova 1")
        local.templates.create(name="hello", subject="Hello", body="Hi")
        play.apply("steps:\n- send_email: hello\n")
        play.enroll(play.person("Ann"))
        play.work()
        link = play.mail()[0]["List-Unsubscribe"].split(",")[0].strip("<> ")
        doors = Doors(target, clock=clock)
        with anyio.from_thread.start_blocking_portal() as portal:
            app = rest.application(doors, public.routes(doors))
            transport = InProcess(app, portal)
            with httpx.Client(base_url="https://crm.example.com", transport=transport, follow_redirects=False) as browser:
                yield Site(play, browser, link)
        doors.close()


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("agent", ["Mozilla/5.0", "Barracuda Link Scanner", "curl/8", ""])
def test_looking_changes_nothing(site: Site, method: str, agent: str) -> None:
    for _ in range(3):
        answer = site.browser.request(method, site.link, headers={"User-Agent": agent})
        assert answer.status_code == 200
        assert "set-cookie" not in answer.headers
    assert site.listed() == []
    if method == "GET":
        assert "<form" in answer.text
        assert "ann@example.com" in answer.text


@pytest.mark.parametrize("form", ["urlencoded", "multipart", "nothing"])
def test_one_click(site: Site, form: str) -> None:
    field = {"List-Unsubscribe": "One-Click"}
    if form == "urlencoded":
        answer = site.browser.post(site.link, data=field)
    elif form == "multipart":
        answer = site.browser.post(site.link, files={name: (None, value) for name, value in field.items()})
    else:
        answer = site.browser.post(site.link)
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert "location" not in answer.headers
    assert site.listed() == [("ann@example.com", "unsubscribed")]
    again = site.browser.post(site.link)
    assert (again.status_code, site.listed()) == (200, [("ann@example.com", "unsubscribed")])
    assert "<form" not in site.browser.get(site.link).text


def test_nothing_goes_to_her_any_more(site: Site) -> None:
    site.browser.post(site.link)
    (ann,) = site.play.crm.contacts.list().items
    site.play.crm.workflows.enroll(workflow_id="flow", contact_id=ann.id)
    site.play.work()
    assert len(site.play.mail()) == 1
    assert [row.reason for row in site.play.crm.messages.list(state="skipped").items] == ["unsubscribed"]
    (entry,) = [s for s in site.play.crm.changes.list().items if s.origin == "link"]
    assert entry.actor == "recipient"


@pytest.mark.security
def test_links_that_nobody_made(site: Site) -> None:
    token = site.link.rpartition("/")[2]
    version, body, mac = token.split(".")
    forged = [
        f"{version}.{body}.{mac[:-1]}{'A' if mac[-1] != 'A' else 'B'}", f"{version}.{body[:-2]}.{mac}", f"v2.{body}.{mac}",
        f"{version}.{body}", "x", "v1..", token + "A", token.lower(), "%00", "../../etc/passwd", "v1." + "A" * 5000 + "." + mac,
    ]  # fmt: skip
    for one in forged:
        for method in ("GET", "POST"):
            answer = site.browser.request(method, f"https://crm.example.com/u/{one}")
            assert answer.status_code in (404, 405), one
    assert site.listed() == []


def test_another_account_s_key_opens_nothing(site: Site) -> None:
    """A token names its account, and only that account's key makes it good."""
    from ghl.engine.channels.links import make_token

    token = make_token(b"k" * 32, "unsubscribe", "someone 1 -")
    assert site.browser.post(f"https://crm.example.com/u/{token}").status_code == 404


def test_the_token_tells_nothing(site: Site) -> None:
    from base64 import urlsafe_b64decode

    body = site.link.rpartition("/")[2].split(".")[1]
    text = urlsafe_b64decode(body + "=" * (-len(body) % 4))
    assert b"@" not in text
    assert b"ann" not in text.lower()

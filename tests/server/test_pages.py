"""The page behind a link that ends a subscription, as people see it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path

import pytest

import ghl
from ghl.engine.worker import Worker
from tests.browser import Page, browser, reason

pytestmark = [pytest.mark.browser, pytest.mark.skipif(reason() is not None, reason=reason() or "")]

FLOW = "workflow: flow\nstatus: active\nre_entry: always\nsteps:\n- send_email: hello\n"


@pytest.fixture(scope="module")
def window() -> Iterator[Page]:
    with browser() as page:
        yield page


@pytest.fixture
def page(window: Page) -> Page:
    """The window as every test finds it."""
    window.size(1200, 900)
    window.complaints()
    return window


@pytest.fixture
def crm(tmp_path: Path) -> Iterator[ghl.Client]:
    with ghl.init(str(tmp_path / "crm.db"), zone="UTC", currency="EUR", country="PT") as crm:
        yield crm


@pytest.fixture
def site(crm: ghl.Client, tmp_path: Path) -> Iterator[str]:
    """`ghl serve` on the file: its address."""
    command = [sys.executable, "-m", "ghl", "--db", str(tmp_path / "crm.db"), "serve", "--port", "0"]
    running = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert running.stderr is not None
    url = next(found[0] for found in (re.search(r"http://[\d.]+:\d+", line) for line in running.stderr) if found)
    yield url
    running.terminate()
    assert running.wait(timeout=30) == 0
    running.stderr.close()


@pytest.fixture
def link(crm: ghl.Client, site: str, tmp_path: Path) -> str:
    """Where the link of a mail leads that was sent to Ann."""
    crm.settings.set(public_url="https://crm.example.com", postal_address="Rua Nova 1")
    crm.templates.create(name="hello", subject="Hello", body="Hi")
    crm.workflows.apply(source=FLOW)
    ann = crm.contacts.create(first_name="Ann", email="ann@example.com")
    crm.workflows.enroll(workflow_id="flow", contact_id=ann.id)
    local = crm._transport
    Worker(local.database, local.shared, folder=str(tmp_path / "out")).once()
    (mail,) = (tmp_path / "out").glob("*.eml")
    told = message_from_bytes(mail.read_bytes())["List-Unsubscribe"]
    return re.sub(r"https://crm\.example\.com", site, re.findall(r"<(https://[^>]+)>", re.sub(r"\s", "", told))[0])


def gone(crm: ghl.Client) -> list[str | None]:
    return [one.address for one in crm.suppressions.list().items]


def test_one_looks_and_then_leaves(page: Page, crm: ghl.Client, link: str) -> None:
    page.open(link)
    assert page.text().split("\n\n")[0] == "Unsubscribe?"
    assert "ann@example.com will get no more mail of this kind" in page.text()
    assert gone(crm) == []
    page.press("button")
    assert "You are unsubscribed" in page.text()
    assert gone(crm) == ["ann@example.com"]
    page.open(link)
    assert "You are unsubscribed" in page.text()
    assert page.run("return document.querySelector('button')") is None
    assert page.complaints() == []


def test_without_a_mouse_on_a_small_screen(page: Page, crm: ghl.Client, link: str) -> None:
    page.size(500, 700)
    page.open(link)
    assert page.run("return document.documentElement.scrollWidth <= window.innerWidth")
    assert page.run("return getComputedStyle(document.querySelector('button')).backgroundColor") == "rgb(31, 41, 55)"
    page.enter("button")
    assert "You are unsubscribed" in page.text()
    assert gone(crm) == ["ann@example.com"]


def test_a_link_that_was_cut_short(page: Page, crm: ghl.Client, link: str) -> None:
    page.open(link[:-5])
    assert "This link does not work" in page.text()
    assert page.run("return document.querySelector('form')") is None
    assert gone(crm) == []


@pytest.mark.security
def test_the_page_runs_no_script(page: Page, crm: ghl.Client, link: str) -> None:
    """Not even one that a name brings along."""
    crm.settings.set(name="<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">")
    page.open(link)
    assert "<script>" in page.text()
    assert page.run("return [document.title, document.images.length]") == ["Unsubscribe?", 0]

"""A headless Chromium that opens pages and presses buttons, driven through its WebDriver."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
_ENTER = "\ue007"
PATIENCE = 20.0
"""Seconds for a page to come, on a machine that is busy."""


def reason() -> str | None:
    """Why there is no browser here, or None."""
    missing = [name for name in ("chromium", "chromedriver") if shutil.which(name) is None]
    return f"needs {' and '.join(missing)} (Debian: apt install chromium chromium-driver)" if missing else None


class Page:
    """What somebody sees and does in the one window of a browser."""

    def __init__(self, session: httpx.Client) -> None:
        self._session = session

    def _ask(self, method: str, path: str, **body: Any) -> Any:
        answer = self._session.request(method, path, json=body if method == "POST" else None).json()["value"]
        assert not (isinstance(answer, dict) and "error" in answer), answer
        return answer

    def open(self, url: str) -> None:
        """Go to an address; returns when the page is there."""
        self._ask("POST", "url", url=url)

    def size(self, width: int, height: int) -> None:
        """Make the window as large as another device."""
        self._ask("POST", "window/rect", width=width, height=height)

    def run(self, script: str) -> Any:
        """What a script says about the page."""
        return self._ask("POST", "execute/sync", script=script, args=[])

    def text(self) -> str:
        """All that can be read on the page."""
        return str(self.run("return document.body.innerText"))

    def press(self, selector: str) -> None:
        """Click on something that leads to another page; returns when that is there."""
        with self._next_page():
            self._ask("POST", f"element/{self._find(selector)}/click")

    def enter(self, selector: str) -> None:
        """Press Enter on something, as without a mouse; returns when the next page is there."""
        with self._next_page():
            self._ask("POST", f"element/{self._find(selector)}/value", text=_ENTER)

    @contextmanager
    def _next_page(self) -> Iterator[None]:
        """The driver waits for a page that has begun to load, and a form may be a moment late to begin."""
        self.run("window.before = true")
        yield
        until = time.monotonic() + PATIENCE
        script = {"script": "return !window.before && document.readyState === 'complete'", "args": []}
        while self._session.post("execute/sync", json=script).json()["value"] is not True:
            assert time.monotonic() < until, "no other page came"
            time.sleep(0.02)

    def _find(self, selector: str) -> str:
        return str(self._ask("POST", "element", using="css selector", value=selector)[_ELEMENT])

    def complaints(self) -> list[str]:
        """What the browser itself has to say: broken rules of the page, what could not be loaded."""
        return [entry["message"] for entry in self._ask("POST", "se/log", type="browser")]


@contextmanager
def browser() -> Iterator[Page]:
    """A browser with one empty window."""
    driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, text=True)
    assert driver.stdout is not None
    try:
        port = next(line.rstrip(".\n").rpartition(" ")[2] for line in driver.stdout if "started successfully" in line)
        # The user `root`, as in containers, has no sandbox; only pages of this machine are opened.
        options = ["--headless=new", "--disable-gpu", *(["--no-sandbox"] if os.getuid() == 0 else [])]
        wanted = {"browserName": "chrome", "goog:chromeOptions": {"args": options}, "goog:loggingPrefs": {"browser": "ALL"}}
        url = f"http://127.0.0.1:{port}/session"
        made = httpx.post(url, json={"capabilities": {"alwaysMatch": wanted}}, timeout=60, trust_env=False).json()["value"]
        assert "sessionId" in made, made
        with httpx.Client(base_url=f"{url}/{made['sessionId']}", timeout=60, trust_env=False) as session:
            yield Page(session)
        httpx.delete(f"{url}/{made['sessionId']}", trust_env=False)
    finally:
        driver.terminate()
        driver.wait()
        driver.stdout.close()

"""The command as a process: pipes that close, interrupts, locales, a server and its client."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration

GHL = [sys.executable, "-m", "ghl"]


def ghl(*words: str, **more: str) -> subprocess.CompletedProcess[bytes]:
    """Run the command with its own streams."""
    return subprocess.run([*GHL, *words], capture_output=True, env={**os.environ, **more}, timeout=60, check=False)


def test_a_reader_that_goes_away_is_no_failure(crowd: Path) -> None:
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m ghl contacts list --all --format ndjson | head -1; echo ${{PIPESTATUS[0]}}"],
        capture_output=True, timeout=60, check=True,
    )  # fmt: skip
    *_, code = done.stdout.split()
    assert (code, done.stderr) == (b"0", b"")


def test_bash_completes(db: Path) -> None:
    """In a real shell."""
    folder = Path(sys.executable).parent
    script = f'PATH="{folder}:$PATH"; eval "$(ghl completion bash)"; COMP_WORDS=(ghl deals move Web); COMP_CWORD=3; _ghl; echo "${{COMPREPLY[@]}}"'
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "Website"


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_an_interrupt_is_130_and_says_so(db: Path) -> None:
    running = subprocess.Popen(
        [*GHL, "--db", str(db), "batch", "-"],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # background jobs inherit it as ignored
    )
    assert running.stderr is not None
    wchan = Path(f"/proc/{running.pid}/wchan")
    for _ in range(200):
        if not wchan.exists() or "pipe" in wchan.read_text():
            break
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    _, told = running.communicate(timeout=30)
    assert (running.returncode, told) == (130, b"error: interrupted\n")


def test_an_interrupt_while_the_command_is_loaded_says_so_too() -> None:
    program = """
import sys, ghl.__main__
class Interrupts:
    def find_spec(self, name, *more):
        if name == "ghl.cli.main":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupts())
sys.argv = ["ghl", "today"]
ghl.__main__.main()
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (130, b"error: interrupted\n")


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_that_says_it_is_working_ends_in_order(db: Path, number: signal.Signals) -> None:
    running = subprocess.Popen(
        [*GHL, "--db", str(db), "worker"], stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    try:
        assert running.stderr is not None
        assert any("working; stop with" in line for line in running.stderr)
        running.send_signal(number)
        _, told = running.communicate(timeout=30)
    finally:
        running.kill()
    assert (running.returncode, told.splitlines()[0]) == (0, "finishing what is under way")


@pytest.mark.parametrize("locale", ["C", "POSIX"])
def test_output_is_utf8_whatever_the_locale_says(db: Path, locale: str) -> None:
    done = ghl("contacts", "show", "joao@example.com", LC_ALL=locale, PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert done.returncode == 0, done.stderr
    assert "João Ñandú" in done.stdout.decode("utf-8")


def test_words_that_are_no_text_are_refused(db: Path) -> None:
    done = subprocess.run([*GHL, "contacts", "add", "--first-name", b"\xff\xfe"], capture_output=True, check=False)
    assert done.returncode in (0, 2)
    if done.returncode:
        assert done.stderr.startswith(b"error: ")


def test_a_full_disk_of_output_is_one_message(db: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    with open("/dev/full", "wb") as full:
        done = subprocess.run([*GHL, "contacts", "list"], stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 1
    assert done.stderr == b"error: the output: no space left on device\n"


@pytest.fixture
def server(db: Path) -> Iterator[tuple[str, str]]:
    """`ghl serve` on the file: its URL and its token."""
    running = subprocess.Popen([*GHL, "serve", "--port", "0"], stderr=subprocess.PIPE, text=True)
    assert running.stderr is not None
    token = url = ""
    for line in running.stderr:
        token = token or (re.findall(r"^token\s+(\S+)", line) or [""])[0]
        found = re.search(r"http://[\d.]+:\d+", line)
        if found:
            url = found[0]
            break
    yield url, token
    running.terminate()
    assert running.wait(timeout=30) == 0
    running.stderr.close()


def test_the_same_commands_work_on_a_server(server: tuple[str, str]) -> None:
    url, token = server
    assert not url.endswith(":0")

    def far(*words: str) -> subprocess.CompletedProcess[bytes]:
        return ghl("--db", url, *words, GHL_TOKEN=token)

    listed = far("contacts", "list", "--json")
    assert json.loads(listed.stdout)["total"] == 3
    edited = far("contacts", "edit", "joao@example.com", "--city", "Braga", "--json")
    assert json.loads(edited.stdout)["city"] == "Braga"
    assert b"Undo with: ghl undo" in edited.stderr
    assert b"contacts edit" in far("undo", "--dry-run").stderr
    assert far("undo").returncode == 0
    assert json.loads(far("contacts", "show", "joao@example.com", "--json").stdout)["city"] == "Porto"
    assert far("explain", "message", "--contact", "joao@example.com").returncode == 0
    assert far("contacts", "show", "nobody").returncode == 3
    assert far("contacts", "edit", "--where", "true", "--city", "x").returncode == 2
    assert far("db", "check").returncode == 5
    assert ghl("--db", url, "today", GHL_TOKEN="wrong").returncode == 4
    assert ghl("--db", url, "today", GHL_TOKEN="").returncode == 4


def test_a_taken_port_is_one_message(server: tuple[str, str]) -> None:
    port = server[0].rsplit(":", 1)[1]
    done = ghl("serve", "--port", port)
    assert done.returncode == 1
    assert b"cannot be listened on" in done.stderr

"""Child processes for templates that might be slow or hostile, each with limits of its own."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import weakref
from time import monotonic, sleep
from typing import Any

from ghl.engine.render.source import DEADLINE
from ghl.engine.render.wire import encode, read_frame
from ghl.errors import TemplateError

START_LIMIT = 30.0
"""Seconds for a child to start on a machine that is very busy."""

_TICK = 0.05
"""Seconds between two looks at the deadlines."""

JOBS_LIMIT = 5_000
"""A child is replaced after so many jobs, so nothing of one account's data stays for long."""

_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); sys.dont_write_bytecode = True; "
    "from ghl.engine.render.child import main; main()"
)
# What a process needs to start at all; no variable with a secret goes to a child.
_KEPT = ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONTZPATH")


class _Died(Exception):
    """The child went away: killed at its deadline, or out of memory."""


class _Child:
    """One process and its pipes."""

    def __init__(self, watchdog: _Watchdog) -> None:
        self.watchdog = watchdog
        self.deadline = 0.0  # when the job under way must be done; 0 while there is none
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-c", _START, json.dumps([entry for entry in sys.path if entry])],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env={name: os.environ[name] for name in _KEPT if name in os.environ},
            close_fds=True,
        )  # fmt: skip
        self.ready = False
        self.jobs = 0
        self.known: set[str] = set()

    def ask(self, frame: bytes) -> dict[str, Any]:
        if not self.ready:
            self._within(START_LIMIT, b"")
            self.ready = True
        self.jobs += 1
        return self._within(DEADLINE * 0.8, frame)

    def _within(self, seconds: float, frame: bytes) -> dict[str, Any]:
        # Pipes cannot be waited for with a time limit on every system; a killed child ends the wait.
        self.deadline = monotonic() + seconds
        self.watchdog.look()
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        try:
            if frame:
                self.process.stdin.write(frame)
                self.process.stdin.flush()
            answer = read_frame(self.process.stdout)  # type: ignore[arg-type]
        except (OSError, EOFError, ValueError):
            raise _Died from None
        finally:
            self.deadline = 0.0
        if not isinstance(answer, dict):
            raise _Died
        return answer

    def end(self) -> None:
        self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    pass
        self.process.wait()


class _Watchdog:
    """Kills children that are past their deadline, from one thread that sleeps while there is no job."""

    def __init__(self) -> None:
        self.children: set[_Child] = set()
        self._job = threading.Event()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def look(self) -> None:
        """A job has begun."""
        if self._thread is None:
            with self._lock:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._watch, name="ghl-templates", daemon=True)
                    self._thread.start()
        if not self._job.is_set():
            self._job.set()

    def _watch(self) -> None:
        while True:
            self._job.wait()
            self._job.clear()
            while True:
                running = [one for one in tuple(self.children) if one.deadline]
                if not running:
                    break
                now = monotonic()
                for child in running:
                    if 0 < child.deadline < now:
                        child.process.kill()
                sleep(_TICK)


class Pool:
    """A few children, started when they are needed. Safe from any thread."""

    def __init__(self, size: int | None = None) -> None:
        self.size = size or max(1, min(4, os.cpu_count() or 1))
        self._slots: queue.LifoQueue[_Child | None] = queue.LifoQueue()
        self._watchdog = _Watchdog()
        self._fill()
        _POOLS.add(self)

    def _fill(self) -> None:
        for _ in range(self.size):
            self._slots.put(None)

    def run(self, key: str, source: dict[str, Any], job: dict[str, Any]) -> dict[str, Any]:
        """One job's answer. TemplateError where it takes too long, too much memory, or kills the child."""
        child = self._slots.get()
        try:
            if child is None or child.process.poll() is not None:
                child = self._replaced(child)
            answer = self._asked(child, key, source, job)
            if answer.get("memory"):
                raise _Died
            if child.jobs >= JOBS_LIMIT:
                child = self._replaced(child)
            return answer
        except _Died:
            assert child is not None
            # The next one starts now, so that whoever comes next does not wait for it.
            child = self._replaced(child)
            raise TemplateError(
                "the template takes too long or too much memory to fill in",
                hint="shorten its loops, or the data it goes through",
            ) from None
        except BaseException:
            self._dropped(child)
            child = None
            raise
        finally:
            self._slots.put(child)

    def _asked(self, child: _Child, key: str, source: dict[str, Any], job: dict[str, Any]) -> dict[str, Any]:
        known = key in child.known
        answer = child.ask(encode(job | {"key": key} | ({} if known else {"source": source})))
        if answer.get("unknown"):
            answer = child.ask(encode(job | {"key": key, "source": source}))
        child.known.add(key)
        return answer

    def _replaced(self, child: _Child | None) -> _Child:
        self._dropped(child)
        fresh = _Child(self._watchdog)
        self._watchdog.children.add(fresh)
        return fresh

    def _dropped(self, child: _Child | None) -> None:
        if child is not None:
            self._watchdog.children.discard(child)
            child.end()

    def close(self) -> None:
        """End the children. The pool can be used again."""
        while self._watchdog.children:
            self._watchdog.children.pop().end()

    def forget(self) -> None:
        """After a fork: the children and their pipes belong to the parent."""
        self._watchdog = _Watchdog()
        self._slots = queue.LifoQueue()
        self._fill()


_POOLS: weakref.WeakSet[Pool] = weakref.WeakSet()


def _after_fork() -> None:
    for pool in _POOLS:
        pool.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)

"""A process that fills in templates and may be killed at any time."""

from __future__ import annotations

import sys
from typing import Any

from ghl.engine.render.source import MEMORY_LIMIT, TemplateSource
from ghl.engine.render.wire import encode, read_frame
from ghl.errors import TemplateError

CACHED = 64  # what is marked as not covered runs in a process of its own, which no coverage tool sees
_CPU_SECONDS = 3


def main() -> None:  # pragma: no cover
    """Answer frames on standard input until it ends."""
    from ghl.engine.render import compiled  # before memory is limited, with the parser and its tables

    incoming, outgoing = sys.stdin.buffer, sys.stdout.buffer
    compiled.compile_template(TemplateSource(subject="{{ a | date }}", html="<p>{{ a }}</p>"))
    _limit()
    outgoing.write(encode({"ready": True}))
    outgoing.flush()
    known: dict[str, Any] = {}
    while True:
        try:
            job = read_frame(incoming)
        except EOFError:
            return
        _renew()
        outgoing.write(encode(_answer(job, known)))
        outgoing.flush()


def _answer(job: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    from ghl.engine.render import compiled
    from ghl.engine.render.meter import Meter

    try:
        ready = known.get(job["key"])
        if ready is None:
            if len(known) >= CACHED:
                known.pop(next(iter(known)))
            if "source" not in job:
                return {"unknown": True}
            ready = known[job["key"]] = compiled.compile_any(job["source"])
        if isinstance(ready, compiled.CompiledTemplate):
            message = ready.fill(job["data"], job["zone"])
            return {"subject": message.subject, "html": message.html, "text": message.text}
        meter = Meter(job["zone"])
        if job["gives"]:
            return {"value": ready.give(job["data"], meter)}
        return {"value": ready.fill(job["data"], meter)}
    except TemplateError as error:
        return {"error": error.message, "hint": error.hint, "field": error.field, "details": error.details}
    except MemoryError:
        return {"memory": True}
    except Exception as error:
        # Whatever else goes wrong here is the template's doing and must not end the worker.
        return {"error": f"the template cannot be filled in ({type(error).__name__})"}


def _limit() -> None:  # pragma: no cover
    """Bound memory and files, and forbid what no template needs, where the system can."""
    sys.addaudithook(_refuse)
    try:
        import resource
    except ImportError:  # Windows: the parent's deadline and the counted work remain
        return
    for limit, value in (
        (resource.RLIMIT_AS, MEMORY_LIMIT), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 16),
    ):  # fmt: skip
        _set(limit, value)


def _renew() -> None:  # pragma: no cover
    """A few seconds of processor time for each job, also when the parent is gone."""
    try:
        import resource
    except ImportError:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    wanted = int(used.ru_utime + used.ru_stime) + _CPU_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (wanted if hard < 0 else min(wanted, hard), hard))


def _set(limit: int, value: int) -> None:  # pragma: no cover
    import resource

    hard = resource.getrlimit(limit)[1]
    value = value if hard < 0 else min(value, hard)
    try:
        resource.setrlimit(limit, (value, value))
    except (ValueError, OSError):  # macOS refuses some of them
        pass


_FORBIDDEN = (
    "socket.",
    "subprocess.",
    "os.",
    "ctypes.",
    "shutil.",
    "pty.",
    "webbrowser.",
    "winreg.",
    "http.",
)


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:  # pragma: no cover
    """One more wall: a template that got out of the sandbox could not do anything with it."""
    if event == "open":
        path, mode = arguments[0], arguments[1]
        readable = isinstance(path, str) and (
            "zoneinfo" in path or "tzdata" in path or path.startswith(_code_folders())
        )
        if not readable or (isinstance(mode, str) and set(mode) & set("wax+")):
            raise PermissionError("a template cannot open files")
    elif event.startswith(_FORBIDDEN) and event not in ("os.listdir", "os.scandir"):
        raise PermissionError("a template cannot do that")


def _code_folders() -> tuple[str, ...]:  # pragma: no cover
    """Where modules are read from: an import may still happen while a template is filled in."""
    return tuple(entry for entry in sys.path if entry)

"""What every command knows: the global options, and the client for the target that is meant."""

from __future__ import annotations

import io
import os
import sys
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ghl.errors import GhlError

if TYPE_CHECKING:
    from datetime import tzinfo

    from ghl.sdk.client import Client
    from ghl.sdk.transport import Options, Transport

FORMATS = ("table", "json", "ndjson", "csv", "tsv", "md", "ids")


class UsageError(GhlError):
    """The command line is wrong, or an answer is missing that cannot be asked for."""

    code, status, exit_code = "usage", 400, 2


@dataclass
class Context:
    """The global options of one run."""

    db: str | None = None
    account: str | None = None
    profile: str | None = None
    format: str | None = None
    fields: list[str] | None = None
    header: bool = True
    dry_run: bool = False
    plan: str | None = None
    yes: bool = False
    color: bool = True
    debug: bool = False
    command: str | None = None

    @property
    def target(self) -> str | None:
        """What `--db` or `--profile` names."""
        if self.profile and not self.db:
            from ghl.profiles import named

            return named(self.profile)
        return self.db

    @property
    def token(self) -> str | None:
        """The token that is kept with the profile that `--profile` names."""
        if self.profile and not self.db:
            from ghl.profiles import token_of

            return token_of(self.profile)
        return None

    @property
    def shape(self) -> str:
        """The format of lists: what was asked for, a table on a terminal, else tab-separated lines."""
        return self.format or ("table" if sys.stdout.isatty() or os.environ.get("GHL_FORCE_TTY") else "tsv")

    @property
    def room(self) -> int | None:
        """The columns that a line may take on a terminal; in a pipe nothing is cut."""
        from ghl.cli.table import width

        return width() if self.shape == "table" else None

    @property
    def prose(self) -> bool:
        """Whether one record or a report is shown as people read it, on a terminal and in a pipe."""
        return self.format in (None, "table") and not self.fields

    @property
    def json(self) -> bool:
        """Whether programs read the output."""
        return self.format in ("json", "ndjson")

    @cached_property
    def transport(self) -> Transport:
        """What sends operations."""
        from ghl.connect import transport

        return transport(self.target, account=self.account, token=self.token, origin="cli")

    @property
    def options(self) -> Options:
        """The run's options of a call."""
        from ghl.sdk.transport import Options

        return Options(dry_run=self.dry_run, plan=self.plan, origin="cli", reason=self.command)

    @cached_property
    def crm(self) -> Client:
        """The client, with the run's options; commands that send one operation do without it."""
        from ghl.sdk.client import Client

        return Client(self.transport, self.options)

    @cached_property
    def zone(self) -> tzinfo:
        """The account's time zone, in which times are shown and read."""
        from datetime import UTC
        from zoneinfo import ZoneInfo

        from ghl.sdk.accounts.settings import ShowSettings

        try:
            return ZoneInfo(self.transport.send(ShowSettings()).zone)
        except (GhlError, ValueError, OSError):
            return UTC

    def with_dry_run(self) -> Client:
        """The client for a look at what would happen."""
        return self.crm.with_options(dry_run=True, plan=None)

    def close(self) -> None:
        """Let go of the client, if there is one."""
        if "transport" in self.__dict__:
            self.transport.close()

    def say(self, line: str) -> None:
        """Narration: on stderr, so that stdout is data alone."""
        from ghl.cli.output import clean

        sys.stderr.write(clean(line) + "\n")

    @property
    def terminal(self) -> bool:
        """Whether somebody can be asked."""
        return sys.stdin.isatty() and sys.stderr.isatty()

    def confirm(self, question: str, *, hint: str | None = "--dry-run shows what would happen") -> None:
        """Ask before much is changed; refuse where nobody can be asked and `--yes` is missing."""
        if self.yes or self.dry_run or self.plan:
            return
        if not self.terminal:
            raise UsageError(f"{question}: --yes is needed where nobody can be asked", hint=hint)
        sys.stderr.write(f"{question}? [y/N] ")
        sys.stderr.flush()
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            raise UsageError("nothing was changed")


CURRENT = Context()
"""The options of this run; replaced by `main.run`."""


def current() -> Context:
    """The options of this run."""
    return CURRENT


def begin(context: Context) -> None:
    """A run begins."""
    global CURRENT
    CURRENT = context


VALUED = {"--db": "db", "--account": "account", "--profile": "profile", "--format": "format", "--fields": "fields", "--plan": "plan"}
FLAGS: dict[str, tuple[str, Any]] = {
    "--json": ("format", "json"), "--no-header": ("header", False), "--dry-run": ("dry_run", True),
    "--yes": ("yes", True), "-y": ("yes", True), "--no-color": ("color", False), "--debug": ("debug", True),
}  # fmt: skip


def speak_utf8() -> None:
    """JSON and names are UTF-8 whatever the locale says, and nothing that was read fails to be written."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and (stream.encoding.lower() != "utf-8" or stream is sys.stderr):
            stream.reconfigure(encoding="utf-8", errors="strict" if stream is sys.stdin else "backslashreplace")


def split_globals(argv: list[str]) -> tuple[Context, list[str]]:
    """Take the global options out, wherever they stand before a `--`."""
    context, rest, words = Context(), [], iter(argv)
    for word in words:
        if not word.isascii() and any("\ud800" <= letter <= "\udfff" for letter in word):
            raise UsageError(f"{word.encode('utf-8', 'backslashreplace').decode()} is not UTF-8", hint="set a UTF-8 locale")
        if word == "--":
            rest += [word, *words]
            break
        name, equals, value = word.partition("=")
        if name in VALUED:
            if not equals:
                value = next(words, "")
                if not value or value.startswith("--"):
                    raise UsageError(f"{name} needs a value", hint=_example(name))
            setattr(context, VALUED[name], value.split(",") if name == "--fields" else value)
        elif word in FLAGS:
            attribute, meaning = FLAGS[word]
            setattr(context, attribute, meaning)
        else:
            rest.append(word)
    if context.format is not None and context.format not in FORMATS:
        raise UsageError(f'there is no format "{context.format}"', hint=f"one of: {', '.join(FORMATS)}")
    if os.environ.get("NO_COLOR") or os.environ.get("CLICOLOR") == "0" or os.environ.get("TERM") == "dumb":
        context.color = False
    return context, rest


def _example(name: str) -> str:
    return {"--db": "--db work.db", "--format": f"one of: {', '.join(FORMATS)}", "--fields": "--fields name,email"}.get(
        name, f"{name} NAME"
    )

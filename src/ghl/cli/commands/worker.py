"""`ghl worker`: runs workflows and sends mail; by the clock, once, or through virtual time."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ghl.cli.context import UsageError, current
from ghl.cli.words import counted

if TYPE_CHECKING:
    from ghl.engine.worker import Work


def worker(
    once: Annotated[bool, typer.Option("--once", help="Do what is due now, and return")] = False,
    until: Annotated[str | None, typer.Option("--until", help="Let virtual time pass until then; refuses real senders")] = None,
    start: Annotated[str | None, typer.Option("--from", help="Where virtual time begins; now if left out")] = None,
    outbox: Annotated[str | None, typer.Option("--outbox", help="The folder for mail of outbox senders")] = None,
) -> None:
    """Run the workflows of a file or a PostgreSQL database, and send its mail."""
    from ghl.engine.working import open_worker  # the engine, for workers only

    context = current()
    if start and not until:
        raise UsageError("--from needs --until")
    if once and until:
        raise UsageError("--once and --until exclude each other")
    with open_worker(context.target, account=context.account, until=until, start=start, folder=outbox, say=context.say) as running:
        if until:
            told(context, running.worker.until(running.until))
        elif once:
            told(context, running.worker.once())
        else:
            told(context, running.worker.run())
            if running.worker.abandoned:
                # A server never answered, and Python would wait for the thread that waits for it.
                sys.stderr.flush()
                os._exit(0)


def told(context: Any, done: Work) -> None:
    """What a worker did, in one or two lines; as data where that is asked for."""
    mail = done.mail
    if context.json:
        from dataclasses import asdict

        from ghl.cli.output import write_json

        write_json({**asdict(done.mail), "steps": done.steps, "events": done.events})
    context.say(f"{counted(done.steps, 'step')}, {counted(done.events, 'event')}, {counted(mail.sent, 'message')} sent")
    rest = [f"{n:,} {word}" for word, n in (("skipped", mail.skipped), ("deferred", mail.deferred), ("failed", mail.failed), ("unknown", mail.unknown)) if n]
    if rest:
        why = ", ".join(f"{reason} {n:,}" for reason, n in sorted(mail.reasons.items(), key=lambda item: -item[1]))
        context.say(f"{', '.join(rest)}{': ' + why if why else ''}")

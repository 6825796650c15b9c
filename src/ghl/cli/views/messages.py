"""Messages as people read them: what was sent, and why or why not."""

from __future__ import annotations

import sys
from typing import Any

from ghl.cli.context import Context
from ghl.cli.output import clean
from ghl.cli.table import aligned
from ghl.cli.words import said


def show(context: Context, message: Any) -> None:
    """What became of a message, and its text."""
    when = message.sent_at or message.available_at or message.queued_at
    because = " › ".join(text for text in (message.workflow, message.step) if text)
    why = ": ".join(text for text in (message.reason, message.rule) if text)
    facts = [
        ("state", message.state + (f", {said(when, context.zone)}" if when else "")),
        ("why", why), ("to", " ".join(text for text in (message.contact, message.address and f"<{message.address}>") if text)),
        ("because of", f"workflow {because}" if because else ""), ("template", message.template or ""),
        ("through", message.sender or ""), ("answer", message.answer or message.code or ""),
        ("tries", str(message.attempts) if message.attempts else ""),
        ("Message-ID", message.message_id or ""), ("id", message.id),
    ]  # fmt: skip
    lines = [message.subject or f"{message.channel} message", *aligned([fact for fact in facts if fact[1]])]
    lines += ["", *message.text.splitlines()] if message.text else []
    if message.html:
        lines += ["", f"the HTML part has {len(message.html):,} characters: ghl messages show {message.id[-6:]} --fields html"]
    sys.stdout.write("\n".join(clean(line) for line in lines) + "\n")


def explained(context: Context, result: Any) -> None:
    """A verdict, and what led to it."""
    lines = [result.verdict, *(f"  {line}" for line in result.lines)]
    sys.stdout.write("\n".join(clean(line) for line in lines) + "\n")

"""`ghl doctor`: what is wrong or risky with this file and this machine."""

from __future__ import annotations

import sys

from ghl.cli.context import current
from ghl.errors import Damaged


def doctor() -> None:
    """Look at SQLite, the file, its schema, its mail and its workers."""
    from ghl.engine.health import findings
    from ghl.profiles import resolve

    context = current()
    found = findings(resolve(context.target))
    if context.json:
        from ghl.cli.output import write_json

        write_json([{"state": one.state, "subject": one.subject, "text": one.text} for one in found])
    else:
        from textwrap import fill  # for people only

        indent = " " * 17
        for one in found:
            text = one.text if context.room is None else fill(one.text, max(40, context.room - len(indent)))
            sys.stdout.write(f"{one.state:<5} {one.subject:<10} {text.replace(chr(10), chr(10) + indent)}\n")
    if any(one.state == "bad" for one in found):
        raise Damaged("something is wrong", hint="the lines that begin with bad say what")

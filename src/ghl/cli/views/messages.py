"""Messages as people read them."""

from __future__ import annotations

import sys
from typing import Any

from ghl.cli.context import Context
from ghl.cli.output import clean


def explained(context: Context, result: Any) -> None:
    """A verdict, and what led to it."""
    lines = [result.verdict, *(f"  {line}" for line in result.lines)]
    sys.stdout.write("\n".join(clean(line) for line in lines) + "\n")

"""What one rendering may use: work, output, and the zone in which its dates are shown."""

from __future__ import annotations

from dataclasses import dataclass

from ghl.engine.render.source import OUTPUT_LIMIT
from ghl.errors import TemplateError

WORK_LIMIT = 20_000_000
"""Characters handled, and 40 for every step. The machine does about that much in half a second."""

TEXT_LIMIT = OUTPUT_LIMIT
"""Characters of any single value on its way."""


@dataclass(slots=True)
class Meter:
    """The counters of one rendering. Exceeding one raises TemplateError."""

    zone: str = "UTC"
    work: int = WORK_LIMIT
    output: int = OUTPUT_LIMIT

    def spend(self, amount: int) -> None:
        """Count so many characters, and one step."""
        self.work -= amount + 40
        if self.work < 0:
            raise TemplateError(
                "the template takes too much work to fill in", hint="shorten its loops or its data"
            )

    def room(self, size: int) -> None:
        """Refuse a value that would be too large, before it is made."""
        if size > TEXT_LIMIT:
            raise TemplateError("the template makes a text of more than 1 MiB")

    def put(self, chunk: str) -> None:
        """Count output, in bytes."""
        self.output -= len(chunk) if chunk.isascii() else len(chunk.encode("utf-8", "surrogatepass"))
        if self.output < 0:
            raise TemplateError("the message is larger than 1 MiB")

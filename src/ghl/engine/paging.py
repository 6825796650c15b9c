"""Pages of lists that have one order of their own: by number from the first, or behind the place of a cursor."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from ghl.errors import Invalid, Malformed

DEEPEST = 10_000
"""Numbered pages reach this many records; a cursor reaches all of them."""


class Paging:
    """What a request asks for: `number` of the page, or `after`, the place that its cursor names."""

    def __init__(self, request: Any) -> None:
        self.size: int = request.page_size
        self.after: int | None = None
        self.number: int | None = None
        if request.cursor is not None:
            self.after = place(request.cursor)
        else:
            self.number = request.page or 1
            refuse_deep(self.number, self.size)

    @property
    def offset(self) -> int:
        """How many records come before the page."""
        return (self.number - 1) * self.size if self.number else 0

    @property
    def window(self) -> dict[str, int]:
        """`limit` and `offset` of the query: one more than is shown says whether there are more."""
        return {"limit": self.size + 1, "offset": self.offset}

    @property
    def below(self) -> int:
        """Where a list that has the newest first goes on."""
        return 2**62 if self.after is None else self.after

    def cut(self, rows: list[Any], place_of: Callable[[Any], int] = lambda row: int(row["id"])) -> tuple[list[Any], str | None]:
        """The rows of the page, and the cursor of the next one where there is one."""
        more, rows = len(rows) > self.size, rows[: self.size]
        return rows, cursor(place_of(rows[-1])) if more else None

    def numbers(self, count: Callable[[], int]) -> dict[str, Any]:
        """`page`, `page_size` and `total`, which is counted for numbered pages only."""
        return {"total": int(count()) if self.number else None, "page": self.number, "page_size": self.size}


def refuse_deep(number: int, size: int) -> None:
    """Pages far down would be counted through each time; a cursor is not."""
    if number * size > DEEPEST:
        raise Invalid(
            f"page {number} is beyond the first {DEEPEST:,} records", hint="follow `next_cursor` instead", field="page"
        )


def cursor(number: int) -> str:
    """The text that names a place."""
    return base64.urlsafe_b64encode(str(number).encode()).decode().rstrip("=")


def place(text: str) -> int:
    """The place that a cursor names."""
    try:
        number = int(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except ValueError:
        number = -1
    if not 0 <= number < 2**63:
        raise Malformed("the cursor is not one of this list", hint="start again without a cursor", field="cursor")
    return number

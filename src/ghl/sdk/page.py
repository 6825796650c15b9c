"""A page of records that walks on to the next ones by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, PrivateAttr

T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    """A list's answer. Iterating goes through this page and fetches the following ones as you go.

    `total` is exact for numbered pages and null where a cursor was given; `next_cursor` is null on
    the last page.
    """

    model_config = ConfigDict(extra="ignore", defer_build=True)
    items: list[T]
    total: int | None = None
    page: int | None = None
    page_size: int = 20
    next_cursor: str | None = None

    _transport: Any = PrivateAttr(default=None)
    _operation: Any = PrivateAttr(default=None)
    _options: Any = PrivateAttr(default=None)

    def bind(self, transport: Any, operation: Any, options: Any = None) -> None:
        """Remember how the next page is asked for."""
        self._transport, self._operation, self._options = transport, operation, options

    def _next(self) -> Any:
        following = {"cursor": self.next_cursor, "page": None}
        fields = self._operation.model_fields_set | {"cursor"}
        data = {n: getattr(self._operation, n) for n in fields} | following
        data.pop("page")
        return self._transport.send(type(self._operation)(**data), self._options)

    # A page is a collection of records before it is a model of fields.
    def __iter__(self) -> Iterator[T]:  # type: ignore[override]
        page: Page[T] = self
        while True:
            yield from page.items
            if page.next_cursor is None or page._transport is None:
                return
            page = page._next()

    async def __aiter__(self) -> AsyncIterator[T]:
        page: Page[T] = self
        while True:
            for item in page.items:
                yield item
            if page.next_cursor is None or page._transport is None:
                return
            page = await page._next()

    def first(self) -> T | None:
        """The first record, or None."""
        return self.items[0] if self.items else None

    def __len__(self) -> int:
        return len(self.items)

    def __bool__(self) -> bool:
        return bool(self.items)

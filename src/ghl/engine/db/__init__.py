"""What the engine knows of a database: rows, connections, transactions; never a driver."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Literal, Protocol

Row = dict[str, Any]
Params = Mapping[str, Any]
NOTHING: Params = {}


class Connection(Protocol):
    """One transaction's connection. SQL has `:name` parameters on both engines."""

    dialect: Literal["sqlite", "postgres"]

    def all(self, sql: str, params: Params = ...) -> list[Row]:
        """Every row, as dictionaries."""

    def one(self, sql: str, params: Params = ...) -> Row | None:
        """The first row, or None."""

    def run(self, sql: str, params: Params = ...) -> int:
        """Execute a statement; how many rows it touched."""

    def many(self, sql: str, rows: Iterable[Params]) -> int:
        """Execute a statement once per row of parameters; how many rows it touched."""

    def tuples(self, sql: str, params: Params = ...) -> list[tuple[Any, ...]]:
        """Every row as a plain tuple: the cheap form for hot loops."""

    def stream(self, sql: str, params: Params = ..., size: int = 1000) -> Iterator[Row]:
        """Rows one by one, fetched in portions, constant memory."""

    def many_tuples(self, sql: str, rows: Iterable[Sequence[Any]]) -> int:
        """Like `many` for the hot loops: `?` placeholders and sequences."""

    def savepoint(self) -> AbstractContextManager[None]:
        """A nested transaction: rolled back alone when its block raises."""


class Database(Protocol):
    """A store: a file or a server."""

    dialect: Literal["sqlite", "postgres"]
    target: str

    def read(self) -> AbstractContextManager[Connection]:
        """A read transaction: one snapshot."""

    def write(self) -> AbstractContextManager[Connection]:
        """A write transaction: committed when the block ends, rolled back when it raises."""

    def close(self) -> None:
        """Give every connection back."""

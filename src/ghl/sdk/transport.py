"""How an operation travels: the one method every transport has, and the options of a call."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from ghl.sdk.operation import Operation

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Options:
    """How a call is made, beside its fields.

    `dry_run` performs it in a transaction that is rolled back; `plan` is the digest of such a run, and
    the call is refused unless it would do exactly that; `change_set` is an open named set to join. A write
    that is sent again with the same `idempotency_key` within a day is not done again: the answer is the first one's.
    """

    dry_run: bool = False
    plan: str | None = None
    change_set: int | None = None
    origin: str | None = None
    reason: str | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a write did: its change set's number, the digest of the plan, and counts per noun and kind."""

    change_set: int | None = None
    digest: str | None = None
    counts: dict[str, int] = field(default_factory=dict)
    dry_run: bool = False


class Transport(Protocol):
    """Sends operations, here or far away."""

    def send(self, operation: Operation[R], options: Options | None = None) -> R:
        """Perform the operation; raises the same error class wherever it is performed."""

    @property
    def outcome(self) -> Outcome:
        """What this thread's last write did."""

    def close(self) -> None:
        """Let go of files and connections."""


class AsyncTransport(Protocol):
    """The same, awaited."""

    async def send(self, operation: Operation[R], options: Options | None = None) -> R:
        """Perform the operation."""

    @property
    def outcome(self) -> Outcome:
        """What the last write did."""

    async def close(self) -> None:
        """Let go of files and connections."""


class Collecting:
    """The transport of a batch: it keeps operations instead of sending them."""

    def __init__(self) -> None:
        self.operations: list[Operation[Any]] = []

    def send(self, operation: Operation[R], options: Options | None = None) -> None:
        self.operations.append(operation)

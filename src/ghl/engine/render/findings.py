"""What is known of a template once it has been read: what it names, and what it may cost."""

from __future__ import annotations

from dataclasses import dataclass, field

from ghl.engine.render.source import Reference

CHEAP_NODES = 2_000
CHEAP_EXPRESSION = 40


@dataclass(frozen=True, slots=True)
class Path:
    """An expression that only names a value. `shown` is as written, `full` from the data's root (None
    where a loop or `set` has made it of something else)."""

    shown: str
    keys: tuple[str | int, ...]
    root: str
    full: str | None


@dataclass
class Findings:
    """What is known of a template's part once it has been read."""

    references: list[Reference] = field(default_factory=list)
    nodes: int = 0
    largest: int = 0  # nodes of the largest expression
    loops: int = 0
    costly: bool = False  # assignments and arithmetic may build up

    @property
    def cheap(self) -> bool:
        """Whether no data can make it slow: then it is rendered here, not in a child process."""
        return (
            not self.loops and not self.costly
            and self.nodes <= CHEAP_NODES and self.largest <= CHEAP_EXPRESSION
        )  # fmt: skip

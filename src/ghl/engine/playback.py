"""Many operations, each at its own moment of virtual time, in few transactions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from ghl.engine.clock import VirtualClock
from ghl.engine.local import LocalTransport
from ghl.engine.tx import Cause, Tx

Deed = tuple[datetime, str, Callable[[Tx], object]]
"""When, who, and what is done."""


def perform(local: LocalTransport, clock: VirtualClock, deeds: Iterable[Deed]) -> None:
    """Do everything in one transaction, in the given order. Each deed is a change set of its own, at its
    moment and by its actor, as if it had been done then; moments must not go back."""
    done: list[Tx] = []
    with local.database.write() as connection:
        whole = Tx(connection, local.caller, local.shared)
        for moment, actor, deed in deeds:
            clock.move_to(moment)
            tx = whole.acting(replace(local.caller, actor=actor), Cause())
            deed(tx)
            tx.flush()
            done.append(tx)
        whole.finish()
    for tx in [whole, *done]:
        tx.committed()

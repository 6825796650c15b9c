"""The transport that performs operations here: one operation, one transaction."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from ghl.engine.access import Caller, authorise
from ghl.engine.db import Connection, Database
from ghl.engine.dispatch import perform, prepare
from ghl.engine.tx import Shared, Tx
from ghl.errors import PlanChanged
from ghl.sdk.operation import Operation
from ghl.sdk.page import Page
from ghl.sdk.transport import Options, Outcome

R = TypeVar("R")


class _RolledBackError(Exception):
    """Ends a dry run's transaction; carries its result out."""

    def __init__(self, result: Any, outcome: Outcome) -> None:
        self.result, self.outcome = result, outcome


class _RepeatedError(Exception):
    """Ends the transaction of a write that was done before; carries its answer out."""

    def __init__(self, result: Any, outcome: Outcome) -> None:
        self.result, self.outcome = result, outcome


class LocalTransport:
    """Performs operations on a database, for one caller. Safe from any thread."""

    def __init__(self, database: Database, caller: Caller, shared: Shared) -> None:
        self.database = database
        self.caller = caller
        self.shared = shared
        self._last = threading.local()

    @property
    def outcome(self) -> Outcome:
        """What this thread's last write did."""
        found: Outcome = getattr(self._last, "outcome", None) or Outcome()
        return found

    def send(self, operation: Operation[R], options: Options | None = None) -> R:
        """Perform an operation in a transaction of its own."""
        authorise(self.caller, type(operation))
        if type(operation).__route__.safe:
            prepare(type(operation), self.database)
            with self.database.read() as connection:
                result = perform(operation, Tx(connection, self.caller, self.shared, options))
        else:
            asked = _asked(operation, options)
            key = None if asked.dry_run else asked.idempotency_key
            result = self._once(operation, asked, key) if key else self.write(lambda tx: perform(operation, tx), asked)
        if isinstance(result, Page):
            result.bind(self, operation, options)
        answer: R = result
        return answer

    def _once(self, operation: Operation[R], options: Options, key: str) -> R:
        """Perform a write that may be sent again; the answer to it is kept in its own transaction."""
        from ghl.engine import repeats  # for writes with a key only

        def work(tx: Tx) -> R:
            found = repeats.before(tx, operation, key)
            if found is not None:
                raise _RepeatedError(*found)
            result = perform(operation, tx)
            outcome = tx.finish()
            repeats.after(tx, operation, key, tell(result, outcome), outcome)
            return result

        try:
            return self.write(work, options)
        except _RepeatedError as again:
            self._last.outcome = again.outcome
            answer: R = again.result
            return answer

    def write(self, work: Callable[[Tx], R], options: Options) -> R:
        """Run work in a write transaction: dry, planned or for good."""
        try:
            with self.database.write() as connection:
                tx = Tx(connection, self.caller, self.shared, options)
                result = work(tx)
                outcome = tx.finish()
                if options.plan is not None and not outcome.digest == options.plan:
                    raise _plan_changed(options.plan, outcome)
                if options.dry_run:
                    raise _RolledBackError(result, replace(outcome, change_set=None))
        except _RolledBackError as dry:
            self._last.outcome = dry.outcome
            dried: R = tell(dry.result, dry.outcome)
            return dried
        tx.committed()
        self._last.outcome = outcome
        return tell(result, outcome)

    def reading(self) -> Any:
        """A read transaction's connection, for faces that stream."""
        return self.database.read()

    def tx(self, connection: Connection) -> Tx:
        """A transaction over an open connection, for engine loops."""
        return Tx(connection, self.caller, self.shared)

    def close(self) -> None:
        """Give the database's connections back."""
        self.database.close()


def _asked(operation: Operation[Any], options: Options | None) -> Options:
    """The options of a call, with what the operation itself says of dry runs and plans."""
    options = options or Options()
    if getattr(operation, "dry_run", False):
        options = replace(options, dry_run=True)
    plan = getattr(operation, "plan", None)
    return replace(options, plan=plan) if isinstance(plan, str) else options


def _plan_changed(plan: str, outcome: Outcome) -> PlanChanged:
    return PlanChanged(
        f"plan {plan} no longer says what would happen: nothing was changed",
        hint=f"look again with --dry-run; it would now be {outcome.digest}",
        digest=outcome.digest,
    )


def tell(result: R, outcome: Outcome) -> R:
    """Fill the fields of a result that speak of the transaction as a whole."""
    known = getattr(type(result), "model_fields", {})
    about = {"change_set": outcome.change_set, "digest": outcome.digest, "dry_run": outcome.dry_run}
    for name, value in about.items():
        if name in known and getattr(result, name) in (None, False):
            setattr(result, name, value)
    return result


class AsyncLocalTransport:
    """The same engine in a thread of its own; a call that is cancelled does not undo a commit under way."""

    def __init__(self, local: LocalTransport) -> None:
        self._local = local

    @property
    def outcome(self) -> Outcome:
        """What the last write did."""
        return getattr(self, "_outcome", None) or Outcome()

    async def send(self, operation: Operation[R], options: Options | None = None) -> R:
        """Perform an operation in a transaction of its own."""

        import asyncio  # 14 ms that the synchronous client does without

        def perform() -> tuple[R, Outcome]:
            return self._local.send(operation, options), self._local.outcome

        result, self._outcome = await asyncio.to_thread(perform)
        if isinstance(result, Page):
            result.bind(self, operation, options)
        return result

    async def close(self) -> None:
        """Give the database's connections back."""
        import asyncio  # as above

        await asyncio.to_thread(self._local.close)

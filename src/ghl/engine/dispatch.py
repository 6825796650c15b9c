"""From an operation to the function that performs it."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel

from ghl.errors import StaleVersion
from ghl.sdk.operation import Operation, Route

if TYPE_CHECKING:
    from ghl.engine.db import Database
    from ghl.engine.tx import Tx

O = TypeVar("O", bound=Operation[Any])  # noqa: E741
R = TypeVar("R")
Handler = Callable[[Any, "Tx"], Any]

HANDLERS: dict[type[Operation[Any]], Handler] = {}
BEFORE: dict[type[Operation[Any]], Callable[[Database], None]] = {}
"""What is done in a transaction of its own before some operations that read."""


def handles(
    operation: type[O], *, before: Callable[[Database], None] | None = None
) -> Callable[[Callable[[O, Tx], R]], Callable[[O, Tx], R]]:
    """Name the operation that a function performs."""

    def register(handler: Callable[[O, Tx], R]) -> Callable[[O, Tx], R]:
        HANDLERS[operation] = handler
        if before is not None:
            BEFORE[operation] = before
        return handler

    return register


def handler_of(operation: type[Operation[Any]]) -> Handler:
    """The function that performs this operation; its module is imported when it is first needed."""
    found = HANDLERS.get(operation)
    if found is None:
        import_module(_home(operation.__module__))
        found = HANDLERS.get(operation)
    if found is None:
        raise LookupError(f"nothing performs {operation.__name__}")
    return found


def prepare(operation: type[Operation[Any]], database: Database) -> None:
    """Do what this operation needs to have been done before it reads; its module says so where it is imported."""
    handler_of(operation)
    if operation in BEFORE:
        BEFORE[operation](database)


def perform(operation: Operation[R], tx: Tx) -> R:
    """Perform an operation in a transaction; a conflict of versions tells what was submitted."""
    try:
        result: R = handler_of(type(operation))(operation, tx)
    except StaleVersion as error:
        if "version" in operation.model_fields_set:
            error.details["submitted"] = submitted(operation)
        raise
    return result


def _home(module: str) -> str:
    """The engine's module of a contract's module; a plug-in performs its operations where they are."""
    return module.replace("ghl.sdk.", "ghl.engine.", 1) if module.startswith("ghl.sdk.") else module


def submitted(request: BaseModel) -> dict[str, Any]:
    """What was asked to be written, as it was sent: the fields that were given, but for those of the path."""
    route: Route | None = getattr(type(request), "__route__", None)
    in_path = route.fields if route else ()
    names = request.model_fields_set.difference(in_path, ("match",))
    return request.model_dump(mode="json", include=names, exclude_unset=True)

"""From an operation to the function that performs it."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

from ghl.sdk.operation import Operation

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

O = TypeVar("O", bound=Operation[Any])  # noqa: E741
R = TypeVar("R")
Handler = Callable[[Any, "Tx"], Any]

HANDLERS: dict[type[Operation[Any]], Handler] = {}


def handles(operation: type[O]) -> Callable[[Callable[[O, Tx], R]], Callable[[O, Tx], R]]:
    """Name the operation that a function performs."""

    def register(handler: Callable[[O, Tx], R]) -> Callable[[O, Tx], R]:
        HANDLERS[operation] = handler
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


def _home(module: str) -> str:
    """The engine's module of a contract's module; a plug-in performs its operations where they are."""
    return module.replace("ghl.sdk.", "ghl.engine.", 1) if module.startswith("ghl.sdk.") else module

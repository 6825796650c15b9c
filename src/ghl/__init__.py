"""A CRM and marketing-automation toolkit that lives in one file its owner holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ghl.connect import connect, connect_async, init
    from ghl.engine.dispatch import handles
    from ghl.errors import GhlError
    from ghl.sdk.client import AsyncClient, Client
    from ghl.sdk.operation import Event, Operation, Record, Resource, op
    from ghl.sdk.page import Page

__version__ = "0.1.0"

__all__ = [
    "AsyncClient",
    "Client",
    "Event",
    "GhlError",
    "Operation",
    "Page",
    "Record",
    "Resource",
    "__version__",
    "connect",
    "connect_async",
    "handles",
    "init",
    "op",
]

# Public names and their homes; each is imported when it is first used (PEP 562).
_HOMES = {
    "connect": "ghl.connect",
    "connect_async": "ghl.connect",
    "init": "ghl.connect",
    "handles": "ghl.engine.dispatch",
    "GhlError": "ghl.errors",
    "Client": "ghl.sdk.client",
    "AsyncClient": "ghl.sdk.client",
    "Event": "ghl.sdk.operation",
    "Operation": "ghl.sdk.operation",
    "Record": "ghl.sdk.operation",
    "Resource": "ghl.sdk.operation",
    "op": "ghl.sdk.operation",
    "Page": "ghl.sdk.page",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'ghl' has no attribute {name!r}")
    from importlib import import_module

    module = import_module(home)
    # Importing `ghl.connect` puts the module in the place of the function of that name; put it back.
    globals().update({one: getattr(module, one) for one, where in _HOMES.items() if where == home})
    return globals()[name]


def __dir__() -> list[str]:
    return sorted(__all__)

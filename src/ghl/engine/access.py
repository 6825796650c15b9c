"""Who is asking: the account, the user, what she may do and which records she sees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from ghl.errors import NotAllowed
from ghl.sdk.operation import Operation, name_of

Sees = Literal["all", "own", "none"]


@dataclass(frozen=True, slots=True)
class Caller:
    """A credential's meaning. The account always comes from here, never from a request."""

    account_id: int
    actor: str
    origin: str = "sdk"
    user_id: int | None = None
    sees: Sees = "all"
    permissions: frozenset[str] | None = None
    """Names such as `contacts:create`; None is everything (the owner of a file)."""


def authorise(caller: Caller, operation: type[Operation[Any]]) -> None:
    """Refuse what the caller may not do, before anything is read or written."""
    if caller.permissions is None:
        return
    permission = f"{operation.__noun__ or 'system'}:{operation.__verb__}"
    if permission not in caller.permissions:
        raise NotAllowed(f"you may not {name_of(operation)}", hint="ask an owner of the account for the permission")

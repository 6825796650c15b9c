"""Clients that see less than everything."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import ghl
from ghl.engine.access import Sees
from ghl.engine.local import LocalTransport


def seeing(crm: ghl.Client, sees: Sees, *, name: str = "Nobody", **user: Any) -> ghl.Client:
    """A client of a new user, who sees all records, only her own, or none."""
    transport: Any = crm._transport
    made = crm.users.create(name=name, **user)
    with transport.database.read() as connection:
        number = connection.one("select id from users where public_id = :id", {"id": made.id})["id"]
    caller = replace(transport.caller, actor=name, sees=sees, user_id=number)
    return ghl.Client(LocalTransport(transport.database, caller, transport.shared))

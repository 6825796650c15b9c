"""What strangers reach: pages and links that need no token. GET never changes anything."""

from __future__ import annotations

from starlette.routing import Route

from ghl.server.door import Doors
from ghl.server.public import unsubscribe


def routes(doors: Doors) -> list[Route]:
    """The public pages of a store."""
    return [*unsubscribe.routes(doors)]

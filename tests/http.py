"""A client that talks HTTP to the application in this process, without a port."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import anyio
import anyio.from_thread
import httpx

import ghl
from ghl.sdk.remote import RemoteTransport
from ghl.server import public, rest
from ghl.server.door import Doors


class InProcess(httpx.BaseTransport):
    """Carries requests to an ASGI application through a loop in another thread."""

    def __init__(self, app: Any, portal: anyio.from_thread.BlockingPortal) -> None:
        self._inner = httpx.ASGITransport(app=app)
        self._portal = portal

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        async def perform() -> tuple[int, httpx.Headers, bytes]:
            body = request.read()
            again = httpx.Request(request.method, request.url, headers=request.headers, content=body)
            response = await self._inner.handle_async_request(again)
            return response.status_code, response.headers, await response.aread()

        status, headers, body = self._portal.call(perform)
        return httpx.Response(status, headers=headers, content=body, request=request)


@contextmanager
def over_http(path: str, clock: Any = None) -> Iterator[ghl.Client]:
    """A client over HTTP in process, with the store's first token."""
    doors = Doors(path, clock=clock)
    app = rest.application(doors, public.routes(doors))
    token = doors.first_token(new=True)
    with anyio.from_thread.start_blocking_portal() as portal:
        http = httpx.Client(base_url="http://ghl.test", transport=InProcess(app, portal))
        with ghl.Client(RemoteTransport("http://ghl.test", token=token, http=http)) as client:
            yield client
    doors.close()

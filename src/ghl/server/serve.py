"""`ghl serve`: the API on a port of this machine."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable
from typing import Any

from ghl.errors import GhlError, MissingExtra
from ghl.server.door import Doors


def application(target: str, *, account: str | None = None) -> tuple[Any, Doors]:
    """The ASGI application over a store, and its doors."""
    try:
        from ghl.server import public, rest
    except ModuleNotFoundError as error:
        if error.name in ("starlette", "uvicorn"):
            raise MissingExtra.named("server", "`ghl serve`") from None
        raise
    doors = Doors(target, account=account)
    return rest.application(doors, public.routes(doors)), doors


def serve(
    target: str,
    *,
    host: str,
    port: int,
    account: str | None,
    new_token: bool,
    say: Callable[[str], None],
) -> None:
    """Answer requests until stopped; SIGTERM drains what is under way."""
    app, doors = application(target, account=account)
    import uvicorn  # for the server only

    # uvicorn drains on SIGTERM and then raises it again: it ends us here, in order.
    signal.signal(signal.SIGTERM, _end)
    try:
        listening = _listen(host, port)
        token = doors.first_token(new=new_token)
        if token:
            say(f"token  {token}")
            say("       shown once; good until accounts with passwords are set up")
        else:
            say("token  made at an earlier start; a new one: ghl serve --new-token")
        shown = f"[{host}]" if ":" in host else host
        address = f"http://{shown}:{listening.getsockname()[1]}"
        say(f"serving {target} on {address}  (API under /api/v1, description at /openapi.json)")
        config = uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=10)
        uvicorn.Server(config).run(sockets=[listening])
    except KeyboardInterrupt:
        say("stopped")
    finally:
        doors.close()


def _end(*_: object) -> None:
    raise SystemExit(0)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise GhlError(f"{host}:{port} cannot be listened on: {error.strerror or error}", hint="--port 0 finds a free one") from None

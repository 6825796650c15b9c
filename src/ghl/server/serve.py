"""`ghl serve`: the API on a port of this machine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ghl.errors import MissingExtra
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

    token = doors.first_token(new=new_token)
    if token:
        say(f"token  {token}")
        say("       shown once; good until accounts with passwords are set up")
    else:
        say("token  made at an earlier start; a new one: ghl serve --new-token")
    say(f"serving {target} on http://{host}:{port}  (API under /api/v1, description at /openapi.json)")
    try:
        uvicorn.run(
            app, host=host, port=port, log_level="warning", access_log=False, timeout_graceful_shutdown=10
        )
    finally:
        doors.close()

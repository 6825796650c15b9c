"""`ghl serve`: the same operations over HTTP."""

from __future__ import annotations

from typing import Annotated

import typer

from ghl.cli.context import current


def serve(
    host: Annotated[str, typer.Option("--host", help="The address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="The port to listen on")] = 8000,
    new_token: Annotated[bool, typer.Option("--new-token", help="Revoke the first-start token and print a new one")] = False,
) -> None:
    """Answer the same operations over HTTP, with a bearer token."""
    from ghl.profiles import resolve
    from ghl.server.serve import serve as run  # the server, for this command only

    context = current()
    run(
        resolve(context.target), host=host, port=port, account=context.account, new_token=new_token, say=context.say
    )

"""Leaving by link (RFC 8058): GET shows a page and changes nothing, POST acts, without cookie or redirect."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from ghl.errors import GhlError

if TYPE_CHECKING:
    from ghl.engine.marketing.unsubscribing import Leaving
    from ghl.server.door import Doors

MOST = 64 * 1024
"""Bytes of a body: a mail program sends one short form, and nothing in it is needed."""

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><title>{title}</title>
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:32rem;margin:15vh auto;padding:0 1rem;color:#1f2937}}
button{{font:inherit;padding:.6rem 1.2rem;border:0;border-radius:.4rem;background:#1f2937;color:#fff;cursor:pointer}}
button:focus-visible{{outline:3px solid #2563eb;outline-offset:2px}}</style></head>
<body><main><h1>{title}</h1>{body}</main></body></html>
"""
_FORM = '<form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click"><button>Unsubscribe</button></form>'
_HEADERS = {
    "Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
}  # fmt: skip


def routes(doors: Doors) -> list[Route]:
    """The addresses of links that end subscriptions."""

    async def show(request: Request) -> Response:
        return await run_in_threadpool(_show, doors, request.path_params["token"])

    async def act(request: Request) -> Response:
        await _drain(request)
        return await run_in_threadpool(_act, doors, request.path_params["token"])

    return [
        Route("/u/{token}", show, methods=["GET", "HEAD"]),
        Route("/u/{token}", act, methods=["POST"]),
    ]


async def _drain(request: Request) -> None:
    """Whatever the form holds, the address says it all; read so that the connection stays usable."""
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > MOST:
            return


def _show(doors: Doors, token: str) -> Response:
    try:
        found = _opened(doors, token)
    except GhlError as error:
        return _refused(error)
    if found.suppressed or found.address is None:
        return _done(found)
    return _page(
        "Unsubscribe?",
        f"<p>{escape(found.address)} will get no more mail of this kind from {escape(found.account)}.</p>{_FORM}",
    )


def _act(doors: Doors, token: str) -> Response:
    from ghl.engine.marketing.unsubscribing import leave, opened  # the engine, when somebody leaves

    local = doors.local
    try:
        with local.database.write() as connection:
            found = opened(connection, local.shared, token)
            leave(connection, local.shared, found)
    except GhlError as error:
        return _refused(error)
    return _done(found)


def _opened(doors: Doors, token: str) -> Leaving:
    from ghl.engine.marketing.unsubscribing import opened  # as above

    with doors.local.database.read() as connection:
        return opened(connection, doors.local.shared, token)


def _done(found: Leaving) -> Response:
    who = f"{escape(found.address)} gets" if found.address else "You get"
    return _page("You are unsubscribed", f"<p>{who} no more mail of this kind from {escape(found.account)}.</p>")


def _refused(error: GhlError) -> Response:
    if error.status >= 500:
        return _page("Please try again", "<p>This could not be done right now. Please try again in a minute.</p>", 503)
    return _page(
        "This link does not work",
        "<p>It may have been cut short. Use the link of the newest mail, or answer to it.</p>",
        410 if error.status == 410 else 404,
    )


def _page(title: str, body: str, status: int = 200) -> Response:
    return HTMLResponse(_PAGE.format(title=title, body=body), status, _HEADERS)

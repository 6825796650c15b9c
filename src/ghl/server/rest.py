"""Every operation as a route of a Starlette application."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ghl.errors import GhlError, Malformed, MethodNotAllowed, NotFound
from ghl.sdk import wire
from ghl.sdk.batches import BatchFailed
from ghl.sdk.operation import Operation, build
from ghl.sdk.page import Page
from ghl.sdk.transport import Options, Transport
from ghl.server.routes import Routes

BODY_LIMIT = 16 * 1024 * 1024
DEPTH_LIMIT = 64
PAGES = ("/health", "/openapi.json")
"""What is there beside the operations; pages are only read."""

log = logging.getLogger("ghl.server")

Door = Callable[[str | None, str | None], Transport]
"""From the Authorization and X-Account headers to the transport of that caller."""


class Rest:
    """Answers requests by performing operations."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self.routes = Routes()

    async def __call__(self, request: Request) -> Response:
        """Answer one request."""
        request_id = secrets.token_hex(8)
        try:
            body = await _read(request)
            return await run_in_threadpool(self._answer, request, body, request_id)
        except GhlError as error:
            return error_response(error, request_id)
        except ClientDisconnect:
            return Response(status_code=499)  # nobody reads it
        except Exception:
            # Where it happened is for the owner of the server, who finds it by the id that the caller was told.
            log.exception("request %s failed", request_id)
            return error_response(GhlError("the server failed at this request", hint="its log has more"), request_id)

    def _answer(self, request: Request, body: bytes, request_id: str) -> Response:
        headers = request.headers
        try:
            head = request.method == "HEAD"
            kind, values, methods = self._find("GET" if head else request.method, request.scope["raw_path"])
            if kind is None:
                return _nowhere(request, methods, request_id)
            transport = self._door(headers.get("authorization"), headers.get("x-account"))
            fields, operation = self._operation(kind, values, request, body)
            result = transport.send(operation, _options(headers))
        except BatchFailed as failed:
            answer = {"X-Request-Id": request_id, "X-Answer": "result"}
            return Response(encode(failed.result), failed.status, answer, media_type="application/json")
        except GhlError as error:
            return error_response(error, request_id)
        answer_headers = {"X-Request-Id": request_id}
        if not kind.__route__.safe:
            answer_headers |= wire.outcome_headers(transport.outcome)
        body = encode(result, fields)
        if head:
            answer_headers["Content-Length"] = str(len(body))
        return Response(
            None if head else body, kind.__route__.status, answer_headers, media_type="application/json"
        )

    def _find(self, method: str, raw_path: bytes) -> tuple[type[Operation[Any]] | None, dict[str, str], list[str]]:
        path = raw_path.decode("ascii", "replace").split("?")[0]
        if not path.startswith(f"{wire.PREFIX}/"):
            return None, {}, []
        return self.routes.find(method, path.removeprefix(wire.PREFIX))

    def _operation(
        self, kind: type[Operation[Any]], values: dict[str, str], request: Request, body: bytes
    ) -> tuple[list[str] | None, Operation[Any]]:
        fields: list[str] | None = None
        query = request.query_params.multi_items()
        if kind.__route__.safe and "fields" not in kind.model_fields:
            chosen = [text for name, text in query if name == "fields"]
            fields = [name for text in chosen for name in text.split(",")] if chosen else None
            query = [(name, text) for name, text in query if name != "fields"]
        data: dict[str, Any] = wire.fields_of(kind, query)
        if body:
            data |= _json_object(body)
        return fields, build(kind, data | values)


async def _read(request: Request) -> bytes:
    length = request.headers.get("content-length")
    if length and length.isdigit() and int(length) > BODY_LIMIT:
        raise _too_large()
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > BODY_LIMIT:
            raise _too_large()
        chunks.append(chunk)
    return b"".join(chunks)


def _too_large() -> Malformed:
    return Malformed("the body is larger than 16 MiB", hint="send several requests")


def _json_object(body: bytes) -> dict[str, Any]:
    def refuse(name: str) -> Any:
        raise ValueError(f"{name} is no JSON")

    try:
        text = body.decode("utf-8")
        if _depth(text) > DEPTH_LIMIT:
            raise Malformed(f"the body is nested deeper than {DEPTH_LIMIT} levels")
        data = json.loads(text, parse_constant=refuse)
        if "\\ud" in text.lower():
            json.dumps(data, ensure_ascii=False).encode()  # half of a character pair is no text
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise Malformed(f"the body is not JSON: {error}") from None
    if not isinstance(data, dict):
        raise Malformed("the body must be a JSON object")
    return data


def _depth(text: str) -> int:
    deepest = level = 0
    for char in text:
        if char in "[{":
            level += 1
            deepest = max(deepest, level)
        elif char in "]}":
            level -= 1
    return deepest


def _options(headers: Any) -> Options:
    number = headers.get("x-change-set")
    if number is not None and not number.isdigit():
        raise Malformed("the X-Change-Set header is a number")
    return Options(
        dry_run=headers.get("x-dry-run", "").lower() == "true",
        plan=headers.get("x-plan"),
        change_set=int(number) if number else None,
        origin="api",
        reason=unquote(headers["x-reason"])[:200] if "x-reason" in headers else None,
        idempotency_key=headers.get("idempotency-key"),
    )


def encode(result: Any, fields: list[str] | None = None) -> bytes:
    """A result as JSON, with only some of its fields where the caller asks for those."""
    if isinstance(result, list):
        return b"[" + b",".join(encode(one, fields) for one in result) + b"]"
    serializer = type(result).__pydantic_serializer__
    if fields is None:
        encoded: bytes = serializer.to_json(result, warnings=False)
        return encoded
    keep = {"id", *fields}
    data = serializer.to_python(result, mode="json", warnings=False)
    if isinstance(result, Page):
        data["items"] = [{k: v for k, v in item.items() if k in keep} for item in data["items"]]
    else:
        data = {k: v for k, v in data.items() if k in keep}
    return json.dumps(data, ensure_ascii=False).encode()


def error_response(error: GhlError, request_id: str) -> Response:
    """An error as every face shows it, with the request's id."""
    headers = {"X-Request-Id": request_id}
    if "retry_after" in error.details:
        headers["Retry-After"] = str(error.details["retry_after"])
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(error.as_dict() | {"request_id": request_id}, error.status, headers)


def _nowhere(request: Request, methods: list[str], request_id: str) -> Response:
    known = ["GET"] if request.url.path in PAGES else methods
    if not known:
        raise NotFound(f"there is nothing at {request.url.path}", hint="/openapi.json lists every path")
    allowed = ", ".join([*known, *(["HEAD"] if "GET" in known else []), "OPTIONS"])
    if request.method == "OPTIONS":
        return Response(None, 204, {"X-Request-Id": request_id, "Allow": allowed})
    answer = error_response(
        MethodNotAllowed(f"{request.method} is not done here", hint=f"one of: {', '.join(known)}"), request_id
    )
    answer.headers["Allow"] = allowed
    return answer


def application(door: Door, extra: list[Route] | None = None) -> Starlette:
    """The application: the API, and the pages beside it."""
    from ghl.server.openapi import document

    rest = Rest(door)

    async def health(request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def openapi(request: Request) -> Response:
        return JSONResponse(document(rest.routes.operations))

    return Starlette(
        routes=[
            Route("/health", health),
            Route("/openapi.json", openapi),
            *(extra or []),
            Route("/{path:path}", _Endpoint(rest)),
        ]
    )


class _Endpoint:
    """Starlette treats a callable object as an ASGI application; this one answers a request."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        response = await self._rest(Request(scope, receive))
        await response(scope, receive, send)

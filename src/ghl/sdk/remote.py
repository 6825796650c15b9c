"""The transport that sends operations over HTTP."""

from __future__ import annotations

import threading
from typing import Any, TypeVar

import httpx
from pydantic import TypeAdapter

from ghl.errors import Unauthenticated, Unreachable
from ghl.sdk import wire
from ghl.sdk.batches import BatchFailed, BatchResult
from ghl.sdk.operation import Operation, result_of
from ghl.sdk.page import Page
from ghl.sdk.transport import Options, Outcome

R = TypeVar("R")

TIMEOUT = httpx.Timeout(30.0, connect=5.0)


_KEEP = "ghl profiles set NAME URL --token -"


class _Answers:
    """What both remote transports know of requests and answers."""

    url: str

    def _adapter(self, operation: type[Operation[Any]]) -> TypeAdapter[Any]:
        return TypeAdapter(result_of(operation))

    def _parse(self, operation: Operation[R], response: httpx.Response) -> R:
        if response.status_code >= 400:
            if response.headers.get("x-answer") == "result":
                raise BatchFailed.of(BatchResult.model_validate_json(response.content))
            try:
                wire.raise_error(response.status_code, response.content)
            except Unauthenticated as error:
                sent = "authorization" in response.request.headers
                error.message = f"{self.url}: {error.message if sent else 'it wants a token'}"
                error.hint = f"`ghl serve --new-token` prints one there; here: {_KEEP} or GHL_TOKEN=…".replace("URL", self.url)
                raise
        result: R = self._adapter(type(operation)).validate_json(response.content)
        return result

    def _unreachable(self, error: httpx.HTTPError) -> Unreachable:
        return Unreachable(
            f"{self.url} does not answer: {error or type(error).__name__}", hint="is `ghl serve` running there?"
        )


def _headers(token: str | None, account: str | None) -> dict[str, str]:
    headers = {"Accept": "application/json", "User-Agent": "ghl"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    if account:
        headers["X-Account"] = account
    return headers


def _token(token: str | None) -> str | None:
    import os

    found = token or os.environ.get("GHL_TOKEN")
    if found is not None and not found.isascii():
        raise Unauthenticated("the token has characters that no token has")
    return found


class RemoteTransport(_Answers):
    """Sends operations to a server. Safe from any thread."""

    def __init__(
        self,
        url: str,
        *,
        token: str | None = None,
        account: str | None = None,
        http: httpx.Client | None = None,
    ) -> None:
        self.url = url.rstrip("/")
        self._http = http or httpx.Client(base_url=self.url, timeout=TIMEOUT)
        self._http.headers.update(_headers(_token(token), account))
        self._last = threading.local()

    @property
    def outcome(self) -> Outcome:
        """What this thread's last write did."""
        found: Outcome = getattr(self._last, "outcome", None) or Outcome()
        return found

    def send(self, operation: Operation[R], options: Options | None = None) -> R:
        """Perform an operation on the server; raises what it raised there."""
        method, path, query, body = wire.request_of(operation)
        try:
            response = self._http.request(
                method, path, params=tuple(query) or None, json=body, headers=wire.headers_of(options)
            )
        except httpx.HTTPError as error:
            raise self._unreachable(error) from None
        result = self._parse(operation, response)
        if not type(operation).__route__.safe:
            self._last.outcome = wire.outcome_of(response.headers)
        if isinstance(result, Page):
            result.bind(self, operation, options)
        return result

    def close(self) -> None:
        """Close the connections."""
        self._http.close()


class AsyncRemoteTransport(_Answers):
    """The same, awaited."""

    def __init__(
        self,
        url: str,
        *,
        token: str | None = None,
        account: str | None = None,
        http: httpx.AsyncClient | None = None,
    ) -> None:
        self.url = url.rstrip("/")
        self._http = http or httpx.AsyncClient(base_url=self.url, timeout=TIMEOUT)
        self._http.headers.update(_headers(_token(token), account))
        self._outcome = Outcome()

    @property
    def outcome(self) -> Outcome:
        """What the last write did."""
        return self._outcome

    async def send(self, operation: Operation[R], options: Options | None = None) -> R:
        """Perform an operation on the server; raises what it raised there."""
        method, path, query, body = wire.request_of(operation)
        try:
            response = await self._http.request(
                method, path, params=tuple(query) or None, json=body, headers=wire.headers_of(options)
            )
        except httpx.HTTPError as error:
            raise self._unreachable(error) from None
        result = self._parse(operation, response)
        if not type(operation).__route__.safe:
            self._outcome = wire.outcome_of(response.headers)
        if isinstance(result, Page):
            result.bind(self, operation, options)
        return result

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

"""The one guarded way to call a URL that somebody else wrote.

A name is resolved once, every address is judged, and the connection goes to the very address that was
judged, under the name's own certificate. No redirects, no proxies, no cookies, a bound on time and size.
"""

from __future__ import annotations

import queue
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any

import httpcore

from ghl.engine.channels.targets import Allowed, Target, judge, parse_target
from ghl.errors import Invalid, NoAnswer, UrlRefused

__all__ = ["Answer", "Http", "NoAnswer", "UrlRefused"]

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}
MOST_ADDRESSES = 8

_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_VALUE = re.compile(r"[\x20-\x7e\t]{0,4096}")
_RESERVED = {
    "host", "content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer", "expect", "keep-alive",
    "proxy-authorization", "proxy-connection", "accept-encoding",
}  # fmt: skip

Resolver = Callable[[str, int], list[str]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `body` is as it was sent, cut at the limit; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    truncated: bool = False


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name, as the system knows them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Http:
    """Calls URLs within the guard. Safe from any thread; every call has a connection of its own.

    `allow` opens hosts of one's own (`intranet.example:8080`, `10.1.0.0/16`), `timeout` is in seconds for
    a whole call, `limit` in bytes of an answer's body.
    """

    def __init__(
        self, *, allow: Iterable[str] = (), timeout: float = 20.0, limit: int = 64 * 1024,
        cafile: str | None = None, resolver: Resolver = resolve, agent: str = "ghl",
    ) -> None:  # fmt: skip
        self.allowed = Allowed.of(allow)
        self.timeout, self.limit, self.agent = timeout, limit, agent
        self._cafile, self._resolver = cafile, resolver
        self._context: ssl.SSLContext | None = None

    def check(self, url: str) -> None:
        """Refuse a URL by how it is written, without resolving anything: for when it is saved."""
        target = parse_target(url, self.allowed)
        if target.host.replace(".", "").isdigit() or ":" in target.host:
            judge(target, [target.host], self.allowed)

    def request(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes = b"",
        timeout: float | None = None,
    ) -> Answer:  # fmt: skip
        """Call the URL. UrlRefused before anything is sent; NoAnswer where no whole answer came in time.

        A redirect is an answer like any other.
        """
        if method not in METHODS:
            raise Invalid(f'"{method[:20]}" is not a method', hint=", ".join(sorted(METHODS)), field="method")
        target = parse_target(url, self.allowed)
        sent_headers = self._headers(target, headers or {}, method, body)
        call = _Call(monotonic() + (timeout or self.timeout))
        addresses = self._addresses(target, call)
        judge(target, addresses, self.allowed)
        request = httpcore.Request(
            method.encode("ascii"),
            httpcore.URL(
                scheme=target.scheme.encode("ascii"), host=target.host.encode("ascii"), port=target.port,
                target=target.path.encode("ascii"),
            ),
            headers=sent_headers, content=body,
            # Without a size the pool would wait for ever; every wait is cut to what is left of the call.
            extensions={"timeout": dict.fromkeys(("connect", "read", "write", "pool"), self.timeout)},
        )  # fmt: skip
        try:
            return self._exchange(request, addresses[:MOST_ADDRESSES], call)
        except (
            httpcore.TimeoutException,
            httpcore.NetworkError,
            httpcore.ProtocolError,
            OSError,
            ValueError,
        ):
            raise NoAnswer(target.host, sent=call.sent) from None

    def _exchange(self, request: httpcore.Request, addresses: list[str], call: _Call) -> Answer:
        backend = _Pinned(addresses, call)
        with httpcore.ConnectionPool(
            ssl_context=self._tls(), network_backend=backend, max_connections=1
        ) as pool:
            response = pool.handle_request(request)
            try:
                body, truncated = self._body(response)
                return Answer(response.status, _received(response.headers), body, truncated)
            finally:
                response.close()

    def _body(self, response: httpcore.Response) -> tuple[bytes, bool]:
        pieces: list[bytes] = []
        size = 0
        assert isinstance(response.stream, Iterable)
        for piece in response.stream:
            pieces.append(piece[: self.limit - size])
            size += len(piece)
            if size > self.limit:
                return b"".join(pieces), True
        return b"".join(pieces), False

    def _addresses(self, target: Target, call: _Call) -> list[str]:
        if ":" in target.host or target.host.replace(".", "").isdigit():
            return [target.host]
        answers: queue.SimpleQueue[list[str] | None] = queue.SimpleQueue()

        def look_up() -> None:
            try:
                answers.put(self._resolver(target.host, target.port))
            except (OSError, UnicodeError):
                answers.put(None)

        # The system's resolver cannot be given a time limit, so it is left behind in its thread.
        threading.Thread(target=look_up, daemon=True).start()
        try:
            found = answers.get(timeout=call.left())
        except (queue.Empty, httpcore.TimeoutException):
            found = None
        if not found:
            raise NoAnswer(target.host, sent=False)
        return found

    def _headers(
        self, target: Target, given: Mapping[str, str], method: str, body: bytes
    ) -> list[tuple[bytes, bytes]]:
        headers = {
            "Host": target.host_header,
            "User-Agent": self.agent,
            "Accept-Encoding": "identity",
            "Connection": "close",
        }
        if body or method in ("POST", "PUT", "PATCH"):
            headers["Content-Length"] = str(len(body))
        for name, value in given.items():
            if _NAME.fullmatch(name) is None or _VALUE.fullmatch(value) is None or name.lower() in _RESERVED:
                shown = "".join(c if c.isprintable() else "·" for c in name[:60])
                raise Invalid(f'the header "{shown}" cannot be sent', field="headers")
            headers[name] = value
        return [(name.encode("ascii"), value.encode("ascii")) for name, value in headers.items()]

    def _tls(self) -> ssl.SSLContext:
        if self._context is None:
            import httpx  # its context has the certificates that slim systems lack

            context = httpx.create_ssl_context(trust_env=False)
            if self._cafile is not None:
                context.load_verify_locations(self._cafile)
            self._context = context
        return self._context


def _received(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.decode("ascii", "replace").lower(): value.decode("latin-1") for name, value in headers}


class _Call:
    """The deadline of one call, and whether anything was sent."""

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
        self.sent = False

    def left(self) -> float:
        """Seconds until the deadline; a time-out when there are none."""
        left = self.deadline - monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout
        return left


class _Pinned(httpcore.NetworkBackend):
    """Connects to the addresses that were judged, whatever the name would resolve to now."""

    def __init__(self, addresses: list[str], call: _Call) -> None:
        self._addresses, self._call = addresses, call
        self._backend = httpcore.SyncBackend()

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:  # fmt: skip
        failure: Exception = httpcore.ConnectError()
        for number, address in enumerate(self._addresses):
            # A silent first address leaves time for the others.
            share = self._call.left() / (1 if number == len(self._addresses) - 1 else 2)
            try:
                stream = self._backend.connect_tcp(
                    address, port, timeout=share, socket_options=socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
                continue
            return _Stream(stream, self._call)
        raise failure


class _Stream(httpcore.NetworkStream):
    """A connection on which no operation lasts beyond the deadline of its call."""

    def __init__(self, stream: httpcore.NetworkStream, call: _Call) -> None:
        self._stream, self._call = stream, call

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._call.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._call.sent = True
        self._stream.write(buffer, self._call.left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, self._call.left()), self._call)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

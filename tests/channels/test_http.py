"""The guarded client: nothing private is reached, allowed hosts are, and nothing runs on for ever."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ghl.engine.channels.http import Http, NoAnswer, UrlRefused
from ghl.engine.channels.targets import Allowed, is_public, parse_target
from ghl.errors import GhlError, Invalid
from tests.channels.urls import HOSTILE, PRIVATE_4, PRIVATE_6


class Counting(BaseHTTPRequestHandler):
    """Counts what arrives, and answers as the path says."""

    hits: list[tuple[str, str, str | None]] = []
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        type(self).hits.append((self.command, self.path, self.headers["Host"]))
        body = b""
        if length := int(self.headers.get("Content-Length") or 0):
            body = self.rfile.read(length)
        if self.path.startswith("/redirect"):
            self.send_response(302)
            self.send_header("Location", "/secret")
        elif self.path.startswith("/big"):
            self.send_response(200)
            body = b"x" * 1_000_000
        elif self.path.startswith("/echo"):
            self.send_response(201)
            self.send_header("X-Seen", ",".join(sorted(name.lower() for name in self.headers)))
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815

    def log_message(self, *arguments: object) -> None:
        pass


@contextmanager
def listening(
    context: ssl.SSLContext | None = None, address: str = "127.0.0.1"
) -> Iterator[tuple[int, type[Counting]]]:
    handler = type("Handler", (Counting,), {"hits": []})
    server = ThreadingHTTPServer((address, 0), handler)
    server.daemon_threads = True
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server.server_port, handler
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def raw(answer: bytes, then_wait: bool = False) -> Iterator[int]:
    """A server that says these bytes, whatever it is asked, and perhaps keeps the line open."""
    listener = socket.create_server(("127.0.0.1", 0))
    done = threading.Event()

    def serve() -> None:
        try:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(answer)
                if then_wait:
                    done.wait(20)
        except OSError:
            pass

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        done.set()
        listener.close()


def local(port: int, **options: object) -> Http:
    return Http(allow=[f"127.0.0.1:{port}"], **options)  # type: ignore[arg-type]


@pytest.mark.unit
@pytest.mark.security
def test_the_corpus_is_large() -> None:
    assert len(set(HOSTILE)) >= 150


@pytest.mark.integration
@pytest.mark.security
@pytest.mark.parametrize("resolved", [["127.0.0.1"], ["::1"], ["93.184.216.34", "127.0.0.1"], ["10.0.0.1"]])
def test_no_hostile_url_arrives(resolved: list[str]) -> None:
    """Every URL, with every port that something listens on here written into it, once and once more."""
    with listening() as (port, handler):
        http = Http(timeout=2, resolver=lambda host, port: resolved)
        for url in HOSTILE:
            for _ in range(2):
                with pytest.raises(GhlError) as caught:
                    http.request("GET", url)
                assert caught.value.code == "url_refused", url
                with pytest.raises(GhlError):
                    http.request(
                        "POST", url.replace(":80/", f":{port}/").replace("/", f":{port}/", 3), body=b"x"
                    )
        assert handler.hits == []


@pytest.mark.integration
@pytest.mark.security
def test_names_that_resolve_to_private_addresses() -> None:
    for address in [*PRIVATE_4, *PRIVATE_6, "fe80::1%eth0", "nonsense", ""]:
        assert not is_public(address)
        http = Http(timeout=2, resolver=lambda host, port, address=address: [address])  # type: ignore[misc]
        with pytest.raises(UrlRefused):
            http.request("GET", "http://innocent.example/")
    for address in (
        "93.184.216.34",
        "1.1.1.1",
        "8.8.8.8",
        "2606:4700::1111",
        "2a00:1450::1",
        "223.255.255.254",
    ):
        assert is_public(address)


@pytest.mark.integration
@pytest.mark.security
def test_a_name_is_resolved_once() -> None:
    """A second look-up would answer with a private address: it never comes to that."""
    asked: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        # 192.0.2.1 is public for nobody, so the network is opened to show which address is dialled.
        return ["192.0.2.1"] if len(asked) == 1 else ["127.0.0.1"]

    with listening() as (_, handler):
        http = Http(timeout=0.5, resolver=rebinding, allow=["192.0.2.0/24"])
        with pytest.raises(NoAnswer):
            http.request("GET", "http://rebind.example/")
        assert asked == ["rebind.example"]
        assert handler.hits == []


@pytest.mark.integration
@pytest.mark.security
def test_answers_say_nothing_about_ports() -> None:
    """Open, closed and silent ports of a private host, and names that do not exist, read the same."""
    with listening() as (port, handler):
        http = Http(timeout=1)
        said = set()
        for url in (f"http://127.0.0.1:{port}/", "http://127.0.0.1:1/", "http://127.0.0.1:9/"):
            with pytest.raises(UrlRefused) as refused:
                http.request("GET", url)
            said.add(refused.value.message.replace(url, "URL"))
        assert said == {'"URL" has a port other than 80 and 443'}
        with pytest.raises(UrlRefused) as refused:
            http.request("GET", "http://127.0.0.1/")
        assert refused.value.message == '"127.0.0.1" is not on the public internet'
        assert handler.hits == []
    closed, silent = socket.socket(), socket.create_server(("127.0.0.1", 0))
    closed.bind(("127.0.0.1", 0))
    ports = [closed.getsockname()[1], silent.getsockname()[1]]
    said = set()
    for one in ports:
        with pytest.raises(NoAnswer) as unanswered:
            local(one, timeout=1).request("GET", f"http://127.0.0.1:{one}/")
        said.add(str(unanswered.value.as_dict()))
    with raw(b"SSH-2.0-OpenSSH\r\n") as port, pytest.raises(NoAnswer) as unanswered:
        local(port).request("GET", f"http://127.0.0.1:{port}/")
    said.add(str(unanswered.value.as_dict()))
    with raw(b"\x15\x03\x01") as port, pytest.raises(NoAnswer) as unanswered:
        local(port).request("GET", f"https://127.0.0.1:{port}/")
    said.add(str(unanswered.value.as_dict()))
    assert len(said) == 1
    closed.close()
    silent.close()
    with pytest.raises(NoAnswer) as unanswered:
        Http().request("GET", "http://nowhere.invalid/")
    assert unanswered.value.message == "nowhere.invalid did not answer"


@pytest.mark.integration
@pytest.mark.security
def test_redirects_are_answers() -> None:
    with listening() as (port, handler):
        answer = local(port).request("GET", f"http://127.0.0.1:{port}/redirect")
        assert (answer.status, answer.headers["location"]) == (302, "/secret")
        assert len(handler.hits) == 1


@pytest.mark.integration
@pytest.mark.security
@pytest.mark.parametrize(
    "answer",
    [b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nx",
     b"HTTP/1.1 200 OK\r\n", b"", b"HTTP/1.1 100 Continue\r\n\r\n"],
)  # fmt: skip
def test_an_answer_that_never_ends_is_given_up(answer: bytes) -> None:
    with raw(answer, then_wait=True) as port, pytest.raises(NoAnswer) as caught:
        local(port, timeout=0.5).request("POST", f"http://127.0.0.1:{port}/", body=b"x")
    assert caught.value.sent


@pytest.mark.integration
@pytest.mark.security
@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 200 OK\r\nX: " + b"y" * 300_000 + b"\r\n\r\n", b"HTTP/1.1 " + b"9" * 300_000, b"A: B\r\n" * 50_000,
               b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef", b"HTTP/1.1 999999 X\r\n\r\n"],
)  # fmt: skip
def test_an_answer_out_of_shape(answer: bytes) -> None:
    with raw(answer) as port, pytest.raises(NoAnswer):
        local(port, timeout=5).request("GET", f"http://127.0.0.1:{port}/")


@pytest.mark.integration
@pytest.mark.security
def test_a_drip_of_bytes_does_not_extend_the_time() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def drip() -> None:
        connection, _ = listener.accept()
        with connection:
            try:
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
                while not stop.wait(0.05):
                    connection.sendall(b"x")
            except OSError:
                pass

    threading.Thread(target=drip, daemon=True).start()
    port = listener.getsockname()[1]
    with pytest.raises(NoAnswer):
        local(port, timeout=1).request("GET", f"http://127.0.0.1:{port}/")
    stop.set()
    listener.close()


@pytest.mark.integration
def test_allowed_hosts_are_reached() -> None:
    with listening() as (port, handler):
        for entry, url in (
            (f"127.0.0.1:{port}", f"http://127.0.0.1:{port}/a"), ("127.0.0.1", f"http://127.0.0.1:{port}/b?x=1&y=%20"),
            (f"localhost:{port}", f"http://localhost:{port}/c"), (f"LOCALHOST:{port}", f"http://LocalHost.:{port}/d#frag"),
            (f"intra.example:{port}", f"http://intra.example:{port}/é"),
        ):  # fmt: skip
            http = Http(allow=[entry], resolver=lambda host, port: ["127.0.0.1"])
            assert http.request("GET", url).status == 200
        assert [path for _, path, _ in handler.hits] == ["/a", "/b?x=1&y=%20", "/c", "/d", "/%C3%A9"]
        assert handler.hits[-1][2] == f"intra.example:{port}"
        for entry in (f"127.0.0.1:{port + 1}", "127.0.0.2", "127.0.0.0/8", "localhost"):
            with pytest.raises(UrlRefused):
                Http(allow=[entry]).request("GET", f"http://127.0.0.1:{port}/")
        assert len(handler.hits) == 5


@pytest.mark.integration
def test_what_is_sent_and_what_comes_back() -> None:
    with listening() as (port, handler):
        http = local(port, limit=1000, agent="ghl/test")
        answer = http.request("POST", f"http://127.0.0.1:{port}/echo", headers={"X-A": "b"}, body=b"hello")
        assert (answer.status, answer.body, answer.truncated) == (201, b"hello", False)
        assert answer.headers["x-seen"] == "accept-encoding,connection,content-length,host,user-agent,x-a"
        big = http.request("GET", f"http://127.0.0.1:{port}/big")
        assert (len(big.body), big.truncated) == (1000, True)
        assert handler.hits[0][0] == "POST"


@pytest.mark.integration
def test_the_certificate_is_of_the_name(tls: ssl.SSLContext, certificate: Path) -> None:
    with listening(tls) as (port, handler):
        good = Http(
            allow=[f"localhost:{port}"], cafile=str(certificate), resolver=lambda host, port: ["127.0.0.1"]
        )
        assert good.request("GET", f"https://localhost:{port}/").status == 200
        other = Http(
            allow=[f"other.example:{port}"],
            cafile=str(certificate),
            resolver=lambda host, port: ["127.0.0.1"],
        )
        with pytest.raises(NoAnswer) as caught:
            other.request("GET", f"https://other.example:{port}/")
        assert not caught.value.sent
        with pytest.raises(NoAnswer):
            Http(allow=[f"localhost:{port}"]).request("GET", f"https://localhost:{port}/")
        assert len(handler.hits) == 1


@pytest.mark.integration
def test_the_next_address_is_tried() -> None:
    with listening() as (port, _):
        http = Http(
            allow=[f"two.example:{port}"], timeout=4, resolver=lambda host, port: ["127.0.0.9", "127.0.0.1"]
        )
        assert http.request("GET", f"http://two.example:{port}/").status == 200


@pytest.mark.unit
def test_proxies_of_the_environment_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with listening() as (port, _):
        assert local(port).request("GET", f"http://127.0.0.1:{port}/").status == 200


@pytest.mark.unit
@pytest.mark.security
@pytest.mark.parametrize(
    "headers",
    [{"X-A": "b\r\nX-C: d"}, {"X-A\r\nX-B": "c"}, {"Host": "evil"}, {"Content-Length": "0"}, {"Transfer-Encoding": "chunked"},
     {"": "x"}, {"X A": "b"}, {"X-A": "b\0"}, {"X-A": "é"}, {"Connection": "keep-alive"}, {"Proxy-Authorization": "x"}],
)  # fmt: skip
def test_headers_that_are_refused(headers: dict[str, str]) -> None:
    with listening() as (port, handler):
        with pytest.raises(Invalid):
            local(port).request("GET", f"http://127.0.0.1:{port}/", headers=headers)
        with pytest.raises(Invalid):
            local(port).request("TRACE", f"http://127.0.0.1:{port}/")
        assert handler.hits == []


@pytest.mark.unit
def test_a_url_is_judged_when_it_is_saved() -> None:
    http = Http(allow=["127.0.0.1:8000"])
    http.check("https://hooks.example.com/x")
    http.check("http://127.0.0.1:8000/x")
    for url in (
        "http://127.0.0.1/",
        "http://[::1]/",
        "http://169.254.169.254/",
        "http://example.com:8080/",
        "ftp://x/",
    ):
        with pytest.raises(UrlRefused) as caught:
            http.check(url)
        assert caught.value.field == "url"
    for entry in ("a/b", "http://x", "a b", "", "x:y"):
        with pytest.raises(Invalid):
            Http(allow=[entry])
    assert parse_target("HTTPS://Exämple.com?q=1#f", Allowed()).host == "xn--exmple-cua.com"
    assert parse_target("https://example.com?q=1#f", Allowed()).path == "/?q=1"
    with pytest.raises(UrlRefused):
        parse_target("https://example.com/" + "x" * 3000, Allowed())

"""SMTP servers on this machine: a real one, and one that answers as a script says."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass
class Received:
    """What a server took."""

    sender: str
    recipients: list[str]
    data: bytes


class Handler:
    """Keeps what comes in; refuses recipients by their names."""

    def __init__(self) -> None:
        self.taken: list[Received] = []

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        local = address.partition("@")[0]
        if local[:3].isdigit() and local[3:4] == "-":
            return f"{local[:3]} {local[0]}.1.1 no such person {local}"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.original_content
        assert isinstance(content, bytes)
        self.taken.append(Received(envelope.mail_from or "", list(envelope.rcpt_tos), content))
        return f"250 2.0.0 Ok: queued as A{len(self.taken):05}"


@contextmanager
def real_server(
    *, context: ssl.SSLContext | None = None, implicit: bool = False, password: str = "", **options: Any
) -> Iterator[tuple[int, Handler]]:
    """An aiosmtpd server: STARTTLS with a context, TLS from the start if `implicit`, AUTH with a password."""
    handler = Handler()

    def login(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        good = isinstance(data, LoginPassword) and (data.login, data.password) == (b"ann", password.encode())
        return AuthResult(success=good, handled=False)

    if password:
        options |= {
            "authenticator": login,
            "auth_required": True,
            "auth_require_tls": context is not None and not implicit,
        }
    if context is not None and not implicit:
        options |= {"tls_context": context, "require_starttls": True}

    controller = Controller(
        handler, hostname="127.0.0.1", port=0, ssl_context=context if implicit else None, **options
    )
    controller.port = free_port()
    controller.start()
    try:
        yield controller.port, handler
    finally:
        controller.stop()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@dataclass
class Script:
    """What to answer where the plain answer will not do. `close_at` names the moment to hang up."""

    answers: dict[str, str] = field(default_factory=dict)
    close_at: str = ""
    features: tuple[str, ...] = ("PIPELINING", "SIZE 100000", "ENHANCEDSTATUSCODES")
    commands: list[str] = field(default_factory=list)
    messages: list[bytes] = field(default_factory=list)
    connections: int = 0
    stubborn: bool = False  # asks for the text although nobody is to get it


@contextmanager
def scripted_server(script: Script) -> Iterator[int]:
    """A server in a thread that follows the script, one connection after the other."""
    listener = socket.create_server(("127.0.0.1", 0))
    stopping, talking = threading.Event(), set[socket.socket]()

    def serve() -> None:
        while not stopping.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                talking.clear()
                talking.add(connection)
                if stopping.is_set():
                    return
                script.connections += 1
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                try:
                    _converse(connection, script)
                except OSError:
                    pass

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        stopping.set()
        for connection in talking:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)  # a client may keep it for its next message
        with socket.create_connection(listener.getsockname()):
            pass  # lets `accept` see that it is over
        thread.join(5)
        listener.close()


def _converse(connection: socket.socket, script: Script) -> None:
    stream = connection.makefile("rb")
    named: list[str] = []

    def say(moment: str, usual: str) -> bool:
        if script.close_at == moment:
            return False
        connection.sendall(script.answers.get(moment, usual).encode() + b"\r\n")
        return not script.answers.get(moment, "").startswith("421")

    if not say("connect", "220 hello"):
        return
    for raw in stream:
        line = raw.decode("utf-8", "replace").rstrip("\r\n")
        script.commands.append(line)
        verb = line.split(" ")[0].upper()
        if verb == "EHLO":
            lines = ["test", *script.features]
            text = "\r\n".join(f"250{'-' if n < len(lines) - 1 else ' '}{one}" for n, one in enumerate(lines))
            if not say("ehlo", text):
                return
        elif verb == "MAIL":
            if not say("mail", "250 2.1.0 ok"):
                return
            named = []
        elif verb == "RCPT":
            address = line[9:-1]
            moment = address if address in script.answers else "rcpt"
            if script.answers.get(moment, "250").startswith("2"):
                named.append(address)
            if not say(moment, "250 2.1.5 ok"):
                return
        elif verb == "DATA":
            usual = "354 go on" if named or script.stubborn else "554 5.5.1 nobody to send to"
            if not say("data", usual):
                return
            if not script.answers.get("data", usual).startswith("354"):
                continue
            if script.close_at == "text":
                stream.readline()
                return
            content = b""
            for piece in stream:
                if piece == b".\r\n":
                    break
                content += piece[1:] if piece.startswith(b".") else piece
            script.messages.append(content)
            if not say("dot", "250 2.0.0 queued as X1"):
                return
        elif verb == "QUIT":
            say("quit", "221 bye")
            return
        elif not say(verb.lower(), "250 ok"):
            return


__all__ = ["Handler", "Received", "Script", "free_port", "real_server", "scripted_server"]

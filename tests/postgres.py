"""A throw-away PostgreSQL cluster for tests, or a reason why there is none."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOM = 2 * 1024**3


def binaries() -> Path | None:
    """The folder of the server's programs: Debian's, else the PATH's."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in folders:
        if (folder / "initdb").exists():
            return folder
    found = shutil.which("initdb")
    return Path(found).parent if found else None


def reason() -> str | None:
    """Why there is no server here."""
    if os.environ.get("GHL_TEST_POSTGRES"):
        return None
    try:
        import psycopg  # noqa: F401
    except ModuleNotFoundError:
        return "psycopg is not installed"
    return None if binaries() else "no PostgreSQL server programs are installed"


def _user() -> dict[str, object]:
    """A server refuses to run as root."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return {"user": "postgres"}
    return {}


def _home() -> str:
    """A folder in memory where there is room: every test copies a database, which is many small files."""
    memory = "/dev/shm"
    roomy = os.path.isdir(memory) and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOM
    return tempfile.mkdtemp(prefix="pg", dir=memory if roomy else None)


@contextmanager
def cluster(*, own: bool = False) -> Iterator[str]:
    """A running server, one of our `own` or the given one; the URL of its maintenance database."""
    given = os.environ.get("GHL_TEST_POSTGRES")
    if given and not own:
        yield given
        return
    folder, home = binaries(), _home()
    assert folder is not None
    who = _user()
    if who:
        shutil.chown(home, "postgres")
        os.chmod(home, 0o755)
    data = f"{home}/data"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.STDOUT, "cwd": home}
    subprocess.run(
        [folder / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"],
        check=True, **quiet, **who,
    )  # type: ignore[call-overload]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with open(f"{data}/postgresql.auto.conf", "a", encoding="utf-8") as settings:
        settings.write(f"port = {port}\nunix_socket_directories = '{home}'\nlisten_addresses = '127.0.0.1'\n")
        settings.write("fsync = off\nfull_page_writes = off\nwal_level = minimal\nmax_wal_senders = 0\nmax_connections = 200\n")
    control = [folder / "pg_ctl", "-D", data, "-w", "-l", f"{home}/log"]
    subprocess.run([*control, "start"], check=True, **quiet, **who)  # type: ignore[call-overload]
    try:
        yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=False, **quiet, **who)  # type: ignore[call-overload]
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def fresh_database(server: str, template: str | None = None) -> Iterator[str]:
    """A new database of a server, dropped afterwards."""
    import psycopg

    name = f"t{uuid.uuid4().hex[:12]}"
    more = f" template {template}" if template else ""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"create database {name}{more}")
    try:
        yield server.rsplit("/", 1)[0] + f"/{name}"
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"drop database if exists {name} with (force)")

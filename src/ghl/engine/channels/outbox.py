"""Mail into a folder of .eml files instead of out into the world: the sender of a new file."""

from __future__ import annotations

import os
import re
from datetime import UTC
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from ghl.engine.channels import Channel
from ghl.engine.channels.email import build
from ghl.engine.channels.messages import Message, Outcome, Receipt, RecipientResult
from ghl.engine.clock import Clock
from ghl.errors import Invalid

if TYPE_CHECKING:
    from ghl.engine.channels.http import Http

_MINE = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{24}\.eml")


class Outbox(Channel, name="outbox", schemes=("outbox",)):
    """Writes each message to a file of its own, complete or not at all, readable by its owner alone.

    Files are not synced one by one: a power cut may take the last ones, a killed process none. The name is made of the message's time and a hash of its id: a message that is sent again overwrites
    its own file and never another's.
    """

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.folder, self.clock = folder, clock
        self._names: dict[str, str] | None = None  # hash of a message's id -> the file it is in

    @classmethod
    def open(cls, url: str, *, clock: Clock, http: Http | None = None) -> Outbox:
        """`outbox:folder`, or `outbox:///absolute/folder`; a relative folder is in the current one."""
        folder = url.partition(":")[2]
        if folder.startswith("//"):
            folder = folder[2:]
        if not folder or "\0" in folder:
            raise Invalid("an outbox needs a folder", hint="outbox:outbox", field="url")
        return cls(Path(folder).expanduser(), clock)

    def send(self, message: Message) -> Receipt:
        now = self.clock.now()
        mail = build(message, now)
        try:
            path = self._write(message, mail.data)
        except OSError as error:
            detail = error.strerror or type(error).__name__
            return Receipt(Outcome.DEFERRED, "folder_unusable", detail=detail, scope="sender")
        results = tuple(RecipientResult(one, Outcome.SENT, reason="written") for one in mail.recipients)
        return Receipt(Outcome.SENT, "written", provider_id=path.name, recipients=results)

    def verify(self) -> Receipt:
        try:
            self._prepare()
        except OSError as error:
            return Receipt(Outcome.DEFERRED, "folder_unusable", detail=error.strerror or "", scope="sender")
        return Receipt(Outcome.SENT, "folder_usable")

    def _prepare(self) -> dict[str, str]:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._names is None:
            # Read once: a message keeps its file although a later try has another time.
            with os.scandir(self.folder) as entries:
                self._names = {one.name[17:41]: one.name for one in entries if _MINE.fullmatch(one.name)}
        return self._names

    def _write(self, message: Message, data: bytes) -> Path:
        names = self._prepare()
        key = sha256(message.id.encode("utf-8")).hexdigest()[:24]
        moment = (message.date or self.clock.now()).astimezone(UTC)
        name = names.setdefault(key, f"{moment:%Y%m%dT%H%M%SZ}-{key}.eml")
        path = self.folder / name
        # A name of this process's own, so that two workers cannot write into one file.
        draft = self.folder / f".{name}.{os.getpid()}.part"
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0), 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            os.replace(draft, path)
        except OSError:
            draft.unlink(missing_ok=True)
            raise
        return path

"""Attachments: names made safe, contents kept once, limits per file and per contact."""

from __future__ import annotations

import hashlib
import mimetypes
import re
import unicodedata
from typing import TYPE_CHECKING

from ghl.engine import crud
from ghl.engine.accounts.settings import shown
from ghl.engine.columns import Column, State
from ghl.engine.dispatch import handles
from ghl.engine.records import Store
from ghl.engine.stores import store_of
from ghl.errors import Invalid
from ghl.sdk.crm import attachments as contract

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")


def safe_name(text: str) -> str:
    """The last part of a path, without anything that a file system or a terminal would act on."""
    name = unicodedata.normalize("NFC", text).replace("\\", "/").rpartition("/")[2].partition("\x00")[0]
    name = "".join(c for c in name if c.isprintable() and unicodedata.category(c) not in ("Cf", "Cc") and c not in '<>:"|?*')
    name = name.strip(" .")
    if not name or _RESERVED.fullmatch(name):
        raise Invalid(f"{text[:60]!r} is no name of a file", hint="contract.pdf", field="name")
    return name if len(name) <= 200 else f"{name[:150]}{name[-50:]}"


class AttachmentStore(Store[contract.Attachment]):
    """Attachments."""

    noun = "attachment"
    table = "attachments"
    record = contract.Attachment
    columns = (
        Column("name"),
        Column("content_type"),
        Column("size", "number", default=0),
        Column("digest"),
        Column("contact_id", "ref", noun="contact"),
    )
    searched = False
    owned = False
    filters = {"contact_id": "r.contact_id = :contact_id"}
    filter_nouns = {"contact_id": "contact"}

    def sight(self, tx: Tx) -> str:
        """Whoever sees a contact sees its files."""
        seen = tx.visible("c")
        return seen and f" and r.contact_id in (select c.id from contact_records c where c.account_id = :account_id{seen})"

    def check(self, tx: Tx, state: State, old: State | None) -> None:
        if state["deleted_at"] is None and (old is None or old["deleted_at"] is not None):
            used = int(tx.value("crm/attachments/used", id=state["contact_id"]) or 0)
            limit = shown(tx.account).contact_attachments_limit
            if used + state["size"] > limit:
                raise Invalid(
                    f"a contact has at most {limit:,} bytes of files, and has {used:,}",
                    hint="delete one first, or: ghl settings set --contact-attachments-limit BYTES", field="content",
                )  # fmt: skip


STORE = AttachmentStore()

crud.handle(
    STORE, get=contract.GetAttachment, list=contract.ListAttachments, delete=contract.DeleteAttachment,
    restore=contract.RestoreAttachment,
)  # fmt: skip


@handles(contract.CreateAttachment)
def create(request: contract.CreateAttachment, tx: Tx) -> contract.Attachment:
    """Keep a file."""
    content, limit = request.content, shown(tx.account).attachment_limit
    if len(content) > limit:
        raise Invalid(
            f"the file has {len(content):,} bytes, and at most {limit:,} are kept",
            hint="ghl settings set --attachment-limit BYTES", field="content",
        )  # fmt: skip
    # Locked, so that two files at once do not pass the limit together.
    store_of("contact").one(tx, request.contact_id, lock=True)
    name = safe_name(request.name)
    kind = request.content_type or mimetypes.guess_type(name)[0] or "application/octet-stream"
    if not _TYPE.fullmatch(kind):
        raise Invalid(f"{kind[:60]!r} is no type of content", hint="application/pdf", field="content_type")
    digest = hashlib.sha256(content).hexdigest()
    tx.run("crm/attachments/keep", digest=digest, content=content)
    state = STORE.create(
        tx,
        {"name": name, "size": len(content), "digest": digest, "contact_id": request.contact_id, "content_type": kind.lower()},
    )
    return STORE.present(tx, [state])[0]


@handles(contract.DownloadAttachment)
def download(request: contract.DownloadAttachment, tx: Tx) -> contract.AttachmentContent:
    """A file's content."""
    state = STORE.one(tx, request.attachment_id)
    row = tx.one("crm/attachments/content", digest=state["digest"])
    assert row is not None, "contents stay while a record names them"
    return contract.AttachmentContent(
        id=state["public_id"], name=state["name"], content_type=state["content_type"],
        content=bytes(row["content"]),
    )  # fmt: skip

"""Attachments: names made safe, contents kept once, limits per file and per contact."""

from __future__ import annotations

import base64
import binascii
import hashlib
import mimetypes
import re
import unicodedata
from typing import TYPE_CHECKING

from ghl.engine import crud
from ghl.engine.columns import Column, State
from ghl.engine.dispatch import handles
from ghl.engine.records import Store, resolve
from ghl.errors import Invalid
from ghl.sdk.crm import attachments as contract

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

LARGEST = 10 * 1024 * 1024
PER_CONTACT = 100 * 1024 * 1024
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


STORE = AttachmentStore()

crud.handle(
    STORE, get=contract.GetAttachment, list=contract.ListAttachments, delete=contract.DeleteAttachment,
    restore=contract.RestoreAttachment,
)  # fmt: skip


@handles(contract.CreateAttachment)
def create(request: contract.CreateAttachment, tx: Tx) -> contract.Attachment:
    """Keep a file."""
    try:
        content = base64.b64decode(request.content, validate=True)
    except (binascii.Error, ValueError):
        raise Invalid("the content is not base64", field="content") from None
    if len(content) > LARGEST:
        raise Invalid(f"the file has {len(content):,} bytes, and at most {LARGEST:,} are kept", field="content")
    contact = resolve(tx, "contact", request.contact_id, field="contact_id")
    used = int(tx.value("crm/attachments/used", id=contact) or 0)
    if used + len(content) > PER_CONTACT:
        raise Invalid(f"a contact has at most {PER_CONTACT:,} bytes of files", hint="delete one first", field="content")
    name = safe_name(request.name)
    digest = hashlib.sha256(content).hexdigest()
    tx.run("crm/attachments/keep", digest=digest, content=content)
    state: State = STORE.create(
        tx,
        {
            "name": name, "size": len(content), "digest": digest, "contact_id": request.contact_id,
            "content_type": request.content_type or mimetypes.guess_type(name)[0] or "application/octet-stream",
        },
    )  # fmt: skip
    return STORE.present(tx, [state])[0]


@handles(contract.DownloadAttachment)
def download(request: contract.DownloadAttachment, tx: Tx) -> contract.AttachmentContent:
    """A file's content."""
    state = STORE.one(tx, request.attachment_id)
    row = tx.one("crm/attachments/content", digest=state["digest"])
    assert row is not None, "contents stay while a record names them"
    return contract.AttachmentContent(
        id=state["public_id"], name=state["name"], content_type=state["content_type"],
        content=base64.b64encode(row["content"]).decode(),
    )  # fmt: skip

"""Attachments over every transport: safe names, contents kept once, limits, and who may read them."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

import ghl
from ghl import errors
from tests.sight import seeing

pytestmark = pytest.mark.integration

BYTES = bytes(range(256)) * 4


def count(crm: ghl.Client) -> int:
    """How many contents are stored."""
    transport: Any = crm._transport
    with transport.database.read() as connection:
        return int(connection.one("select count(*) as n from attachment_contents")["n"])


def test_a_file_comes_back_as_it_was(crm: ghl.Client) -> None:
    """Bytes in, bytes out; base64 only where JSON carries them."""
    ana = crm.contacts.create(first_name="Ana")
    made = crm.attachments.create(contact_id="Ana", name="offer.pdf", content=BYTES)
    assert (made.name, made.content_type, made.size, made.contact, made.contact_id) == (
        "offer.pdf", "application/pdf", 1024, "Ana", ana.id,
    )  # fmt: skip
    assert made.digest == hashlib.sha256(BYTES).hexdigest()
    for reference in (made.id, made.id[-8:]):
        found = crm.attachments.download(attachment_id=reference)
        assert (found.content, found.name, found.content_type) == (BYTES, "offer.pdf", "application/pdf")
    assert crm.attachments.get(attachment_id=made.id) == made
    assert [one.id for one in crm.attachments.list(contact_id="Ana")] == [made.id]
    written = crm.attachments.create(contact_id="Ana", name="x", content="aGk=", content_type="Text/Plain")  # type: ignore[arg-type]
    assert (crm.attachments.download(attachment_id=written.id).content, written.content_type) == (b"hi", "text/plain")
    assert crm.contacts.timeline(contact_id="Ana").items[0].kind == "attachment"


def test_an_empty_file_is_a_file(crm: ghl.Client) -> None:
    """With nothing in it."""
    crm.contacts.create(first_name="Ana")
    made = crm.attachments.create(contact_id="Ana", name="empty.txt", content=b"")
    assert (made.size, crm.attachments.download(attachment_id=made.id).content) == (0, b"")


def test_it_is_data_in_a_batch(crm: ghl.Client) -> None:
    """As base64."""
    crm.contacts.create(first_name="Ana")
    result = crm.run_batch(items=[{"attachments.create": {"contact_id": "Ana", "name": "a.txt", "content": "aGk="}}])
    assert result.items[0].status == "ok"
    assert crm.attachments.download(attachment_id=crm.attachments.list().items[0].id).content == b"hi"


NAMES = [
    ("../../etc/passwd", "passwd"), ("..\\..\\boot.ini", "boot.ini"), ("C:\\Users\\x\\a.doc", "a.doc"), ("/abs/b.txt", "b.txt"),
    ("a\x00.exe.txt", "a"), ("new\nline\x1b[31m.txt", "newline[31m.txt"), ("\u202etxt.exe", "txt.exe"), ("  spaced name. ", "spaced name"),
    ('we<i>rd:"|?*.txt', "weird.txt"), ("e\u0301.txt", "\u00e9.txt"), ("日本語.pdf", "日本語.pdf"), ("x" * 300 + ".pdf", "x" * 150 + "x" * 46 + ".pdf"),
    (".htaccess", "htaccess"),
]  # fmt: skip


@pytest.mark.security
@pytest.mark.parametrize(("given", "kept"), NAMES)
def test_a_name_is_only_a_name(file_crm: ghl.Client, given: str, kept: str) -> None:
    """No folder, nothing that commands a terminal, nothing that a file system refuses."""
    file_crm.contacts.create(first_name="Ana")
    assert file_crm.attachments.create(contact_id="Ana", name=given, content=b"x").name == kept


@pytest.mark.security
@pytest.mark.parametrize("name", ["", "..", "/", "a/..", "\\", "con", "NUL.txt", "lpt1", " . ", "\x00"])
def test_what_is_no_name_is_refused(crm: ghl.Client, name: str) -> None:
    """Devices of Windows too."""
    crm.contacts.create(first_name="Ana")
    with pytest.raises(errors.Invalid) as caught:
        crm.attachments.create(contact_id="Ana", name=name, content=b"x")
    assert (caught.value.field, caught.value.hint) == ("name", "contract.pdf")


@pytest.mark.parametrize(("fields", "field"), [
    ({"content": "no base64!"}, "content"), ({"content": "aGk"}, "content"), ({"content_type": "text/html\r\nX: y"}, "content_type"),
    ({"content_type": "html"}, "content_type"), ({"contact_id": "Nobody"}, "contact_id"),
])  # fmt: skip
def test_a_wrong_file_is_refused_by_field(file_crm: ghl.Client, fields: Any, field: str) -> None:
    """Before anything of it is kept."""
    file_crm.contacts.create(first_name="Ana")
    with pytest.raises(errors.GhlError) as caught:
        file_crm.attachments.create(**({"contact_id": "Ana", "name": "a", "content": b"x"} | fields))
    assert caught.value.field == field
    assert count(file_crm) == 0


def test_the_limits_are_the_settings(crm: ghl.Client) -> None:
    """Of one file, and of a contact's files together; what is deleted does not count, until it comes back."""
    crm.settings.set(attachment_limit=100, contact_attachments_limit=250)
    crm.contacts.create(first_name="Ana")
    crm.contacts.create(first_name="Eva")
    with pytest.raises(errors.Invalid) as caught:
        crm.attachments.create(contact_id="Ana", name="a", content=b"x" * 101)
    assert (caught.value.message, caught.value.field) == ("the file has 101 bytes, and at most 100 are kept", "content")
    first = crm.attachments.create(contact_id="Ana", name="a", content=b"x" * 100)
    crm.attachments.create(contact_id="Ana", name="b", content=b"x" * 100)
    with pytest.raises(errors.Invalid) as caught:
        crm.attachments.create(contact_id="Ana", name="c", content=b"x" * 51)
    assert caught.value.message == "a contact has at most 250 bytes of files, and has 200"
    crm.attachments.create(contact_id="Eva", name="c", content=b"x" * 100)
    crm.attachments.delete(attachment_id=first.id)
    crm.attachments.create(contact_id="Ana", name="c", content=b"x" * 100)
    with pytest.raises(errors.Invalid):
        crm.attachments.restore(attachment_id=first.id)


def test_the_default_limit_is_ten_mebibytes(file_crm: ghl.Client) -> None:
    """To the byte."""
    file_crm.contacts.create(first_name="Ana")
    most = b"x" * (10 * 2**20)
    assert file_crm.attachments.create(contact_id="Ana", name="a", content=most).size == 10_485_760
    with pytest.raises(errors.Invalid):
        file_crm.attachments.create(contact_id="Ana", name="b", content=most + b"x")


def test_a_content_is_kept_once_and_survives_a_deletion(local: ghl.Client) -> None:
    """However many files have it; an undo finds it."""
    for name in ("Ana", "Eva"):
        local.contacts.create(first_name=name)
    made = [local.attachments.create(contact_id=name, name="a.txt", content=BYTES) for name in ("Ana", "Eva", "Eva")]
    assert count(local) == 1
    for one in made:
        local.attachments.delete(attachment_id=one.id)
    with pytest.raises(errors.NotFound):
        local.attachments.download(attachment_id=made[0].id)
    assert count(local) == 1
    local.undo()
    assert local.attachments.download(attachment_id=made[2].id).content == BYTES
    assert local.attachments.restore(attachment_id=made[0].id).deleted_at is None


def test_an_upload_is_taken_back(crm: ghl.Client) -> None:
    """Like any other change; a dry run keeps nothing."""
    crm.contacts.create(first_name="Ana")
    crm.with_options(dry_run=True).attachments.create(contact_id="Ana", name="a", content=b"x")
    assert crm.attachments.list().total == 0
    crm.attachments.create(contact_id="Ana", name="a", content=b"x")
    crm.undo()
    assert crm.attachments.list().total == 0
    crm.redo()
    assert crm.attachments.list().total == 1


def test_erasing_a_person_takes_her_files(local: ghl.Client) -> None:
    """And a content that nobody else has."""
    for name in ("Ana", "Eva"):
        local.contacts.create(first_name=name)
        local.attachments.create(contact_id=name, name="same.txt", content=b"same")
    local.attachments.create(contact_id="Ana", name="own.txt", content=b"own")
    assert count(local) == 2
    local.erase(contact_id="Ana")
    assert count(local) == 1
    assert [one.contact for one in local.attachments.list()] == ["Eva"]


@pytest.mark.security
@pytest.mark.parametrize("sees", ["own", "none"])
def test_files_are_seen_by_those_who_see_the_contact(local: ghl.Client, sees: Any) -> None:
    """By id, by name, in lists; and written by nobody else."""
    ines = seeing(local, sees, name="Ines")
    ana = local.contacts.create(first_name="Ana")
    hidden = local.attachments.create(contact_id="Ana", name="secret.txt", content=b"x")
    local.contacts.create(first_name="Eva", owner_id="Ines")
    hers = local.attachments.create(contact_id="Eva", name="hers.txt", content=b"x")
    seen = [hers.id] if sees == "own" else []
    assert [one.id for one in ines.attachments.list()] == seen
    for call in (
        lambda: ines.attachments.get(attachment_id=hidden.id),
        lambda: ines.attachments.download(attachment_id="secret.txt"),
        lambda: ines.attachments.delete(attachment_id=hidden.id),
        lambda: ines.attachments.create(contact_id=ana.id, name="a", content=b"x"),
    ):
        with pytest.raises(errors.NotFound):
            call()
    if seen:
        assert ines.attachments.download(attachment_id="hers.txt").content == b"x"

"""Contacts as vCards, version 2.1, 3.0 or 4.0."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, BinaryIO

from ghl.engine.data.formats.cells import cell
from ghl.engine.data.formats.vcard import FIELDS, OWN
from ghl.errors import Invalid, Malformed

VERSIONS = ("2.1", "3.0", "4.0")
_TYPES = {"mobile": "cell"}
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_TOKEN = re.compile(r"[A-Za-z0-9-]+")
_ADDRESS = ("street", "city", "state", "postal_code", "country")
_SINGLE = {
    "company": "ORG",
    "job_title": "TITLE",
    "website": "URL",
    "birthday": "BDAY",
    "zone": "TZ",
    "locale": "LANG",
}
_ELSEWHERE = {*FIELDS, "id", "email", "phone"}


class VcardWriter:
    """Writes each row, a mapping of contact fields, as one card."""

    def __init__(self, file: BinaryIO, version: str = "4.0") -> None:
        if version not in VERSIONS:
            raise Malformed(f'there is no vCard version "{version}"', hint=", ".join(VERSIONS))
        self._file, self._version = file, version

    def write(self, row: Sequence[Any] | Mapping[str, Any]) -> None:
        """Write one contact."""
        if not isinstance(row, Mapping):
            raise Invalid("a vCard is written from named fields")
        self._file.write(card(row, self._version))

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """A file of cards has no end of its own."""


def card(contact: Mapping[str, Any], version: str = "4.0") -> bytes:
    """A contact as a card. Fields that vCard does not know are kept in a property of our own."""
    lines = [b"BEGIN:VCARD", f"VERSION:{version}".encode()]

    def put(name: str, value: str, params: Sequence[tuple[str, str]] = ()) -> None:
        lines.append(_line(name, value, params, version))

    first, last = _text(contact.get("first_name")), _text(contact.get("last_name"))
    emails, phones = (
        _entries(contact, "emails", "address", "email"),
        _entries(contact, "phones", "number", "phone"),
    )
    shown = _text(contact.get("name")) or f"{first} {last}".strip()
    fallback = emails[0][0] if emails else phones[0][0] if phones else _text(contact.get("company"))
    put("N", ";".join((_escaped(last, version), _escaped(first, version), "", "", "")))
    put("FN", _escaped(shown or fallback or "-", version))
    for address, label, primary in emails:
        put("EMAIL", _escaped(address, version), _types("internet", label, primary, version))
    for number, label, primary in phones:
        put("TEL", _escaped(number, version), _types("", label, primary, version))
    for field, name in _SINGLE.items():
        if contact.get(field) and not (name == "LANG" and version != "4.0"):
            plain = [("VALUE", "text")] if name == "TZ" and version == "3.0" else []
            text = _text(contact[field])
            # A URL is no text to vCard: nothing in it is escaped.
            put(name, "".join(text.split()) if name == "URL" else _escaped(text, version), plain)
    if any(contact.get(field) for field in _ADDRESS):
        put("ADR", ";".join(["", "", *(_escaped(_text(contact.get(field)), version) for field in _ADDRESS)]))
    for note in _listed(contact.get("notes")):
        put("NOTE", _escaped(_text(note.get("body") if isinstance(note, Mapping) else note), version))
    tags = [_escaped(_text(tag), version, ",") for tag in _listed(contact.get("tags"))]
    if tags:
        put("CATEGORIES", ",".join(tags))
    uid = contact.get("external_id") or contact.get("id")
    if uid:
        put("UID", _escaped(_text(uid), version))
    for name, value in _others(contact, version):
        put(OWN, _escaped(json.dumps(value, ensure_ascii=False, default=cell), version), [("NAME", name)])
    return b"".join(line + b"\r\n" for line in [*lines, b"END:VCARD"])


def _others(contact: Mapping[str, Any], version: str) -> Iterable[tuple[str, Any]]:
    """The fields that no property of vCard holds."""
    for name, value in contact.items():
        if name == "custom_fields" and isinstance(value, Mapping):
            yield from ((f"custom.{key}", one) for key, one in value.items())
        elif value not in (None, "", [], {}) and (
            name not in _ELSEWHERE or (name == "locale" and version != "4.0")
        ):
            yield name, value


def _text(value: Any) -> str:
    """A value as text that a line can hold."""
    return _CONTROLS.sub("", cell(value).replace("\r\n", "\n").replace("\r", "\n"))


def _listed(value: Any) -> list[Any]:
    return [] if value is None else list(value) if isinstance(value, list | tuple | set) else [value]


def _entries(
    contact: Mapping[str, Any], field: str, word: str, single: str
) -> list[tuple[str, str | None, bool]]:
    """Addresses with label and whether they are the primary one."""
    found: list[tuple[str, str | None, bool]] = []
    for one in _listed(contact.get(field) or contact.get(single)):
        if isinstance(one, Mapping):
            found.append((_text(one.get(word)), _text(one.get("label")) or None, bool(one.get("primary"))))
        else:
            found.append((_text(one), None, False))
    return [entry for entry in found if entry[0]]


def _types(kind: str, label: str | None, primary: bool, version: str) -> list[tuple[str, str]]:
    params: list[tuple[str, str]] = []
    if kind and version != "4.0":
        params.append(("TYPE", kind))
    if label:
        # A comma would make two types of one.
        params.append(("TYPE", _TYPES.get(label.lower(), label.replace(",", " "))))
    if primary:
        params.append(("PREF", "1") if version == "4.0" else ("TYPE", "pref"))
    return params


def _escaped(text: str, version: str, also: str = "") -> str:
    """Text with what separates components escaped; vCard 2.1 spells line breaks by its encoding."""
    text = text.replace("\\", "\\\\").replace(";", "\\;")
    if version == "2.1":
        return text.replace(",", "\\,") if also == "," else text
    return text.replace(",", "\\,").replace("\n", "\\n")


def _line(name: str, value: str, params: Sequence[tuple[str, str]], version: str) -> bytes:
    head = name + "".join(_param(key, text, version) for key, text in params)
    if version != "2.1":
        return _folded(f"{head}:{value}".encode())
    if value.isascii() and value.isprintable() and len(head) + len(value) < 75:
        return f"{head}:{value}".encode()
    head = f"{head};CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:"
    return head.encode() + _quoted(value, 70 - len(head))


def _quoted(value: str, room: int) -> bytes:
    """Quoted-printable in short lines with soft breaks; a line break of the text is data here."""
    pieces = [chr(byte) if 32 <= byte <= 126 and byte != 61 else f"={byte:02X}" for byte in value.encode()]
    lines, line = [], ""
    for piece in pieces:
        if len(line) + len(piece) > room:
            # A blank before a soft break would be lost on the way.
            lines.append(f"{line[:-1]}=20=" if line.endswith(" ") else f"{line}=")
            line, room = "", 70
        line += piece
    return "\r\n".join([*lines, line[:-1] + "=20" if line.endswith(" ") else line]).encode()


def _param(key: str, text: str, version: str) -> str:
    if version == "2.1":
        word = text if key == "NAME" else "".join(_TOKEN.findall(text))
        return f";{key}={word}" if key != "TYPE" else f";{word}" if word else ""
    if _TOKEN.fullmatch(text):
        return f";{key}={text}"
    safe = text.replace("^", "^^").replace("\n", "^n").replace('"', "^'")
    return f';{key}="{safe}"'


def _folded(line: bytes) -> bytes:
    """The line in pieces of at most 75 bytes, never inside a character."""
    if len(line) <= 75:
        return line
    pieces, begin, room = [], 0, 75
    while begin < len(line):
        end = min(begin + room, len(line))
        while end < len(line) and line[end] & 0xC0 == 0x80:
            end -= 1
        pieces.append(line[begin:end])
        begin, room = end, 74
    return b"\r\n ".join(pieces)

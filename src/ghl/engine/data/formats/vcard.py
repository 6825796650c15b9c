"""vCard 2.1, 3.0 and 4.0: each card as the fields of a contact."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from ghl.engine.data.formats.source import Reject, Row, RowSource, refuse
from ghl.engine.data.formats.survey import BLOCK, Survey
from ghl.engine.data.formats.vcard_lines import Property, components, parsed, unescaped, unfolded
from ghl.errors import Malformed
from ghl.sdk.times import is_zone

FIELDS = [
    "first_name", "last_name", "name", "emails", "phones", "company", "job_title", "street", "city", "state",
    "postal_code", "country", "website", "birthday", "notes", "tags", "zone", "locale", "external_id",
]  # fmt: skip
OWN = "X-GHL-FIELD"
"""The property in which an export keeps the fields that vCard does not know."""

_LABELS = {"cell": "mobile", "home": "home", "work": "work", "fax": "fax", "pager": "pager", "main": "main"}
_SILENT = {
    "internet",
    "pref",
    "voice",
    "x400",
    "text",
    "msg",
    "video",
    "bbs",
    "modem",
    "car",
    "isdn",
    "pcs",
    "",
}
_APPLE_LABEL = re.compile(r"_\$!<(.*)>!\$_")
_DATE = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:T.*)?")


class VcardSource(RowSource):
    """A file of vCards. Each row is a dictionary of contact fields; e-mails and phones are lists."""

    format = "vcard"

    def __init__(self, name: str, file: BinaryIO, survey: Survey, given: bool = False) -> None:
        super().__init__(name, file, survey)
        self.columns = list(FIELDS)
        self._wide = survey.encoding.startswith(("utf-16", "utf-32"))
        # Lines folded inside a character make good UTF-8 look like another encoding; each value is tried.
        self._codec = survey.encoding if given and not self._wide else "utf-8"
        self.total_hint = self._count()
        if not self.total_hint:
            raise Malformed(f"{name} has no BEGIN:VCARD")
        for row in self.sample():
            self.columns += [name for name in row if name not in self.columns]

    def _count(self) -> int:
        found, tail = 0, b""
        file = self._bytes()
        while block := file.read(BLOCK):
            text = (tail + block).upper()
            found += text.count(b"BEGIN:VCARD")
            tail = text[-10:]
        return found

    def _bytes(self) -> BinaryIO:
        """The file from its start in a charset where ASCII is ASCII."""
        self.file.seek(0)
        if not self._wide:
            return self.file
        return io.BytesIO(self.file.read().decode(str(self.encoding), "replace").encode())

    def rows(self, reject: Reject | None = None) -> Iterator[tuple[int, Row]]:
        depth = begun = 0
        held: list[Property] = []
        for number, line in unfolded(self._bytes()):
            found = parsed(number, line.removeprefix(b"\xef\xbb\xbf"), self._codec)
            if found is None:
                continue
            if found.name == "BEGIN" and found.value.strip().upper() == "VCARD":
                if depth and not any(one.name == "AGENT" for one in held[-1:]):
                    refuse(reject, begun, contact(held), "is not closed by END:VCARD")
                    depth = 0
                depth += 1
                if depth == 1:
                    begun, held = number, []
            elif found.name == "END" and depth:
                depth -= 1
                if depth == 0:
                    row = contact(held)
                    if row:
                        yield begun, row
                    else:
                        refuse(reject, begun, row, "holds nothing that a contact has")
            elif depth == 1:
                held.append(found)
        if depth:
            refuse(reject, begun, contact(held), "is not closed by END:VCARD")


def contact(card: list[Property]) -> dict[str, Any]:
    """The fields of a contact that a card's properties say; of what a contact has once, the first."""
    old = any(one.name == "VERSION" and one.value.strip() == "2.1" for one in card)
    fields: dict[str, Any] = {}
    labels = {one.group: _label_text(one.value) for one in card if one.name == "X-ABLABEL" and one.group}
    for one in card:
        value = one.value
        match one.name:
            case "N":
                family, given, additional, *_ = [*components(value, old), "", "", ""]
                _set(fields, "last_name", family)
                _set(fields, "first_name", " ".join(filter(None, (given, additional))))
            case "FN":
                _set(fields, "name", unescaped(value, old))
            case "EMAIL":
                _add(fields, "emails", "address", unescaped(value, old).removeprefix("mailto:"), one, labels)
            case "TEL":
                _add(fields, "phones", "number", _number(unescaped(value, old)), one, labels)
            case "ORG":
                _set(fields, "company", components(value, old)[0])
            case "TITLE":
                _set(fields, "job_title", unescaped(value, old))
            case "ADR":
                if "street" not in fields or one.preferred:
                    _address(fields, components(value, old))
            case "NOTE":
                if value.strip():
                    fields.setdefault("notes", []).append(unescaped(value, old))
            case "BDAY":
                found = _DATE.fullmatch(value.strip())
                if found and found[1] != "1604":  # Apple's way to say that the year is unknown
                    fields["birthday"] = "-".join(found.groups())
            case "URL":
                _set(fields, "website", unescaped(value, old))
            case "CATEGORIES":
                tags = (tag.strip() for tag in components(value, old, ","))
                fields.setdefault("tags", []).extend(tag for tag in tags if tag)
            case "UID":
                _set(fields, "external_id", unescaped(value, old).removeprefix("urn:uuid:"))
            case "TZ":
                if is_zone(value.strip()):
                    fields["zone"] = value.strip()
            case "LANG":
                _set(fields, "locale", unescaped(value, old))
            case "X-GHL-FIELD":
                _own(fields, one, old)
    if {"first_name", "last_name"} & fields.keys():
        fields.pop("name", None)
    return fields


def _set(fields: dict[str, Any], name: str, value: str) -> None:
    """Keep the first value that is not blank."""
    if value.strip():
        fields.setdefault(name, value)


def _add(
    fields: dict[str, Any], name: str, word: str, value: str, one: Property, labels: dict[str, str]
) -> None:
    if value.strip():
        label = labels.get(one.group) or _label(one)
        entry = {word: value.strip(), "label": label, "primary": one.preferred}
        fields.setdefault(name, []).append(entry)


def _label(one: Property) -> str | None:
    words = [word.strip() for value in one.params.get("TYPE", []) for word in value.split(",")]
    words = [word for word in words if word.lower() not in _SILENT]
    if "cell" in (word.lower() for word in words):
        return "mobile"
    return _LABELS.get(words[0].lower(), words[0]) if words else None


def _label_text(value: str) -> str:
    apple = _APPLE_LABEL.fullmatch(value)
    return apple[1].lower() if apple else unescaped(value)


def _number(value: str) -> str:
    """A number that may be written as a `tel:` URI."""
    return value.removeprefix("tel:") if value.lower().startswith("tel:") else value


def _address(fields: dict[str, Any], parts: list[str]) -> None:
    box, extended, street, city, state, code, country = [*parts, *[""] * 7][:7]
    for name in ("street", "city", "state", "postal_code", "country"):
        fields.pop(name, None)
    _set(fields, "street", ", ".join(part for part in (box, extended, street) if part.strip()))
    for name, value in (("city", city), ("state", state), ("postal_code", code), ("country", country)):
        _set(fields, name, value)


def _own(fields: dict[str, Any], one: Property, old: bool) -> None:
    """A field of ours: its name in a parameter, its value as JSON."""
    name = one.params.get("NAME", [""])[0]
    try:
        value = json.loads(unescaped(one.value, old))
    except ValueError:
        return
    if re.fullmatch(r"(?:custom\.)?[a-z][a-z0-9_]*", name) and (name == "locale" or name not in FIELDS):
        fields[name] = value

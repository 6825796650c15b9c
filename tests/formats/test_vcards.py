"""vCards: our reader and writer with each other and against another implementation, and cards as they come."""

from __future__ import annotations

import io
from typing import Any

import pytest
import vobject
from hypothesis import given
from hypothesis import strategies as st

from ghl.engine.data.formats import open_rows, open_writer
from ghl.engine.data.formats.vcard_writer import card
from ghl.errors import Invalid, Malformed

pytestmark = pytest.mark.unit


def read(content: bytes | str, told: dict[int, str] | None = None) -> list[dict[str, Any]]:
    raw = content if isinstance(content, bytes) else content.encode()
    reject = None if told is None else (lambda line, row, why: told.__setitem__(line, why))
    with open_rows(io.BytesIO(raw), format="vcard") as source:
        return [row for _, row in source.rows(reject)]  # type: ignore[misc]


def wrapped(*lines: str, version: str = "3.0") -> str:
    return "\r\n".join(["BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD", ""])


letters = st.one_of(
    st.sampled_from("\\;,:\"'=^ \tñé漢😀\u00a0"), st.characters(exclude_categories=["Cs", "Cc"])
)
plain = st.text(letters, min_size=1, max_size=40).filter(lambda s: s.strip())
lines = st.text(st.one_of(letters, st.just("\n")), min_size=1, max_size=120).filter(lambda s: s.strip())
names = st.text(st.characters(categories=["Lu", "Ll"], max_codepoint=0x24F), min_size=1, max_size=12)
emails = st.builds(
    lambda name, label, primary: {"address": f"{name}@x.com", "label": label, "primary": primary},
    st.from_regex(r"[a-z]{1,9}", fullmatch=True),
    st.sampled_from([None, "work", "home", "my own", "assistant"]),
    st.booleans(),
)
phones = st.builds(
    lambda number, label, primary: {"number": number, "label": label, "primary": primary},
    st.from_regex(r"\+[1-9][0-9]{7,12}", fullmatch=True),
    st.sampled_from([None, "mobile", "work", "fax"]),
    st.booleans(),
)
contacts = st.fixed_dictionaries(
    {"first_name": plain, "last_name": plain},
    optional={
        "emails": st.lists(emails, min_size=1, max_size=3), "phones": st.lists(phones, min_size=1, max_size=3), "company": plain, "job_title": plain,
        "street": lines, "city": plain, "state": plain, "postal_code": plain, "country": plain, "notes": st.lists(lines, min_size=1, max_size=2),
        "tags": st.lists(plain.map(str.strip), min_size=1, max_size=3), "birthday": st.dates().map(str).filter(lambda d: not d.startswith("1604")),
        "website": st.just("https://x.com/?a=1;b=2"), "zone": st.just("Europe/Lisbon"), "locale": st.just("pt-PT"), "external_id": plain,
        "source": plain, "lead_score": st.integers(0, 100), "custom.colour": st.one_of(plain, st.booleans(), st.lists(plain)),
    },
)  # fmt: skip


def in_21(contact: dict[str, Any]) -> dict[str, Any]:
    """vCard 2.1 has only words for labels."""
    for entry in contact.get("emails", []):
        entry["label"] = entry["label"] and entry["label"].replace(" ", "")
    return contact


@given(contacts, st.sampled_from(["2.1", "3.0", "4.0"]))
def test_export_then_import_is_equal(contact: dict[str, Any], version: str) -> None:
    contact = in_21(contact) if version == "2.1" else contact
    content = card(contact, version)
    assert all(len(line) <= 77 for line in content.split(b"\r\n"))
    [found] = read(content)
    assert found == {key: value for key, value in contact.items() if value not in ([], "")}


@given(contacts)
def test_another_program_reads_what_we_write(contact: dict[str, Any]) -> None:
    other = vobject.readOne(card(contact, "3.0").decode())
    assert other.n.value.given == contact["first_name"]
    assert other.n.value.family == contact["last_name"]
    assert [one.value for one in other.contents.get("email", [])] == [
        one["address"] for one in contact.get("emails", [])
    ]
    assert [one.value for one in other.contents.get("tel", [])] == [
        one["number"] for one in contact.get("phones", [])
    ]
    assert [one.value for one in other.contents.get("note", [])] == contact.get("notes", [])
    for field, name in (
        ("job_title", "title"),
        ("birthday", "bday"),
        ("external_id", "uid"),
        ("website", "url"),
    ):
        if field in contact:
            assert other.contents[name][0].value == contact[field]
    if "company" in contact:
        assert other.org.value == [contact["company"]]
    if "tags" in contact:
        assert other.categories.value == contact["tags"]
    if "city" in contact:
        assert other.adr.value.city == contact["city"]


# Its own serialiser leaves backslashes before letters ambiguous, so those stay out.
theirs = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters="\\\u00a0\x85"),
    min_size=1,
    max_size=60,
).filter(lambda s: s == s.strip() and s)


@given(theirs, theirs, theirs, theirs, st.lists(theirs, min_size=1, max_size=3))
def test_we_read_what_another_program_writes(
    first: str, last: str, company: str, note: str, tags: list[str]
) -> None:
    made = vobject.vCard()
    made.add("n").value = vobject.vcard.Name(family=last, given=first)
    made.add("fn").value = f"{first} {last}"
    made.add("org").value = [company, "Department"]
    made.add("note").value = note
    made.add("categories").value = tags
    email = made.add("email")
    email.value, email.type_param = "ana@x.com", "WORK"
    made.add("adr").value = vobject.vcard.Address(
        street="1 Rua; Direita", city="Lisboa, PT", code="1000", country="Portugal"
    )
    [found] = read(made.serialize())
    assert (found["first_name"], found["last_name"], found["company"], found["notes"]) == (
        first,
        last,
        company,
        [note],
    )
    assert found["tags"] == [tag.strip() for tag in tags]
    assert found["emails"] == [{"address": "ana@x.com", "label": "work", "primary": False}]
    assert (found["street"], found["city"], found["postal_code"], found["country"]) == (
        "1 Rua; Direita",
        "Lisboa, PT",
        "1000",
        "Portugal",
    )


def test_version_2_1_as_phones_write_it() -> None:
    content = (
        b"BEGIN:VCARD\r\nVERSION:2.1\r\n"
        b"N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:P=C3=A9rez;Jos=C3=A9;;;\r\n"
        b"TEL;CELL;PREF:+34 600 000 000\r\nTEL;WORK;FAX:91 000\r\nEMAIL;HOME:jose@example.com\r\n"
        b"ADR;HOME:;;Calle Mayor 1;Madrid;;28001;Spain\r\n"
        b"NOTE;ENCODING=QUOTED-PRINTABLE:first line=0D=0A=\r\nsecond line, C:=5Cnew=\r\n and more\r\n"
        b"PHOTO;ENCODING=BASE64;JPEG:/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAUDBAQEAwUE\r\n BAQFBQUGBwwIBwcHBw8LCwkMEQ8SEhEP\r\n\r\n"
        b"X-IRMC-LUID:1\r\nEND:VCARD\r\n"
    )
    [found] = read(content)
    assert found == {
        "first_name": "José", "last_name": "Pérez",
        "phones": [{"number": "+34 600 000 000", "label": "mobile", "primary": True}, {"number": "91 000", "label": "work", "primary": False}],
        "emails": [{"address": "jose@example.com", "label": "home", "primary": False}],
        "street": "Calle Mayor 1", "city": "Madrid", "postal_code": "28001", "country": "Spain",
        "notes": ["first line\r\nsecond line, C:\\new and more"],
    }  # fmt: skip


def test_version_3_as_apple_writes_it() -> None:
    content = wrapped(
        "N:Appleseed;John;;;", "FN:John Appleseed", "ORG:Apple Inc.;Department", "item1.EMAIL;type=INTERNET;type=pref:john@example.com",
        "item1.X-ABLabel:_$!<Work>!$_", "item2.TEL:+1 408 996 1010", "item2.X-ABLabel:Front desk",
        "item3.ADR;type=WORK;type=pref:;;1 Infinite Loop\\nBuilding 1;Cupertino;CA;95014;USA", "BDAY;X-APPLE-OMIT-YEAR=1604:1604-04-12",
        "NOTE:one\\, two\\; three", "CATEGORIES:a,b\\,c", "URL;type=WORK:http://www.apple.com",
    )  # fmt: skip
    [found] = read(content)
    assert found["emails"] == [{"address": "john@example.com", "label": "work", "primary": True}]
    assert found["phones"] == [{"number": "+1 408 996 1010", "label": "Front desk", "primary": False}]
    assert found["street"] == "1 Infinite Loop\nBuilding 1"
    assert found["notes"] == ["one, two; three"]
    assert found["tags"] == ["a", "b,c"]
    assert "birthday" not in found
    assert found["company"] == "Apple Inc."


def test_version_4() -> None:
    content = wrapped(
        "FN;PREF=1:Ana María", 'TEL;VALUE=uri;PREF=1;TYPE="voice,home":tel:+34-600-000-000', "EMAIL;PREF=2:b@x.com", "EMAIL;PREF=1:a@x.com",
        "BDAY:19850412", "UID:urn:uuid:4fbe8971-0bc3-424c-9c26-36c3e1eff6b1", "TZ:Europe/Madrid", "LANG:es", "KIND:individual",
        'ADR;LABEL="1; Calle: x":;;Calle 1;Madrid;;;', version="4.0",
    )  # fmt: skip
    [found] = read(content)
    assert found["name"] == "Ana María"
    assert found["phones"] == [{"number": "+34-600-000-000", "label": "home", "primary": True}]
    assert [one["primary"] for one in found["emails"]] == [False, True]
    assert (found["birthday"], found["zone"], found["locale"], found["street"]) == (
        "1985-04-12",
        "Europe/Madrid",
        "es",
        "Calle 1",
    )
    assert found["external_id"] == "4fbe8971-0bc3-424c-9c26-36c3e1eff6b1"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_encodings(encoding: str) -> None:
    assert read(wrapped("N:Pérez;José;;;").encode(encoding))[0]["last_name"] == "Pérez"


def test_a_charset_of_its_own() -> None:
    content = b"BEGIN:VCARD\nVERSION:2.1\nN;CHARSET=ISO-8859-1:P\xe9rez;Ana\nNOTE;CHARSET=nonsense:\xc3\xa9\nEND:VCARD\n"
    [found] = read(content)
    assert (found["last_name"], found["notes"]) == ("Pérez", ["é"])


def test_folded_inside_a_character() -> None:
    content = wrapped("NOTE:caf\xe9").encode("utf-8").replace(b"\xc3\xa9", b"\xc3\r\n \xa9")
    assert read(content)[0]["notes"] == ["café"]


def test_cards_that_are_not_whole() -> None:
    told: dict[int, str] = {}
    content = "BEGIN:VCARD\nFN:A\nBEGIN:VCARD\nFN:B\nEND:VCARD\njunk\n:\nBEGIN:VCARD\nVERSION:3.0\nX:1\nEND:VCARD\nEND:VCARD\nbegin:vcard\nFN:C\nend:vcard\nBEGIN:VCARD\nFN:D"
    assert [row["name"] for row in read(content, told)] == ["B", "C"]
    assert told == {
        1: "is not closed by END:VCARD",
        8: "holds nothing that a contact has",
        16: "is not closed by END:VCARD",
    }
    with pytest.raises(Invalid, match="line 1 is not closed"):
        read(content)
    with pytest.raises(Malformed):
        read("FN:x\n")


def test_a_photograph_takes_no_memory() -> None:
    photo = "PHOTO;ENCODING=b:" + "\r\n ".join("A" * 74 for _ in range(60_000))
    assert read(wrapped("FN:A", photo, "NOTE:still here"))[0]["notes"] == ["still here"]
    assert read(wrapped("FN:A", "PHOTO:" + "A" * 3_000_000, "NOTE:still here"))[0]["notes"] == ["still here"]


def test_fields_of_ours_and_of_nobody() -> None:
    [found] = read(
        wrapped(
            "FN:A",
            "X-GHL-FIELD;NAME=lead_score:5",
            "X-GHL-FIELD;NAME=__class__:1",
            "X-GHL-FIELD;NAME=emails:[1]",
            "X-GHL-FIELD;NAME=x:nonsense",
        )
    )
    assert found == {"name": "A", "lead_score": 5}


def test_writing_a_file_of_them() -> None:
    file = io.BytesIO()
    with open_writer(file, "vcard", version="3.0") as writer:
        writer.write({"id": "1", "email": "a@x.com", "custom_fields": {"colour": "red"}, "tags": []})
        writer.write({"name": "B", "notes": [{"body": "x\r\ny\x07"}], "phone": "+351912345678"})
        with pytest.raises(Invalid):
            writer.write(["no", "names"])
    one, two = read(file.getvalue())
    assert one["name"] == "a@x.com"
    assert one["custom.colour"] == "red"
    assert one["external_id"] == "1"
    assert (two["name"], two["notes"], two["phones"][0]["number"]) == ("B", ["x\ny"], "+351912345678")
    with pytest.raises(Malformed):
        open_writer(io.BytesIO(), "vcard", version="5.0")

"""Guessed and ready mappings: headers in several languages, values, rivals, exports of other systems."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ghl.engine.data.guessing import guess_mapping, key_of
from ghl.engine.data.mapping import ColumnMap, ImportMapping
from ghl.engine.data.presets import PRESETS, named
from ghl.engine.data.targets import NOUNS, check_target, targets, words
from ghl.errors import Invalid

pytestmark = pytest.mark.unit


def mapped(header: str, noun: str = "contacts") -> str:
    """The targets of a header, `-` for none, a label behind a colon."""
    found = guess_mapping(header.split(","), noun)
    return ",".join(f"{one.target or '-'}{':' + one.label if one.label else ''}" for one in found)


@pytest.mark.parametrize(
    ("header", "targets"),
    [
        ("First Name,Correo,Móvil,Origen,Notes", "first_name,email,phone:mobile,source,notes"),
        ("first_name,last_name,company_name,address,city,county,state,zip,phone1,phone2,email,web",
         "first_name,last_name,company,street,city,-,state,postal_code,phone,phones,email,website"),
        ("Vorname,Name,E-Mail,Telefon privat,Handy,Firma,PLZ,Ort,Straße,Geburtsdatum",
         "first_name,last_name,email,phone:home,phones:mobile,company,postal_code,city,street,birthday"),
        ("Nombre,Apellidos,Correo electrónico,Teléfono,Empresa,Código Postal,País", "first_name,last_name,email,phone,company,postal_code,country"),
        ("Nome,Sobrenome,E-mail,Telefone,Celular,Cidade,Estado,CEP", "first_name,last_name,email,phone,phones:mobile,city,state,postal_code"),
        ("Nom,Prénom,Adresse e-mail,Société,Ville,Code postal", "last_name,first_name,email,company,city,postal_code"),
        ("Nome,Cognome,Posta elettronica,Cellulare,Azienda,Città", "first_name,last_name,email,phone:mobile,company,city"),
        ("Voornaam,Achternaam,E-mailadres,Telefoonnummer,Bedrijf,Plaats", "first_name,last_name,email,phone,company,city"),
        ("Nombre,Email", "name,email"), ("Nom,Email", "name,email"), ("Name,Email", "name,email"), ("Full Name,Mail", "name,email"),
        ("Given Name,Family Name,E-mail 1 - Value,Phone 1 - Value,Phone 2 - Value,Organization 1 - Name,Organization 1 - Title,Birthday",
         "first_name,last_name,email,phone,phones,company,job_title,birthday"),
        ("First Name,Last Name,E-mail Address,Mobile Phone,Business Phone,Home Phone,Home Fax,Business Street,Business City",
         "first_name,last_name,email,phone:mobile,phones:work,phones:home,phones:fax,street,city"),
        ("EMAIL,EMAIL (2),Work Email", "email,emails,emails:work"), ("firstName,lastName,emailAddress", "first_name,last_name,email"),
        ("Billing City,Shipping City", "city,-"), ("Emial Adress,Frist Name", "email,first_name"), ("error,version,updated_at,email", "-,-,-,email"),
        ("DND,Unsubscribed", "dnd:all,dnd:email"), ("Tags,Labels", "tags,tags"), ("x,y,z", "-,-,-"),
    ],
)  # fmt: skip
def test_headers_of_contacts(header: str, targets: str) -> None:
    assert mapped(header) == targets


@pytest.mark.parametrize(
    ("noun", "header", "targets"),
    [
        ("companies", "account,sector,year_established,revenue,employees,office_location,subsidiary_of", "name,industry,founded,revenue,employees,country,parent"),
        ("companies", "Company Name,Domain,Website URL,Umsatz,Branche", "name,domain,website,revenue,industry"),
        ("deals", "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value", "external_id,owner,product,company,stage,opened_at:Engaging,close_date,amount"),
        ("deals", "Deal Name,Amount,Currency,Pipeline,Deal Stage,Deal owner,Expected Close Date", "name,amount,currency,pipeline,stage,owner,expected_close_at"),
        ("products", "product,series,sales_price", "name,family,price"), ("products", "SKU,Name,Precio,Active", "sku,name,price,active"),
        ("notes", "Contact email,Note,Created", "contact,body,created_at"), ("tasks", "Subject,Due Date,Assigned To,Priority", "title,due_at,owner,priority"),
    ],
)  # fmt: skip
def test_headers_of_other_nouns(noun: str, header: str, targets: str) -> None:
    assert mapped(header, noun) == targets


@pytest.mark.parametrize("noun", NOUNS)
def test_an_export_maps_to_itself(noun: str) -> None:
    names = list(targets(noun))
    found = guess_mapping([*names, "custom.colour"], noun, custom=["colour"])
    assert [one.target for one in found] == [*names, "custom.colour"]
    assert {one.confidence for one in found} == {1.0}


@pytest.mark.parametrize("noun", NOUNS)
def test_every_word_is_folded_and_finds_its_target(noun: str) -> None:
    for word in words(noun):
        assert key_of(word) == word or any(c.isdigit() for c in word), word
        found = guess_mapping([word.title()], noun)
        assert found.columns[0].target, word


def test_values_have_a_say() -> None:
    rows = [
        {
            "Address": f"ana{n}@x.com",
            "Ref": f"+351 912 345 67{n}",
            "Site": "https://x.com",
            "Email": "none",
            "Born": f"1{n}/2/2016",
        }
        for n in range(9)
    ]
    found = {one.column: one for one in guess_mapping(list(rows[0]), "contacts", sample=rows)}
    assert (found["Address"].target, found["Address"].confidence) == ("email", 0.75)
    assert found["Email"].target == "emails"
    assert "few of its values" in str(found["Email"].note)
    assert (found["Ref"].target, found["Site"].target) == ("phone", "website")
    assert found["Born"].dates == "dmy"
    rows = [{"Phone": "ask"}]
    assert guess_mapping(["Phone"], "contacts", sample=rows).columns[0].confidence < 0.5


def test_how_values_are_read() -> None:
    rows = [{"Phone": "912 345 678", "Birthday": "1/2/1980", "Tel": "+351912345678"}]
    found = guess_mapping(["Phone", "Birthday", "Tel"], "contacts", sample=rows, country="PT")
    assert [one.note for one in found] == ["PT", '"1/2/1980" could be 2 Jan 1980 or 1 Feb 1980', None]
    assert [one.column for one in found.questions] == ["Birthday"]
    answered = found.with_dates("dmy")
    assert not answered.questions
    assert answered.columns[1].dates == "dmy"
    with pytest.raises(Invalid):
        found.with_dates("dym")
    rows = [{"Amount": "1.234,50"}]
    assert guess_mapping(["Amount"], "deals", sample=rows).columns[0].decimal == ","


def test_a_persons_word() -> None:
    guessed = guess_mapping(["Origen", "Móvil", "Colour"], "contacts", custom=["colour"])
    told = guessed.with_targets({"origen": "notes", "Móvil": "phones:work", "colour": None}, ["colour"])
    assert [(one.target, one.label, one.confidence) for one in told] == [
        ("notes", None, 1.0),
        ("phones", "work", 1.0),
        (None, None, 1.0),
    ]
    assert [one.target for one in told.used] == ["notes", "phones"]
    with pytest.raises(Invalid, match='no column "Origin"'):
        guessed.with_targets({"Origin": "notes"})
    with pytest.raises(Invalid) as caught:
        guessed.with_targets({"Origen": "frist_name"})
    assert caught.value.hint == "first_name?"
    assert check_target("contacts", "colour", ["colour"]) == "custom.colour"
    with pytest.raises(Invalid) as caught:
        check_target("contacts", "custom.size", [])
    assert caught.value.hint == "ghl fields add size --noun contact --type text"
    with pytest.raises(Invalid):
        targets("planets")


@given(st.lists(st.text(max_size=12), max_size=8, unique=True), st.sampled_from(NOUNS))
def test_any_header_is_mapped_once_and_kept(columns: list[str], noun: str) -> None:
    found = guess_mapping(columns, noun)
    assert [one.column for one in found] == columns
    single = [
        one.target
        for one in found.used
        if one.target in targets(noun) and targets(noun)[one.target].kind != "list"
    ]
    single = [target for target in single if target not in ("emails", "phones", "dnd")]
    assert len(single) == len(set(single))


def test_a_mapping_is_kept_as_a_profile() -> None:
    found = guess_mapping(["First Name", "Mobile", "x", "Born"], "contacts", sample=[{"Born": "13/2/1980"}])
    kept = json.loads(json.dumps(found.as_dict()))
    again = ImportMapping.from_dict(kept, ["mobile", "First Name", "Born", "new"])
    assert [(one.column, one.target, one.label, one.dates) for one in again] == [
        ("mobile", "phone", "mobile", None), ("First Name", "first_name", None, None), ("Born", "birthday", None, "dmy"), ("new", None, None, None),
    ]  # fmt: skip
    assert isinstance(again.columns[0], ColumnMap)


HUBSPOT = "Record ID,First Name,Last Name,Email,Phone Number,Contact owner,Last Activity Date,Lead Status,Create Date,Associated Company,Unsubscribed from all email,My field"
MAILCHIMP = "Email Address,First Name,Last Name,Address,Phone Number,Birthday,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,TIMEZONE,CC,REGION,LEID,EUID,NOTES,TAGS,UNSUB_TIME"
GOHIGHLEVEL = "Contact Id,First Name,Last Name,Business Name,Phone,Email,Created,Last Activity,Tags,Additional Emails,Additional Phones"


@pytest.mark.parametrize(
    ("name", "header", "targets"),
    [
        (
            "hubspot",
            HUBSPOT,
            "external_id,first_name,last_name,email,phone,owner,-,-,created_at,company,dnd:email,-",
        ),
        (
            "mailchimp",
            MAILCHIMP,
            "email,first_name,last_name,street,phone,-,lead_score,created_at,-,zone,country,state,-,external_id,notes,tags,dnd:email",
        ),
        (
            "gohighlevel",
            GOHIGHLEVEL,
            "external_id,first_name,last_name,company,phone,email,created_at,-,tags,emails,phones",
        ),
    ],
)
def test_ready_mappings(name: str, header: str, targets: str) -> None:
    assert guess_mapping(header.split(","), "contacts").preset == name
    assert mapped(header) == targets
    assert guess_mapping(["Email"], "contacts", preset=name).preset == name


def test_ready_mappings_name_real_targets() -> None:
    for preset in PRESETS:
        for target in preset.columns.values():
            if target:
                check_target(preset.noun, target.partition(":")[0])
    with pytest.raises(Invalid) as caught:
        named("salesforce", "contacts")
    assert caught.value.hint == "ready mappings: mailchimp, gohighlevel, hubspot"

"""E-mail addresses and phone numbers: keys, errors, and the quick ways against the libraries."""

from __future__ import annotations

import phonenumbers
import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import example, given
from hypothesis import strategies as st

from ghl.errors import Invalid
from ghl.sdk.addresses import display_phone, normalise_email, normalise_phone

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("text", "shown", "key"),
    [
        (" Ana@Example.COM ", "Ana@example.com", "ana@example.com"),
        ("o'brien+x@mail.example.com", "o'brien+x@mail.example.com", "o'brien+x@mail.example.com"),
        ("josé@bücher.example", "josé@bücher.example", "josé@xn--bcher-kva.example"),
        ("ana@XN--bcher-kva.example", "ana@bücher.example", "ana@xn--bcher-kva.example"),
        ("mailto:ana@example.com", "ana@example.com", "ana@example.com"),
        ("ana@intranet.local", "ana@intranet.local", "ana@intranet.local"),
        ("ana@shop.test", "ana@shop.test", "ana@shop.test"),
    ],
)
def test_emails(text: str, shown: str, key: str) -> None:
    assert normalise_email(text) == (shown, key)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("ana@@example", '"ana@@example" has two @', "ana@example"),
        ("a@b@c@d.com", '"a@b@c@d.com" has 3 @', "ana@example.com"),
        ("ana", '"ana" has no @', "ana@example.com"),
        ("ana@", '"ana@" has nothing after the @', "ana@example.com"),
        ("@x.com", '"@x.com" has nothing before the @', "ana@example.com"),
        ("ana b@x.com", '"ana b@x.com" has a space in it', "anab@x.com"),
        ("ana@gmail,com", '"ana@gmail,com" has a comma in it', "ana@gmail.com"),
        ("ana@gmail.com;", '"ana@gmail.com;" has a semicolon in it', "ana@gmail.com"),
        ("ana@example", '"ana@example" has no dot after the @', "ana@example.com"),
        ("a..b@x.com", '"a..b@x.com" has a dot too many', "a.b@x.com"),
        ("Ana <ana@x.com>", '"Ana <ana@x.com>" has more than an address', "ana@x.com"),
        ("", "the e-mail address is empty", "ana@example.com"),
        ("ana@-x.com", None, "ana@example.com"),
        ("ana@1.2.3.4", None, "ana@example.com"),
        ("x" * 70 + "@x.com", None, None),
        ("ana@" + "x" * 250 + ".com", None, None),
    ],
)
def test_emails_refused(text: str, message: str | None, hint: str | None) -> None:
    with pytest.raises(Invalid) as caught:
        normalise_email(text)
    if message:
        assert caught.value.message == message
    if hint:
        assert caught.value.hint == hint


names = st.text(st.sampled_from("abcXYZ019.-_+'&!#@ é"), min_size=1, max_size=12)


@given(
    names,
    st.lists(st.text(st.sampled_from("abZ0-"), min_size=1, max_size=8), min_size=1, max_size=3),
    st.sampled_from(["com", "Co", "x", "c0m", "museum"]),
)
def test_emails_agree_with_the_library(local: str, labels: list[str], top: str) -> None:
    address = f"{local}@{'.'.join([*labels, top])}"
    try:
        expected = validate_email(
            address.strip(), check_deliverability=False, test_environment=True, strict=True
        )
    except EmailNotValidError:
        with pytest.raises(Invalid):
            normalise_email(address)
        return
    shown, key = normalise_email(address)
    assert shown == expected.normalized
    assert key == f"{expected.local_part.lower()}@{expected.ascii_domain.lower()}"
    assert normalise_email(shown) == (shown, key)
    assert normalise_email(key)[1] == key


@given(st.text(max_size=40))
def test_any_text_is_an_email_or_one_error(text: str) -> None:
    try:
        shown, key = normalise_email(text)
    except Invalid:
        return
    assert normalise_email(shown)[1] == key


@pytest.mark.parametrize(
    ("text", "country", "number"),
    [
        ("504-621-8927", "US", "+15046218927"), ("+15046218927", None, "+15046218927"), ("+351 912 345 678", "US", "+351912345678"),
        ("912345678", "pt", "+351912345678"), ("(504) 621-8927 ext. 12", "US", "+15046218927;ext=12"), ("15046218927", "US", "+15046218927"),
        ("1-800-FLOWERS", "US", "+18003569377"), ("+44 (0)20 7946 0018", "GB", "+442079460018"), ("020 7946 0018", "GB", "+442079460018"),
        ("00351912345678", "PT", "+351912345678"), ("06 698 12345", "IT", "+390669812345"), ("011 15-2345-6789", "AR", "+5491123456789"),
        ("tel:+1-504-621-8927", "PT", "+15046218927"), ("+15046218927;ext=12", None, "+15046218927;ext=12"),
    ],
)  # fmt: skip
def test_phones(text: str, country: str | None, number: str) -> None:
    assert normalise_phone(text, country) == (number, number)


def test_a_phone_of_no_country_is_kept_by_its_digits() -> None:
    assert normalise_phone("912 345 678", None) == (None, "912345678")
    assert normalise_phone("٩١٢٣٤٥٦٧٨", None) == (None, "912345678")


@pytest.mark.parametrize(
    ("text", "country", "message"),
    [
        ("621-8927", "US", '"621-8927" has no area code for a number of US (+1)'),
        ("911", "US", '"911" is too short for a number of US (+1)'),
        ("+15551", "PT", '"+15551" is too short for a number of +1'),
        ("+999123456", "US", '"+999123456" begins with no country code that exists'),
        ("call me", "US", '"call me" is not a phone number'),
        ("3.51912E+11", "PT", '"3.51912E+11" is not a phone number'),
        ("12", "US", '"12" is not a phone number'),
        ("", "US", "the phone number is empty"),
        ("504-621-8927, 504-621-8928", "US", '"504-621-8927, 504-621-8928" is too long for a phone number'),
        ("²³²³²³", "US", '"²³²³²³" is not a phone number'),
    ],
)
def test_phones_refused(text: str, country: str, message: str) -> None:
    with pytest.raises(Invalid) as caught:
        normalise_phone(text, country)
    assert caught.value.message == message
    assert caught.value.hint


def by_library(text: str, country: str | None) -> str | None:
    """The number as the library alone reads it."""
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    # The library takes any number of a good length; in North America none begins so.
    if e164.startswith(("+10", "+11")):
        return None
    return f"{e164};ext={number.extension}" if number.extension else str(e164)


countries = st.sampled_from(
    ["US", "GB", "PT", "DE", "IT", "AR", "BR", "MX", "RU", "FR", "IN", "CN", "SM", "HU", "CI", "KZ", "JM"]
)


@given(st.from_regex(r"(?:\+|00)?[0-9]{3,14}", fullmatch=True), countries)
@example("+5491123456789", "AR")
@example("+78001234567", "RU")
@example("+3906698", "IT")
def test_digits_agree_with_the_library(text: str, country: str) -> None:
    expected = by_library(text, country)
    if expected is None:
        with pytest.raises(Invalid):
            normalise_phone(text, country)
    else:
        assert normalise_phone(text, country) == (expected, expected)


@pytest.mark.parametrize("region", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_example_numbers_of_every_country(region: str) -> None:
    number = phonenumbers.example_number(region)
    assert number is not None
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    for kind in (
        phonenumbers.PhoneNumberFormat.E164,
        phonenumbers.PhoneNumberFormat.INTERNATIONAL,
        phonenumbers.PhoneNumberFormat.NATIONAL,
    ):
        text = phonenumbers.format_number(number, kind)
        assert normalise_phone(text, region)[0] == by_library(text, region)
    assert normalise_phone(e164, None)[0] == e164


def test_for_people() -> None:
    assert display_phone("+351912345678") == "+351 912 345 678"
    assert display_phone("+15046218927;ext=12") == "+1 504-621-8927 x12"
    assert display_phone("ask the porter") == "ask the porter"
    assert display_phone("+999") == "+999"

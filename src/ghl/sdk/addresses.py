"""E-mail addresses and phone numbers, as they are shown and as the keys that find them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from ghl.errors import Invalid

if TYPE_CHECKING:
    from phonenumbers import PhoneMetadata, PhoneNumber

_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_PLAIN = re.compile(rf"({_LOCAL})@((?:{_LABEL}\.)+[A-Za-z]{{2,63}})").fullmatch
_NAMED = re.compile(r"[^<>]*<\s*([^<>\s]+)\s*>")


def normalise_email(text: str) -> tuple[str, str]:
    """The address as it is shown and the key by which it is found.

    The key is lower case with the domain in ASCII (IDNA 2008); the shown form keeps the local part as
    it was written. Only the syntax is checked, never the network. Raises Invalid.
    """
    address = text.strip()
    found = _PLAIN(address)
    # "--" may be IDNA's own form of a name, which the long way reads.
    if found is None or len(address) > 254 or "--" in address or found.end(1) > 64:
        return _normalise_odd_email(address)
    key = address.lower()
    if key == address:
        return address, key
    return f"{found[1]}@{found[2].lower()}", key


def _normalise_odd_email(text: str) -> tuple[str, str]:
    address = text.removeprefix("mailto:").strip()
    named = _NAMED.fullmatch(address)
    _refuse_plain_mistakes(text, named[1] if named else None)
    from email_validator import EmailNotValidError, validate_email  # only for what is not plain ASCII

    try:
        # The reserved names (.test, .local) are somebody's intranet; only the syntax counts here.
        parsed = validate_email(address, check_deliverability=False, test_environment=True, strict=True)
    except EmailNotValidError as error:
        if _is_reserved(address):
            local, _, domain = address.rpartition("@")
            return f"{local}@{domain.lower()}", address.lower()
        why = f"{str(error)[:1].lower()}{str(error)[1:]}".rstrip(".")
        raise Invalid(f'"{_short(text)}" is not an e-mail address: {why}', hint="ana@example.com") from None
    if "." not in parsed.ascii_domain:
        raise Invalid(f'"{_short(text)}" has no dot after the @', hint=f"{_short(address)}.com")
    return parsed.normalized, f"{parsed.local_part.lower()}@{parsed.ascii_domain.lower()}"


def _is_reserved(address: str) -> bool:
    plain = _PLAIN(address)
    return plain is not None and plain[2].lower().endswith(
        (".local", ".localhost", ".invalid", ".onion", ".arpa")
    )


def _refuse_plain_mistakes(text: str, inside: str | None) -> None:
    """One clear sentence for the mistakes that people make."""
    shown, example = f'"{_short(text)}"', "ana@example.com"
    local, at, domain = text.partition("@")
    if not text:
        raise Invalid("the e-mail address is empty", hint=example)
    if inside is not None:
        raise Invalid(f"{shown} has more than an address", hint=inside)
    if not at:
        raise Invalid(f"{shown} has no @", hint=example)
    if "@" in domain and not text.startswith('"'):
        many = "two" if text.count("@") == 2 else f"{text.count('@')}"
        raise Invalid(f"{shown} has {many} @", hint=re.sub("@+", "@", text) if "@@" in text else example)
    if not local or not domain:
        raise Invalid(f"{shown} has nothing {'after' if local else 'before'} the @", hint=example)
    if text.startswith('"'):
        return
    if any(c.isspace() for c in text):
        raise Invalid(f"{shown} has a space in it", hint="".join(text.split()))
    if "," in domain or ";" in domain:
        mark = "comma" if "," in domain else "semicolon"
        raise Invalid(
            f"{shown} has a {mark} in it", hint=f"{local}@{re.sub('[,;]+', '.', domain).strip('.')}"
        )
    if ".." in text or "." in (local[0], local[-1], domain[0], domain[-1]):
        hint = re.sub(r"\.+", ".", f"{local.strip('.')}@{domain.strip('.')}")
        raise Invalid(f"{shown} has a dot too many", hint=hint)
    if "." not in domain and "。" not in domain and "．" not in domain:
        raise Invalid(f"{shown} has no dot after the @", hint=f"{_short(text)}.com")


def _short(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:77]}…"


# --- phone numbers

_E164 = re.compile(r"\+[1-9][0-9]{6,14}").fullmatch
_NATIONAL = re.compile(r"[0-9]{4,15}").fullmatch
_PUNCTUATION = str.maketrans("", "", " ().-/\u00a0\u2010\u2011\u2013")
_LETTERS = re.compile(r"[A-Za-z]")


def normalise_phone(text: str, default_country: str | None) -> tuple[str | None, str]:
    """The number in E.164 and the key by which it is found.

    A number without a country code is read in `default_country` (ISO 3166). Where there is none the
    number cannot be told: E.164 is None and the key its digits. An extension is kept as
    `;ext=12` (RFC 3966). What is no number, or has a length that the country does not have, raises
    Invalid.
    """
    number = text.strip()
    country = default_country.upper() if default_country else None
    if not _E164(number):
        bare = number.translate(_PUNCTUATION)
        if country and _NATIONAL(bare):
            plan = _plan_of_country(country)
            if plan and plan.is_plain(bare):
                number = f"+{plan.code}{bare}"
                return number, number
        if not _E164(bare) or "(0)" in number:
            return _normalise_odd_phone(number, country)
        number = bare
    plan = _plan_of_number(number)
    if plan is not None and plan.is_plain_after_code(number[1 + len(plan.code) :]):
        return number, number
    return _normalise_odd_phone(number, country)


class _Plan:
    """What of a numbering plan decides that a number is already in its normal form."""

    def __init__(self, code: int, metadata: PhoneMetadata) -> None:
        never = "(?!)"
        self.code = str(code)
        general = metadata.general_desc
        self._lengths = frozenset(general.possible_length if general else ())
        self._national_prefix = re.compile(metadata.national_prefix_for_parsing or never).match
        self._abroad = re.compile(metadata.international_prefix or never).match

    def is_plain_after_code(self, digits: str) -> bool:
        """Whether the digits after the country code would stay as they are."""
        return len(digits) in self._lengths and digits[0] != "0" and not self._national_prefix(digits)

    def is_plain(self, digits: str) -> bool:
        """Whether national digits would stay as they are, and cannot begin with a country code."""
        return (
            self.is_plain_after_code(digits) and not digits.startswith(self.code) and not self._abroad(digits)
        )


@lru_cache(maxsize=512)
def _plan_of_country(country: str) -> _Plan | None:
    import phonenumbers  # 30 ms, and most commands meet no phone number

    metadata = phonenumbers.PhoneMetadata.metadata_for_region(country, None)
    return _Plan(metadata.country_code, metadata) if metadata and metadata.country_code else None


@lru_cache(maxsize=1024)
def _plan_of_code(code: str) -> _Plan | None:
    import phonenumbers  # as above

    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(code))
    if not regions:
        return None
    metadata = phonenumbers.PhoneMetadata.metadata_for_region_or_calling_code(int(code), regions[0])
    return _Plan(int(code), metadata) if metadata else None


def _plan_of_number(number: str) -> _Plan | None:
    # Country codes are prefix-free, so the first that exists is the one.
    return _plan_of_code(number[1:2]) or _plan_of_code(number[1:3]) or _plan_of_code(number[1:4])


def _normalise_odd_phone(text: str, country: str | None) -> tuple[str | None, str]:
    import phonenumbers  # as above

    shown = f'"{_short(text)}"'
    digits = "".join(c for c in text if c.isdecimal())
    if not text:
        raise Invalid("the phone number is empty", hint="+351912345678")
    if len(digits) < 3 and not _LETTERS.search(text):
        raise Invalid(f"{shown} is not a phone number", hint="+351912345678")
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException as error:
        kinds = phonenumbers.NumberParseException
        if error.error_type == kinds.INVALID_COUNTRY_CODE:
            if text.startswith(("+", "＋")) or country in phonenumbers.SUPPORTED_REGIONS:
                raise Invalid(
                    f"{shown} begins with no country code that exists", hint="+351912345678"
                ) from None
            # Parsing without a region has checked nothing but the look of it.
            if len(digits) <= 15:
                return None, "".join(str(int(c)) for c in digits)
        if error.error_type in (kinds.TOO_SHORT_NSN, kinds.TOO_SHORT_AFTER_IDD):
            raise Invalid(f"{shown} is too short for a phone number", hint="+351912345678") from None
        if error.error_type == kinds.TOO_LONG or len(digits) > 15:
            raise Invalid(
                f"{shown} is too long for a phone number", hint="one number in each field"
            ) from None
        raise Invalid(f"{shown} is not a phone number", hint="+351912345678") from None
    _refuse_impossible(shown, number, country)
    _refuse_wrong_start(shown, number, country)
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if number.extension:
        e164 = f"{e164};ext={number.extension}"
    return e164, e164


def _refuse_impossible(shown: str, number: PhoneNumber, country: str | None) -> None:
    import phonenumbers  # as above

    result = phonenumbers.is_possible_number_with_reason(number)
    reasons = phonenumbers.ValidationResult
    if result == reasons.IS_POSSIBLE:
        return
    why = {
        reasons.IS_POSSIBLE_LOCAL_ONLY: "has no area code",
        reasons.TOO_SHORT: "is too short",
        reasons.TOO_LONG: "is too long",
    }.get(result, "has a length that does not exist")
    region = phonenumbers.region_code_for_country_code(number.country_code or 0)
    example = phonenumbers.example_number(region) if region not in (None, "001", "ZZ") else None
    hint = (
        phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
        if example
        else "+351912345678"
    )
    place = f"+{number.country_code}" if region != country else f"{country} (+{number.country_code})"
    raise Invalid(f"{shown} {why} for a number of {place}", hint=f"such as {hint}")


def _refuse_wrong_start(shown: str, number: PhoneNumber, country: str | None) -> None:
    """Refuse a number whose area code begins as none of North America does: it is one of elsewhere.

    Only the beginning counts there, so that the numbers of films and examples (555) are taken.
    """
    first = "0" if number.italian_leading_zero else str(number.national_number)[0]
    if number.country_code == 1 and first in "01":
        place = f"{country} (+1)" if country else "+1"
        raise Invalid(f"{shown} begins with {first}, as no number of {place} does", hint="begin with + and the country code")


def display_phone(e164: str) -> str:
    """A number for people, grouped as its country does: `+351 912 345 678`; other text as it is."""
    if not e164.startswith("+"):
        return e164
    import phonenumbers  # as above

    bare, _, extension = e164.partition(";ext=")
    try:
        number = phonenumbers.parse(bare)
    except phonenumbers.NumberParseException:
        return e164
    shown = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    return f"{shown} x{extension}" if extension else str(shown)

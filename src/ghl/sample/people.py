"""Companies and contacts: believable people in eleven countries, with the gaps that real lists have."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta
from typing import Any

from ghl.sample.dice import Dice
from ghl.sample.names import family_names, given_names
from ghl.sample.phrases import (
    COMPANY_WORDS,
    INDUSTRIES,
    INTERESTS,
    JOBS,
    SOURCES,
    STREETS,
    TAGS,
    USERS,
)
from ghl.sample.places import CITY_ZONES, COUNTRIES, City, Country
from ghl.sdk.times import stamp

Row = dict[str, Any]

_DOMAINS = (("example.com", 60), ("example.org", 25), ("example.net", 15))
_FOLDED = str.maketrans({"ß": "ss", "ø": "o", "æ": "ae", "ı": "i", "ł": "l", "'": "", "’": ""})


def slug(text: str) -> str:
    """The text as a part of an address: lower case, no accents, words joined by dots."""
    plain = unicodedata.normalize("NFKD", text.lower().translate(_FOLDED)).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", ".", plain).strip(".")


class People:
    """Makes companies and contacts; no two share an e-mail or, but for couples and duplicates, a phone."""

    def __init__(self, seed: int, now: datetime) -> None:
        self._now = now
        self._company_dice = Dice(seed, "companies")
        self._dice = Dice(seed, "contacts")
        self._emails: set[str] = set()
        self._phones: set[str] = set()
        self._names: set[str] = set()

    def companies(self, count: int) -> list[Row]:
        """The first one is the same for every seed: Alves & Filhos in Lisbon."""
        found = [self._company(number) for number in range(1, count + 1)]
        if found:
            portugal = COUNTRIES[0]
            found[0] |= {
                **self._company_names("Alves & Filhos", "Wine and food"),
                **_address(portugal.cities[0], portugal),
                "employees": 18,
                "phone": "+351912345600",
                "street": "Rua do Norte 40",
                "owner_key": "ines",
            }
            self._phones |= {"+351912345600", MARIA["phone"]}
        return found

    def contacts(self, count: int, companies: list[Row]) -> list[Row]:
        """The last ones (one in 66) are second records of people who are in the list already."""
        twins = count // 66
        people = [self._contact(number, companies) for number in range(1, count - twins + 1)]
        if people:
            self._make_maria(people[0], companies)
        originals = [person for person in people[1:] if person["phone"]]
        for number in range(count - twins + 1, count + 1):
            people.append(self._twin(number, self._dice.pick(originals)) if originals else people[0])
        return people

    def _company(self, number: int) -> Row:
        dice = self._company_dice
        country = dice.weighted([(country, country.weight) for country in COUNTRIES])
        city = dice.pick(country.cities)
        industry = dice.pick(list(INDUSTRIES))
        while True:
            suffix = dice.pick(INDUSTRIES[industry])
            family, other = dice.some(family_names(country.names), 2)
            forms = (
                (f"{dice.pick(COMPANY_WORDS)} {suffix}", 55), (f"{family} {suffix}", 25),
                (f"{family} & {other}", 12), (f"{city.name} {suffix}", 8),
            )  # fmt: skip
            name = dice.weighted(forms)
            if slug(name) not in self._names:
                break
        self._names.add(slug(name))
        first = self._now - timedelta(days=400)
        return {
            "key": f"company-{number:04}",
            **self._company_names(name, industry),
            "employees": int(dice.skewed(1, 900, 14)),
            "phone": self._phone(dice, city),
            **_address(city, country),
            "street": _street(dice, country),
            "owner_key": dice.pick(USERS)[0],
            "created_at": stamp(dice.moment(first, self._now - timedelta(days=15))),
        }

    def _company_names(self, name: str, industry: str) -> Row:
        domain = f"{slug(name).replace('.', '-')}.example.com"
        return {"name": name, "industry": industry, "domain": domain, "website": f"https://{domain}"}

    def _contact(self, number: int, companies: list[Row]) -> Row:
        dice = self._dice
        company = dice.pick(companies) if companies and dice.chance(0.72) else None
        if company is not None and dice.chance(0.85):
            country = next(item for item in COUNTRIES if item.code == company["country"])
            city = next(item for item in country.cities if item.name == company["city"])
        else:
            country = dice.weighted([(item, item.weight) for item in COUNTRIES])
            city = dice.pick(country.cities)
        first, last = dice.pick(given_names(country.names)), dice.pick(family_names(country.names))
        created = self._created()
        stage = dice.weighted((("lead", 55), ("subscriber", 25), ("customer", 16), (None, 4)))
        return {
            "key": f"contact-{number:04}",
            "first_name": first,
            "last_name": last,
            "email": None if dice.chance(0.0935) else self._email(first, last, company),
            "phone": self._phone(dice, city) if dice.chance(0.83) else None,
            "company_key": company["key"] if company else None,
            "job_title": dice.pick(JOBS) if company and dice.chance(0.8) else None,
            **_address(city, country),
            "street": _street(dice, country) if dice.chance(0.6) else None,
            "postal_code": _digits(dice, city.postal_code) if dice.chance(0.6) else None,
            "zone": _zone(city, country) if dice.chance(0.9) else None,
            "locale": country.locale,
            "birthday": self._birthday() if dice.chance(0.35) else None,
            "lifecycle_stage": stage,
            "source": dice.weighted(SOURCES),
            "tags": self._tags(stage),
            "dnd": ["email"] if dice.chance(0.012) else [],
            "owner_key": dice.pick(USERS)[0] if dice.chance(0.8) else None,
            "custom_fields": self._custom(stage),
            "created_at": stamp(created),
        }

    def _created(self) -> datetime:
        """Most are older than two weeks, so that something happens in the last two."""
        border = self._now - timedelta(days=14)
        if self._dice.chance(0.15):
            return self._dice.moment(border, self._now)
        return self._dice.moment(self._now - timedelta(days=120), border)

    def _tags(self, stage: str | None) -> list[str]:
        chosen = {
            tag for tag, share in TAGS if self._dice.chance(share / 100) and tag not in ("lead", "customer")
        }
        if stage in ("lead", "customer"):
            chosen.add(stage)
        return sorted(chosen)

    def _custom(self, stage: str | None) -> Row:
        dice = self._dice
        values: Row = {"interests": dice.some(INTERESTS, dice.between(1, 3))}
        if stage == "customer":
            values["plan"] = dice.weighted((("basic", 60), ("plus", 30), ("pro", 10)))
            values["renewal_on"] = (self._now.date() + timedelta(days=dice.between(-20, 330))).isoformat()
        if dice.chance(0.4):
            values["newsletter_score"] = dice.between(0, 100)
        return values

    def _birthday(self) -> str:
        year = self._now.year - self._dice.between(22, 71)
        return f"{year}-{self._dice.between(1, 12):02}-{self._dice.between(1, 28):02}"

    def _email(self, first: str, last: str, company: Row | None) -> str:
        dice = self._dice
        domain = company["domain"] if company and dice.chance(0.45) else dice.weighted(_DOMAINS)
        one, two = slug(first), slug(last).replace(".", "")
        local = dice.weighted(
            ((f"{one}.{two}", 62), (f"{one[0]}.{two}", 14), (one + two, 12), (f"{two}.{one}", 12))
        )
        number, address = 1, f"{local}@{domain}"
        while address in self._emails or address == MARIA["email"]:
            number += 1
            address = f"{local}{number}@{domain}"
        self._emails.add(address)
        return address

    def _phone(self, dice: Dice, city: City) -> str | None:
        for _ in range(20):
            number = _digits(dice, city.phone)
            if number not in self._phones:
                self._phones.add(number)
                return number
        return None

    def _make_maria(self, person: Row, companies: list[Row]) -> None:
        person |= MARIA
        person["company_key"] = companies[0]["key"] if companies else None
        person["created_at"] = stamp(self._now - timedelta(days=13))

    def _twin(self, number: int, original: Row) -> Row:
        """A second record of somebody: another address or none, the name typed again, the same phone."""
        dice = self._dice
        first, last = original["first_name"], original["last_name"]
        first = dice.weighted(
            (
                (first, 45),
                (first[0] + ".", 15),
                (_plain(first)[: max(4, len(first) - 2)], 15),
                (_plain(first), 25),
            )
        )
        last = dice.weighted(((last, 60), (_plain(last), 25), (_mistyped(dice, last), 15)))
        email = self._email(original["first_name"], original["last_name"], None) if dice.chance(0.5) else None
        keep = ("city", "state", "country", "zone", "locale", "company_key", "phone")
        return {
            **dict.fromkeys(original),
            **{key: original[key] for key in keep},
            "key": f"contact-{number:04}",
            "first_name": first,
            "last_name": last,
            "email": email,
            "lifecycle_stage": "lead",
            "source": "trade fair",
            "tags": ["event-2026"],
            "dnd": [],
            "custom_fields": {},
            "created_at": stamp(self._created()),
        }


MARIA: Row = {
    "first_name": "Maria",
    "last_name": "Alves",
    "email": "maria.alves@example.com",
    "phone": "+351912345678",
    "job_title": "Owner",
    "street": "Rua da Rosa 112",
    "city": "Lisbon",
    "state": "Lisboa",
    "postal_code": "1200-389",
    "country": "PT",
    "zone": "Europe/Lisbon",
    "locale": "pt-PT",
    "lifecycle_stage": "lead",
    "source": "referral",
    "tags": ["lead", "newsletter", "vip"],
    "dnd": [],
    "owner_key": "ines",
    "custom_fields": {"interests": ["online shops", "photography"], "newsletter_score": 82},
}


def _address(city: City, country: Country) -> Row:
    return {"city": city.name, "state": city.region, "country": country.code}


def _street(dice: Dice, country: Country) -> str:
    return country.street.format(
        name=dice.pick(STREETS[country.names].split("|")), number=dice.between(1, 140)
    )


def _zone(city: City, country: Country) -> str:
    return CITY_ZONES.get(city.name, country.zone)


def _digits(dice: Dice, pattern: str) -> str:
    return "".join(str(dice.below(10)) if sign == "#" else sign for sign in pattern)


def _plain(name: str) -> str:
    """The name as somebody types it who has no accents on her keyboard."""
    return unicodedata.normalize("NFKD", name.translate(_FOLDED)).encode("ascii", "ignore").decode()


def _mistyped(dice: Dice, name: str) -> str:
    """Two neighbouring letters swapped."""
    at = dice.between(1, max(1, len(name) - 3))
    return name[:at] + name[at + 1 : at + 2] + name[at : at + 1] + name[at + 2 :]

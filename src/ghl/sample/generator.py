"""A year-old studio's CRM from a seed: the same people, deals and notes at every run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import resources
from typing import Any

from ghl.sample.dice import Dice
from ghl.sample.people import People
from ghl.sample.phrases import INTERESTS, USERS
from ghl.sample.selling import PIPELINES, Selling
from ghl.sample.working import Working
from ghl.sdk.times import parse_stamp, stamp

Row = dict[str, Any]

FIELDS: list[Row] = [
    {"noun": "contact", "key": "plan", "type": "select", "label": "Care plan", "options": ["basic", "plus", "pro"],
     "indexed": True},
    {"noun": "contact", "key": "renewal_on", "type": "date", "label": "Renewal", "indexed": True},
    {"noun": "contact", "key": "interests", "type": "multi_select", "label": "Interests", "options": list(INTERESTS)},
    {"noun": "contact", "key": "newsletter_score", "type": "number", "label": "Newsletter score"},
]  # fmt: skip


@dataclass(frozen=True)
class Sample:
    """Everything, in the order in which it can be created.

    Rows are plain: `key` names a row inside the sample, `…_key` refers to one of an earlier list,
    times are UTC text, money is `{"value", "currency"}`, every other name is a field of the noun.
    `templates` and `workflows` are (name, text of the file).
    """

    users: list[Row]
    fields: list[Row]
    companies: list[Row]
    contacts: list[Row]
    pipelines: list[Row]
    products: list[Row]
    deals: list[Row]
    notes: list[Row]
    tasks: list[Row]
    activities: list[Row]
    suppressions: list[Row]
    templates: list[tuple[str, str]]
    workflows: list[tuple[str, str]]


def generate(seed: int, now: datetime, contacts: int = 2000) -> Sample:
    """A sample of so many contacts, a fifth as many companies, a sixth as many deals. `now` is aware;
    nothing but tasks' due times and dates to come lies after it. Equal arguments give equal samples."""
    now = now.astimezone(UTC).replace(microsecond=0)
    people, selling = People(seed, now), Selling(seed, now)
    companies = people.companies(max(1, contacts * 206 // 1000))
    persons = people.contacts(contacts, companies)
    deals = selling.deals(contacts * 155 // 1000, persons, companies)
    _make_customers(persons, deals)
    working = Working(seed, now, persons, companies, deals)
    return Sample(
        users=[
            {"key": key, "name": name, "email": f"{key}@example.com", "zone": zone}
            for key, name, zone in USERS
        ],
        fields=FIELDS,
        companies=companies,
        contacts=persons,
        pipelines=PIPELINES,
        products=selling.products(),
        deals=deals,
        notes=working.notes(),
        tasks=working.tasks(),
        activities=working.activities(),
        suppressions=_suppressions(seed, now, persons),
        templates=_texts("templates", ".html"),
        workflows=_texts("workflows", ".yaml"),
    )


def _make_customers(persons: list[Row], deals: list[Row]) -> None:
    """Whoever bought is a customer."""
    by_key = {person["key"]: person for person in persons}
    for deal in deals:
        person = by_key[deal["contact_keys"][0]]
        created = min(parse_stamp(deal["created_at"]), parse_stamp(person["created_at"]))
        person["created_at"] = stamp(created)
        if deal["status"] == "won":
            person["lifecycle_stage"] = "customer"
            person["tags"] = sorted({*person["tags"], "customer"} - {"lead", "cold"})


def _suppressions(seed: int, now: datetime, persons: list[Row]) -> list[Row]:
    """One address in 28 has unsubscribed, bounced or, rarely, complained."""
    dice = Dice(seed, "suppressions")
    found: list[Row] = []
    for person in persons[1:]:
        if person["email"] and dice.chance(0.036):
            reason = dice.weighted((("unsubscribed", 86), ("bounced", 11), ("complained", 3)))
            at = dice.moment(
                min(parse_stamp(person["created_at"]), now - timedelta(days=15)), now - timedelta(days=14)
            )
            found.append({"address": person["email"], "reason": reason, "at": stamp(at)})
    return found


def _texts(folder: str, suffix: str) -> list[tuple[str, str]]:
    root = resources.files("ghl.sample") / folder
    files = sorted(file.name for file in root.iterdir() if file.name.endswith(suffix))
    return [(name.removesuffix(suffix), (root / name).read_text("utf-8")) for name in files]

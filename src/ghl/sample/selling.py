"""Pipelines, and deals that move through them until now."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from ghl.sample.dice import Dice
from ghl.sample.phrases import LOST_REASONS, PRODUCTS, USERS
from ghl.sdk.times import stamp

Row = dict[str, Any]

CURRENCY = "EUR"
PIPELINES: list[Row] = [
    {
        "key": "sales",
        "name": "Sales",
        "stages": [
            {"name": "New", "probability": 10},
            {"name": "Qualified", "probability": 35},
            {"name": "Proposal", "probability": 60},
        ],
    },
    {
        "key": "renewals",
        "name": "Renewals",
        "stages": [
            {"name": "Due", "probability": 50},
            {"name": "Contacted", "probability": 65},
            {"name": "Agreed", "probability": 90},
        ],
    },
]
# Per pipeline and stage: days a deal stays (at least, at most, middle), and how likely it is lost from there.
_STAY = {"sales": ((1, 30, 5), (2, 40, 9), (2, 40, 9)), "renewals": ((1, 25, 8), (2, 30, 9), (1, 14, 4))}
_LOST = {"sales": (0.07, 0.09, 0.20), "renewals": (0.04, 0.08, 0.04)}


class Selling:
    """Makes the deals; what happens to each is played day by day from its creation to now."""

    def __init__(self, seed: int, now: datetime) -> None:
        self._now = now
        self._dice = Dice(seed, "deals")

    def products(self) -> list[Row]:
        return [
            {"key": key, "name": name, "sku": sku, "price": _money(cents)}
            for key, name, sku, cents in PRODUCTS
        ]

    def deals(self, count: int, contacts: list[Row], companies: list[Row]) -> list[Row]:
        """So many deals; the first one is Maria's, for every seed, and she has no other."""
        names = {company["key"]: company["name"] for company in companies}
        buyers = [person for person in contacts[1:] if person["company_key"]]
        made = [self._deal(number, names, buyers) for number in range(1, count + 1)] if buyers else []
        if made:
            self._make_marias(made[0], contacts[0])
        return made

    def _deal(self, number: int, companies: dict[str, str], buyers: list[Row]) -> Row:
        dice = self._dice
        pipeline = "sales" if dice.chance(0.68) else "renewals"
        person = dice.pick(buyers)
        company = companies[person["company_key"]]
        age = dice.skewed(0.5, 119, 42)
        created = dice.moment(self._now - timedelta(days=age), self._now)
        lines = self._lines(pipeline)
        deal: Row = {
            "key": f"deal-{number:04}",
            "name": self._name(pipeline, lines, company, created),
            "pipeline_key": pipeline,
            "contact_keys": [person["key"]],
            "company_key": person["company_key"],
            "owner_key": person["owner_key"] or dice.pick(USERS)[0],
            "amount": _money(sum(line["cents"] for line in lines)),
            "lines": [
                {"product_key": line["product"], "quantity": line["quantity"], "price": _money(line["each"])}
                for line in lines
            ],
            "source": person["source"],
            "expected_close_on": (created.date() + timedelta(days=dice.between(20, 75))).isoformat(),
            "created_at": stamp(created),
        }
        return deal | self._played(pipeline, created)

    def _lines(self, pipeline: str) -> list[Row]:
        dice = self._dice
        care = PRODUCTS[-1]
        chosen = [care] if pipeline == "renewals" else dice.some(PRODUCTS[:-1], 1 if dice.chance(0.6) else 2)
        lines = []
        for key, _, _, cents in chosen:
            each = int(cents * dice.pick((0.8, 0.9, 1.0, 1.0, 1.0, 1.15, 1.4))) // 1000 * 1000
            quantity = dice.between(1, 3) if key in ("photo", "care") else 1
            lines.append({"product": key, "quantity": quantity, "each": each, "cents": each * quantity})
        return lines

    def _name(self, pipeline: str, lines: list[Row], company: str, created: datetime) -> str:
        if pipeline == "renewals":
            return f"Care plan {created.year + 1}, {company}"
        product = next(name for key, name, _, _ in PRODUCTS if key == lines[0]["product"])
        return f"{product} for {company}"

    def _played(self, pipeline: str, created: datetime) -> Row:
        """Stage, status and the moves that led there."""
        dice = self._dice
        stages = [stage["name"] for stage in PIPELINES[0 if pipeline == "sales" else 1]["stages"]]
        moves: list[Row] = []
        at, place, steps = created, 0, 0
        while True:
            at = self._later(at, dice.skewed(*_STAY[pipeline][place]))
            if at > self._now:
                return _state(stages[place], moves)
            if dice.chance(_LOST[pipeline][place]):
                reason = dice.weighted(LOST_REASONS)
                status = "abandoned" if reason == "no answer" and dice.chance(0.2) else "lost"
                return _state(stages[place], moves, status, at, reason)
            if place == len(stages) - 1:
                return _state(stages[place], moves, "won", at)
            steps += 1
            following = place - 1 if place and steps < 5 and dice.chance(0.06) else place + 1
            moves.append({"at": stamp(at), "before": stages[place], "after": stages[following]})
            place = following

    def _later(self, at: datetime, days: float) -> datetime:
        moved = at + timedelta(days=days)
        moved = moved.replace(
            hour=self._dice.between(8, 17), minute=self._dice.below(60), second=0, microsecond=0
        )
        if moved.weekday() > 4:
            moved += timedelta(days=7 - moved.weekday())
        return max(moved, at + timedelta(minutes=20))

    def _make_marias(self, deal: Row, maria: Row) -> None:
        now = self._now
        moves = [
            {"at": stamp(now - timedelta(days=12)), "before": "New", "after": "Qualified"},
            {"at": stamp(now - timedelta(days=1)), "before": "Qualified", "after": "Proposal"},
        ]
        deal |= {
            "name": "Online shop for Alves & Filhos",
            "pipeline_key": "sales",
            "contact_keys": [maria["key"]],
            "company_key": maria["company_key"],
            "owner_key": "ines",
            "amount": _money(420_000),
            "lines": [{"product_key": "shop", "quantity": 1, "price": _money(420_000)}],
            "source": "referral",
            "expected_close_on": (now.date() + timedelta(days=18)).isoformat(),
            "created_at": stamp(now - timedelta(days=12, hours=20)),
        } | _state("Proposal", moves)


def _state(
    stage: str, moves: list[Row], status: str = "open", at: datetime | None = None, reason: str | None = None
) -> Row:
    return {
        "stage": stage,
        "moves": moves,
        "status": status,
        "closed_at": stamp(at) if at else None,
        "lost_reason": reason,
    }


def _money(cents: int) -> Row:
    return {"value": f"{cents // 100}.{cents % 100:02}", "currency": CURRENCY}

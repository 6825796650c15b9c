"""Notes, tasks and activities about the contacts and deals, as a team of five writes them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from ghl.sample.dice import Dice
from ghl.sample.phrases import (
    CALLS,
    CONTACT_NOTES,
    DEAL_NOTES,
    LANGUAGES,
    MAILS,
    MEETINGS,
    RENEWAL_NOTES,
    TASKS,
    USERS,
)
from ghl.sample.places import COUNTRIES
from ghl.sdk.times import parse_stamp, stamp

Row = dict[str, Any]
_NAMES = {country.code: country.names for country in COUNTRIES}


class Working:
    """Writes about one list of contacts, companies and deals."""

    def __init__(
        self, seed: int, now: datetime, contacts: list[Row], companies: list[Row], deals: list[Row]
    ) -> None:
        self._now = now
        self._seed = seed
        self._contacts = contacts
        self._by_key = {row["key"]: row for row in [*contacts, *companies, *deals]}
        self._deals = deals

    def notes(self) -> list[Row]:
        """One contact in six and most deals have one; one in twelve is pinned."""
        dice = Dice(self._seed, "notes")
        found: list[Row] = []
        for person in self._contacts:
            if dice.chance(0.16):
                body = self._filled(dice, dice.pick(CONTACT_NOTES), person, None)
                found.append(self._note(dice, len(found), body, person, None))
        for deal in self._deals:
            if dice.chance(0.7):
                person = self._by_key[deal["contact_keys"][0]]
                texts = DEAL_NOTES if deal["pipeline_key"] == "sales" else RENEWAL_NOTES
                body = self._filled(dice, dice.pick(texts), person, deal)
                found.append(self._note(dice, len(found), body, person, deal))
        return found

    def tasks(self) -> list[Row]:
        """Two in three open deals have one, some of them overdue; so do a few contacts without a deal."""
        dice = Dice(self._seed, "tasks")
        found: list[Row] = []
        for deal in self._deals:
            if dice.chance(0.66 if deal["status"] == "open" else 0.35):
                person = self._by_key[deal["contact_keys"][0]]
                found.append(self._task(dice, len(found), person, deal))
        for person in self._contacts:
            if dice.chance(0.02):
                found.append(self._task(dice, len(found), person, None))
        if self._deals and found:
            found[0] |= {
                "title": "Call Maria about the online shop",
                "due_at": stamp(
                    (self._now + timedelta(days=2)).replace(hour=10, minute=0, second=0, microsecond=0)
                ),
                "done_at": None,
                "assignee_key": "ines",
                "contact_key": self._contacts[0]["key"],
                "deal_key": self._deals[0]["key"],
                "created_at": stamp(self._now - timedelta(days=1)),
            }
        return found

    def activities(self) -> list[Row]:
        """Calls, meetings and mails, more of them where there is a deal."""
        dice = Dice(self._seed, "activities")
        found: list[Row] = []
        for deal in self._deals:
            person = self._by_key[deal["contact_keys"][0]]
            end = parse_stamp(deal["closed_at"]) if deal["closed_at"] else self._now
            for _ in range(dice.between(0, 5)):
                found.append(
                    self._activity(dice, len(found), person, deal, parse_stamp(deal["created_at"]), end)
                )
        for person in self._contacts:
            if dice.chance(0.12):
                start = parse_stamp(person["created_at"])
                found.append(self._activity(dice, len(found), person, None, start, self._now))
        return sorted(found, key=lambda row: str(row["at"]))

    def _note(self, dice: Dice, number: int, body: str, person: Row, deal: Row | None) -> Row:
        start = parse_stamp((deal or person)["created_at"])
        return {
            "key": f"note-{number + 1:04}",
            "body": body,
            "pinned": dice.chance(0.08),
            "contact_key": person["key"],
            "deal_key": deal["key"] if deal else None,
            "author_key": self._user(dice, person, deal),
            "created_at": stamp(dice.moment(start, self._now)),
        }

    def _task(self, dice: Dice, number: int, person: Row, deal: Row | None) -> Row:
        closed = deal is not None and deal["status"] != "open"
        start = parse_stamp((deal or person)["created_at"])
        created = dice.moment(max(start, self._now - timedelta(days=40)), self._now)
        due = (created + timedelta(days=dice.between(1, 12))).replace(
            hour=dice.pick((9, 10, 11, 14, 16)), minute=0, second=0
        )
        if due.weekday() > 4:
            due += timedelta(days=7 - due.weekday())
        done = None
        if due < self._now and (closed or dice.chance(0.75)):
            done = dice.moment(created, min(due + timedelta(days=2), self._now))
        elif closed:
            done = self._now - timedelta(minutes=30)
        return {
            "key": f"task-{number + 1:04}",
            "title": self._filled(dice, dice.pick(TASKS), person, deal),
            "due_at": stamp(due),
            "done_at": stamp(done) if done else None,
            "assignee_key": self._user(dice, person, deal),
            "contact_key": person["key"],
            "deal_key": deal["key"] if deal else None,
            "created_at": stamp(min(created, done) if done else created),
        }

    def _activity(
        self, dice: Dice, number: int, person: Row, deal: Row | None, start: datetime, end: datetime
    ) -> Row:
        kind = dice.weighted((("call", 50), ("meeting", 22), ("email", 28)))
        subject, outcome = dice.pick({"call": CALLS, "meeting": MEETINGS, "email": MAILS}[kind])
        minutes = {"call": dice.between(2, 25), "meeting": dice.pick((30, 45, 60, 90)), "email": 0}[kind]
        return {
            "key": f"activity-{number + 1:04}",
            "type": kind,
            "subject": self._filled(dice, subject, person, deal),
            "outcome": outcome,
            "direction": "in" if "from {first}" in subject or subject.startswith("Re:") else "out",
            "duration_minutes": 0 if outcome == "no answer" else minutes,
            "contact_key": person["key"],
            "deal_key": deal["key"] if deal else None,
            "user_key": self._user(dice, person, deal),
            "at": stamp(dice.moment(start, end)),
        }

    def _user(self, dice: Dice, person: Row, deal: Row | None) -> str:
        return str((deal or person)["owner_key"] or dice.pick(USERS)[0])

    def _filled(self, dice: Dice, text: str, person: Row, deal: Row | None) -> str:
        company = self._by_key.get(person["company_key"] or "")
        other = dice.pick(self._contacts)
        amount = f"{deal['amount']['value']} {deal['amount']['currency']}" if deal else ""
        return text.format(
            first=person["first_name"],
            company=company["name"] if company else person["last_name"],
            place=person["city"],
            other=f"{other['first_name']} {other['last_name']}",
            language=LANGUAGES[_NAMES[person["country"]]],
            product=deal["name"].partition(" for ")[0] if deal else "",
            amount=amount,
        )

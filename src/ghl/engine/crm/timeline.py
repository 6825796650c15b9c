"""One list of what happened to a record: a view over changes, work, messages, stages and runs."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from ghl.engine.clock import from_milliseconds, milliseconds
from ghl.engine.dispatch import handles
from ghl.engine.history import chain, shown_change
from ghl.engine.outbox import STATES, public_id
from ghl.engine.paging import refuse_deep
from ghl.engine.stores import store_of
from ghl.errors import Malformed
from ghl.sdk.crm import timeline as contract
from ghl.sdk.crm.timeline import TimelineEntry
from ghl.sdk.differences import differences
from ghl.sdk.page import Page
from ghl.sdk.times import parse_stamp

if TYPE_CHECKING:
    from ghl.engine.tx import Tx


WORK = (("note", "created_at"), ("task", "created_at"), ("activity", "at"))
"""Nouns that are about a record, and the column that says when."""


@handles(contract.ContactTimeline)
def of_contact(request: contract.ContactTimeline, tx: Tx) -> Page[TimelineEntry]:
    """Of a contact."""
    return entries(tx, "contact", request.contact_id, request)


@handles(contract.CompanyTimeline)
def of_company(request: contract.CompanyTimeline, tx: Tx) -> Page[TimelineEntry]:
    """Of a company."""
    return entries(tx, "company", request.company_id, request)


@handles(contract.DealTimeline)
def of_deal(request: contract.DealTimeline, tx: Tx) -> Page[TimelineEntry]:
    """Of a deal."""
    return entries(tx, "deal", request.deal_id, request)


def entries(tx: Tx, noun: str, reference: str, request: contract.Timeline) -> Page[TimelineEntry]:
    """Entries of every kind, newest first; a cursor is a moment and how many of it were shown."""
    state = store_of(noun).one(tx, reference, deleted=True)
    size, number = request.page_size, None if request.cursor else request.page or 1
    if number:
        refuse_deep(number, size)
    before, skip = _place(request.cursor) if request.cursor else (2**53, ((number or 1) - 1) * size)
    wanted = size + skip + 1
    found = _work(tx, noun, state["id"], before, wanted)
    if noun == "contact":
        found += _messages(tx, state["id"], before, wanted)
        found += _runs(tx, state["id"], before, wanted)
        found += _events(tx, state["id"], before, wanted)
    if noun == "deal":
        found += _stages(tx, state["id"], before, wanted)
    found += _changes(tx, noun, state, before, wanted)  # last: a record was made before anything happened to it
    found.sort(key=lambda entry: entry.at, reverse=True)
    shown, rest = found[skip : skip + size], found[skip + size :]
    following = None
    if rest and shown:
        last = milliseconds(shown[-1].at)
        same = sum(1 for entry in found[: skip + len(shown)] if milliseconds(entry.at) == last)
        following = base64.urlsafe_b64encode(f"{last}:{same}".encode()).decode()
    total = _count(tx, noun, state) if number else None
    return Page[TimelineEntry](items=shown, total=total, page=number, page_size=size, next_cursor=following)


def _count(tx: Tx, noun: str, state: dict[str, Any]) -> int:
    """How many entries there are, of every kind."""
    number = state["id"]
    total = int(tx.value("changes/length", id=state["change_id"]))
    for kind, _ in _works(noun):
        store = store_of(kind)
        total += int(
            tx.value(
                f"""select count(*) as n from {store.table} r where r.account_id = :account_id and r.{noun}_id = :id
                and r.deleted_at is null{store.sight(tx)}""",
                id=number,
            )
        )
    more = {"contact": ("messages", "runs", "events"), "deal": ("stages",)}.get(noun, ())
    return total + sum(int(tx.value(f"crm/timeline/{kind}_total", id=number)) for kind in more)


def _works(noun: str) -> tuple[tuple[str, str], ...]:
    return (*WORK, ("attachment", "created_at")) if noun == "contact" else WORK


def _place(cursor: str) -> tuple[int, int]:
    try:
        moment, skip = map(int, base64.urlsafe_b64decode(cursor).decode("ascii").split(":"))
        if not (0 <= moment < 253_402_300_800_000 and 0 <= skip <= 100_000):
            raise ValueError
        return moment, skip
    except ValueError:
        raise Malformed("the cursor is not one of this list", hint="start again without a cursor", field="cursor") from None


def _iso(moment: int) -> str:
    from ghl.sdk.times import stamp

    return stamp(from_milliseconds(moment)) if moment < 2**53 else "9999"


def _changes(tx: Tx, noun: str, state: dict[str, Any], before: int, wanted: int) -> list[TimelineEntry]:
    found, zone = [], tx.account.tzinfo
    for row in chain(tx, state["change_id"]):
        if row["at"] > before:
            continue
        change = shown_change(tx, row, noun, state["public_id"])
        what = ", ".join(differences(change.before, change.after, zone))
        title = what if change.kind == "changed" and what else change.kind
        found.append(
            TimelineEntry(
                at=change.at, kind=change.kind, title=title, actor=f"{change.actor}, {change.origin}", noun=noun,
                id=str(change.change_set), details={"before": change.before, "after": change.after},
            )
        )  # fmt: skip
        if len(found) == wanted:
            break
    return found


def _work(tx: Tx, noun: str, number: int, before: int, wanted: int) -> list[TimelineEntry]:
    """Notes, tasks and activities about the record, and its files."""
    found = []
    for kind, column in _works(noun):
        store = store_of(kind)
        rows = tx.all(
            f"""select r.id from {store.table} r where r.account_id = :account_id and r.{noun}_id = :id
            and r.deleted_at is null and r.{column} <= :before{store.sight(tx)} order by r.{column} desc, r.id desc limit :limit""",
            id=number, before=_iso(before), limit=wanted,
        )  # fmt: skip
        for state in store.load(tx, [row["id"] for row in rows]):
            title = store.label(state)
            if kind == "activity":
                title = " ".join(t for t in (state["kind"], state["outcome"] and f"({state['outcome']})", state["subject"]) if t)
            found.append(
                TimelineEntry(
                    at=parse_stamp(state[column]), kind=kind, title=title, noun=kind, id=state["public_id"],
                    about=state.get("status"), actor=state.get("author"),
                )
            )  # fmt: skip
    return found


def _messages(tx: Tx, number: int, before: int, wanted: int) -> list[TimelineEntry]:
    rows = tx.all("crm/timeline/messages", id=number, before=before, limit=wanted)
    return [
        TimelineEntry(
            at=from_milliseconds(row["at"]), kind=STATES[row["state"]], noun="message", id=public_id(tx, row["id"]),
            title=row["subject"] or row["rule"] or "message", about=row["workflow"] and f"workflow {row['workflow']}",
        )
        for row in rows
    ]  # fmt: skip


def _runs(tx: Tx, number: int, before: int, wanted: int) -> list[TimelineEntry]:
    rows = tx.all("crm/timeline/runs", id=number, before=before, limit=wanted)
    return [
        TimelineEntry(
            at=from_milliseconds(row["entered_at"]), kind="entered", title=row["workflow"], noun="enrollment",
            id=row["public_id"], about=row["outcome"],
        )
        for row in rows
    ]  # fmt: skip


def _events(tx: Tx, number: int, before: int, wanted: int) -> list[TimelineEntry]:
    """What happened to a person without changing a record: it carries what there is to know."""
    rows = tx.all("crm/timeline/events", id=number, before=before, limit=wanted)
    return [
        TimelineEntry(
            at=from_milliseconds(row["at"]), kind="event", title=tx.spelled(row["name"]), noun="event",
            id=str(row["id"]), details=json.loads(row["payload"]),
        )
        for row in rows
    ]  # fmt: skip


def _stages(tx: Tx, number: int, before: int, wanted: int) -> list[TimelineEntry]:
    rows = tx.all("crm/timeline/stages", id=number, before=_iso(before), limit=wanted)
    return [
        TimelineEntry(
            at=parse_stamp(row["entered_at"]), kind="stage", title=row["stage"], actor=row["actor"],
            about=_stay(row), noun="stage",
        )
        for row in rows
    ]  # fmt: skip


def _stay(row: dict[str, Any]) -> str | None:
    """How long a stay was; None where it is over and nobody knows since when."""
    if row["seconds"] is not None:
        days = row["seconds"] // 86_400
        return f"{days} day" if days == 1 else f"{days} days"
    return None if row["left_at"] else "now"

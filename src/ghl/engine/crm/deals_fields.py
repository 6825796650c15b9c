"""What expressions may ask of a deal beside its columns: people, lines, stays in stages, what hangs on it."""

from __future__ import annotations

from ghl.engine.crm.deals import days_since
from ghl.engine.crm.placing import effective
from ghl.engine.expressions import SqlField
from ghl.engine.fields import Hanging, NounFields, moment
from ghl.sdk.expressions import Type


def declare(found: NounFields) -> None:
    """Add them."""
    found.choose("status", "open", "won", "lost", "abandoned")
    probability = (
        "case {r}.status when 'won' then 100 when 'open' then coalesce({r}.probability,"
        " (select s.probability from stages s where s.id = {r}.stage_id)) else 0 end"
    )
    found.add("probability", Type.NUMBER, SqlField(Type.NUMBER, probability, False), effective)
    found.add(
        "stage_entered_at", Type.DATETIME, SqlField(Type.DATETIME, "{r}.stage_entered_at", False),
        lambda tx, state: moment(state["stage_entered_at"]),
    )  # fmt: skip
    found.add(
        "next_activity_at", Type.DATETIME, SqlField(Type.DATETIME, "{r}.next_activity_at"),
        lambda tx, state: moment(state["next_activity_at"]),
    )  # fmt: skip
    found.add(
        "days_in_stage", Type.NUMBER, SqlField(Type.NUMBER, since=SqlField(Type.DATETIME, "{r}.stage_entered_at", False)),
        lambda tx, state: days_since(tx, state["stage_entered_at"]),
    )  # fmt: skip
    found.main("contact", "contact", "deal_contacts", "contacts")
    found.hang_through("contacts", "contact", "deal_contacts")
    found.hang("task", "note", "activity")
    found.relations["lines"] = Hanging("line", "deal_lines {q} where {q}.deal_id = {r}.id")
    found.relations["visits"] = Hanging("visit", "stage_visits {q} where {q}.deal_id = {r}.id")
    found.relations["events"] = Hanging(
        "event",
        "events {q} where {q}.account_id = {r}.account_id and {q}.subject_id = {r}.id"
        " and {q}.noun = (select z.id from words z where z.kind = 'noun' and z.name = 'deal')",
    )

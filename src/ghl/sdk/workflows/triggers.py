"""What starts a workflow: events of records, a schedule, a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from ghl.sdk.workflows.values import Expression, FixedZone, NameList, Text


class Trigger(BaseModel):
    """One way in. Several triggers of a workflow are alternatives; inside one, every filter must hold."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    on: Text
    where: Expression | None = None
    fields: NameList | None = Field(None, description="the event counts if one of these changed")
    tag: NameList | None = Field(None, description="the event counts for one of these tags")
    cron: Text | None = None
    zone: FixedZone = "account"


@dataclass(frozen=True, slots=True)
class TriggerKind:
    """An event by its name: the noun it is about, and the filters that it has beside `where`."""

    name: str
    noun: str | None
    sentence: str
    filters: tuple[str, ...] = ()


TRIGGERS: dict[str, TriggerKind] = {
    kind.name: kind
    for kind in (
        TriggerKind("contact.created", "contact", "a contact was created, by any route that is not silent"),
        TriggerKind("contact.changed", "contact", "fields of a contact changed", ("fields",)),
        TriggerKind("contact.tag_added", "contact", "a contact got a tag that it did not have", ("tag",)),
        TriggerKind("contact.tag_removed", "contact", "a contact lost a tag", ("tag",)),
        TriggerKind("contact.merged", "contact", "another contact was merged into this one"),
        TriggerKind("contact.deleted", "contact", "a contact was deleted"),
        TriggerKind("company.created", "company", "a company was created"),
        TriggerKind("company.changed", "company", "fields of a company changed", ("fields",)),
        TriggerKind("deal.created", "deal", "a deal was created"),
        TriggerKind("deal.changed", "deal", "fields of a deal changed", ("fields",)),
        TriggerKind("deal.stage_changed", "deal", "a deal moved from stage `before` to stage `after`"),
        TriggerKind("deal.status_changed", "deal", "a deal went from status `before` to status `after`"),
        TriggerKind("task.created", "task", "a task was created"),
        TriggerKind("task.completed", "task", "a task was done"),
        TriggerKind("note.added", "note", "a note was added"),
        TriggerKind("activity.logged", "activity", "a call, a meeting or another activity was logged"),
        TriggerKind("import.finished", None, "an import finished"),
        TriggerKind("schedule", None, "the clock, by a cron rule in a zone", ("cron", "zone")),
        TriggerKind("manual", None, "somebody enrolls a record"),
    )
}

_FILTERS = ("fields", "tag", "cron", "zone")

# From the noun an event is about to the nouns it leads to without a choice: a deal has one main contact.
LEADS_TO: dict[str | None, tuple[str, ...]] = {
    "contact": ("contact", "none"),
    "deal": ("deal", "contact", "company", "none"),
    "company": ("company", "none"),
    "task": ("contact", "deal", "company", "none"),
    "note": ("contact", "deal", "company", "none"),
    "activity": ("contact", "deal", "company", "none"),
    None: ("none",),
}


def misplaced_filters(trigger: dict[str, Any]) -> list[str]:
    """The filters that were written and that this kind of trigger does not have."""
    kind = TRIGGERS[str(trigger["on"])]
    return [key for key in _FILTERS if key in trigger and key not in kind.filters]

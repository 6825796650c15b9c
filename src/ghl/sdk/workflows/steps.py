"""The kinds of steps: what each is called, what it takes, and which branches it has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ghl.errors import Invalid
from ghl.sdk.workflows.durations import AbsoluteLength, Length, Offset
from ghl.sdk.workflows.values import ClockTime, Day, Expression, NameList, Text, Weekdays, Zone

Json = Any


class Arguments(BaseModel):
    """What one kind of step takes; no other key is accepted."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, defer_build=True)


class SendEmail(Arguments):
    """Send a template to the person of the enrollment, or to `to`."""

    template: Text
    subject: Text | None = None
    sender: Text | None = None
    to: Text | None = None
    reply_to: Text | None = None
    data: dict[str, Json] = Field(default_factory=dict)


class Wait(Arguments):
    """Wait for a length of time; then, if asked, for the next of these weekdays or this time of day.

    A day is 24 hours; business days keep the time of day in the zone.
    """

    length: Length = Field(alias="for")
    on: Weekdays | None = None
    at: ClockTime | None = None
    zone: Zone = "contact"


class WaitUntil(Arguments):
    """Wait until a date field with an offset, a fixed date, or the next such time of day.

    A date for which no time of day is said is at 09:00 in the zone; a moment keeps its own.

    `past` says what happens where the moment has gone by when the wait begins, and `missing` what
    happens where the field is empty.
    """

    field: Text | None = None
    date: Day | None = None
    offset: Offset | None = None
    at: ClockTime | None = None
    on: Weekdays | None = None
    zone: Zone = "contact"
    past: Literal["continue", "exit"] | dict[Literal["goto"], str] = "continue"
    missing: Literal["continue", "exit"] = "exit"

    @model_validator(mode="after")
    def _one_target(self) -> Self:
        if self.field and self.date:
            raise Invalid("`wait_until` takes a field or a date, not both")
        if not (self.field or self.date or self.at or self.on):
            raise Invalid("`wait_until` needs a target", hint="field, date, or a time of day with `at`")
        if self.offset and not (self.field or self.date):
            raise Invalid("an offset needs a field or a date to start from")
        return self


class WaitFor(Arguments):
    """Wait until a condition holds or an event arrives, at most for `timeout`."""

    when: Expression | None = None
    event: Text | None = None
    where: Expression | None = None
    timeout: AbsoluteLength = "30 days"

    @model_validator(mode="after")
    def _one_reason(self) -> Self:
        if bool(self.when) == bool(self.event):
            raise Invalid(
                "`wait_for` needs one of `when` and `event`", hint="wait_for: {event: task.completed}"
            )
        if self.where and not self.event:
            raise Invalid("`where` filters an event; a condition is written in `when`")
        return self


class If(Arguments):
    """Go on with `then` where the condition is true, else with `else`. Nothing is waited for."""

    when: Expression


class SplitBranch(Arguments):
    """One test of a split: the person goes into `branch` if her number, 0 to `of` - 1, is under `below`.

    The number is a hash of (salt, subject), so it stays the same at every entry. A split into more
    than two is a chain of such tests with one salt; the last names its second branch in `else`.
    """

    salt: str
    branch: str
    below: int
    of: int
    otherwise: str | None = Field(None, alias="else")


class GoTo(Arguments):
    """Go on at the step with this id, earlier or later."""

    step: Text


class Exit(Arguments):
    """End here, with an outcome for the reports."""

    outcome: Text | None = None


class Webhook(Arguments):
    """Send a request to a URL; without a body, the standard payload about the person."""

    url: Text
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "POST"
    headers: dict[str, Text] = Field(default_factory=dict)
    body: Json = None
    timeout: AbsoluteLength = "10 seconds"


class UpdateField(Arguments):
    """Set fields of the subject or, as `contact.city`, of its contact. null clears."""

    fields: dict[str, Json] = Field(min_length=1)


class Tags(Arguments):
    """Tags to add or to remove."""

    tags: NameList
    of: Literal["contact", "company", "deal"] = "contact"


@dataclass(frozen=True, slots=True)
class StepKind:
    """One verb: its arguments, the key that a bare value fills, and the names of its branches."""

    name: str
    arguments: type[Arguments]
    bare: str | None
    sentence: str
    branches: tuple[str, ...] = ()
    whole: bool = False


KINDS: dict[str, StepKind] = {
    kind.name: kind
    for kind in (
        StepKind("send_email", SendEmail, "template", "send an e-mail template"),
        StepKind("wait", Wait, "for", "wait for a length of time"),
        StepKind("wait_until", WaitUntil, "field", "wait until a date or a time of day"),
        StepKind("wait_for", WaitFor, "when", "wait for a condition or an event", ("then", "else")),
        StepKind("if", If, "when", "branch on a condition", ("then", "else")),
        StepKind("goto", GoTo, "step", "go on at another step"),
        StepKind("exit", Exit, "outcome", "end here"),
        StepKind("webhook", Webhook, "url", "send a request to a URL"),
        StepKind("update_field", UpdateField, None, "set fields of a record", whole=True),
        StepKind("add_tag", Tags, "tags", "add tags"),
        StepKind("remove_tag", Tags, "tags", "remove tags"),
    )
}
SPLIT = "split"

# Short words for operations: the step's kind is the operation's name, and so are its arguments.
ALIASES: dict[str, tuple[str, str | None]] = {
    "create_task": ("tasks.create", "title"),
    "create_note": ("notes.create", "body"),
    "create_deal": ("deals.create", "name"),
    "move_deal": ("deals.move", "stage"),
}

# Verbs whose meaning is settled and which this version does not perform yet.
RESERVED = ("switch", "goal", "send_sms", "assign", "manual_action", "approval", "rate_gate", "experiment")

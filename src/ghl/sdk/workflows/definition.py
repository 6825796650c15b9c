"""A workflow as data: what starts it, whom it is about, and its steps, checked and flattened."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from ghl.sdk.workflows.catalogue import NOTHING_KNOWN, Catalogue
from ghl.sdk.workflows.flatten import Step, flatten, name_nodes, warn_about
from ghl.sdk.workflows.problems import Path, Problems, shown, suggestion
from ghl.sdk.workflows.references import References
from ghl.sdk.workflows.tree import every, read_steps
from ghl.sdk.workflows.triggers import LEADS_TO, TRIGGERS, Trigger, misplaced_filters
from ghl.sdk.workflows.values import Expression, Text

MAX_STEPS = 100
KEYS = ("workflow", "description", "status", "subject", "re_entry", "key", "triggers", "steps")
# Settings whose meaning is settled and which this version does not act on yet.
RESERVED_KEYS = (
    "window",
    "stop_on_reply",
    "goal",
    "suppress",
    "entry_cap",
    "pause_dates",
    "sender",
    "version_policy",
)

Status = Literal["draft", "active", "paused", "archived"]
Subject = Literal["contact", "deal", "company", "none"]
ReEntry = Literal["never", "after_exit", "always", "keyed"]
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.-]{0,99}")


class _Head(BaseModel):
    """The settings of a workflow, without triggers and steps."""

    model_config = ConfigDict(extra="forbid", defer_build=True)

    workflow: Text
    description: str = ""
    status: Status = "draft"
    subject: Subject = "contact"
    re_entry: ReEntry
    key: Expression | None = None


class Definition(BaseModel):
    """A checked workflow. `data` is what was written, `steps` is what is run; the first step is the start."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    name: str
    description: str
    status: Status
    subject: Subject
    re_entry: ReEntry
    key: str | None
    triggers: list[Trigger]
    steps: list[Step]
    data: dict[str, Any]

    @property
    def entry(self) -> str | None:
        """The name of the first step; None where there are no steps yet."""
        return self.steps[0].name if self.steps else None

    def step(self, name: str) -> Step | None:
        return next((step for step in self.steps if step.name == name), None)


def read(
    data: Mapping[str, Any],
    catalogue: Catalogue = NOTHING_KNOWN,
    *,
    line_of: Callable[[Path], int | None] = lambda path: None,
) -> Definition:
    """Check a definition against a catalogue; raises DefinitionError for the first thing that is wrong,
    with all of them in `details["problems"]`."""
    definition, problems = check(data, catalogue, line_of=line_of)
    problems.raise_first()
    assert definition is not None, "a definition without problems was made"
    return definition


def check(
    data: Mapping[str, Any],
    catalogue: Catalogue = NOTHING_KNOWN,
    *,
    line_of: Callable[[Path], int | None] = lambda path: None,
) -> tuple[Definition | None, Problems]:
    """The definition, or None where something is wrong, and all errors and warnings."""
    problems = Problems()
    if not isinstance(data, Mapping):
        problems.error((), f"a workflow is a mapping, not {shown(data)}", f"keys: {', '.join(KEYS)}")
        return None, problems
    head = _head(data, problems)
    subject = head.subject if head else "contact"
    references = References(catalogue, subject, problems)
    if head and head.key:
        references.expression(head.key, ("key",), "key")
    triggers = _triggers(data.get("triggers"), references)
    nodes = read_steps(data.get("steps"), ("steps",), problems)
    everything = list(every(nodes))
    if len(everything) > MAX_STEPS:
        problems.error(
            everything[MAX_STEPS].path,
            f"a workflow has at most {MAX_STEPS} steps, and this one has {len(everything)}",
        )
    name_nodes(nodes, problems)
    for node in everything:
        references.check(node)
    steps = flatten(nodes, problems, line_of)
    if (
        head
        and head.status == "active"
        and not steps
        and "steps" not in [p.path[0] for p in problems.errors if p.path]
    ):
        problems.error(("status",), "a workflow without steps cannot be active", "status: draft")
    if problems.errors or head is None:
        return None, problems
    warn_about(steps, problems)
    ordered = {key: data[key] for key in KEYS if key in data}
    definition = Definition(
        name=head.workflow,
        description=head.description,
        status=head.status,
        subject=head.subject,
        re_entry=head.re_entry,
        key=head.key,
        triggers=triggers,
        steps=steps,
        data=ordered,
    )
    return definition, problems


def _head(data: Mapping[str, Any], problems: Problems) -> _Head | None:
    written = {str(key): value for key, value in data.items() if key not in ("triggers", "steps")}
    for key in RESERVED_KEYS:
        if key in written:
            problems.error((key,), f"`{key}` is not available yet", "leave it out", at_key=True)
            del written[key]
    for key in [key for key in written if key not in KEYS]:
        problems.unknown_key((key,), KEYS)
        del written[key]
    if "re_entry" not in written:
        modes = "never, after_exit, always or keyed"
        problems.error((), "`re_entry` must be named: may somebody who was here before enter again?", modes)
        written["re_entry"] = "never"
    if isinstance(written.get("workflow"), str) and not _NAME.fullmatch(written["workflow"].strip()):
        problems.error(
            ("workflow",),
            f"{shown(written['workflow'])} cannot be a name",
            "letters, digits, -, _, . and spaces",
        )
    try:
        head = _Head.model_validate(written)
    except ValidationError as error:
        problems.of_validation(error, _Head, lambda where: where)
        return None
    if head.re_entry == "keyed" and head.key is None:
        problems.error(
            ("re_entry",), "`keyed` needs the key: one run at a time for each of its values", "key: deal.id"
        )
    if head.re_entry != "keyed" and head.key is not None:
        problems.error(("key",), f"`key` does nothing where re_entry is {head.re_entry}", "re_entry: keyed")
    return head


def _triggers(items: Any, references: References) -> list[Trigger]:
    problems = references.problems
    if items is None:
        return []
    if not isinstance(items, list):
        problems.error(("triggers",), f"triggers are a list, not {shown(items)}", "- on: contact.created")
        return []
    found: list[Trigger] = []
    for number, item in enumerate(items):
        trigger = _trigger({"on": item} if isinstance(item, str) else item, ("triggers", number), references)
        if trigger is not None:
            found.append(trigger)
    return found


def _trigger(item: Any, path: Path, references: References) -> Trigger | None:
    problems = references.problems
    if not isinstance(item, Mapping):
        problems.error(path, f"a trigger is a mapping, not {shown(item)}", "- on: contact.created")
        return None
    name = item.get("on")
    if name not in TRIGGERS:
        message = (
            f'there is no trigger "{name}"' if "on" in item else "`on` is required: what starts the workflow"
        )
        at = (*path, "on") if "on" in item else path
        problems.error(at, message, suggestion(str(name), list(TRIGGERS), "triggers"))
        return None
    kind = TRIGGERS[name]
    for key in misplaced_filters(dict(item)):
        has = ", ".join([*kind.filters, "where"])
        problems.error((*path, key), f"the trigger {name} has no `{key}`", f"it has: {has}", at_key=True)
    try:
        trigger = Trigger.model_validate(dict(item))
    except ValidationError as error:
        problems.of_validation(error, Trigger, lambda where: (*path, *where))
        return None
    _check_trigger(trigger, path, references)
    return trigger


def _check_trigger(trigger: Trigger, path: Path, references: References) -> None:
    problems, catalogue, subject = references.problems, references.catalogue, references.subject
    kind = TRIGGERS[trigger.on]
    if trigger.on == "schedule":
        _check_schedule(trigger, path, references)
    elif trigger.on != "manual" and subject not in LEADS_TO[kind.noun]:
        about = f"is about a {kind.noun}" if kind.noun else "is about no record"
        message = f"the trigger {trigger.on} {about}, and the subject of this workflow is {subject}"
        problems.error((*path, "on"), message, f"subject: {' or '.join(LEADS_TO[kind.noun])}")
    if trigger.where is not None:
        references.expression(trigger.where, (*path, "where"), "trigger", trigger.on)
    for tag in trigger.tag or ():
        references.name("tag", tag, (*path, "tag"))
    known = catalogue.names("field", kind.noun) if kind.noun and trigger.fields else None
    for field in trigger.fields or ():
        if known is not None and field not in known and field.removeprefix("custom.") not in known:
            hint = suggestion(field, known, "fields")
            problems.error((*path, "fields"), f'a {kind.noun} has no field "{field}"', hint)


def _check_schedule(trigger: Trigger, path: Path, references: References) -> None:
    problems = references.problems
    if trigger.cron is None:
        problems.error(path, "`cron` is required: when the schedule fires", 'cron: "0 9 * * mon"')
    else:
        error = references.catalogue.cron_error(trigger.cron)
        if error is not None:
            problems.error((*path, "cron"), error.message, error.hint)
    if references.subject != "none" and trigger.where is None:
        message = f"a schedule starts the workflow for every {references.subject} that `where` selects"
        problems.error(path, message, "where: true for all of them, or subject: none for one run")

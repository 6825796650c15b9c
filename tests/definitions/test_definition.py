"""Definitions are flattened as written, and every mistake is told with its place and a way out."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from pydantic import AfterValidator, BaseModel

from ghl.errors import DefinitionError, ExpressionError, GhlError, Invalid
from ghl.sdk.fields import PipelineId, StageId, UserId
from ghl.sdk.workflows.catalogue import Known, Place
from ghl.sdk.workflows.definition import MAX_STEPS, Definition, check, read
from ghl.sdk.workflows.flatten import Step

pytestmark = pytest.mark.unit


def workflow(*steps: Any, **more: Any) -> dict[str, Any]:
    return {"workflow": "w", "re_entry": "never", "steps": list(steps)} | more


def links(definition: Definition) -> dict[str, tuple[str, str | None, str | None]]:
    return {step.name: (step.kind, step.next, step.other) for step in definition.steps}


def step(definition: Definition, name: str) -> Step:
    found = definition.step(name)
    assert found is not None
    return found


def first_error(data: Any, catalogue: Known | None = None) -> tuple[str, str, str | None]:
    _, problems = check(data, catalogue or Known())
    assert problems.errors
    told = problems.errors[0].as_dict()
    return told["path"], told["error"], told.get("hint")


def test_a_row_of_steps_and_their_names() -> None:
    made = read(
        workflow({"send_email": "two-ideas"}, {"wait": "2 days"}, {"send_email": {"template": "two-ideas"}})
    )
    assert links(made) == {
        "two-ideas": ("send_email", "wait-1", None),
        "wait-1": ("wait", "two-ideas-2", None),
        "two-ideas-2": ("send_email", None, None),
    }
    assert made.entry == "two-ideas"
    assert step(made, "wait-1").arguments == {"for": "2 days", "zone": "contact"}
    assert step(made, "wait-1").path == ("steps", 1)


def test_generated_names_avoid_given_ones() -> None:
    made = read(workflow({"wait": "1 h", "id": "wait-2"}, {"wait": "2 h"}, {"wait": "3 h"}))
    assert [item.name for item in made.steps] == ["wait-2", "wait-1", "wait-3"]


def test_branches_meet_again() -> None:
    made = read(
        workflow(
            {"if": "clicked('ideas')", "then": [{"add_tag": "warm"}], "else": [{"add_tag": "cold"}, "exit"]},
            {"wait_for": {"event": "task.completed", "timeout": "5 days"}, "else": [{"goto": "end"}]},
            {"add_tag": ["a", "b"], "id": "end"},
        )
    )
    assert links(made) == {
        "if-1": ("if", "add_tag-1", "add_tag-2"),
        "add_tag-1": ("add_tag", "wait_for-1", None),
        "add_tag-2": ("add_tag", "exit-1", None),
        "exit-1": ("exit", None, None),
        "wait_for-1": ("wait_for", "end", "goto-1"),
        "goto-1": ("goto", "end", None),
        "end": ("add_tag", None, None),
    }


def test_a_step_condition_becomes_a_guard_that_skips_the_step() -> None:
    made = read(
        workflow(
            {"add_tag": "a", "when": "x == 1", "id": "tag"},
            {"if": "a", "when": "b", "then": [{"wait": "1 h"}]},
            {"goto": "tag", "when": "again"},
        )
    )
    assert links(made) == {
        "tag.when": ("if", "tag", "if-1.when"),
        "tag": ("add_tag", "if-1.when", None),
        "if-1.when": ("if", "if-1", "goto-1.when"),
        "if-1": ("if", "wait-1", "goto-1.when"),
        "wait-1": ("wait", "goto-1.when", None),
        "goto-1.when": ("if", "goto-1", None),
        "goto-1": ("goto", "tag.when", None),
    }
    assert step(made, "tag.when").arguments == {"when": "x == 1", "guards": "tag"}


def test_a_split_is_a_chain_over_one_number() -> None:
    made = read(
        workflow(
            {"split": {"a": 50, "b": 30, "c": 20}, "a": [{"add_tag": "a"}], "b": ["exit"]},
            {"add_tag": "after"},
        )
    )
    assert links(made)["split-1"] == ("split", "add_tag-1", "split-1.2")
    assert links(made)["split-1.2"] == ("split", "exit-1", "add_tag-2")
    assert step(made, "split-1").arguments == {"salt": "split-1", "branch": "a", "below": 50, "of": 100}
    assert step(made, "split-1.2").arguments == {
        "salt": "split-1", "branch": "b", "below": 80, "of": 100, "else": "c",
    }  # fmt: skip


def test_policies_in_every_spelling() -> None:
    made = read(
        workflow(
            {"webhook": "https://example.com/x", "on_error": "continue", "retry": 3, "id": "hook"},
            {
                "add_tag": "a",
                "on_error": {"retry": {"times": 2, "backoff": "5 min"}, "then": {"goto": "hook"}},
            },
            {"add_tag": "b", "expiry": "8h", "on_error": {"goto": "hook"}},
        )
    )
    policies = [item.policy.model_dump(exclude_none=True) for item in made.steps if item.policy]
    assert policies == [
        {"retry": {"times": 3, "backoff": "1 minute"}, "then": "continue"},
        {"retry": {"times": 2, "backoff": "5 minutes"}, "then": "goto", "goto": "hook"},
        {"then": "goto", "goto": "hook", "expiry": "8 hours"},
    ]


def test_short_words_are_operations() -> None:
    made = read(
        workflow(
            {"create_task": "Call"},
            {"move_deal": "Proposal"},
            {"tasks.create": {"title": "x"}},
            subject="deal",
        )
    )
    assert [(item.kind, item.arguments) for item in made.steps] == [
        ("tasks.create", {"title": "Call"}),
        ("deals.move", {"stage": "Proposal"}),
        ("tasks.create", {"title": "x"}),
    ]


def test_fields_are_named_in_full_and_null_clears() -> None:
    made = read(
        workflow({"update_field": {"contact.city": None, "name": "x", "custom.score": 3}}, subject="deal")
    )
    assert made.steps[0].arguments == {
        "fields": {"contact.city": None, "deal.name": "x", "deal.custom.score": 3}
    }


def test_what_happens_in_the_past_is_in_the_links() -> None:
    made = read(
        workflow(
            {"wait_until": {"field": "birthday", "offset": "-3 days", "at": "9:00", "past": {"goto": "end"}}},
            {"wait_until": {"at": "10:30", "on": "mon-fri"}},
            {"wait_until": {"date": "2026-12-24", "past": "exit"}},
            {"exit": "late", "id": "end"},
        )
    )
    assert links(made)["wait_until-1"] == ("wait_until", "wait_until-2", "end")
    assert links(made)["wait_until-2"] == ("wait_until", "wait_until-3", "wait_until-3")
    assert links(made)["wait_until-3"] == ("wait_until", "end", None)
    assert step(made, "wait_until-1").arguments["field"] == "contact.birthday"
    assert step(made, "wait_until-2").arguments["on"] == ["mon", "tue", "wed", "thu", "fri"]


def test_triggers() -> None:
    made = read(
        workflow(
            triggers=[
                "contact.created",
                {"on": "contact.changed", "fields": ["city"], "where": "city == 'Rome'"},
                {"on": "contact.tag_added", "tag": "vip"},
                {"on": "schedule", "cron": "0 9 * * mon", "zone": "Europe/Rome", "where": "true"},
                {"on": "manual"},
            ]
        )
    )
    assert [trigger.on for trigger in made.triggers] == [
        "contact.created", "contact.changed", "contact.tag_added", "schedule", "manual",
    ]  # fmt: skip
    assert made.triggers[2].tag == ["vip"]


def test_bare_truth_values_are_expressions() -> None:
    made = read(
        workflow({"if": True}, {"wait": "1 h", "when": False}, triggers=[{"on": "manual", "where": True}])
    )
    assert [item.arguments.get("when") for item in made.steps] == ["true", "false", None]
    assert made.triggers[0].where == "true"


def test_a_step_with_nothing_to_say() -> None:
    made = read(workflow({"tasks.create": None}, {"exit": None}))
    assert [(item.kind, item.arguments) for item in made.steps] == [("tasks.create", {}), ("exit", {})]


def test_the_definition_survives_json() -> None:
    made = read(
        workflow({"wait": "2 days", "expiry": "1 h"}, {"if": "a", "then": ["exit"]}, triggers=["manual"])
    )
    assert Definition.model_validate_json(made.model_dump_json()) == made
    assert read(made.data) == made


MISTAKES: list[tuple[Any, str, str, str | None]] = [
    ([], "", "a workflow is a mapping, not a list", "keys:"),
    ({"workflow": "w", "steps": []}, "", "`re_entry` must be named", "never, after_exit, always or keyed"),
    (workflow(status="actve"), "status", '`status` cannot be "actve"', "active?"),
    (workflow(subject="lead"), "subject", '`subject` cannot be "lead"', "contact"),
    (workflow(trigers=[]), "trigers", 'there is no "trigers" here', "triggers?"),
    (workflow(window={"days": "mon"}), "window", "`window` is not available yet", "leave it out"),
    (workflow(goal={"when": "x"}), "goal", "`goal` is not available yet", None),
    (workflow(stop_on_reply=True), "stop_on_reply", "`stop_on_reply` is not available yet", None),
    (workflow(re_entry="keyed"), "re_entry", "`keyed` needs the key", "key: deal.id"),
    (workflow(key="deal.id"), "key", "`key` does nothing", "re_entry: keyed"),
    (workflow(workflow="a/b"), "workflow", "cannot be a name", None),
    (workflow(status="active"), "status", "a workflow without steps cannot be active", "draft"),
    (workflow(steps={"wait": "1 h"}), "steps", "steps are a list, not a mapping", None),
    (workflow("wait"), "steps[0]", 'a step is one verb with its arguments, not "wait"', None),
    (workflow({"send_mail": "x"}), "steps[0].send_mail", 'there is no step "send_mail"', "send_email?"),
    (workflow({"wait": "1 h", "exit": None}), "steps[0].exit", "a step has one verb", "two steps"),
    (workflow({"id": "x"}), "steps[0]", "this step has no verb", None),
    (workflow({"send_sms": "x"}), "steps[0].send_sms", "the step `send_sms` is not available yet", None),
    (workflow({"wait": "2 dys"}), "steps[0].wait.for", '"2 dys" is not a duration', "2 days"),
    (workflow({"wait": 2}), "steps[0].wait.for", "a duration has a number and a unit, not 2", None),
    (workflow({"wait": "1 month"}), "steps[0].wait.for", "no fixed length", "30 days"),
    (workflow({"wait": "-1 day"}), "steps[0].wait.for", "not a length of time", None),
    (workflow({"wait": {"for": "1 h", "at": "25:00"}}), "steps[0].wait.at", "not a time of day", "09:00"),
    (workflow({"wait": {"for": "1 h", "on": "noday"}}), "steps[0].wait.on", "not a list of weekdays", None),
    (workflow({"wait": {"for": "1 h", "zone": "Lisbon"}}), "steps[0].wait.zone", "no time zone", "Europe/Lisbon"),
    (workflow({"wait": {"fro": "1 h"}}), "steps[0].wait", "`for` is required", None),
    (workflow({"wait_until": {"offset": "1 h"}}), "steps[0].wait_until", "needs a target", None),
    (workflow({"wait_until": {"field": "a", "date": "2026-01-01"}}), "steps[0].wait_until", "not both", None),
    (workflow({"wait_until": {"at": "9:00", "offset": "1 h"}}), "steps[0].wait_until", "an offset needs", None),
    (workflow({"wait_until": {"date": "soon"}}), "steps[0].wait_until.date", "is not a date", "2026-12-24"),
    (workflow({"wait_for": {"timeout": "1 h"}}), "steps[0].wait_for", "needs one of `when` and `event`", None),
    (workflow({"wait_for": {"when": "a", "where": "b"}}), "steps[0].wait_for", "`where` filters an event", None),
    (workflow({"wait_for": {"event": "task.done"}}), "steps[0].wait_for.event", "no event", "task.completed"),
    (workflow({"wait_for": {"when": "a", "timeout": "2 business days"}}), "steps[0].wait_for.timeout", "business", None),
    (workflow({"if": 3}), "steps[0].if.when", "cannot be 3", None),
    (workflow({"if": "a", "thne": []}), "steps[0].thne", 'there is no "thne" here', "then?"),
    (workflow({"add_tag": []}), "steps[0].add_tag.tags", "at least 1 item", None),
    (workflow({"update_field": 3}), "steps[0].update_field", "cannot be 3", None),
    (workflow({"split": {"a": 1}}), "steps[0].split", "two or more branches", None),
    (workflow({"split": {"a": 0, "b": 0}}), "steps[0].split", "all weights", None),
    (workflow({"split": {"a": -1, "b": 2}}), "steps[0].split.a", "a weight is a whole number", None),
    (workflow({"split": {"id": 1, "b": 2}}), "steps[0].split.id", "cannot name a branch", None),
    (workflow({"split": {"a": 1, "b": 2}, "c": []}), "steps[0].c", 'there is no "c" here', None),
    (workflow({"goto": "nowhere"}), "steps[0].goto.step", 'no step "nowhere"', "steps: goto-1"),
    (workflow({"wait": "1 h", "id": "a b"}), "steps[0].id", "cannot be an id", None),
    (workflow({"wait": "1 h", "id": "a"}, {"wait": "1 h", "id": "a"}), "steps[1].id", "two steps have the id", None),
    (workflow({"wait": "1 h", "when": 3}), "steps[0].when", "a condition is an expression, not 3", None),
    (workflow({"wait": "1 h", "on_error": "retry"}), "steps[0].on_error", "after an error a step cannot", "continue"),
    (workflow({"wait": "1 h", "on_error": {"goto": "x"}}), "steps[0].on_error.goto", 'no step "x"', None),
    (workflow({"wait": "1 h", "on_error": {"then": "stop", "goto": "x"}}), "steps[0].on_error", "both", None),
    (workflow({"wait": "1 h", "on_error": 3}), "steps[0].on_error", "cannot be 3", "continue"),
    (workflow({"add_tag": None}), "steps[0].add_tag", "`tags` is required", None),
    (workflow({"wait": True}), "steps[0].wait.for", "not True", None),
    (workflow({"wait": {"for": "1 h", "on": "mon-wed-fri"}}), "steps[0].wait.on", "not a list of weekdays", None),
    (workflow({"webhook": {"url": "x", "method": ["a"]}}), "steps[0].webhook.method", "cannot be a list", None),
    (workflow({"webhook": {"url": None}}), "steps[0].webhook.url", "cannot be nothing", None),
    (workflow({"send_email": {"template": False}}), "steps[0].send_email.template", "cannot be false", None),
    (workflow({"split": {"a": 1, "b": 2}, "a": 3}), "steps[0].a", "steps are a list", None),
    (workflow({"wait": "1 h", "on_error": {"try": 1}}), "steps[0].on_error.try", "there is no", None),
    (workflow({"wait": "1 h", "retry": 99}), "steps[0].retry.times", "cannot be 99", None),
    (workflow({"wait": "1 h", "retry": 2, "on_error": {"retry": 2}}), "steps[0].on_error.retry", "twice", None),
    (workflow({"wait": "1 h", "expiry": "soon"}), "steps[0].expiry", "not a duration", None),
    (workflow({"tasks.create": "x"}), "steps[0].tasks.create", "takes a mapping", None),
    (workflow({"send_email": "x"}, subject="none"), "steps[0].send_email", "nobody to write to", "to:"),
    (workflow({"add_tag": "x"}, subject="none"), "steps[0].add_tag", "no contact to tag", None),
    (workflow({"update_field": {"deal.name": "x"}}), "steps[0].update_field.deal.name", "no deal here", None),
    (workflow(triggers={}), "triggers", "triggers are a list", None),
    (workflow(triggers=[3]), "triggers[0]", "a trigger is a mapping", None),
    (workflow(triggers=[{"where": "x"}]), "triggers[0]", "`on` is required", None),
    (workflow(triggers=["contact.create"]), "triggers[0].on", "there is no trigger", "contact.created?"),
    (workflow(triggers=[{"on": "contact.created", "tag": "x"}]), "triggers[0].tag", "has no `tag`", "where"),
    (workflow(triggers=["company.created"]), "triggers[0].on", "is about a company", "subject: company or none"),
    (workflow(triggers=["contact.created"], subject="deal"), "triggers[0].on", "is about a contact", None),
    (workflow(triggers=["import.finished"]), "triggers[0].on", "is about no record", "subject: none"),
    (workflow(triggers=[{"on": "schedule"}], subject="none"), "triggers[0]", "`cron` is required", None),
    (workflow(triggers=[{"on": "schedule", "cron": "@daily"}]), "triggers[0]", "for every contact", "where: true"),
    (workflow(triggers=[{"on": "manual", "zone": "x"}]), "triggers[0].zone", "has no `zone`", None),
]  # fmt: skip


@pytest.mark.parametrize(("data", "path", "message", "hint"), MISTAKES)
def test_mistakes(data: Any, path: str, message: str, hint: str | None) -> None:
    at, error, advice = first_error(data)
    assert (at, message in error) == (path, True), (at, error)
    if hint is not None:
        assert advice is not None
        assert hint in advice
    assert not error.endswith(".")


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(DefinitionError) as caught:
        read(workflow({"wait": "x"}, {"send_mail": "y"}, status="z"))
    assert [item["path"] for item in caught.value.details["problems"]] == [
        "status", "steps[0].wait.for", "steps[1].send_mail",
    ]  # fmt: skip


def test_at_most_a_hundred_steps() -> None:
    read(workflow(*({"wait": "1 h"} for _ in range(MAX_STEPS))))
    path, error, _ = first_error(workflow(*({"wait": "1 h"} for _ in range(MAX_STEPS + 1))))
    assert (path, error) == ("steps[100]", "a workflow has at most 100 steps, and this one has 101")


def test_warnings_for_steps_nobody_reaches_and_loops_without_a_wait() -> None:
    _, problems = check(
        workflow({"add_tag": "a", "id": "top"}, {"goto": "top"}, {"add_tag": "b"}, {"wait": "1 h"})
    )
    assert not problems.errors
    assert [(item.path, item.message) for item in problems.warnings] == [
        (("steps", 2), 'nobody can reach the step "add_tag-1"'),
        (("steps", 0), "top → goto-1 → top repeat without a wait"),
    ]
    _, problems = check(workflow({"add_tag": "a", "id": "top"}, {"wait": "1 d"}, {"goto": "top"}))
    assert not problems.warnings


def _short(value: str) -> str:
    if len(value) > 3:
        raise Invalid(f'"{value}" is too long', hint="abc")
    return value


class CreateTask(BaseModel):
    title: str
    code: Annotated[str, AfterValidator(_short)] = ""
    about: dict[str, Any] = {}
    contact_id: str
    deal_id: str | None = None
    assignee_id: UserId | None = None
    priority: int = 0


class MoveDeal(BaseModel):
    deal_id: str
    stage: StageId
    pipeline_id: PipelineId | None = None


class Strict(Known):
    def expression_error(self, text: str, place: Place) -> GhlError | None:
        if "citty" in text:
            return ExpressionError(
                'no field "citty" for a contact', hint="city?", column=text.index("citty") + 1
            )
        return None

    def template_error(self, text: str, place: Place) -> GhlError | None:
        return ExpressionError("unclosed", column=3) if "}}" not in text else None


CATALOGUE = Strict(
    known={
        "template": ["two-ideas"],
        "user": ["ines", "ines@example.com"],
        "tag": ["vip"],
        "sender": ["main"],
    },
    stages={"Sales": ["New", "Proposal"], "Renewals": ["Due"]},
    fields={"contact": ["city", "birthday", "score"], "deal": ["name"]},
    operations={"tasks.create": CreateTask, "deals.move": MoveDeal},
)

REFERENCES: list[tuple[Any, str, str, str | None]] = [
    (workflow({"send_email": "two-idea"}), "steps[0].send_email.template", 'template "two-idea" does not exist', "two-ideas?"),
    (workflow({"send_email": {"template": "two-ideas", "sender": "x"}}), "steps[0].send_email.sender", 'sender "x"', "main"),
    (workflow({"add_tag": "vpi"}), "steps[0].add_tag.tags", 'tag "vpi" does not exist', "vip?"),
    (workflow({"update_field": {"citi": 1}}), "steps[0].update_field.citi", 'a contact has no field "citi"', "city?"),
    (workflow({"wait_until": "birthdy"}), "steps[0].wait_until.field", "no field", "birthday?"),
    (workflow({"if": "citty == 'x'"}), "steps[0].if", 'no field "citty"', "city?"),
    (workflow({"tasks.crate": {}}), "steps[0].tasks.crate", 'no operation "tasks.crate"', "tasks.create?"),
    (workflow({"tasks.create": {"titel": "x"}}), "steps[0].tasks.create.titel", "the operation has no field", "title?"),
    (workflow({"tasks.create": {}}), "steps[0].tasks.create", "`title` is required", None),
    (workflow({"create_task": {"title": "x", "priority": "hi"}}), "steps[0].create_task.priority", "cannot be", None),
    (workflow({"create_task": {"title": "x", "assignee": "inez"}}), "steps[0].create_task.assignee", 'user "inez"', "ines?"),
    (workflow({"create_task": {"title": "x", "code": "long"}}), "steps[0].create_task.code", "too long", "abc"),
    (
        workflow({"create_task": {"title": "x", "about": {"a": ["{{ y"]}}}),
        "steps[0].create_task.about.a[0]", "unclosed", None,
    ),
    (
        workflow({"wait_for": {"event": "task.completed", "where": "citty"}}),
        "steps[0].wait_for.where", "citty", None,
    ),
    (workflow({"create_task": {"title": "{{ x"}}), "steps[0].create_task.title", "unclosed", None),
    (workflow({"move_deal": "Proposal"}), "steps[0].move_deal", "`deal_id` is required; the subject", None),
    (workflow({"move_deal": "Propsal"}, subject="deal"), "steps[0].move_deal.stage", 'stage "Propsal"', "Proposal?"),
    (
        workflow({"move_deal": {"stage": "Due", "pipeline": "Sales"}}, subject="deal"),
        "steps[0].move_deal.stage", 'pipeline Sales has no stage "Due"', "New, Proposal",
    ),
    (workflow(triggers=[{"on": "contact.changed", "fields": ["citi"]}]), "triggers[0].fields", "no field", "city?"),
    (workflow(triggers=[{"on": "contact.tag_added", "tag": "vop"}]), "triggers[0].tag", 'tag "vop"', "vip?"),
    (workflow(triggers=[{"on": "contact.created", "where": "citty"}]), "triggers[0].where", "citty", None),
]  # fmt: skip


@pytest.mark.parametrize(("data", "path", "message", "hint"), REFERENCES)
def test_references(data: Any, path: str, message: str, hint: str | None) -> None:
    at, error, advice = first_error(data, CATALOGUE)
    assert (at, message in error) == (path, True), (at, error)
    if hint is not None:
        assert advice is not None
        assert hint in advice


def test_ids_stand_for_names() -> None:
    made = read(workflow({"move_deal": {"stage": "7c41d9"}}, subject="deal"), CATALOGUE)
    assert made.steps[0].arguments == {"stage": "7c41d9"}


def test_names_become_the_operations_own_fields() -> None:
    made = read(
        workflow(
            {"create_task": {"title": "Call {{ contact.first_name }}", "assignee": "ines"}},
            {"add_tag": "vip"},
        ),
        CATALOGUE,
    )
    assert made.steps[0].arguments == {"title": "Call {{ contact.first_name }}", "assignee_id": "ines"}

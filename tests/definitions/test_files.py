"""Definition files: positions in errors, what is refused, the folder, and writing it all back."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from ghl.engine.render.files import dump_template, read_template
from ghl.engine.workflows.document import MAX_BYTES, Document, dump
from ghl.engine.workflows.files import Checked, dump_workflow, read_workflow, read_workflow_file
from ghl.engine.workflows.folder import read_folder
from ghl.errors import DefinitionError, ExpressionError, GhlError, Invalid, NotFound
from ghl.sdk.fields import PipelineId, StageId
from ghl.sdk.workflows.catalogue import Place

NURTURE = """\
# workflows/nurture.yaml
workflow: nurture
description: Two useful mails and a call for every qualified deal
status: active
subject: deal                       # a deal resolves to its contact
re_entry: after_exit                # never | after_exit | always | keyed

triggers:
  - on: deal.stage_changed
    where: after == "Qualified" && deal.amount >= money("1000 EUR")

steps:
  - send_email: {template: two-ideas}
    id: ideas
  - wait: 2 days
  - if: clicked("ideas")
    then:
      - tasks.create: {title: "Call {{ contact.first_name }}", due: +1 business day}
      - wait_for: {event: task.completed, timeout: 5 days}
    else:
      - send_email: {template: last-call}
        expiry: 8h
  - split: {short: 50, long: 50}        # sticky per person
    short:
      - send_email: {template: case-study-short}
    long:
      - send_email: {template: case-study-long}
"""
TEMPLATES = Checked(known={"template": ["two-ideas", "last-call", "case-study-short", "case-study-long"]})


def refused(text: str | bytes, catalogue: Checked | None = None) -> DefinitionError:
    with pytest.raises(DefinitionError) as caught:
        read_workflow(text, "nurture.yaml", catalogue)
    return caught.value


@pytest.mark.unit
def test_a_good_file_knows_its_lines_and_keeps_its_comments() -> None:
    found = read_workflow(NURTURE, "nurture.yaml", TEMPLATES)
    assert found.definition.name == "nurture"
    lines = {step.name: step.line for step in found.definition.steps}
    assert lines["ideas"] == 13
    assert lines["last-call"] == 21
    assert found.document.dump() == NURTURE
    assert not found.warnings


@pytest.mark.unit
@pytest.mark.parametrize(
    ("old", "new", "expected", "hint"),
    [
        ("two-ideas}", "two-idea}", 'nurture.yaml:13:28  template "two-idea" does not exist', "two-ideas?"),
        ("status: active", "status: actve", 'nurture.yaml:4:9  `status` cannot be "actve"', "active?"),
        ("re_entry:", "reentry:", 'nurture.yaml:6:1  there is no "reentry" here', "re_entry?"),
        ("wait: 2 days", "wait: 2 dayz", 'nurture.yaml:15:11  "2 dayz" is not a duration: there is no unit "dayz"', "2 days"),
        ("    then:", "    thne:", 'nurture.yaml:17:5  there is no "thne" here', "then?"),
        ("timeout: 5", "timout: 5", 'nurture.yaml:19:43  there is no "timout" here', "timeout?"),
        ("expiry: 8h", "goto: ideas", "nurture.yaml:22:9  a step has one verb", "two steps"),
        ("short: 50", "short: no", "nurture.yaml:23:20  a weight is a whole number", None),
        ("workflow: nurture", "workflow: nurture\nworkflow: b", 'nurture.yaml:3:1  the key "workflow" is written twice', None),
        ("  - wait", "\t- wait", "nurture.yaml:15:1  a tab cannot indent a line", "use spaces"),
        ('"Call {{ contact.first_name }}"', "{{ contact.first_name }}", "nurture.yaml:18:", "{{"),
        ("clicked(", "@clicked(", "nurture.yaml:16:9  a value that begins with this character must be quoted", None),
        ("description: Two", "description: Two: three", "nurture.yaml:3:17  there is a `:` too many", "quote"),
        ("steps:", "steps: [", "nurture.yaml:", None),
        ("id: ideas", "id: 5: 6", "nurture.yaml:14:", None),
        ("id: ideas", "3: 6", "nurture.yaml:14:5  the key '3' is not a word", "quote it"),
    ],
)  # fmt: skip
def test_mistakes_have_a_line_and_a_column(old: str, new: str, expected: str, hint: str | None) -> None:
    assert old in NURTURE
    error = refused(NURTURE.replace(old, new, 1), TEMPLATES)
    assert error.message.startswith(expected), error.message
    assert error.details["file"] == "nurture.yaml"
    assert error.message.startswith(f"nurture.yaml:{error.details['line']}:{error.details['column']}  ")
    if hint:
        assert error.hint is not None
        assert hint in error.hint


class MoveDeal(BaseModel):
    deal_id: str
    stage: StageId
    pipeline_id: PipelineId | None = None


class Expressions(Checked):
    def expression_error(self, text: str, place: Place) -> GhlError | None:
        at = text.find("citty")
        return ExpressionError('no field "citty"', hint="city?", column=at + 1) if at >= 0 else None


@pytest.mark.unit
@pytest.mark.parametrize(
    ("line", "place"),
    [
        ('- if: citty == "x"', "4:9"),
        ('- if: name == citty', "4:17"),
        ("- if: 'name == citty'", "4:18"),
        ('- if: "name == citty"', "4:18"),
        ("- if: |\n      a == citty\n    then: []", "5:12"),
    ],
)  # fmt: skip
def test_a_mistake_inside_an_expression_points_into_it(line: str, place: str) -> None:
    text = f"workflow: w\nre_entry: never\nsteps:\n  {line}\n"
    assert refused(text, Expressions()).message == f'nurture.yaml:{place}  no field "citty"'


@pytest.mark.unit
def test_all_mistakes_are_listed_in_the_order_of_the_file() -> None:
    text = NURTURE.replace("wait: 2 days", "wait: 2").replace("status: active", "status: x")
    problems = refused(text).details["problems"]
    assert [(item["line"], item["path"]) for item in problems] == [(4, "status"), (15, "steps[1].wait.for")]


@pytest.mark.unit
def test_warnings_have_a_line() -> None:
    found = read_workflow("workflow: w\nre_entry: never\nsteps:\n  - exit\n  - add_tag: a\n", "w.yaml")
    assert found.warning_lines == ['w.yaml:5:5  nobody can reach the step "add_tag-1"']


@pytest.mark.unit
def test_a_schedule_is_checked() -> None:
    text = "workflow: w\nre_entry: never\nsubject: none\ntriggers:\n  - {on: schedule, cron: '0 9 * * * *'}\n"
    assert refused(text).message == 'nurture.yaml:5:26  "0 9 * * * *" has 6 fields, and a cron rule has 5'


@pytest.mark.unit
@pytest.mark.security
@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("a: &x [1]\nb: *x\n", "2:4  aliases"),
        ("a: !!python/object:os.system {}\n", "1:4  tags"),
        ("a: !secret x\n", "1:4  tags"),
        ("a: 1\n---\nb: 2\n", "2:1  a second document"),
        ("a: " + "[" * 33 + "]" * 33, "1:35  this is nested deeper than 32"),
        ("[" * 500_000, "1:33  this is nested deeper"),
        ("a: " + "x" * MAX_BYTES, "1:1  the file has 1,000,003 bytes"),
        (b"a: \xff\n", "1:1  the file is not UTF-8"),
        ("a: \x00\n", "1:1  this cannot be read as YAML"),
        ("a: .nan\n", "1:4  this is not a number"),
        ("<<: {a: 1}\n", "1:1  merge keys"),
        ("? [a]\n: b\n", "1:3  the key"),
    ],
)
def test_refuses_what_no_definition_needs(text: str | bytes, part: str) -> None:
    error = refused(text)
    assert error.message.startswith(f"nurture.yaml:{part}"), error.message


@pytest.mark.unit
def test_yaml_surprises_stay_text() -> None:
    document = Document(
        "a: on\nb: NO\nc: 12:30:00\nd: 2026-12-24\ne: 1.5\nf: 007\ng: 2026-12-24T10:00:00Z\nh: ~\n", "x"
    )
    assert document.data == {
        "a": "on", "b": "NO", "c": "12:30:00", "d": "2026-12-24", "e": 1.5, "f": 7,
        "g": "2026-12-24T10:00:00+00:00", "h": None,
    }  # fmt: skip
    assert all(type(value) in (str, int, float, type(None)) for value in document.data.values())


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@pytest.mark.unit
@given(
    st.dictionaries(st.sampled_from(["a", "b c", "on", "1", "null", "x.y"]), VALUES, min_size=1, max_size=4)
)
def test_what_is_dumped_reads_back_and_dumps_the_same(data: dict[str, object]) -> None:
    text = dump(data)
    assert Document(text, "x").data == data
    assert dump(Document(text, "x").data) == text


@pytest.mark.unit
def test_a_workflow_dumps_canonically() -> None:
    data = read_workflow(NURTURE, "n.yaml").definition.data
    text = dump_workflow(dict(reversed(data.items())))
    assert text.startswith("workflow: nurture\ndescription: ")
    assert read_workflow(text, "n.yaml").definition.data == data
    assert dump_workflow(read_workflow(text, "n.yaml").definition.data) == text


WELCOME = """\
---
subject: "Welcome, {{ contact.first_name }}"
kind: transactional
---

<p>Hello</p>
"""


@pytest.mark.unit
def test_a_template_with_a_name_of_its_own() -> None:
    text = WELCOME.replace("kind:", "name: hello\ndescription: First mail\nkind:")
    found = read_template(text.encode(), "welcome.txt")
    assert (found.name, found.description, found.format) == ("hello", "First mail", "text")
    assert read_template(dump_template(found), "welcome.txt") == found.model_copy(update={"body_line": 7, "subject_column": 10})


@pytest.mark.unit
def test_a_template_file() -> None:
    found = read_template(WELCOME, "templates/welcome.html")
    assert (found.name, found.kind, found.format, found.body_line) == ("welcome", "transactional", "html", 6)
    assert found.body == "<p>Hello</p>\n"
    assert read_template(dump_template(found), "templates/welcome.html").body == found.body
    assert read_template(WELCOME.replace("\n", "\r\n"), "welcome.md").body == "<p>Hello</p>\n"


@pytest.mark.unit
@pytest.mark.parametrize(
    ("text", "file", "expected"),
    [
        ("<p>x</p>", "a.html", "a.html:1:1  a template begins with its subject"),
        ("---\nsubject: x\n", "a.html", "a.html:1:1  the line --- that ends"),
        ("---\nkind: marketing\n---\n", "a.html", "a.html:2:1  `subject` is required"),
        ("---\nsubject: x\nkind: promo\n---\n", "a.html", 'a.html:3:7  `kind` cannot be "promo"'),
        ("---\nsubject: {{ x }}\n---\n", "a.html", "a.html:2:"),
        ("---\nsubject: x\nbcc: y\n---\n", "a.html", 'a.html:3:1  there is no "bcc" here'),
        ("x", "a.docx", "a.docx is not a template file"),
        (b"\xff", "a.html", "a.html:1:1  the file is not UTF-8"),
    ],
)
def test_wrong_template_files(text: str | bytes, file: str, expected: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        read_template(text, file)
    assert caught.value.message.startswith(expected), caught.value.message


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


FOLDER = {
    "workflows/nurture.yaml": NURTURE,
    "workflows/nurture.test.yaml": "people: []\n",
    "templates/two-ideas.html": WELCOME,
    "templates/last-call.html": WELCOME,
    "templates/case-study-short.md": WELCOME,
    "templates/case-study-long.md": WELCOME,
    "pipelines/sales.yaml": "pipeline: Sales\nstages:\n  - New\n  - {name: Qualified, probability: 30}\n",
    "fields.yaml": "contact:\n  plan: {type: select, options: [free, pro]}\n  birthday: date\n",
    "tags.yaml": "- vip\n- {name: lead, description: Not a customer yet}\n",
    "senders.yaml": 'main: "Ines <ines@example.com>"\n',
}


@pytest.mark.unit
def test_a_folder(tmp_path: Path) -> None:
    folder = read_folder(write(tmp_path, FOLDER), Checked(known={"template": []}))
    assert list(folder.workflows) == ["nurture"]
    assert sorted(folder.templates) == ["case-study-long", "case-study-short", "last-call", "two-ideas"]
    assert [stage.probability for stage in folder.pipelines["Sales"].stages] == [None, 30]
    assert sorted(folder.fields) == ["contact.birthday", "contact.plan"]
    assert list(folder.tags) == ["vip", "lead"]
    assert folder.senders["main"].from_ == "Ines <ines@example.com>"
    assert folder.files["workflow", "nurture"] == "workflows/nurture.yaml"


@pytest.mark.unit
def test_workflows_may_use_what_the_folder_adds(tmp_path: Path) -> None:
    text = """\
workflow: w
re_entry: never
subject: deal
triggers: [{on: contact.tag_added, tag: vip}]
steps:
  - deals.move: {stage: Qualified, pipeline: Sales}
  - update_field: {contact.plan: pro}
  - add_tag: "{{ x }}"
  - send_email: {template: two-ideas, sender: main}
"""
    account = Checked(
        known={"template": [], "tag": [], "sender": []}, stages={}, fields={"contact": ["city"]},
        operations={"deals.move": MoveDeal},
    )  # fmt: skip
    write(
        tmp_path,
        FOLDER | {"workflows/nurture.yaml": text.replace("contact.tag_added, tag: vip", "deal.created")},
    )
    assert list(read_folder(tmp_path, account).workflows) == ["w"]
    write(tmp_path, {"workflows/nurture.yaml": text.replace("deal\n", "contact\n")})
    with pytest.raises(DefinitionError, match=r"workflows/nurture.yaml:6:\d+  `deal_id` is required"):
        read_folder(tmp_path, account)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (
            "workflows/nurture.yaml",
            NURTURE.replace("two-ideas", "two-idea"),
            "workflows/nurture.yaml:13:28  template",
        ),
        (
            "workflows/b.yml",
            NURTURE,
            'workflows/nurture.yaml:1:1  the workflow "nurture" is already defined: workflows/b.yml',
        ),
        (
            "pipelines/sales.yaml",
            "pipeline: Sales\nstages: [A, A]\n",
            'pipelines/sales.yaml:2:13  two stages have the name "A"',
        ),
        ("pipelines/sales.yaml", "pipeline: Sales\n", "pipelines/sales.yaml:1:1  `stages` is required"),
        (
            "pipelines/sales.yaml",
            "pipeline: S\nstages:\n- {name: A, probability: 200}\n",
            "pipelines/sales.yaml:3:26  ",
        ),
        ("fields.yaml", "contact: {Plan: text}\n", 'fields.yaml:1:11  "Plan" cannot be the key'),
        (
            "fields.yaml",
            "contact: {plan: select}\n",
            "fields.yaml:1:17  a field of type select needs its `options`",
        ),
        ("fields.yaml", "contact: {plan: txt}\n", 'fields.yaml:1:17  `type` cannot be "txt"'),
        ("fields.yaml", "lead: {plan: text}\n", "fields.yaml:1:1  fields cannot belong to"),
        ("tags.yaml", "vip: 1\n", "tags.yaml:1:1  tags are a list"),
        ("tags.yaml", "- 3\n", "tags.yaml:1:3  this must be a mapping, not 3"),
        ("fields.yaml", "contact: [a]\n", "fields.yaml:1:10  this must be a mapping, not a list"),
        ("fields.yaml", "contact: {plan: [a]}\n", "fields.yaml:1:17  this must be a mapping, not a list"),
        ("senders.yaml", "main: {reply_to: a}\n", "senders.yaml:1:7  `from` is required"),
        ("tags.yaml", "- a\n- a\n", 'tags.yaml:1:1  the tag "a" is already defined: it is there twice'),
        ("senders.yaml", "main: {from: a, password: x}\n", "senders.yaml:1:17  `password` does not belong"),
    ],
)
def test_wrong_folders(tmp_path: Path, name: str, text: str, expected: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        read_folder(write(tmp_path, FOLDER | {name: text}), Checked(known={"template": []}))
    assert caught.value.message.startswith(expected), caught.value.message


@pytest.mark.unit
def test_missing_files_and_folders(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match="there is no folder"):
        read_folder(tmp_path / "none")
    with pytest.raises(NotFound, match="there is no file"):
        read_workflow_file(tmp_path / "none.yaml")
    with pytest.raises(Invalid, match="cannot be read"):
        read_workflow_file(tmp_path)
    assert not read_folder(tmp_path).workflows

"""Templates: files and their lines, names that are not there, Markdown, and what workflows give them."""

from __future__ import annotations

import pytest

import ghl
from ghl.errors import DefinitionError, GhlError, InUse, Invalid, TemplateError

pytestmark = pytest.mark.integration

FILE = """\
---
subject: "Hello {{ contact.first_name }}"
kind: transactional
---

<h1>Hi</h1>
<p>{{ contact.city }}</p>
"""
NEWS = """\
---
subject: News
---
# Hello {{ contact.first_name | default("you") }}

{% if contact.city is defined and contact.city %}
You live in *{{ contact.city }}*, see [this](https://example.com/{{ contact.last_name }}).
{% endif %}

<b>As it is</b>
"""


def flow(step: str, subject: str = "contact") -> str:
    return f"workflow: flow\nstatus: active\nsubject: {subject}\nre_entry: always\nsteps:\n{step}\n"


@pytest.mark.parametrize(
    ("wrong", "right", "place", "hint"),
    [
        ("contact.first_name }}", "contact.frist_name }}", "t/a.html:2:20  contact has no field", "contact.first_name?"),
        ("contact.city }}", "contact.city | uper }}", 't/a.html:7:22  there is no filter "uper"', "upper?"),
        ("contact.city }}", "contact.cty | default('x') }}", 't/a.html:7:7  contact has no field "cty"', "contact.city?"),
        ("contact.city }}", "contact.city", "t/a.html:7", None),
    ],
)  # fmt: skip
def test_a_mistake_in_a_file_is_told_by_its_line(crm: ghl.Client, wrong: str, right: str, place: str, hint: str | None) -> None:
    with pytest.raises(TemplateError) as caught:
        crm.templates.apply(source=FILE.replace(wrong, right), file="t/a.html")
    assert caught.value.message.startswith(place)
    assert caught.value.details["file"] == "t/a.html"
    assert caught.value.hint == hint or hint is None
    assert crm.templates.list().total == 0


def test_later_mistakes_know_the_file_too(crm: ghl.Client) -> None:
    made = crm.templates.apply(source=FILE, file="t/a.html")
    assert (made.name, made.file, made.kind, made.number) == ("a", "t/a.html", "transactional", 1)
    ann = crm.contacts.create(first_name="Ann")
    with pytest.raises(TemplateError, match=r"^t/a.html:7:4  contact.city has no value"):
        crm.templates.preview(template_id="a", contact_id=ann.id)
    moved = crm.templates.apply(source=FILE.replace("kind:", "description: First\nkind:"), file="t/a.html")
    assert (moved.number, moved.description) == (1, "First")
    with pytest.raises(TemplateError, match=r"^t/a.html:8:4  "):
        crm.templates.preview(template_id="a", contact_id=ann.id)
    edited = crm.templates.update(template_id="a", html="<p>{{ contact.city }}")
    assert (edited.file, edited.number) == (None, 2)
    with pytest.raises(TemplateError, match=r"^the HTML, line 1: contact\.city has no value"):
        crm.templates.preview(template_id="a", contact_id=ann.id)
    crm.contacts.update(contact_id=ann.id, city="Faro")
    assert "Faro" in (crm.templates.preview(template_id="a", contact_id=ann.id).html or "")


def test_a_file_replaces_every_part(crm: ghl.Client) -> None:
    crm.templates.apply(source=FILE, file="a.html")
    found = crm.templates.apply(source=NEWS, file="a.md")
    assert found.html is None
    assert (found.markdown or "").startswith("# Hello")
    assert crm.templates.apply(source=NEWS, file="a.md").number == found.number == 2
    assert crm.templates.apply(source=NEWS, file="a.txt").markdown is None
    with pytest.raises(DefinitionError, match=r"a.html:2:1  `subject` is required"):
        crm.templates.apply(source="---\nkind: marketing\n---\nHi", file="a.html")


def test_markdown(crm: ghl.Client) -> None:
    crm.templates.apply(source=NEWS, file="news.md")
    ann = crm.contacts.create(first_name="<Ann>", last_name="Lee", city="Faro")
    message = crm.templates.preview(template_id="news", contact_id=ann.id)
    for part in ("<h1>Hello &lt;Ann&gt;</h1>", "<em>Faro</em>", 'href="https://example.com/Lee"', "<b>As it is</b>"):
        assert part in (message.html or "")
    assert message.text.startswith("Hello <Ann>\n") or "Hello <Ann>" in message.text
    assert "https://example.com/Lee" in message.text
    with pytest.raises(TemplateError, match=r'^news.md:7:17  contact has no field "cityy"'):
        crm.templates.apply(source=NEWS.replace("*{{ contact.city", "*{{ contact.cityy"), file="news.md")
    with pytest.raises(Invalid, match="not both"):
        crm.templates.update(template_id="news", html="<p>x")


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("{{ first_name }}", 'there is no "first_name" here', "{{ contact.first_name }}"),
        ("{{ contcat.email }}", 'there is no "contcat" here', "contact.email?"),
        ("{{ contact.custom.pln }}", 'contact.custom has no field "pln"', "contact.custom.plan?"),
        ("{{ contact.custom.zzz }}", 'contact.custom has no field "zzz"', "ghl fields add zzz"),
        ("{{ contact.company.name }}", 'contact.company is one value and has no "name"', "{{ contact.company }}"),
        ("{{ contact.emails.address }}", "contact.emails is a list", None),
        ("{{ contact.emails[0].adress }}", 'contact.emails[0] has no field "adress"', "contact.emails[0].address?"),
        ("{% for l in deal.lines %}{{ l.nme }}{% endfor %}", 'deal.lines[] has no field "nme"', "deal.lines[].name?"),
        ("{{ deal.amount.valu }}", 'deal.amount has no field "valu"', "deal.amount.value?"),
        ("{{ account.nme }}", 'account has no field "nme"', "account.name?"),
    ],
)  # fmt: skip
def test_names_that_are_not_there(crm: ghl.Client, text: str, message: str, hint: str | None) -> None:
    crm.fields.create(name="plan", type="text", noun="contact")
    for fields, part in (({"subject": text, "body": "x"}, "the subject: "), ({"subject": "x", "html": f"<p>\n{text}"}, "the HTML, line 2: ")):
        with pytest.raises(TemplateError) as caught:
            crm.templates.create(name="x", **fields)
        assert caught.value.message == part + message
        assert hint is None or caught.value.hint == hint


def test_names_that_are_there(crm: ghl.Client) -> None:
    crm.fields.create(name="plan", type="json", noun="contact")
    used = [
        "contact.plan", "contact.custom.plan.deep", "contact.emails[0].address", "contact.tags[0]", "company.name",
        "company.website", "owner.email", "account.postal_address", "now | date", "unsubscribe_url", "deal.amount | money",
        "deal.lines[0].price.currency", "contract.number", "offer",
    ]  # fmt: skip
    body = "".join(f"{{{{ {name} }}}}\n" for name in used) + "{% for tag in contact.tags %}{{ tag }}{% endfor %}"
    assert crm.templates.create(name="x", subject="x", body=body).number == 1


def test_a_step_gives_what_its_template_needs(crm: ghl.Client) -> None:
    crm.templates.create(name="offer", subject="{{ offer }}", body="{{ note | default('') }}")
    crm.templates.create(name="deal", subject="{{ deal.name }}", body="x")
    crm.templates.create(name="either", subject="{% if deal is defined %}{{ deal.name }}{% endif %}", body="x")
    for step, subject, message in (
        ("- send_email: offer", "contact", "6:15  template offer needs offer"),
        ("- send_email: deal", "contact", "6:15  template deal needs deal"),
        ("- send_email: {template: offer, data: {ofer: 1}}", "contact", "template offer needs offer"),
    ):
        with pytest.raises(DefinitionError) as caught:
            crm.workflows.apply(source=flow(step, subject), file="w.yaml")
        assert message in caught.value.message
    crm.workflows.apply(source=flow("- send_email: deal\n- send_email: either", "deal"), file="w.yaml")
    crm.workflows.apply(source=flow("- send_email: {template: offer, data: {offer: 1}}\n- send_email: either"), file="w.yaml")
    with pytest.raises(InUse, match="the workflow flow sends offer and gives no price") as used:
        crm.templates.update(template_id="offer", body="{{ price }}")
    assert "default" in (used.value.hint or "")
    crm.templates.update(template_id="offer", body="{{ price | default(1) }}")


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("- create_task: {title: 'Call {{ contact.frist_name }}'}", '6:33  contact has no field "frist_name"'),
        ("- create_note:\n    body: |\n      Hello\n      {{ dael.name }}", '9:10  there is no "dael" here'),
        ("- webhook: {url: 'https://example.com', body: {a: '{{ deal.name }}'}}", 'there is no "deal" here'),
        ("- webhook: example.com/hook", '6:12  "example.com/hook" is not http:// or https://'),
        ("- webhook: {url: 'https://exa mple.com'}", '6:18  "https://exa mple.com" holds a space'),
        ("- webhook: 'ftp://example.com/{{ contact.id }}'", '6:12  "ftp://example.com/'),
        ("- webhook: 'example.com/{{ contact.id }}'", '6:12  "example.com/'),
    ],
)  # fmt: skip
def test_texts_and_urls_of_steps(crm: ghl.Client, step: str, expected: str) -> None:
    with pytest.raises(GhlError) as caught:
        crm.workflows.apply(source=flow(step), file="w.yaml")
    assert expected in caught.value.message


def test_urls_that_may_be_called(crm: ghl.Client) -> None:
    steps = "\n".join(
        f"- webhook: '{url}'"
        for url in (
            "https://example.com", "http://intranet.example:8080/x?a=1#b", "https://example.com/{{ contact.id }}",
            "https://{{ contact.id }}.example.com", "{{ contact.website }}", "https://[2001:db8::1]/",
        )
    )  # fmt: skip
    assert crm.workflows.apply(source=flow(steps), file="w.yaml").changed

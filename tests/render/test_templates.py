"""What templates can do, and what their authors are told when something is wrong."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from markupsafe import Markup

from ghl.engine.render import Renderer, TemplateError, TemplateSource, check
from ghl.engine.render.child import CACHED, _answer
from ghl.engine.render.compiled import compile_short
from ghl.engine.render.meter import Meter
from ghl.engine.render.plain import plain
from ghl.engine.render.pool import JOBS_LIMIT, Pool
from ghl.engine.render.wire import encode, read_frame

pytestmark = pytest.mark.unit

ANN: dict[str, Any] = {
    "contact": {
        "first_name": "Ann", "last_name": "O'Neil", "email": "ann@example.com", "nickname": None, "city": "",
        "tags": ["lead", "vip"], "score": 85, "rate": 12.5, "note": "one\ntwo <b>", "site": "https://x.test/?a=1&b=2",
        "born": "1990-02-03", "seen": "2026-07-24T22:30:00.000Z",
    },
    "deal": {
        "amount": {"value": "1250.00", "currency": "EUR", "minor": 125000},
        "lines": [{"name": "Pen", "price": 3, "count": 2}, {"name": "Ink", "price": 4.5, "count": 1}],
    },
    "day": date(2026, 11, 24), "moment": datetime(2026, 11, 24, 10, 0, tzinfo=UTC), "exact": Decimal("2.50"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("Hi {{ contact.first_name }}", "Hi Ann"),
        ("Hi {{ contact.nickname | default('there') }}", "Hi there"),
        ("{{ contact.city | default('your town') }}", "your town"),
        ("{{ contact.nowhere | default('x') }}{{ nothing.at.all | d('y') }}", "xy"),
        ("{{ contact.score | default(0) }}", "85"),
        ("{{ contact.first_name | upper }} {{ 'aB' | lower }} {{ 'ann lee' | title }}", "ANN ab Ann Lee"),
        ("{{ contact.first_name.upper() }}{{ contact.last_name.replace('O', 'o') }}", "ANNo'Neil"),
        ("{{ contact.tags | join(', ') }} {{ contact.tags }} {{ contact.tags | length }}", "lead, vip lead, vip 2"),
        ("{{ contact.tags | first }} {{ contact.tags | last }} {{ contact.tags[0] }}", "lead vip lead"),
        ("{{ deal.lines | join('/', 'name') }} {{ deal.lines | sum('count') }}", "Pen/Ink 3"),
        ("{{ contact.rate | round }} {{ 2.345 | round(2) }} {{ 1234567 | number }}", "13 2.35 1,234,567"),
        ("{{ deal.amount }} {{ deal.amount | money }} {{ '12.5 USD' | money }}", "€1,250 €1,250 $12.50"),
        ("{{ contact.seen | date('%d %b') }} {{ contact.seen | time }}", "25 Jul 00:30"),
        ("{{ contact.seen | datetime }} {{ contact.seen | date('%F %R', 'UTC') }}", "25 Jul 2026, 00:30 2026-07-24 22:30"),
        ("{{ contact.born | date }} {{ day }} {{ day | date('%A') }}", "3 Feb 1990 24 Nov 2026 Tuesday"),
        ("{{ moment | time('%-I %p %Z') }} {{ exact }}", "11 am CET 2.50"),
        ("{{ 'a b&c' | urlencode }} {{ contact.note | truncate(6) }}", "a%20b%26c one…"),
        ("{% if contact.score > 80 and 'vip' in contact.tags %}yes{% else %}no{% endif %}", "yes"),
        ("{% if contact.nickname %}a{% elif contact.city is blank %}b{% endif %}", "b"),
        ("{% if contact.zip is defined %}a{% else %}b{% endif %}", "b"),
        ("{{ 'a' if contact.score is divisibleby(5) else 'b' }} {{ true }}{{ 'x' if false }}", "a yes"),
        ("{% for line in deal.lines %}{{ loop.index }}:{{ line.name }} {% endfor %}", "1:Pen 2:Ink "),
        ("{% for key, value in contact.items() if key == 'score' %}{{ key }}={{ value }}{% endfor %}", "score=85"),
        ("{% for t in [] %}x{% else %}none{% endfor %}", "none"),
        ("{% set total = 2 * contact.score + 1 %}{{ total }} {{ total / 2 }} {{ -total }} {{ 7 // 2 }} {{ 7 % 4 }}", "171 85.5 -171 3 3"),
        ("{{ contact.first_name ~ ' ' ~ contact.score }} {{ 'a' + 'b' }} {{ 2 ** 8 }}", "Ann 85 ab 256"),
        ("{{ {'lead': 'L', 'vip': 'V'}[contact.tags | last] }}", "V"),
        ("{{ contact.tags | sort(reverse=true) | join }} {{ [3, 1, 2] | sort | join }}", "vip, lead 1, 2, 3"),
        ("{{ 'a,b,,a' | split(',') | unique | join }} {{ [1, 2] | max }} {{ [1, 2] | min }}", "a, b 2 1"),
        ("{{ 1 }} deal{{ 1 | plural }}, {{ 2 }} {{ 2 | plural('person', 'people') }}", "1 deal, 2 people"),
        ("{{ contact.rate + 1 }} {{ contact.nickname is none }} {{ contact.zip is undefined }}", "13.5 yes yes"),
        ("{{ 3 is odd and 3 is gt(2) and 3 is number and 'a' is string and [] is sequence }}", "yes"),
        ("{{ {} is mapping and 1 is ne(2) and 1 is le(1) and 1 is ge(1) and 1 is lt(2) and 1 is eq(1) }}", "yes"),
        ("{{ true is true and false is false and 'a' is in(['a']) and 1 is equalto(1) and [] is blank }}", "yes"),
        ("{{ deal.lines | first | default('x') | length }} {{ contact | count }} {{ 'abc' | first }}", "3 12 a"),
        ("{{ 1234.5 | number }} {{ 1234.5 | number(2) }} {{ '3.50' | float }} {{ +3 }}", "1,234.5 1,234.50 3.5 3"),
        ("{{ deal.lines | sort('price', true) | join('/', 'name') }} {{ ['b', 'A', none] | sort | join }}", "Ink/Pen A, b"),
        ("{{ 'x' | e }}{{ 'a\nb' | nl2br }} {{ 'ann' | capitalize }} {{ 'x' | default('y', true) }}", "xa\nb Ann x"),
        ("{{ 0 | default(5, true) }} {{ [contact.exact | d(1)] | tojson }}", "5 [1]"),
        ("{{ {'a': [1, 'x<']} | tojson }}", '{"a": [1, "x\\u003c"]}'),
        ("{# a comment #}{% raw %}{{ raw }}{% endraw %}", "{{ raw }}"),
        ("{{ 'abc'.startswith('a') }} {{ 'abc' | reverse }} {{ ' a ' | trim }} {{ '7' | int }} {{ -3 | abs }}", "yes cba a 7 3"),
    ],
)  # fmt: skip
def test_a_text_is_filled_in(renderer: Renderer, template: str, expected: str) -> None:
    assert renderer.text(template, ANN, zone="Europe/Paris") == expected
    # Here and in a child process it is the same.
    assert compile_short(template, "text").fill(plain(ANN)[0], Meter("Europe/Paris")) == expected


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{ contact.nickname }}", "contact.nickname has no value"),
        ("{{ contact.zip }}", "contact.zip has no value"),
        ("{{ contact.company.name }}", "contact.company.name has no value"),
        ("{{ contact.nickname | upper }}", "contact.nickname has no value"),
        ("{{ contact.nickname ~ 'x' }}", "contact.nickname has no value"),
        ("{{ contact.nickname + 1 }}", "contact.nickname has no value"),
        ("{% if contact.zip %}{% endif %}", "contact.zip has no value"),
        ("{% if contact.nickname > 3 %}{% endif %}", "contact.nickname has no value"),
        ("{% for x in contact.zip %}{% endfor %}", "contact.zip has no value"),
        ("{% for l in deal.lines %}{{ l.weight }}{% endfor %}", "l.weight has no value"),
        ("{% for x in contact.first_name %}{% endfor %}", "contact.first_name is not a list"),
        ("{{ contact }}", "contact is a group of values: name one of them"),
        ("{{ deal.lines }}", "deal.lines is a list of records: go through it with for"),
        ("{{ contact.first_name | date }}", '"Ann" is not a date'),
        ("{{ contact.first_name | round }}", '"Ann" is not a number'),
        ("{{ contact.seen | date('%Q') }}", 'a date format has no "%Q"'),
        ("{{ contact.seen | date('%F', 'Mars/One') }}", 'there is no time zone "Mars/One"'),
        ("{{ contact.tags > 3 }}", "values are compared or used that do not fit together"),
        ("{{ 1 / 0 }}", "1 / 0 cannot be calculated"),
        ("{{ 2 ** 999 }}", "** takes a base up to a million and an exponent up to 64"),
        ("{{ 999999 ** 60 }}", "the result of ** is too large"),
        ("{{ (-8) ** 0.5 }}", "the result of ** is too large"),
        ("{{ true + 1 }}", '"True" is not a number to calculate with'),
        ("{{ (contact.zip or 1) + 1 }}", "contact.zip has no value"),
        ("{{ contact[contact.zip] }}", "contact.zip has no value"),
        ("{{ contact[contact.tags] }}", "only a text or a whole number can be looked up"),
        ("{{ contact.score | default(1) | items }}", "items cannot be used so"),
        ("{{ contact.score | float | int | upper(1) }}", "upper cannot be used so"),
        ("{{ contact.first_name is even }}", '"Ann" is not a number'),
        ("{{ 3 is divisibleby(0) }}", 'the test "divisibleby" cannot be used so'),
        ("{{ contact.first_name | sum }}", "a text is not a list"),
        ("{{ contact.score | join }}", "only a list can be gone through"),
        ("{{ [] | max }}", "an empty list has no largest or smallest"),
        ("{{ 1 | round(50) }}", "round takes -12 to 12 decimals"),
        ("{{ contact.tags | join(contact.zip) }}", "contact.zip has no value"),
        ("{{ {} | money }}", "amount has no value"),
        ("{{ none | upper }}", "an empty value has no text"),
        ("{% set x = contact.zip %}{{ x }}", "x has no value"),
    ],
)
def test_an_error_names_the_value(renderer: Renderer, template: str, message: str) -> None:
    for run in (
        lambda text: renderer.text(text, ANN),
        lambda text: compile_short(text, "text").fill(plain(ANN)[0], Meter()),
    ):
        with pytest.raises(TemplateError) as caught:
            run(f"line one\n{template}")
        assert message in caught.value.message
        assert caught.value.details["line"] == 2
        assert caught.value.field == "text"


@pytest.mark.parametrize(
    ("template", "message", "hint"),
    [
        ("{{ name | uper }}", 'there is no filter "uper"', "upper?"),
        ("{{ name is blnk }}", 'there is no test "blnk"', "blank?"),
        ("{{ name", "{{ or {% is not closed", "{{ contact.first_name }}"),
        ("{% if a", "{{ or {% is not closed", "{{ contact.first_name }}"),
        ("{% if a %}", "{% if %} is not closed", "{% endif %}"),
        ("{{ a b }}", 'expected }}, not "b"', None),
        ("{% if a b %}{% endif %}", 'expected %}, not "b"', None),
        ("{% endfor %}", "{% endfor %} closes nothing", "{% for … %} before it"),
        ("{% iff a %}", 'there is no tag "iff"', "if?"),
        ("{% zzz %}", 'there is no tag "zzz"', "tags: if, for, set and include"),
        ("{% macro m() %}{% endmacro %}", 'a template cannot use "macro"', "if, for, set and include"),
        ("{% extends 'x' %}", 'a template cannot use "extends"', None),
        ("{% include name %}", "include takes the name of a partial", None),
        ("{% include 'x' %}", 'there is no partial "x"', None),
        ("{{ f(1) }}", '"f" cannot be called in a template', None),
        ("{{ name.encode() }}", '"encode" cannot be called in a template', None),
        ("{{ name.truncate() }}", '"truncate" cannot be called in a template', "{{ value | truncate }}"),
        ("{{ name[:3] }}", "a text cannot be cut with [:]", "{{ text | truncate(50) }}"),
        ("{% for a in b %}{{ loop.cycle }}{% endfor %}", '"loop.cycle" is not something a loop has', None),
        ("{% for a in b %}{{ loop }}{% endfor %}", '"loop" is not something a loop has', None),
        ("{% for a in b recursive %}{% endfor %}", "a loop cannot be recursive", None),
        ("{% set a.b = 1 %}", "only a plain name can be set", None),
        ("{% set _a = 1 %}", "only a plain name can be set", None),
        ("{{ (1, 2) | sort(*a) }}", "sort cannot take these arguments", None),
        ("{{ {1: 2} }}", "the keys of a dictionary are texts", None),
        ("{{ (a + b).c }}", '".c" cannot be used here', None),
    ],
)
def test_what_is_wrong_is_known_before_anybody_is_written_to(
    template: str, message: str, hint: str | None
) -> None:
    source = TemplateSource(subject="Hello", text=f"\n\n{template}", body_line=4)
    with pytest.raises(TemplateError) as caught:
        check(source)
    assert message in caught.value.message
    assert caught.value.details["line"] == 6
    assert caught.value.field == "text"
    if hint:
        assert caught.value.hint == hint


def test_check_lists_what_a_template_uses() -> None:
    source = TemplateSource(
        subject="{{ contact.first_name | default('you') }}",
        html="<p>{{ deal.name }}</p>\n{% for line in deal.lines %}{{ line.price }}{{ loop.index }}{% endfor %}\n"
        "{% set x = contact.company %}{{ x.name }}{% include 'foot' %}",
        partials=(("foot", "<p>\n{{ account.address }}</p>\n"),),
        body_line=10,
    )
    found = {(one.path, one.line, one.part, one.optional, one.template) for one in check(source)}
    assert found == {
        ("contact.first_name", 1, "subject", True, None), ("deal.name", 10, "html", False, None),
        ("deal.lines", 11, "html", False, None), ("deal.lines[].price", 11, "html", False, None),
        ("contact.company", 12, "html", False, None), ("contact.company.name", 12, "html", False, None),
        ("account.address", 2, "html", False, "foot"),
    }  # fmt: skip


def test_a_partial_names_itself_in_its_errors(renderer: Renderer) -> None:
    source = TemplateSource(
        html="<p>a</p>{% include 'foot' %}<p>{{ b }}</p>", partials=(("foot", "<p>\n{{ a }}\n"),)
    )
    with pytest.raises(TemplateError) as caught:
        renderer.render(source, {"b": 1})
    assert caught.value.details == {"line": 2, "template": "foot"}
    with pytest.raises(TemplateError) as caught:
        renderer.render(source, {"a": 1})
    assert caught.value.details == {"line": 1}
    ring = TemplateSource(
        html="{% include 'a' %}", partials=(("a", "{% include 'b' %}"), ("b", "{% include 'a' %}"))
    )
    with pytest.raises(TemplateError, match="includes itself"):
        check(ring)


def test_html_is_escaped_and_text_is_not(renderer: Renderer) -> None:
    source = TemplateSource(
        subject="For {{ contact.note }}", html="<h1>{{ contact.last_name }}</h1><p>{{ contact.note | nl2br }}</p>"
        '<a href="{{ contact.site }}">{{ contact.site }}</a>', preheader="{{ contact.note }}",
    )  # fmt: skip
    message = renderer.render(source, ANN)
    assert message.subject == "For one two <b>"
    assert "<h1>O&#39;Neil</h1><p>one<br>\ntwo &lt;b&gt;</p>" in message.html
    assert '<a href="https://x.test/?a=1&amp;b=2">https://x.test/?a=1&amp;b=2</a>' in message.html
    assert message.text == "O'Neil\n\none\ntwo <b>\n\nhttps://x.test/?a=1&b=2\n"
    assert message.html.count("one\ntwo &lt;b&gt;</div>") == 1


def test_markup_from_outside_is_not_trusted(renderer: Renderer) -> None:
    message = renderer.render(TemplateSource(html="<p>{{ x }}</p>"), {"x": Markup("<script>")})
    assert "<p>&lt;script&gt;</p>" in message.html


def test_filters_after_nl2br_escape_again(renderer: Renderer) -> None:
    source = TemplateSource(html="<p>{{ x | nl2br | upper }}{{ y | e | trim }}</p>")
    message = renderer.render(source, {"x": "<i>\n", "y": "<b>"})
    assert "<i>" not in message.html.lower().replace("&lt;i&gt;", "")
    assert "<b>" not in message.html


def test_a_fragment_becomes_a_document_and_a_document_stays(renderer: Renderer) -> None:
    fragment = renderer.render(TemplateSource(html="<p>a</p>"), {})
    assert fragment.html.startswith("<!DOCTYPE html>")
    assert fragment.html.endswith("</html>")
    whole = "<html><body class='x'><p>a</p></body></html>"
    kept = renderer.render(TemplateSource(html=whole, preheader="See"), {})
    assert kept.html.startswith("<html><body class='x'><div style=")
    assert kept.text == "a\n"


def test_markdown(renderer: Renderer) -> None:
    body = (
        "# Hi {{ contact.first_name }}\n\n{% if contact.score > 3 %}\nYou **are** [here]({{ contact.site }}).\n"
        "{% endif %}\n\n{% for line in deal.lines %}\n* {{ line.name }}\n{% endfor %}\n\n<b>{ {{ contact.note }} *x*\n"
    )
    source = TemplateSource.of_body("s", body, "markdown", body_line=5)
    message = renderer.render(source, ANN)
    assert "<h1>Hi Ann</h1>" in message.html
    assert '<strong>are</strong> <a href="https://x.test/?a=1&amp;b=2">here</a>.' in message.html
    assert "<b>{ one\ntwo &lt;b&gt; <em>x</em>" in message.html
    assert "You are here (https://x.test/?a=1&b=2).\n\n* Pen\n\n* Ink\n" in message.text.replace(
        "\n\n\n", "\n\n"
    )
    with pytest.raises(TemplateError) as caught:
        renderer.render(TemplateSource.of_body("s", "a\n\n* b\n* {{ zip }}\n", "markdown", body_line=5), {})
    assert caught.value.details["line"] == 8


def test_a_text_of_its_own_is_used(renderer: Renderer) -> None:
    message = renderer.render(
        TemplateSource(subject="s", html="<p>{{ a }}</p>", text="Text <{{ a }}>\n"), {"a": 1}
    )
    assert message.text == "Text <1>\n"


def test_text_from_loops_and_tables_comes_from_the_result(renderer: Renderer) -> None:
    source = TemplateSource(
        html="<ol>{% for l in deal.lines %}<li>{{ l.name }}</li>{% endfor %}</ol>"
        "<table>{% for l in deal.lines %}<tr><td>{{ l.name }}</td><td>{{ l.price }}</td></tr>{% endfor %}</table>"
    )
    assert renderer.render(source, ANN).text == "1. Pen\n2. Ink\n\nPen  3\nInk  4.5\n"


def test_blocks_among_attributes(renderer: Renderer) -> None:
    source = TemplateSource(html='<p {% if a %}class="b"{% endif %} style="color: {{ c }}">x</p>')
    message = renderer.render(source, {"a": 1, "c": "#fff"})
    assert '<p class="b" style="color: #fff">x</p>' in message.html
    assert message.text == "x\n"
    with pytest.raises(TemplateError, match="cannot stand in a style"):
        renderer.render(source, {"a": 1, "c": "red; background: url(x)"})


def test_values_keep_their_types(renderer: Renderer) -> None:
    assert renderer.value("{{ contact.score }}", ANN) == 85
    assert renderer.value(" {{ contact.tags }} ", ANN) == ["lead", "vip"]
    assert renderer.value("{{ contact.nickname }}", ANN) is None
    assert renderer.value("{{ deal.lines[0].price * 2 }}", ANN) == 6
    assert renderer.value("{{ moment }}", ANN) == ANN["moment"]
    assert renderer.value("{{ exact * 2 }}", ANN) == Decimal("5.00")
    assert renderer.value("{{ contact.score }}!", ANN) == "85!"
    assert renderer.value("plain", ANN) == "plain"
    assert renderer.value("{{ contact.score }} }} {{ 1 }}", ANN) == "85 }} 1"
    assert renderer.value("{{ 'a}}b' }}", ANN) == "a}}b"
    assert renderer.value("{{ contact.score }} }}", ANN) == "85 }}"
    with pytest.raises(TemplateError, match=r"contact\.zip has no value"):
        renderer.value("{{ contact.zip }}", ANN)


def test_the_hash_is_of_the_three_parts(renderer: Renderer) -> None:
    source = TemplateSource(subject="{{ a }}", html="<p>{{ b }}</p>")
    one, two = (renderer.render(source, {"a": a, "b": b}) for a, b in (("1", "2"), ("12", "")))
    assert one == renderer.render(source, {"a": "1", "b": "2"})
    assert one.hash != two.hash
    assert len(one.hash) == 64


def test_a_batch_gives_errors_in_their_places(renderer: Renderer) -> None:
    people = [({"name": "A"}, "UTC"), ({"name": None}, "UTC"), ({}, "UTC"), ({"name": "B"}, "UTC")]
    results = list(renderer.render_many(TemplateSource(subject="{{ name }}", text="x"), people))
    assert [getattr(one, "subject", None) for one in results] == ["A", None, None, "B"]
    assert isinstance(results[1], TemplateError)


def test_control_characters_and_broken_text_are_left_out(renderer: Renderer) -> None:
    message = renderer.render(
        TemplateSource(subject="a{{ x }}b", text="{{ x }}"), {"x": "1\r\n\x00\x1b2\ud800"}
    )
    assert message.subject == "a1 2b"
    assert message.text == "1\r\n2"


def test_what_a_child_answers() -> None:
    known: dict[str, Any] = {}
    job = {"key": "k", "data": {"a": 1}, "zone": "UTC", "gives": False}
    assert _answer(job, known) == {"unknown": True}
    assert _answer(job | {"source": {"short": "x{{ a }}", "kind": "text"}}, known) == {"value": "x1"}
    assert _answer(job, known) == {"value": "x1"}
    value = job | {"key": "v", "gives": True, "source": {"short": "{{ a }}", "kind": "value"}}
    assert _answer(value, known) == {"value": 1}
    whole = {"source": {"subject": "{{ a }}", "html": "{% include 'p' %}", "partials": [["p", "<p>{{ a }}"]]}}
    assert _answer(job | {"key": "w", "source": whole}, known)["text"] == "1\n"
    wrong = _answer(job | {"key": "e", "data": {}, "source": {"short": "{{ a }}", "kind": "text"}}, known)
    assert (wrong["error"], wrong["details"]) == ("a has no value", {"line": 1, "column": 1})
    assert _answer({"key": "k"}, known) == {"error": "the template cannot be filled in (KeyError)"}
    for number in range(CACHED):
        _answer(job | {"key": f"n{number}", "source": {"short": "x", "kind": "text"}}, known)
    assert len(known) == CACHED
    assert _answer(job, known) == {"unknown": True}


def test_frames_of_values_read_back() -> None:
    from io import BytesIO

    value = {"a": [1, 2.5, None, True, "é\ud800"], "m": ANN["moment"], "d": ANN["day"], "x": Decimal("1.50")}
    assert read_frame(BytesIO(encode(value))) == value
    for broken in (b"", b"\0\0", b"\0\0\0\5{}", b"\0\0\0\2{]", b"\xff\xff\xff\xff"):
        with pytest.raises(EOFError):
            read_frame(BytesIO(broken))


def test_children_are_replaced() -> None:
    source = {"short": "{% for x in a %}{{ x }}{% endfor %}", "kind": "text"}
    job = {"data": {"a": [1, 2]}, "zone": "UTC", "gives": False}
    pool = Pool(1)
    assert pool.run("k", source, job) == {"value": "12"}
    first = next(iter(pool._watchdog.children))
    first.process.kill()
    first.process.wait()
    assert pool.run("k", source, job) == {"value": "12"}  # one that went away is not missed
    second = next(iter(pool._watchdog.children))
    second.jobs = JOBS_LIMIT - 1
    assert pool.run("k", source, job) == {"value": "12"}  # one that has done enough is let go
    assert second.process.poll() is not None
    pool.close()
    assert pool.run("k", source, job) == {"value": "12"}
    left = next(iter(pool._watchdog.children))
    pool.forget()  # as after a fork, where the child belongs to the parent
    assert left.process.poll() is None
    assert pool.run("k", source, job) == {"value": "12"}
    left.end()
    pool.close()

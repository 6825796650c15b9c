"""Attacks on templates: none gets out, none uses up the machine, none shows another person's data."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from ghl.engine.render import Renderer, TemplateError, TemplateSource, check
from ghl.engine.render.compiled import compile_template
from ghl.engine.render.plain import plain
from tests.render.attacks import ESCAPES, EXHAUSTING, TRACES

pytestmark = [pytest.mark.integration, pytest.mark.security]

DATA: dict[str, Any] = {
    "key": "__class__",
    "contact": {
        "first_name": "Ann", "tags": ["a", "b"], "seen": "2026-01-01", "html": "<b>raw</b>", "secret": "hidden",
        "name": "Ann",
    },
}  # fmt: skip

HEAVY: dict[str, Any] = DATA | {
    "a": "x", "moment": datetime(2026, 1, 1, tzinfo=UTC), "big": "a" * 200_000, "xs": list(range(3_000)),
    "commas": "ab," * 100_000,
    "deep": [[[str(n), [n] * 20] for n in range(m, m + 100)] for m in range(10)],
    "deeper": [[[str(n), [n] * 20] for n in range(m, m + 100)] for m in range(10)],
    "wide": [[[[str(n), [n] * 20] for n in range(m, m + 100)] for m in range(10)] for _ in range(2)],
}  # fmt: skip

DOUBLING = (
    ("self", "{% include 'self' %}"),
    *((f"double{n}", f"{{% include 'double{n + 1}' %}}" * 2) for n in range(1, 40)),
)


@pytest.mark.parametrize("template", ESCAPES)
@pytest.mark.parametrize("html", [False, True])
def test_no_template_gets_out(renderer: Renderer, template: str, html: bool) -> None:
    source = TemplateSource(html=f"<p>{template}</p>") if html else TemplateSource(text=template)
    before = repr(DATA)
    try:
        message = renderer.render(source, DATA)
    except TemplateError as error:
        said = f"{error.message} {error.hint}"
    else:
        said = message.html + message.text
        if html and "&lt;b&gt;raw&lt;/b&gt;" in message.html:
            said = message.html  # the text part shows what the HTML escapes
    assert not [trace for trace in TRACES if trace in said]
    assert "hidden" not in said or "items" in template
    # The same without the child's wall.
    try:
        alone = compile_template(source).fill(plain(DATA)[0])
    except TemplateError as error:
        said = f"{error.message} {error.hint}"
    else:
        said = alone.html if html else alone.text
    assert not [trace for trace in TRACES if trace in said]
    assert repr(DATA) == before


def test_the_corpus_is_large(renderer: Renderer) -> None:
    assert renderer.text("{{ a }}", HEAVY) == "x"  # the data itself is within the limits
    assert len(set(ESCAPES)) >= 50
    assert len(set(EXHAUSTING)) >= 40


# Those that only the child's deadline stops are tried as text alone: each takes all of it.
_TRIED = [
    (n, html)
    for n, one in enumerate(EXHAUSTING)
    for html in (False, True)
    if not html or not ("deep" in one or "x, x" in one)
]


@pytest.mark.parametrize(("number", "html"), _TRIED)
def test_no_template_uses_up_the_machine(renderer: Renderer, number: int, html: bool) -> None:
    template = EXHAUSTING[number]
    source = (
        TemplateSource(html=template, partials=DOUBLING)
        if html
        else TemplateSource(text=template, partials=DOUBLING)
    )
    started = time.monotonic()
    try:
        message = renderer.render(source, HEAVY)
    except TemplateError:
        pass
    else:
        assert len((message.html + message.text).encode()) <= 1024 * 1024
    taken = time.monotonic() - started
    started = time.monotonic()
    assert renderer.text("{% for a in contact.tags %}{{ a }}{% endfor %}", DATA) == "ab"
    following = time.monotonic() - started
    # The limits are 2 s and 1 s; a machine busy with other tests may be slower, never unbounded.
    assert taken < 10
    assert following < 10
    print(f"\n{taken:.2f} {following:.2f} {template[:50]!r}")


def test_the_memory_of_this_process_stays_bounded(renderer: Renderer) -> None:
    resource = pytest.importorskip("resource")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for template in EXHAUSTING:
        try:
            check(TemplateSource(text=template, partials=DOUBLING))
        except TemplateError:
            pass
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 256 * 1024


def test_an_object_is_refused() -> None:
    class Thing:
        name = "x"

        def delete(self) -> str:
            raise AssertionError

    class Text(str):
        __slots__ = ()

        def upper(self) -> str:
            raise AssertionError

        def __html__(self) -> str:
            raise AssertionError

    with Renderer() as renderer:
        for value in (Thing(), Thing, Thing().delete, {1, 2}, b"x", object(), iter([1]), 1j, float):
            with pytest.raises(TemplateError, match="which a template cannot use"):
                renderer.text("{{ x.name | default('') }}", {"x": value})
            with pytest.raises(TemplateError, match="which a template cannot use"):
                renderer.text("{{ x.y }}", {"x": {"y": [value]}})
        assert renderer.text("{{ x | upper }}{{ x.upper() }}", {"x": Text("a")}) == "AA"
        nested: Any = "x"
        for _ in range(50):
            nested = [nested]
        for value in (nested, 2**200, "x" * 9_000_000, {"\0": "moment"}, {1: 2}):
            with pytest.raises(TemplateError):
                renderer.text("{{ x }}", {"x": value})


@pytest.mark.parametrize(
    "payload",
    ["{{ 7 * 7 }}", "{% for a in b %}", "{{ contact.secret }}", "{# x #}", "{{", "%}", "{{ '{{' }}"],
)
def test_values_are_never_templates(renderer: Renderer, payload: str) -> None:
    for loop in ("", "{% for a in [1] %}{% endfor %}"):
        source = TemplateSource(subject="{{ x }}", html=f"<p>{{{{ x }}}}</p>{loop}", preheader="{{ x }}")
        message = renderer.render(source, {"x": payload, "contact": {"secret": "hidden"}})
        assert message.subject == payload
        assert message.text == f"{payload}\n"
        assert payload.replace("'", "&#39;") in message.html
        assert "49" not in message.subject + message.text
        markdown = renderer.render(
            TemplateSource(markdown="{{ x }}" + loop), {"x": payload, "contact": {"secret": "h"}}
        )
        assert payload in markdown.text


def test_nothing_of_one_person_reaches_another(renderer: Renderer) -> None:
    """10,000 messages, a fifth of them through the child processes, from four threads at once."""
    cheap = TemplateSource(
        subject="{{ contact.a }}",
        html="<p>{{ contact.b | upper }}{% if contact.c %}{{ contact.c }}{% endif %}</p>",
    )
    slow = TemplateSource(
        subject="{{ contact.a }}",
        html="{% set x = contact.b %}{% for t in contact.t %}<p>{{ t }}{{ x | upper }}</p>{% endfor %}",
    )

    def one(number: int) -> None:
        mark = f"<{number:05}>"
        contact = {"a": f"a{mark}", "b": f"b{mark}", "t": [f"t{mark}"]}
        if number % 3:
            contact["c"] = f"c{mark}"
        else:
            contact["c"] = None  # type: ignore[assignment]
        message = renderer.render(slow if number % 5 == 0 else cheap, {"contact": contact})
        for part in (message.subject, message.text):
            found = {piece[:5] for piece in part.split("<")[1:] if piece[5:6] == ">"}
            assert found == {f"{number:05}"}
        found = {piece[:5] for piece in message.html.split("&lt;")[1:]}
        assert found == {f"{number:05}"}

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(one, range(10_000)))


_WALLED = """
import sys
from ghl.engine.render import child
import socket, subprocess, os, zoneinfo
child._limit()
def tried(name, run):
    try:
        run()
    except (MemoryError, OSError) as error:
        print(name, type(error).__name__)
    else:
        print(name, "done")
tried("memory", lambda: bytearray(300 * 1024 * 1024))
tried("read", lambda: open("/etc/passwd"))
tried("write", lambda: open("zoneinfo-x", "w"))
tried("socket", lambda: socket.create_connection(("127.0.0.1", 9)))
tried("resolve", lambda: socket.getaddrinfo("localhost", 1))
tried("process", lambda: subprocess.run(["id"]))
tried("system", lambda: os.system("id"))
tried("remove", lambda: os.remove("x"))
tried("zone", lambda: zoneinfo.ZoneInfo("Europe/Lisbon"))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems limit less")
def test_a_child_can_do_nothing_but_calculate(tmp_path: Any) -> None:
    result = subprocess.run(
        [sys.executable, "-c", _WALLED], capture_output=True, text=True, cwd=tmp_path, timeout=60
    )
    answers = dict(line.split() for line in result.stdout.splitlines())
    assert answers.pop("memory") == "MemoryError"
    assert answers.pop("zone") == "done"
    assert set(answers.values()) == {"PermissionError"}, result.stdout + result.stderr
    assert len(answers) == 7
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("text", ["![" * 13_000, "a|b|c\n-|-|-\n" + "x\n" * 13_000, "**a" * 9_000, "a\n\n" * 20_000])
def test_long_markdown_is_refused_before_it_is_read(text: str) -> None:
    with pytest.raises(TemplateError, match="at most 24 KiB"):
        check(TemplateSource(subject="x", markdown=text))

"""Fills in templates: the cheap ones here, every other one in a child process with limits."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from hashlib import sha256
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal

from ghl.engine.render.plain import plain
from ghl.engine.render.source import OUTPUT_LIMIT, Reference, Rendered, TemplateSource
from ghl.errors import TemplateError

if TYPE_CHECKING:
    from ghl.engine.render.compiled import CompiledPart, CompiledTemplate
    from ghl.engine.render.pool import Pool

CHEAP_DATA = 256 * 1024
"""Data larger than this goes to a child whatever the template does with it."""

KEPT = 512
"""Templates that are kept ready."""

Kind = Literal["text", "value"]

_ALONE = re.compile(r"\{\{(?:(?!\}\}|\{\{).)+\}\}", re.DOTALL)


class Renderer:
    """Renders templates for many people, with what it compiled kept. Safe from any thread; close it.

    A template is rendered once: what a value holds is never read as a template. Data is a dictionary of
    plain values (texts, numbers, booleans, None, dates, lists, dictionaries); anything else is refused.
    """

    def __init__(self, processes: int | None = None) -> None:
        self._processes = processes
        self._pool: Pool | None = None
        self._lock = Lock()
        self._templates: OrderedDict[Any, CompiledTemplate | CompiledPart] = OrderedDict()
        self._keys: dict[Any, str] = {}

    def check(self, source: TemplateSource) -> list[Reference]:
        """What the template uses, with lines. TemplateError with part, line and hint where it is wrong."""
        return list(self._template(source).references)

    def render(self, source: TemplateSource, data: Mapping[str, Any], *, zone: str = "UTC") -> Rendered:
        """The message for one person; dates are shown in the zone.

        TemplateError names the value that is missing and its line, or the limit that was passed.
        """
        template = self._template(source)
        values, size = plain(data)
        if template.cheap and size <= CHEAP_DATA:
            return template.fill(values, zone)
        answer = self._in_child(source, {"source": asdict(source)}, values, zone)
        return _rendered(answer)

    def render_many(
        self, source: TemplateSource, people: Iterable[tuple[Mapping[str, Any], str]]
    ) -> Iterator[Rendered | TemplateError]:
        """The message of each (data, zone) in order. One that cannot be made is given as its error."""
        self._template(source)
        for data, zone in people:
            try:
                yield self.render(source, data, zone=zone)
            except TemplateError as error:
                yield error

    def check_text(self, source: str) -> list[Reference]:
        """What a short templated text uses, such as a workflow step's argument."""
        return list(self._part(source, "text").findings.references)

    def text(self, source: str, data: Mapping[str, Any], *, zone: str = "UTC") -> str:
        """A short templated text filled in, as plain text."""
        filled = self._short(source, "text", data, zone)
        return str(filled)

    def value(self, source: str, data: Mapping[str, Any], *, zone: str = "UTC") -> Any:
        """The value of a text that is one `{{ expression }}`, with its own type; of any other, its text."""
        stripped = source.strip()
        if _ALONE.fullmatch(stripped):
            return self._short(stripped, "value", data, zone)
        return self.text(source, data, zone=zone)

    def close(self) -> None:
        """End the child processes."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.close()

    def __enter__(self) -> Renderer:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _template(self, source: TemplateSource) -> CompiledTemplate:
        from ghl.engine.render import compiled  # jinja2 costs 40 ms, and most commands render nothing

        found = self._kept(source)
        if found is None:
            found = compiled.compile_template(source)
            self._keep(source, found)
        assert isinstance(found, compiled.CompiledTemplate)
        return found

    def _part(self, source: str, kind: Kind) -> CompiledPart:
        from ghl.engine.render import compiled  # as above

        found = self._kept((kind, source))
        if found is None:
            found = compiled.compile_short(source, kind)
            self._keep((kind, source), found)
        assert isinstance(found, compiled.CompiledPart)
        return found

    def _short(self, source: str, kind: Kind, data: Mapping[str, Any], zone: str) -> Any:
        from ghl.engine.render.meter import Meter

        part = self._part(source, kind)
        values, size = plain(data)
        if part.findings.cheap and size <= CHEAP_DATA:
            meter = Meter(zone)
            return part.give(values, meter) if kind == "value" else part.fill(values, meter)
        answer = self._in_child((kind, source), {"short": source, "kind": kind}, values, zone)
        return answer.get("value")

    def _kept(self, key: Any) -> CompiledTemplate | CompiledPart | None:
        with self._lock:
            found = self._templates.get(key)
            if found is not None:
                self._templates.move_to_end(key)
            return found

    def _keep(self, key: Any, template: CompiledTemplate | CompiledPart) -> None:
        with self._lock:
            self._templates[key] = template
            if len(self._templates) > KEPT:
                old, _ = self._templates.popitem(last=False)
                self._keys.pop(old, None)

    def _in_child(self, key: Any, source: dict[str, Any], data: dict[str, Any], zone: str) -> dict[str, Any]:
        from ghl.engine.render.pool import Pool  # only for templates that need a process

        with self._lock:
            if self._pool is None:
                self._pool = Pool(self._processes)
            pool = self._pool
            name = self._keys.get(key)
            if name is None:
                name = self._keys[key] = sha256(repr(key).encode("utf-8", "surrogatepass")).hexdigest()
        answer = pool.run(name, source, {"data": data, "zone": zone, "gives": source.get("kind") == "value"})
        if "error" in answer:
            details = answer.get("details")
            raise TemplateError(
                str(answer["error"]), hint=answer.get("hint"), field=answer.get("field"),
                **(details if isinstance(details, dict) else {}),
            )  # fmt: skip
        return answer


def _rendered(answer: dict[str, Any]) -> Rendered:
    """A child's answer, believed only as far as its shape goes."""
    subject, html, text = (answer.get(name) for name in ("subject", "html", "text"))
    if not (isinstance(subject, str) and isinstance(html, str) and isinstance(text, str)):
        raise TemplateError("the template cannot be filled in")
    if len(subject) + len(html) + len(text) > 2 * OUTPUT_LIMIT or "\n" in subject or "\r" in subject:
        raise TemplateError("the message is larger than 1 MiB")
    return Rendered.of(subject, html, text)

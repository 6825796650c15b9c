"""Templates made ready to fill in, and filling them in, in this very process."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType, TracebackType
from typing import Any

from jinja2 import Template, TemplateSyntaxError, nodes

from ghl.engine.channels.plaintext import plain_text
from ghl.engine.render.derived import mail_document, markdown_html, text_template
from ghl.engine.render.environment import Metered, Sandbox
from ghl.engine.render.findings import Findings
from ghl.engine.render.grammar import Grammar
from ghl.engine.render.meter import Meter
from ghl.engine.render.places import places
from ghl.engine.render.reading import explained
from ghl.engine.render.segments import Segment, expand, segments
from ghl.engine.render.source import MARKDOWN_LIMIT, Expanded, Part, Reference, Rendered, TemplateSource
from ghl.errors import TemplateError

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_WHITE = re.compile(r"\s+")
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")


@lru_cache(maxsize=2)
def sandbox(html: bool) -> Sandbox:
    """The one environment for HTML, and the one for everything else."""
    return Sandbox(html=html)


@dataclass(frozen=True, slots=True)
class CompiledPart:
    """One part of a template as code."""

    source: Expanded
    findings: Findings
    template: Template
    html: bool

    def fill(self, data: dict[str, Any], meter: Meter) -> str:
        """The part for one person's data, which `plain` has made safe."""
        context = self._context(data, meter)
        written: list[str] = []
        try:
            for chunk in self.template.root_render_func(context):
                meter.put(chunk)
                written.append(chunk)
        except TemplateError as error:
            raise self._placed(error, error.__traceback__) from None
        except RecursionError:
            raise self.source.error("the template is nested too deeply") from None
        except (TypeError, ArithmeticError, ValueError, LookupError) as error:
            line = self._line(error.__traceback__)
            raise self.source.error("values are compared or used that do not fit together", line) from None
        text = "".join(written)
        return _CONTROLS.sub("", text) if _CONTROLS.search(text) else text

    def give(self, data: dict[str, Any], meter: Meter) -> Any:
        """The value of a part that is one expression."""
        context = self._context(data, meter)
        try:
            for _ in self.template.root_render_func(context):
                pass
        except TemplateError as error:
            raise self._placed(error, error.__traceback__) from None
        except (TypeError, ArithmeticError, ValueError, LookupError):
            raise self.source.error("values are compared or used that do not fit together") from None
        return context.vars["given"]

    def _context(self, data: dict[str, Any], meter: Meter) -> Metered:
        context = Metered(self.template.environment, data, None, {})
        context.meter = meter
        return context

    def _placed(self, error: TemplateError, trace: TracebackType | None) -> TemplateError:
        """The error with the place in the source where it came up."""
        if "line" in error.details:
            return error
        return self.source.error(error.message, self._line(trace), hint=error.hint)

    def _line(self, trace: TracebackType | None) -> int:
        line = 1
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == _FILE:
                line = self.template.get_corresponding_lineno(trace.tb_lineno)
            trace = trace.tb_next
        return line


_FILE = "<template part>"


def compile_part(source: Expanded, *, html: bool, gives: bool = False) -> tuple[CompiledPart, list[Segment]]:
    """Check and compile one part. Everything wrong with it is a TemplateError with its line."""
    environment = sandbox(html)
    try:
        pieces = segments(environment, source)
        tree = environment.parse(source.text)
        contexts = places(source, pieces) if html else None
        expressions = sum(piece.kind == "expression" for piece in pieces)
        if expressions != _printed(tree):
            raise source.error("the template cannot be read")
        findings = Grammar(source, contexts, gives=gives).rewrite(tree)
        tree.set_environment(environment)
        code: CodeType = environment.compile(tree, filename=_FILE)
    except TemplateSyntaxError as error:
        message, hint = explained(error.message or "")
        raise source.error(message, error.lineno, hint=hint) from None
    except (RecursionError, MemoryError, SyntaxError):
        raise source.error("the template is nested too deeply") from None
    except ValueError as error:
        if isinstance(error, TemplateError):
            raise
        raise source.error("the template holds a number that cannot be read") from None
    template = Template.from_code(environment, code, {})
    return CompiledPart(source, findings, template, html), pieces


def _printed(tree: nodes.Template) -> int:
    return sum(
        not isinstance(child, nodes.TemplateData)
        for output in tree.find_all(nodes.Output)
        for child in output.nodes
    )


@dataclass(frozen=True, slots=True)
class CompiledTemplate:
    """A message template as code. `cheap`: it may be filled in without a process of its own."""

    parts: dict[Part, CompiledPart]
    cheap: bool
    text_from_html: bool
    references: list[Reference]
    """What it uses, in the order of its parts and with the places that its author knows."""

    def fill(self, data: dict[str, Any], zone: str = "UTC") -> Rendered:
        """The message for one person's data, which `plain` has made safe."""
        meter = Meter(zone)
        filled = {name: part.fill(data, meter) for name, part in self.parts.items()}
        html = filled.get("html", "")
        text = filled.get("text", "")
        if self.text_from_html:
            meter.spend(len(html) * 4)
            text = plain_text(html)
        elif "html" in filled:
            text = _BLANK_LINES.sub("\n\n", text).strip("\n") + "\n"
        return Rendered.of(_WHITE.sub(" ", filled["subject"]).strip(), html, text)


def compile_template(source: TemplateSource) -> CompiledTemplate:
    """Check and compile every part."""
    partials: Mapping[str, str] = dict(source.partials)
    parts: dict[Part, CompiledPart] = {}
    written: list[CompiledPart] = []  # what the author wrote, of which the rest is made
    parts["subject"], _ = compile_part(expand(source.subject, "subject", partials), html=False)
    written.append(parts["subject"])
    body, is_markdown = (source.markdown, True) if source.markdown else (source.html, False)
    from_html = False
    if body:
        pieces: list[Segment] = []
        expanded = expand(body, "html", partials, source.body_line)
        if is_markdown and len(expanded.text) > MARKDOWN_LIMIT:
            raise expanded.error(f"the Markdown of a template is at most {MARKDOWN_LIMIT // 1024} KiB")
        if is_markdown:
            made_of, pieces = compile_part(expanded, html=False)  # its errors have the author's lines
            written.append(made_of)
            expanded = markdown_html(pieces, expanded)
        preheader = expand(source.preheader, "preheader", partials)
        if preheader.text:
            written.append(compile_part(preheader, html=True)[0])
        expanded = mail_document(expanded, preheader.text)
        parts["html"], pieces = compile_part(expanded, html=True)
        written += [] if is_markdown else [parts["html"]]
        if not source.text:
            made = text_template(pieces, expanded)
            from_html = made is None
            if made is not None:
                parts["text"], _ = compile_part(made, html=False)
    if source.text or not body:
        parts["text"], _ = compile_part(expand(source.text, "text", partials, source.body_line), html=False)
        written.append(parts["text"])
    cheap = all(part.findings.cheap for part in parts.values())
    references = [reference for part in written for reference in part.findings.references]
    return CompiledTemplate(parts, cheap, from_html, references)


def compile_short(source: str, kind: str) -> CompiledPart:
    """A short text or, of the kind `value`, one expression."""
    part: Part = "value" if kind == "value" else "text"
    compiled, pieces = compile_part(expand(source, part, {}), html=False, gives=kind == "value")
    if kind == "value" and [piece.kind for piece in pieces] != ["expression"]:
        raise compiled.source.error("a value is one expression and nothing else")
    return compiled


def compile_any(source: dict[str, Any]) -> CompiledTemplate | CompiledPart:
    """What a parent process asks for, from its JSON form."""
    if "short" in source:
        return compile_short(source["short"], source["kind"])
    fields = dict(source["source"])
    fields["partials"] = tuple((name, text) for name, text in fields["partials"])
    return compile_template(TemplateSource(**fields))

"""Templates: checked before anybody is enrolled, then filled in for each person behind four walls.

The walls: a small part of Jinja2's grammar, the immutable sandbox without attributes, plain data only, and
a child process with limits for every template that is not provably cheap.
"""

from __future__ import annotations

from ghl.engine.render.renderer import Renderer
from ghl.engine.render.source import Reference, Rendered, TemplateSource
from ghl.errors import TemplateError

__all__ = ["Reference", "Rendered", "Renderer", "TemplateError", "TemplateSource", "check"]


def check(source: TemplateSource) -> list[Reference]:
    """What a template uses, with lines; TemplateError with part, line and hint where it is wrong."""
    return Renderer().check(source)

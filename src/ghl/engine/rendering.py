"""The process's one renderer, and filling in the arguments of steps."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ghl.engine.render import Renderer


@cache
def renderer() -> Renderer:
    """The process's renderer, with what it has compiled."""
    import atexit

    from ghl.engine.render import Renderer  # jinja2, where something is rendered

    made = Renderer()
    atexit.register(made.close)
    return made


def templated(value: Any) -> bool:
    """Whether a value has something to fill in."""
    if isinstance(value, str):
        return "{{" in value or "{%" in value
    if isinstance(value, Mapping):
        return any(templated(item) for item in value.values())
    return isinstance(value, list) and any(templated(item) for item in value)


def filled(value: Any, data: Mapping[str, Any], zone: str) -> Any:
    """A value with its texts rendered for one person.

    A text that is one expression gives what the expression gives where that is a list, an amount or
    nothing; everything else is text, which the fields of operations read.
    """
    if isinstance(value, str):
        if not templated(value):
            return value
        found = renderer().value(value, data, zone=zone)
        return found if found is None or isinstance(found, str | list | dict) else renderer().text(value, data, zone=zone)
    if isinstance(value, Mapping):
        return {key: filled(item, data, zone) for key, item in value.items()}
    return [filled(item, data, zone) for item in value] if isinstance(value, list) else value

"""What is wrong with a definition: the place, one sentence, and what to write instead."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from ghl.errors import DefinitionError, GhlError

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, or (as a warning) looks wrong, at one place of a definition.

    `column` and `row` count from 1 inside the text at the place, for an expression or a template.
    """

    path: Path
    message: str
    hint: str | None = None
    column: int | None = None
    at_key: bool = False
    row: int = 1

    def as_dict(self) -> dict[str, Any]:
        body: dict[str, Any] = {"path": written(self.path), "error": self.message}
        if self.hint:
            body["hint"] = self.hint
        if self.column:
            body["column"] = self.column
        return body


class Problems:
    """The errors and warnings found so far, in the order of finding."""

    def __init__(self) -> None:
        self.errors: list[Problem] = []
        self.warnings: list[Problem] = []

    def error(self, path: Path, message: str, hint: str | None = None, **more: Any) -> None:
        self.errors.append(Problem(path, message, hint, **more))

    def warn(self, path: Path, message: str, hint: str | None = None) -> None:
        self.warnings.append(Problem(path, message, hint))

    def unknown_key(self, path: Path, known: Collection[str], *, what: str = "there is no") -> None:
        key = str(path[-1])
        self.error(path, f'{what} "{key}" here', suggestion(key, known, "keys"), at_key=True)

    def of_validation(
        self,
        error: ValidationError,
        model: type[BaseModel] | None,
        place: Callable[[Path], Path],
    ) -> None:
        """Every error of pydantic as a problem; `place` turns its location into ours."""
        for item in error.errors(include_url=False):
            where = tuple(part for part in item["loc"] if not str(part).startswith("function-"))
            self.errors.append(_translated(where, item, model, place))

    def raise_first(self) -> None:
        """Raise the first error, if there is one, with all of them in its details."""
        if self.errors:
            first = self.errors[0]
            place = written(first.path)
            raise DefinitionError(
                f"{place}: {first.message}" if place else first.message,
                hint=first.hint,
                field=place or None,
                problems=[problem.as_dict() for problem in self.errors] if len(self.errors) > 1 else None,
            )


def written(path: Path) -> str:
    """The path as people write it: `steps[2].then[0].send_email.template`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def suggestion(name: str, known: Collection[str], noun: str | None = None) -> str | None:
    """The nearest known name and, where they are few, all of them."""
    close = difflib.get_close_matches(name, list(known), 1) or difflib.get_close_matches(
        name.lower(), [item.lower() for item in known], 1
    )
    near = next((item for item in known if item.lower() == close[0].lower()), close[0]) if close else None
    everything = f"{noun}: {', '.join(known)}" if noun and known and len(known) <= 30 else None
    parts = [f"{near}?" if near else None, everything]
    return "   ".join(part for part in parts if part) or None


def shown(value: Any) -> str:
    """What was found, short enough for a sentence."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:56] + '…"'


def _translated(
    where: Path, item: Any, model: type[BaseModel] | None, place: Callable[[Path], Path]
) -> Problem:
    kind, found = item["type"], item.get("input")
    cause = item.get("ctx", {}).get("error")
    path = place(where)
    if kind == "extra_forbidden":
        fields = model.model_fields if model and len(where) == 1 else {}
        names = [field.alias or name for name, field in fields.items()]
        hint = suggestion(str(path[-1]), names, "keys")
        return Problem(path, f'there is no "{path[-1]}" here', hint, at_key=True)
    if kind == "missing":
        return Problem(place(where[:-1]) if len(where) > 1 else path[:-1], f"`{where[-1]}` is required")
    if isinstance(cause, GhlError):
        return Problem(path, cause.message, cause.hint)
    if kind == "literal_error":
        allowed = [part.strip(" '") for part in item["ctx"]["expected"].replace(" or ", ", ").split(",")]
        return Problem(
            path, f"`{_last(path)}` cannot be {shown(found)}", suggestion(str(found), allowed, "allowed")
        )
    expected = item["msg"].removeprefix("Value error, ")
    return Problem(path, f"`{_last(path)}` cannot be {shown(found)}: {expected[:1].lower()}{expected[1:]}")


def _last(path: Path) -> str:
    return next((part for part in reversed(path) if isinstance(part, str)), "value")

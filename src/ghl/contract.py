"""The whole contract as data: operations, fields, events, errors, exit codes. Committed, so that every
change of it is a difference to be read."""

from __future__ import annotations

import typing
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel

from ghl import nouns
from ghl.errors import every
from ghl.sdk.fields import Bulk, Listing, Ref
from ghl.sdk.operation import Event, result_of
from ghl.sdk.wire import path_fields

COMMON = ("malformed", "invalid", "unauthenticated", "not_allowed", "busy")


def contract() -> dict[str, Any]:
    """Everything that programs rely on."""
    kinds = nouns.operations()
    return {
        "operations": {name: operation(kind) for name, kind in sorted(kinds.items())},
        "types": types(kinds.values()),
        "events": {event.__event__: _event(event) for event in _events()},
        "errors": {
            code: {"status": kind.status, "exit_code": kind.exit_code, "summary": (kind.__doc__ or "").split("\n")[0]}
            for code, kind in sorted(every().items())
        },
        "nouns": {noun.name: {"singular": noun.singular, "help": noun.help} for noun in nouns.NOUNS.values()},
    }


def operation(kind: Any) -> dict[str, Any]:
    """One operation."""
    route, in_path = kind.__route__, path_fields(kind)
    summary, _, more = (kind.__doc__ or "").strip().partition("\n")
    fields = {
        name: _field(info, "path" if name in in_path else "body" if route.method in ("POST", "PUT", "PATCH") else "query")
        for name, info in kind.model_fields.items()
    }
    about = {
        "noun": kind.__noun__ or None, "verb": kind.__verb__, "method": route.method, "path": route.path, "safe": route.safe, "status": route.status, "summary": summary,
        "fields": fields, "result": type_name(result_of(kind)), "errors": _errors(kind, fields),
    }  # fmt: skip
    return about | ({"description": " ".join(more.split())} if more.strip() else {})


def _field(info: Any, place: str) -> dict[str, Any]:
    about: dict[str, Any] = {"type": type_name(info.annotation), "required": info.is_required(), "in": place}
    reference = next((mark.noun for mark in info.metadata if isinstance(mark, Ref)), None)
    if reference:
        about["refers_to"] = reference
    if info.description:
        about["description"] = info.description
    default = info.default
    if not info.is_required() and default not in (None, False, [], {}) and isinstance(default, str | int | float | list):
        about["default"] = default
    return about


def types(kinds: Iterable[Any]) -> dict[str, Any]:
    """The records that operations take and answer with, and those within them."""
    todo = [annotation for kind in kinds for annotation in (result_of(kind), *_annotations(kind))]
    found: dict[str, Any] = {}
    while todo:
        one = todo.pop()
        metadata = getattr(one, "__pydantic_generic_metadata__", None)
        todo += [*typing.get_args(one), *(metadata["args"] if metadata else ())]
        name = type_name(one).partition("[")[0]
        if isinstance(one, type) and issubclass(one, BaseModel) and name not in found:
            fields = {field: _held(info) for field, info in one.model_fields.items()}
            found[name] = {"summary": (one.__doc__ or "").strip().split("\n")[0], "fields": fields}
            todo += _annotations(one)
    return dict(sorted(found.items()))


def _annotations(kind: Any) -> list[Any]:
    return [info.annotation for info in kind.model_fields.values()]


def _held(info: Any) -> dict[str, Any]:
    about = {"type": type_name(info.annotation)}
    return about | ({"description": info.description} if info.description else {})


def _errors(kind: Any, fields: dict[str, Any]) -> list[str]:
    found = set(COMMON)
    if any("refers_to" in about or about["in"] == "path" for about in fields.values()):
        found |= {"not_found", "ambiguous"}
    if not kind.__route__.safe:
        found |= {"conflict", "duplicate"}
    if "version" in fields:
        found.add("stale_version")
    if "plan" in fields:
        found.add("plan_changed")
    if issubclass(kind, Listing | Bulk):
        found.add("invalid_expression")
    return sorted(found)


def type_name(annotation: Any) -> str:
    """A type as people write it."""
    if annotation is type(None):
        return "null"
    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return type_name(args[0])
    if origin is typing.Literal:
        return " | ".join(repr(arg) for arg in args)
    if origin in (list, set, tuple):
        return f"list[{type_name(args[0])}]" if args else "list"
    if origin is dict:
        return f"dict[{type_name(args[0])}, {type_name(args[1])}]"
    if args and origin is not None and not isinstance(annotation, type):
        return " | ".join(type_name(arg) for arg in args)
    if isinstance(annotation, type):
        metadata = getattr(annotation, "__pydantic_generic_metadata__", None)
        if metadata and metadata["args"]:
            return f"{metadata['origin'].__name__}[{', '.join(type_name(arg) for arg in metadata['args'])}]"
        return annotation.__name__
    return str(annotation).removeprefix("typing.")


def _events() -> list[type[Event]]:
    todo, found = list(Event.__subclasses__()), []
    while todo:
        kind = todo.pop()
        todo += kind.__subclasses__()
        if kind.__event__:
            found.append(kind)
    return sorted(found, key=lambda kind: kind.__event__)


def _event(kind: type[BaseModel]) -> dict[str, Any]:
    return {
        "summary": (kind.__doc__ or "").strip().split("\n")[0],
        "fields": {name: type_name(info.annotation) for name, info in kind.model_fields.items()},
    }



"""Checks what the steps refer to against a catalogue, and names fields and operations in full."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, get_args

from pydantic import BaseModel, TypeAdapter, ValidationError

from ghl.errors import GhlError
from ghl.sdk.fields import Flag, Ref
from ghl.sdk.workflows.catalogue import Catalogue, Place
from ghl.sdk.workflows.problems import Path, Problems, suggestion
from ghl.sdk.workflows.tree import Node
from ghl.sdk.workflows.triggers import TRIGGERS
from ghl.sdk.workflows.values import is_templated

# The records that a subject leads to: an operation's `contact_id` or `deal_id` is filled in from them.
REACHES: dict[str, tuple[str, ...]] = {
    "contact": ("contact", "company"),
    "deal": ("deal", "contact", "company"),
    "company": ("company",),
    "none": (),
}
_FIELD_OF = {"contact": ("contact",), "deal": ("deal", "contact"), "company": ("company",), "none": ()}
_ID = re.compile(r"(?=.*\d)[0-9a-f-]{6,36}")
_PLURAL = {
    "template": "templates", "tag": "tags", "pipeline": "pipelines", "stage": "stages", "user": "users",
    "sender": "senders", "field": "fields",
}  # fmt: skip


class References:
    """One walk over nodes; every finding goes into `problems`, normal forms into the nodes."""

    def __init__(self, catalogue: Catalogue, subject: str, problems: Problems) -> None:
        self.catalogue = catalogue
        self.subject = subject
        self.problems = problems

    def check(self, node: Node) -> None:
        """Check one node, without its branches."""
        arguments, path = node.arguments, node.verb_path
        if node.when is not None:
            self.expression(node.when, (*node.path, "when"), "condition")
        if node.kind in ("if", "wait_for") and "when" in arguments:
            at = (*path, "when") if node.kind == "wait_for" else path
            self.expression(arguments["when"], at, "condition")
        if node.kind == "wait_for" and "event" in arguments:
            self._event(arguments, path)
        elif node.kind == "send_email":
            self._email(arguments, path)
        elif node.kind == "update_field" and "fields" in arguments:
            named = {
                self._field(str(key), (*path, str(key))): value for key, value in arguments["fields"].items()
            }
            arguments["fields"] = named
        elif node.kind == "wait_until" and "field" in arguments:
            arguments["field"] = self._field(arguments["field"], (*path, "field"), at_key=False)
        elif node.kind in ("add_tag", "remove_tag") and "tags" in arguments:
            self._tags(arguments, path)
        elif "." in node.kind:
            self._operation(node)
        elif node.kind == "webhook" and "url" in arguments:
            self._told(self.catalogue.url_error(arguments["url"]), (*path, "url"))
        for at, text in _texts(arguments, path):
            in_message = node.kind == "send_email" and at == (*path, "subject")
            self.template(text, at, self._of_message(arguments) if in_message else None)

    def expression(self, text: str, path: Path, use: str, event: str | None = None) -> None:
        error = self.catalogue.expression_error(text, Place(self.subject, use, event))
        self._told(error, path)

    def template(self, text: str, path: Path, place: Place | None = None) -> None:
        if is_templated(text):
            self._told(self.catalogue.template_error(text, place or Place(self.subject, "template")), path)

    def _of_message(self, arguments: dict[str, Any]) -> Place:
        """A message has the names that its step gives, beside those of the workflow."""
        return Place(self.subject, "message", given=tuple(arguments.get("data") or ()))

    def name(self, kind: str, value: Any, path: Path, within: str | None = None) -> None:
        """A name of something in the account, unless it is filled in per person or is an id."""
        if not isinstance(value, str) or is_templated(value) or _ID.fullmatch(value):
            return
        known = self.catalogue.names(kind, within)
        if known is None or value in known:
            return
        if kind == "stage" and within is not None:
            message = f'pipeline {within} has no stage "{value}"'
        else:
            message = f'{kind} "{value}" does not exist'
        self.problems.error(path, message, suggestion(value, known, _PLURAL.get(kind)))

    def _told(self, error: GhlError | None, path: Path) -> None:
        if error is not None:
            details = error.details
            row = details.get("line", 1) if error.field == "text" else 1
            self.problems.error(path, error.message, error.hint, column=details.get("column"), row=row)

    def _event(self, arguments: dict[str, Any], path: Path) -> None:
        name = arguments["event"]
        known = [kind.name for kind in TRIGGERS.values() if kind.noun is not None]
        if name not in known:
            hint = suggestion(name, known, "events")
            self.problems.error((*path, "event"), f'there is no event "{name}" to wait for', hint)
        elif "where" in arguments:
            self.expression(arguments["where"], (*path, "where"), "event", name)

    def _email(self, arguments: dict[str, Any], path: Path) -> None:
        if "contact" not in REACHES[self.subject] and "to" not in arguments:
            message = f"nobody to write to: the subject of this workflow is {self.subject}"
            self.problems.error(path, message, 'to: "address@example.com"')
        template, found = arguments.get("template"), len(self.problems.errors)
        self.name("template", template, (*path, "template"))
        if isinstance(template, str) and not is_templated(template) and found == len(self.problems.errors):
            place = self._of_message(arguments)
            self._told(self.catalogue.message_error(template, place), (*path, "template"))
        self.name("sender", arguments.get("sender"), (*path, "sender"))

    def _tags(self, arguments: dict[str, Any], path: Path) -> None:
        if arguments["of"] not in REACHES[self.subject]:
            message = f"no {arguments['of']} to tag: the subject of this workflow is {self.subject}"
            self.problems.error(path, message)
        for tag in arguments["tags"]:
            self.name("tag", tag, (*path, "tags"))

    def _field(self, written: str, path: Path, *, at_key: bool = True) -> str:
        """The field as `noun.field`; a bare one belongs to the subject."""
        noun, dot, name = written.partition(".")
        reach = _FIELD_OF[self.subject]
        if not dot or noun not in _FIELD_OF:
            noun, name = self.subject, written
        if noun not in reach:
            message = f'no {noun} here to have "{name}": the subject of this workflow is {self.subject}'
            self.problems.error(path, message, at_key=at_key)
            return written
        known = self.catalogue.names("field", noun)
        if known is not None and name not in known and name.removeprefix("custom.") not in known:
            hint = suggestion(name, known, "fields")
            self.problems.error(path, f'a {noun} has no field "{name}"', hint, at_key=at_key)
        return f"{noun}.{name}"

    def _operation(self, node: Node) -> None:
        path, names = node.verb_path, self.catalogue.operation_names()
        if names is None:
            return
        if node.kind not in names:
            message = f'there is no operation "{node.kind}"'
            self.problems.error(path, message, suggestion(node.kind, names), at_key=True)
            return
        model = self.catalogue.operation(node.kind)
        if model is not None:
            node.arguments = self._operation_fields(node.arguments, model, path)

    def _operation_fields(self, given: dict[str, Any], model: type[BaseModel], path: Path) -> dict[str, Any]:
        fields = model.model_fields
        short = _short_names(fields)
        named: dict[str, Any] = {}
        for key, value in given.items():
            name = key if key in fields else f"{key}_id" if f"{key}_id" in fields else short.get(key)
            if name is None:
                self.problems.unknown_key((*path, str(key)), list(fields), what="the operation has no field")
                continue
            named[name] = value
            kind = reference_of(fields[name])
            if kind is not None:
                self.name(
                    kind, value, (*path, str(key)), _plain(given, "pipeline") if kind == "stage" else None
                )
            elif not _has_template(value):
                self._value(value, fields[name], (*path, str(key)))
        filled = {f"{noun}_id" for noun in REACHES[self.subject]}
        for name, info in fields.items():
            if info.is_required() and name not in named and name not in filled:
                reason = f"; the subject of this workflow is {self.subject}" if name.endswith("_id") else ""
                self.problems.error(path, f"`{name}` is required{reason}", f"fields: {', '.join(fields)}")
        return named

    def _value(self, value: Any, info: Any, path: Path) -> None:
        """A constant is tried on the operation's own field, so a wrong one is found before anyone is inside."""
        annotation: Any = Annotated[(info.annotation, *info.metadata)] if info.metadata else info.annotation
        try:
            TypeAdapter(annotation).validate_python(value)
        except ValidationError as error:
            self.problems.of_validation(error, None, lambda where: path)
        except GhlError as error:
            self.problems.error(path, error.message, error.hint)


def reference_of(info: Any) -> str | None:
    """The noun whose record an operation's field names, `user` for an assignee; None for other fields."""
    todo = [info.annotation, *info.metadata]
    while todo:
        part = todo.pop()
        if isinstance(part, Ref):
            return part.noun
        todo += [*getattr(part, "__metadata__", ()), *get_args(part)]
    return None


def _short_names(fields: dict[str, Any]) -> dict[str, str]:
    """Fields by the names that the command line has for them: `due`, `assignee`."""
    flags = {name: part for name, info in fields.items() for part in info.metadata if isinstance(part, Flag)}
    return {flag.name: name for name, flag in flags.items() if flag.name}


def _plain(arguments: dict[str, Any], field: str) -> str | None:
    value = arguments.get(field, arguments.get(f"{field}_id"))
    return value if isinstance(value, str) and not is_templated(value) else None


def _has_template(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_has_template(item) for item in value.values())
    if isinstance(value, list):
        return any(_has_template(item) for item in value)
    return is_templated(value)


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Every text inside the arguments, with its place."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(item, (*path, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _texts(item, (*path, number))

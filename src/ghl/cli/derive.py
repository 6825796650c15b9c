"""A command from an operation: positions, options and help come from its fields."""

from __future__ import annotations

import inspect
import json
import sys
import typing
from collections.abc import Callable
from typing import Annotated, Any, get_args, get_origin

import typer
from pydantic.fields import FieldInfo

from ghl.cli.context import UsageError, current
from ghl.sdk.fields import Bulk, Flag, Listing, Ref
from ghl.sdk.operation import Operation, build, choices_of
from ghl.sdk.wire import is_many, is_structured, path_fields

Kind = type[Operation[Any]]

SPELLED = {"create": "add", "get": "show", "update": "edit"}
"""How the verbs of the contract are spelled here; the contract's own work too."""
HIDDEN = frozenset({"dry_run", "plan", "page_size", "cursor", "partial"})
"""Fields that global options or others stand for."""
PAIRS = {"emails": "email", "phones": "phone"}
"""One repeated option for the primary value and the whole list."""
MANY = {"update": "update_many", "delete": "delete_many", "restore": "restore_many"}
NAMED = ("name", "key", "title")
"""Required words that are written without an option."""
FIRST = {
    "tasks": "title", "tags": "name", "users": "name", "products": "name", "companies": "name", "deals": "name",
    "notes": "body", "pipelines": "name", "activities": "kind", "suppressions": "address",
}  # fmt: skip
"""The field of a new record that may be written first, without its option."""


def noun_of(info: FieldInfo) -> str | None:
    """The noun that a field refers to, if it does."""
    for mark in (*info.metadata, *_inner_metadata(info.annotation)):
        if isinstance(mark, Ref):
            return mark.noun
    return None


def _inner_metadata(annotation: Any) -> list[Any]:
    found: list[Any] = []
    for part in get_args(annotation):
        found += getattr(part, "__metadata__", ())
        found += _inner_metadata(part)
    return found


def option_name(name: str, info: FieldInfo) -> list[str]:
    """How a field is spelled as an option."""
    flag = next((mark for mark in info.metadata if isinstance(mark, Flag)), None)
    spelled = (flag.name if flag and flag.name else name).replace("_", "-")
    long = f"--{spelled}" if spelled != "fields" else "--take"
    return [long, flag.short] if flag and flag.short else [long]


def is_flag(annotation: Any) -> bool:
    """Whether a field is a yes or a no."""
    return annotation is bool or (bool in get_args(annotation) and not is_many(annotation))


def scalar(annotation: Any) -> type:
    """The type that the argument parser checks; everything else is checked by the operation."""
    kinds = {annotation, *get_args(annotation)}
    return int if int in kinds and str not in kinds else float if float in kinds and str not in kinds else str


class Parameters:
    """The parameters of one command, and how their values become the operation's fields."""

    def __init__(self, kind: Kind, many: Kind | None = None) -> None:
        self.kind = kind
        self.many = many
        self.parameters: list[inspect.Parameter] = []
        self._readers: dict[str, Callable[[Any], Any]] = {}
        self._fields()

    def _fields(self) -> None:
        kind = self.kind
        in_path = path_fields(kind)
        bulk = issubclass(kind, Bulk)
        positions = [n for n in kind.model_fields if n in in_path]
        positions += [
            n for n, info in kind.model_fields.items()
            if n not in in_path and info.is_required() and (noun_of(info) or n in NAMED) and not is_many(info.annotation)
        ]  # fmt: skip
        for name in positions:
            several = self.many is not None and name == positions[0]
            self._argument(name, kind.model_fields[name], several)
        if kind.__verb__ == "create" and kind.__noun__ in FIRST:
            self._first(FIRST[kind.__noun__])
        if bulk:
            self._argument("ids", kind.model_fields["ids"], True)
        if bulk or self.many is not None:
            self._option("where", FieldInfo(annotation=str | None, default=None, description="Every record for which this is true"))
            self._flag("partial", "Do what can be done and report the rest", False)
        for name, info in kind.model_fields.items():
            if name in positions or name in HIDDEN or (name in ("ids", "where", "partial") and (bulk or self.many)):
                continue
            if name in PAIRS and PAIRS[name] in kind.model_fields:
                continue
            self._field(name, info)
        if issubclass(kind, Listing) or "page_size" in kind.model_fields:
            self._listing()
        if kind.__route__.method == "PATCH":
            self._add("clear", Annotated[list[str], typer.Option("--clear", metavar="FIELD", help="Empty a field")], [])
        if kind.__route__.method in ("POST", "PUT", "PATCH"):
            self._add("input", Annotated[str | None, typer.Option("--input", metavar="FILE|-", help="Fields from a JSON file or stdin")], None)

    def _listing(self) -> None:
        self._add("limit", Annotated[int | None, typer.Option("--limit", min=1, help="At most so many records")], None)
        self._flag("all", "Every record, however many", False)
        self._add("cursor", Annotated[str | None, typer.Option("--cursor", help="Go on where a list ended")], None)

    def _add(self, name: str, annotation: Any, default: Any) -> None:
        self.parameters.append(
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default)
        )

    def _argument(self, name: str, info: FieldInfo, several: bool) -> None:
        noun = noun_of(info)
        metavar = (noun or name.removesuffix("_id")).upper() if name != "ids" else "REF"
        help_text = info.description or (f"The {noun}: id, the last 6 or more characters of it, or a unique name" if noun else name)
        if several:
            self._add(name, Annotated[list[str] | None, typer.Argument(metavar=f"[{metavar}]...", help=help_text, show_default=False)], None)
            return
        self._add(name, Annotated[str, typer.Argument(metavar=metavar, help=help_text, show_default=False)], inspect.Parameter.empty)

    def _first(self, name: str) -> None:
        info = self.kind.model_fields[name]
        mark = typer.Argument(metavar=f"[{name.upper()}]", help=info.description or name, show_default=False)
        self._readers["first"] = lambda value: {name: value}
        self._add("first", Annotated[str | None, mark], None)

    def _flag(self, name: str, help_text: str, default: bool | None) -> None:
        self._add(name, Annotated[bool, typer.Option(f"--{name.replace('_', '-')}", help=help_text)], default)

    def _option(self, name: str, info: FieldInfo) -> None:
        names = option_name(name, info)
        self._add(name, Annotated[str | None, typer.Option(*names, help=info.description or "", show_default=False)], None)

    def _field(self, name: str, info: FieldInfo) -> None:
        annotation, names = info.annotation, option_name(name, info)
        choices = choices_of(annotation)
        help_text = info.description or name.replace("_", " ").capitalize()
        if choices and not is_many(annotation):
            help_text += f" ({', '.join(choices)})"
        more: dict[str, Any] = {"help": help_text, "show_default": False}
        if info.is_required() and not is_many(annotation):
            help_text += " (required)"
            more["help"] = help_text
        plural = next((key for key, value in PAIRS.items() if value == name and key in self.kind.model_fields), None)
        if plural is not None:
            self._readers[name] = lambda values: _pair(name, plural, values)
            self._add(name, Annotated[list[str], typer.Option(*names, **more)], [])
        elif is_flag(annotation):
            if info.default is False:
                self._flag(name, help_text, False)
                self.parameters[-1] = self.parameters[-1].replace(
                    annotation=Annotated[bool, typer.Option(names[0], help=help_text)]
                )
            else:
                no = names[0].replace("--", "--no-", 1)
                self._add(name, Annotated[bool | None, typer.Option(f"{names[0]}/{no}", **more)], None)
        elif _is_mapping(annotation):
            self._readers[name] = lambda values: {name: _mapping(names[0], values)}
            self._add(name, Annotated[list[str], typer.Option(*names, metavar="KEY=VALUE", **more)], [])
        elif is_many(annotation):
            self._readers[name] = lambda values: {name: [_item(annotation, value) for value in values]}
            self._add(name, Annotated[list[str], typer.Option(*names, **more)], [])
        elif is_structured(annotation):
            self._readers[name] = lambda value: {name: _json(names[0], value)}
            self._add(name, Annotated[str | None, typer.Option(*names, metavar="JSON", **more)], None)
        else:
            self._add(name, Annotated[scalar(annotation) | None, typer.Option(*names, **more)], None)

    def values(self, given: dict[str, Any]) -> dict[str, Any]:
        """The operation's fields from what was typed."""
        fields: dict[str, Any] = {}
        source = given.pop("input", None)
        if source:
            fields |= read_input(source)
        for name, value in given.items():
            if name in ("clear", "limit", "all") or value is None or value == [] or (value is False and name not in fields and self._default_false(name)):
                continue
            fields |= self._readers[name](value) if name in self._readers else {name: value}
        for name in given.get("clear") or []:
            fields[name.replace("-", "_")] = None
        return fields

    def _default_false(self, name: str) -> bool:
        info = self.kind.model_fields.get(name)
        return info is None or info.default is False


def _is_mapping(annotation: Any) -> bool:
    kinds = (annotation, *get_args(annotation))
    return any(get_origin(one) is dict for one in kinds)


def _pair(name: str, plural: str, values: list[str]) -> dict[str, Any]:
    """One plain value sets the primary; several, or one with a label, are the whole list."""
    if len(values) == 1 and "=" not in values[0]:
        return {name: values[0]}
    word = "address" if name == "email" else "number"
    return {plural: [_object(value, word) for value in values]}


def _object(text: str, word: str) -> Any:
    """`address=…,label=work,primary` as an object; a plain text as itself."""
    if "=" not in text:
        return {word: text}
    found: dict[str, Any] = {}
    for part in text.split(","):
        key, equals, value = part.partition("=")
        found[key.strip()] = value.strip() if equals else True
    return found


def _item(annotation: Any, text: str) -> Any:
    if not is_structured(annotation):
        return text
    if text.startswith(("{", "[")):
        return _json("a list item", text)
    return _object(text, "name") if "=" in text else text


def _mapping(option: str, values: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for text in values:
        key, equals, value = text.partition("=")
        if not equals or not key.strip():
            raise UsageError(f'{option} takes KEY=VALUE, not "{text}"', hint=f"{option} size=large")
        found[key.strip()] = _json("a value", value) if value[:1] in ("{", "[") else value
    return found


def _json(what: str, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise UsageError(f"{what} is not JSON: {error}", hint='{"key": "value"}') from None


def read_input(source: str) -> dict[str, Any]:
    """The fields in a JSON file, or on stdin."""
    from ghl.errors import Malformed

    try:
        text = sys.stdin.read() if source == "-" else open(source, encoding="utf-8").read()  # noqa: SIM115
        data = json.loads(text)
    except OSError as error:
        raise Malformed(f"{source} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise Malformed(f"{source} is not JSON: {error}") from None
    if not isinstance(data, dict):
        raise Malformed(f"{source} must hold a JSON object", hint='{"first_name": "Ann"}')
    return data


def command(noun: str, verb: str, operations: dict[str, Kind]) -> Callable[..., Any]:
    """The function that Typer makes a command of."""
    kind = operations[verb]
    many = operations.get(MANY.get(verb, ""))
    parameters = Parameters(kind, many)

    def run(**given: Any) -> None:
        from ghl.cli import perform

        perform.perform(current(), noun, kind, many, parameters, given)

    run.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        sorted(parameters.parameters, key=lambda p: not isinstance(_mark(p), typer.models.ArgumentInfo))
    )
    run.__name__ = verb
    run.__doc__ = (kind.__doc__ or "").strip()
    return run


def _mark(parameter: inspect.Parameter) -> Any:
    return typing.get_args(parameter.annotation)[-1]


def built(kind: Kind, fields: dict[str, Any]) -> Operation[Any]:
    """The operation with these fields."""
    return build(kind, fields)



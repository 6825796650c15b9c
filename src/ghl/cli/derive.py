"""A command from an operation: positions, options and help come from its fields."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable
from typing import Annotated, Any, get_args, get_origin

import typer
from pydantic.fields import FieldInfo

from ghl import nouns
from ghl.cli import reading
from ghl.cli.context import UsageError, current
from ghl.cli.spelling import FIRST, HIDDEN, MANY, NAMED, OF, PAIRS, Options, metavar, noun_of
from ghl.sdk.fields import Bulk, Listing
from ghl.sdk.operation import Operation, choices_of
from ghl.sdk.wire import is_many, is_structured, path_fields

Kind = type[Operation[Any]]

REFERENCE = "id, its last 6 or more characters, or a unique name"


def is_flag(annotation: Any) -> bool:
    """Whether a field is a yes or a no."""
    return annotation is bool or (bool in get_args(annotation) and not is_many(annotation))


def scalar(annotation: Any) -> type:
    """The type that the argument parser checks; everything else is checked by the operation."""
    kinds = {annotation, *get_args(annotation)}
    return int if int in kinds and str not in kinds else float if float in kinds and str not in kinds else str


def is_mapping(annotation: Any) -> bool:
    """Whether a field is an object with keys of its own."""
    return any(get_origin(one) is dict for one in (annotation, *get_args(annotation)))


class Parameters:
    """The parameters of one command, and how their values become the operation's fields."""

    def __init__(self, kind: Kind, many: Kind | None = None) -> None:
        self.kind, self.many = kind, many
        self.parameters: list[inspect.Parameter] = []
        self._readers: dict[str, Callable[[Any], Any]] = {}
        fields = kind.model_fields
        self.bulk, self.ids = issubclass(kind, Bulk), "ids" in fields
        self.listed = next((n for n, one in fields.items() if n == "items" and one.is_required()), None)
        in_path = path_fields(kind)
        self.positions = [n for n in fields if n in in_path] + [
            n for n, info in fields.items()
            if n not in in_path and info.is_required() and (noun_of(info) or n in NAMED) and not is_many(info.annotation)
        ]  # fmt: skip
        self.rest = next(
            (n for n, one in fields.items() if one.is_required() and is_many(one.annotation) and noun_of(one) and not self.ids), None
        )  # fmt: skip
        chosen = ("ids", "where", "partial") if self.bulk or many is not None else ("ids",) if self.ids else ()
        self.optional = {
            name: info for name, info in fields.items()
            if name not in self.positions and name not in HIDDEN and name not in chosen and name not in (self.listed, self.rest)
            and not (name in PAIRS and PAIRS[name] in fields)
        }  # fmt: skip
        self.referring = {"ids", self.rest, *self.positions[:1]}
        self.options = Options(self.optional, {*chosen, "clear", "input", "limit", "all", "cursor"})
        self._positions()
        for name, info in self.optional.items():
            self._field(name, info)
        self._others()

    def _positions(self) -> None:
        fields = self.kind.model_fields
        for name in self.positions:
            several = self.many is not None and name == self.positions[0]
            self._argument(name, self.kind.model_fields[name], several)
        kind = self.kind
        first = FIRST.get(kind.__noun__) if kind.__verb__ == "create" else OF.get(f"{kind.__noun__}.{kind.__verb__}")
        if first is not None and first in self.optional:
            info = self.optional[first]
            word = first.removesuffix("_id")
            mark = typer.Argument(metavar=f"[{word.upper()}]", help=info.description or f"Of this {word}", show_default=False)
            self._readers["first"] = lambda value: {first: value}
            self._add("first", Annotated[str | None, mark], None)
        if self.rest is not None:
            info = fields[self.rest]
            word = (noun_of(info) or "").upper()
            mark = typer.Argument(metavar=f"{word}...", help=info.description or self.rest, show_default=False)
            self._add(self.rest, Annotated[list[str], mark], inspect.Parameter.empty)
        if self.ids:
            self._argument("ids", self.kind.model_fields["ids"], True)

    def _others(self) -> None:
        method = self.kind.__route__.method
        if self.bulk or self.many is not None:
            mark = typer.Option("--where", metavar="EXPR", help="Every record for which this is true")
            self._add("where", Annotated[str | None, mark], None)
        if "partial" in (self.many or self.kind).model_fields:
            self._add("partial", Annotated[bool, typer.Option("--partial", help="Do what can be done and report the rest")], False)
        if issubclass(self.kind, Listing) or "page_size" in self.kind.model_fields:
            self._add("limit", Annotated[int | None, typer.Option("--limit", min=1, metavar="N", help="At most so many records")], None)
            self._add("all", Annotated[bool, typer.Option("--all", help="Every record, however many")], False)
            if "cursor" in self.kind.model_fields:
                self._add("cursor", Annotated[str | None, typer.Option("--cursor", metavar="TEXT", help="Go on where a list ended")], None)
        if method == "PATCH":
            self._add("clear", Annotated[list[str], typer.Option("--clear", metavar="FIELD", help="Empty a field")], [])
        if method in ("POST", "PUT", "PATCH") and (self.optional or self.listed):
            what = "Records, as a JSON list or one object a line" if self.listed else "Fields, as JSON"
            self._add("input", Annotated[str | None, typer.Option("--input", metavar="FILE|-", help=f"{what}; - is stdin")], None)

    def _add(self, name: str, annotation: Any, default: Any) -> None:
        self.parameters.append(
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default)
        )

    def _argument(self, name: str, info: FieldInfo, several: bool) -> None:
        noun = noun_of(info)
        word = (noun or name.removesuffix("_id")).upper() if name != "ids" else nouns.NOUNS[self.kind.__noun__].singular.upper()
        help_text = info.description or (f"The {noun}: {REFERENCE}" if noun else f"The {name.removesuffix('_id')}")
        if several:
            mark = typer.Argument(metavar=f"[{word}]...", help=f"{help_text}; - reads them from stdin", show_default=False)
            self._add(name, Annotated[list[str] | None, mark], None)
            return
        mark = typer.Argument(metavar=word, help=help_text, show_default=False)
        self._add(name, Annotated[scalar(info.annotation), mark], inspect.Parameter.empty)

    def _field(self, name: str, info: FieldInfo) -> None:
        annotation, names, word = info.annotation, self.options.option(name, info), metavar(name, info)
        choices = choices_of(annotation)
        help_text = info.description or name.removesuffix("_id").replace("_", " ").capitalize()
        if choices and "|" not in word and not all(choice in help_text for choice in choices):
            help_text += f" ({', '.join(choices)})"
        if info.is_required():
            help_text += " (required)"
        more: dict[str, Any] = {"help": help_text, "show_default": False, "metavar": word}
        plural = next((key for key, value in PAIRS.items() if value == name and key in self.kind.model_fields), None)
        if plural is not None:
            self._readers[name] = lambda values: reading.pair(name, plural, values)
            self._add(name, Annotated[list[str], typer.Option(*names, **more)], [])
        elif is_flag(annotation):
            del more["metavar"]
            if info.default is False:
                self._add(name, Annotated[bool, typer.Option(names[0], **more)], False)
            else:
                no = names[0].replace("--", "--no-", 1)
                self._add(name, Annotated[bool | None, typer.Option(f"{names[0]}/{no}", **more)], None)
        elif is_mapping(annotation):
            self._readers[name] = lambda values: {name: reading.mapping(names[0], values)}
            self._add(name, Annotated[list[str], typer.Option(*names, **more | {"metavar": "KEY=VALUE"})], [])
        elif is_many(annotation):
            self._readers[name] = lambda values: {name: [reading.item(names[0], annotation, value) for value in values]}
            self._add(name, Annotated[list[str], typer.Option(*names, **more)], [])
        elif is_structured(annotation) and str not in get_args(annotation):
            self._readers[name] = lambda value: {name: reading.parsed(names[0], value)}
            self._add(name, Annotated[str | None, typer.Option(*names, **more | {"metavar": "JSON"})], None)
        else:
            self._add(name, Annotated[scalar(annotation) | None, typer.Option(*names, **more)], None)

    def values(self, given: dict[str, Any]) -> dict[str, Any]:
        """The operation's fields from what was typed."""
        fields: dict[str, Any] = {}
        source = given.pop("input", None)
        if source:
            fields |= reading.body(source, self.listed)
        for name, value in given.items():
            if (name in ("clear", "limit", "all") and name not in self.optional) or value is None or value == []:
                continue
            if value is False and name not in fields and self._false(name):
                continue
            if name in self.referring and isinstance(value, list):
                value = reading.references(value)
            fields |= self._readers[name](value) if name in self._readers else {name: value}
        for name in given.get("clear") or []:
            fields[self._cleared(name)] = None
        if self.ids and "tags" in self.optional:
            _plus_tags(fields)
        self._complete(fields)
        return fields

    def _cleared(self, typed: str) -> str:
        """The field that `--clear` names, by its own name or by its option's."""
        word = typed.replace("-", "_")
        options = {option.replace("-", "_"): name for name, option in self.options.names.items()}
        return word if word in self.kind.model_fields else options.get(word, word)

    def _false(self, name: str) -> bool:
        info = self.kind.model_fields.get(name)
        return info is None or info.default is False

    def _complete(self, fields: dict[str, Any]) -> None:
        """Required options are the command line's concern: said before anything is opened."""
        first = FIRST.get(self.kind.__noun__) if "first" in self._readers else None
        missing = [
            name.upper() if name == first else "--" + self.options.names[name].replace("_", "-")
            for name, info in self.optional.items() if info.is_required() and name not in fields
        ]  # fmt: skip
        if self.listed and self.listed not in fields:
            missing.append("--input FILE")
        if missing:
            raise UsageError(f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing", hint=None)


def _plus_tags(fields: dict[str, Any]) -> None:
    """`+vip` among the references of a tagging command is a tag."""
    words = fields.pop("ids", [])
    tags = [word[1:] for word in words if word[:1] == "+" and len(word) > 1]
    rest = [word for word in words if not (word[:1] == "+" and len(word) > 1)]
    if tags:
        fields["tags"] = [*fields.get("tags", []), *tags]
    if rest:
        fields["ids"] = rest


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
    run.canonical = parameters.options.canonical  # type: ignore[attr-defined]
    return run


def _mark(parameter: inspect.Parameter) -> Any:
    return typing.get_args(parameter.annotation)[-1]

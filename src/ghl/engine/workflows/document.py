"""One YAML document with the line and column of everything in it; refuses what a definition never needs."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from ghl.errors import DefinitionError
from ghl.sdk.workflows.problems import Path, Problem, written

MAX_BYTES = 1_000_000
MAX_DEPTH = 32
_UNQUOTED = ("a value that begins with {{ must be quoted", 'subject: "{{ contact.first_name }}, welcome"')


class Document:
    """A YAML text: `data` as plain JSON values, `raw` with its comments for writing it back.

    Positions count from 1. `first_line` moves them where the text is part of a larger file.
    """

    def __init__(self, text: str | bytes, file: str, *, first_line: int = 1) -> None:
        self.file = file
        self._first_line = first_line
        self.source = self._decoded(text)
        self._lines = self.source.splitlines()
        self.raw: Any = self._loaded()
        self.data: Any = self._plain(self.raw, ())

    def position(self, path: Path, *, at_key: bool = False) -> tuple[int, int]:
        """Line and column of the value at this path, or of the nearest thing around it that exists."""
        node: Any = self.raw
        line = column = 0
        start = getattr(node, "lc", None)
        if start is not None and start.line is not None:
            line, column = start.line, start.col
        for number, part in enumerate(path):
            places: Any = getattr(node, "lc", None)
            if isinstance(node, Mapping) and part in node:
                last = number == len(path) - 1
                line, column = places.key(part) if at_key and last else places.value(part)
            elif isinstance(node, list) and isinstance(part, int) and part < len(node):
                line, column = places.item(part)
            else:
                break
            node = node[part]
        return line + self._first_line, column + 1

    def line_of(self, path: Path) -> int:
        return self.position(path)[0]

    def place(self, problem: Problem) -> tuple[int, int]:
        """Line and column of a problem, inside the text at its path where the problem knows a column."""
        line, column = self.position(problem.path, at_key=problem.at_key)
        if problem.column is None and problem.row == 1:
            return line, column
        number = line - self._first_line
        opening = self._lines[number][column - 1 : column] if number < len(self._lines) else ""
        if opening in ("|", ">"):
            at = number + problem.row
            written = self._lines[at] if at < len(self._lines) else ""
            indented = len(written) - len(written.lstrip(" "))
            return line + problem.row, indented + (problem.column or 1)
        if problem.column is None or problem.row > 1:
            return line, column
        return line, column + problem.column - 1 + (1 if opening in ('"', "'") else 0)

    def error(self, problems: Iterable[Problem]) -> DefinitionError:
        """The first problem as an error with its place, all of them in the details."""
        told = [(_in_file(problem), *self.place(problem)) for problem in problems]
        # What is missing altogether may be what an unknown key was meant to be, so it comes last.
        told.sort(key=lambda item: (not item[0].path, *item[1:]))
        first, line, column = told[0]
        rest = [problem.as_dict() | {"line": at, "column": col} for problem, at, col in told]
        return DefinitionError(
            f"{self.file}:{line}:{column}  {first.message}",
            hint=first.hint,
            field=written(first.path) or None,
            file=self.file,
            line=line,
            column=column,
            problems=rest if len(rest) > 1 else None,
        )

    def dump(self) -> str:
        """The text with its comments and any change that was made to `raw`."""
        return _dumped(self.raw)

    def _decoded(self, text: str | bytes) -> str:
        size = len(text) if isinstance(text, bytes) else len(text.encode(errors="replace"))
        if size > MAX_BYTES:
            raise self._refusal(0, 0, f"the file has {size:,} bytes, and at most {MAX_BYTES:,} are read")
        if isinstance(text, str):
            return text.removeprefix("\ufeff")
        try:
            return text.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = text.count(b"\n", 0, error.start)
            raise self._refusal(line, 0, "the file is not UTF-8", "save it as UTF-8") from None

    def _loaded(self) -> Any:
        # ruamel.yaml costs 26 ms, and only commands that read definitions need it.
        from ruamel.yaml import YAML
        from ruamel.yaml.error import MarkedYAMLError, YAMLError

        try:
            self._scan(YAML(typ="rt", pure=True).parse(self.source))
            yaml = YAML(typ="rt", pure=True)
            yaml.preserve_quotes = True
            return yaml.load(self.source)
        except DefinitionError:
            raise
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line, column = (mark.line, mark.column) if mark else (0, 0)
            message, hint = self._explained(error.problem or "", line)
            raise self._refusal(line, column, message, hint) from None
        except (YAMLError, ValueError) as error:
            line = self.source.count("\n", 0, getattr(error, "position", 0) or 0)
            raise self._refusal(
                line, 0, f"this cannot be read as YAML: {str(error).splitlines()[0].strip()}"
            ) from None

    def _scan(self, events: Iterable[Any]) -> None:
        """Walk the events before anything is built: aliases can grow without bound."""
        depth = documents = 0
        for event in events:
            kind = type(event).__name__
            line, column = event.start_mark.line, event.start_mark.column
            if kind == "AliasEvent":
                raise self._refusal(
                    line, column, "aliases (`*name`) are not allowed here", "write the value again"
                )
            if kind == "ScalarEvent" and event.value == "<<" and event.implicit[0]:
                raise self._refusal(
                    line, column, "merge keys (`<<`) are not allowed here", "write the keys again"
                )
            if kind == "DocumentStartEvent":
                documents += 1
                if documents > 1:
                    raise self._refusal(
                        line, column, "a second document begins here", "one file, one definition"
                    )
            if getattr(event, "tag", None) not in (None, "!"):
                raise self._refusal(
                    line, column, f"tags (`{event.tag}`) are not allowed here", "leave the tag out"
                )
            if kind in ("MappingStartEvent", "SequenceStartEvent"):
                depth += 1
                if depth > MAX_DEPTH:
                    raise self._refusal(line, column, f"this is nested deeper than {MAX_DEPTH} levels")
            elif kind in ("MappingEndEvent", "SequenceEndEvent"):
                depth -= 1

    def _explained(self, problem: str, line: int) -> tuple[str, str | None]:
        text = self._lines[line] if line < len(self._lines) else ""
        if "{{" in text and '"' not in text and "'" not in text:
            return _UNQUOTED
        if "\\t" in problem:
            return "a tab cannot indent a line", "use spaces"
        if "duplicate key" in problem:
            return f'the key "{problem.split(chr(34))[1]}" is written twice', None
        if "mapping values are not allowed" in problem:
            return (
                "there is a `:` too many, or the line is indented wrongly",
                "quote a value that contains `: `",
            )
        if "cannot start any token" in problem:
            return "a value that begins with this character must be quoted", f'"{text.strip()[-40:]}"'
        return f"this cannot be read as YAML: {problem}", None

    def _plain(self, value: Any, path: Path) -> Any:
        """JSON values only: numbers lose ruamel's types, dates become text, keys must be text."""
        if isinstance(value, Mapping):
            places: Any = getattr(value, "lc", None)
            for key in value:
                if not isinstance(key, str):
                    line, column = places.key(key)
                    if isinstance(key, Mapping):
                        raise self._refusal(line, column, *_UNQUOTED)
                    shown = str(key)[:40]
                    raise self._refusal(
                        line, column, f"the key {shown!r} is not a word", 'quote it, such as "1"'
                    )
            return {str(key): self._plain(item, (*path, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [self._plain(item, (*path, number)) for number, item in enumerate(value)]
        if isinstance(value, bool) or value is None:
            return value
        if isinstance(value, int):
            return int(value)
        if isinstance(value, float):
            if value != value or value in (float("inf"), float("-inf")):
                line, column = self._position_while_loading(path)
                raise self._refusal(line, column, "this is not a number that can be used")
            return float(value)
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, str):
            return str(value)
        line, column = self._position_while_loading(path)
        raise self._refusal(line, column, f"a {type(value).__name__} cannot be used here")

    def _position_while_loading(self, path: Path) -> tuple[int, int]:
        line, column = self.position(path)
        return line - self._first_line, column - 1

    def _refusal(self, line: int, column: int, message: str, hint: str | None = None) -> DefinitionError:
        line, column = line + self._first_line, column + 1
        return DefinitionError(
            f"{self.file}:{line}:{column}  {message}", hint=hint, file=self.file, line=line, column=column
        )


def _in_file(problem: Problem) -> Problem:
    """The column inside an expression is confusing beside the one in the file."""
    if problem.column is None:
        return problem
    return replace(problem, message=problem.message.removesuffix(f", at column {problem.column}"))


def dump(data: Any) -> str:
    """Plain data as canonical YAML: block style, keys in the order given, texts of several lines as `|`.

    Reading the result gives equal data, and dumping that gives the same text.
    """
    return _dumped(_block_texts(data))


def _dumped(data: Any) -> str:
    from ruamel.yaml import YAML  # see Document._loaded

    yaml = YAML(typ="rt", pure=True)
    yaml.width = 100_000
    yaml.indent(mapping=2, sequence=4, offset=2)
    out = io.StringIO()
    yaml.dump(data, out)
    return out.getvalue()


def _block_texts(value: Any) -> Any:
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString  # see Document._loaded

    if isinstance(value, Mapping):
        return {_block_texts(key): _block_texts(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_block_texts(item) for item in value]
    if not isinstance(value, str) or value.isprintable():
        return value
    # Only double quotes escape: other styles would turn odd line ends and controls into spaces.
    return LiteralScalarString(value) if _fits_block(value) else DoubleQuotedScalarString(value)


def _fits_block(text: str) -> bool:
    """A block text cannot begin with a space, hold a tab or other control, or end a line in a space."""
    lines = text.split("\n")
    return (
        len(lines) > 1
        and all(line.isprintable() and line == line.rstrip() for line in lines)
        and text[:1].strip() != ""
    )

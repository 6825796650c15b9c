"""Values as they are typed: objects as key=value, whole bodies as JSON from a file or stdin."""

from __future__ import annotations

import json
import sys
from typing import Any

from ghl.cli.context import UsageError
from ghl.cli.spelling import PAIRS
from ghl.sdk.wire import is_structured


def pair(name: str, plural: str, values: list[str]) -> dict[str, Any]:
    """One plain value sets the primary; several, or one with a label, are the whole list."""
    if len(values) == 1 and "=" not in values[0]:
        return {name: values[0]}
    word = "address" if PAIRS["emails"] == name else "number"
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


def item(option: str, annotation: Any, text: str) -> Any:
    """One element of a list."""
    if not is_structured(annotation):
        return text
    if text.startswith(("{", "[")):
        return parsed(option, text)
    return _object(text, "name") if "=" in text else text


def mapping(option: str, values: list[str]) -> dict[str, Any]:
    """`key=value` texts as an object; an empty value clears."""
    found: dict[str, Any] = {}
    for text in values:
        key, equals, value = text.partition("=")
        if not equals or not key.strip():
            raise UsageError(f'{option} takes KEY=VALUE, not "{text}"', hint=f"{option} size=large")
        found[key.strip()] = parsed(option, value) if value[:1] in ("{", "[") else value or None
    return found


def parsed(option: str, text: str) -> Any:
    """JSON written on the command line."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise UsageError(f"{option} is not JSON: {error}", hint='{"key": "value"}') from None


def references(typed: list[str]) -> list[str]:
    """References as they were typed; `-` stands for those on stdin, one a line."""
    found: list[str] = []
    for word in typed:
        found += [line.strip() for line in text_of("-").splitlines() if line.strip()] if word == "-" else [word]
    return found


def text_of(source: str) -> str:
    """The text of a file, or of stdin for `-`."""
    from ghl.errors import NotFound

    if source == "-":
        return sys.stdin.read()
    try:
        with open(source, encoding="utf-8") as file:
            return file.read()
    except OSError as error:
        raise NotFound(f"{source} cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise NotFound(f"{source} cannot be read: it is not a text in UTF-8") from None


def body(source: str, listed: str | None = None) -> dict[str, Any]:
    """The fields in a JSON file, or on stdin; a list, or an object a line, are the field `listed`."""
    from ghl.errors import Malformed

    text, name = text_of(source), "stdin" if source == "-" else source
    try:
        data = json.loads(text)
    except ValueError as error:
        data = _lines(text) if listed else None
        if data is None:
            raise Malformed(f"{name} is not JSON: {error}", hint='{"first_name": "Ann"}') from None
    if listed and (isinstance(data, list) or (isinstance(data, dict) and listed not in data)):
        return {listed: data if isinstance(data, list) else [data]}
    if not isinstance(data, dict):
        raise Malformed(f"{name} must hold a JSON object", hint='{"first_name": "Ann"}')
    return data


def _lines(text: str) -> list[Any] | None:
    try:
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    except ValueError:
        return None

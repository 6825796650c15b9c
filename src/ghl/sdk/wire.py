"""How operations look over HTTP: paths, query strings, headers and errors, for both ends."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, get_args, get_origin
from urllib.parse import quote

from pydantic import BaseModel

from ghl.errors import GhlError, Unreachable, every
from ghl.sdk.operation import Operation
from ghl.sdk.transport import Options, Outcome

PREFIX = "/api/v1"


def path_fields(operation: type[Operation[Any]]) -> list[str]:
    """The fields that are part of an operation's path, in order."""
    return operation.__route__.fields


def is_many(annotation: Any) -> bool:
    """Whether a field takes a list, looked for inside unions."""
    if get_origin(annotation) in (list, set, tuple):
        return True
    return any(is_many(part) for part in get_args(annotation) if part is not annotation)


def is_structured(annotation: Any) -> bool:
    """Whether a field holds objects, which a query string carries as JSON."""
    if get_origin(annotation) is dict or annotation is dict:
        return True
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return True
    return any(is_structured(part) for part in get_args(annotation))


def request_of(operation: Operation[Any]) -> tuple[str, str, list[tuple[str, str]], Any]:
    """Method, path, query and JSON body of an operation."""
    kind = type(operation)
    data = operation.model_dump(mode="json", exclude_unset=True)
    path = kind.__route__.path
    for name in path_fields(kind):
        path = path.replace(f"{{{name}}}", quote(str(data.pop(name)), safe="@"))
    if kind.__route__.method in ("GET", "DELETE"):
        return kind.__route__.method, PREFIX + path, list(_query(data)), None
    return kind.__route__.method, PREFIX + path, [], data


def _query(data: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    for name, value in data.items():
        if value is None:
            continue
        for one in value if isinstance(value, list) else [value]:
            yield name, one if isinstance(one, str) else json.dumps(one)


def fields_of(operation: type[Operation[Any]], query: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The fields of an operation from a query string; unknown names are kept, to be refused by name."""
    data: dict[str, Any] = {}
    for name, text in query:
        known = operation.model_fields.get(name)
        value: Any = text
        if known is not None and is_structured(known.annotation):
            try:
                value = json.loads(text)
            except ValueError:
                value = text
        if known is not None and is_many(known.annotation):
            data.setdefault(name, []).append(value)
        else:
            data[name] = value
    return data


def headers_of(options: Options | None) -> dict[str, str]:
    """The options of a call as request headers."""
    if options is None:
        return {}
    headers = {
        "X-Dry-Run": "true" if options.dry_run else None,
        "X-Plan": options.plan,
        "X-Change-Set": str(options.change_set) if options.change_set is not None else None,
        "X-Origin": options.origin,
        "X-Reason": quote(options.reason) if options.reason else None,
        "Idempotency-Key": options.idempotency_key,
    }
    return {name: value for name, value in headers.items() if value is not None}


def outcome_headers(outcome: Outcome) -> dict[str, str]:
    """What a write did, as response headers."""
    headers = {"X-Dry-Run": "true"} if outcome.dry_run else {}
    if outcome.change_set is not None:
        headers["X-Change-Set"] = str(outcome.change_set)
    if outcome.digest:
        headers["X-Plan-Digest"] = outcome.digest
    if outcome.counts:
        headers["X-Counts"] = json.dumps(outcome.counts)
    return headers


def outcome_of(headers: Mapping[str, str]) -> Outcome:
    """What a write did, from response headers."""
    number = headers.get("x-change-set")
    return Outcome(
        change_set=int(number) if number else None,
        digest=headers.get("x-plan-digest"),
        counts=json.loads(headers.get("x-counts", "{}")),
        dry_run=headers.get("x-dry-run") == "true",
    )


def raise_error(status: int, body: bytes) -> None:
    """Raise the error that the other end raised."""
    try:
        data = json.loads(body)
        code, message = data.pop("code"), data.pop("error")
    except (ValueError, KeyError, AttributeError, TypeError):
        raise Unreachable(
            f"the server answered {status} with something that is not ours", hint="is the URL right?"
        ) from None
    kind = every().get(code, GhlError)
    known = {name: data.pop(name, None) for name in ("hint", "field")}
    raise kind(message, **known, **data)

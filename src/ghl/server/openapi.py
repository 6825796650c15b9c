"""The API described: OpenAPI 3.1, derived from the operations."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from ghl import __version__
from ghl.errors import every
from ghl.sdk import wire
from ghl.sdk.operation import Operation, name_of, result_of

Kind = type[Operation[Any]]


def document(operations: dict[str, Kind]) -> dict[str, Any]:
    """The OpenAPI document of these operations."""
    kinds = list(operations.values())
    inputs: list[tuple[Kind, Any, TypeAdapter[Any]]] = []
    for kind in kinds:
        inputs.append((kind, "validation", TypeAdapter(kind)))
        inputs.append((kind, "serialization", TypeAdapter(result_of(kind))))
    references, definitions = TypeAdapter.json_schemas(inputs, ref_template="#/components/schemas/{model}")
    schemas: dict[str, Any] = definitions.get("$defs", {})
    schemas["Error"] = _error_schema()
    paths: dict[str, dict[str, Any]] = {}
    for kind in kinds:
        route = kind.__route__
        body = _resolved(references[kind, "validation"], schemas)
        result = references[kind, "serialization"]
        paths.setdefault(wire.PREFIX + route.path, {})[route.method.lower()] = _entry(kind, body, result)
    return {
        "openapi": "3.1.0",
        "info": {"title": "ghl", "version": __version__, "description": "Every operation as a route."},
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


def _resolved(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    reference = schema.get("$ref")
    return schemas[reference.rsplit("/", 1)[-1]] if reference else schema


def _entry(kind: Kind, schema: dict[str, Any], result: dict[str, Any]) -> dict[str, Any]:
    properties: dict[str, Any] = schema.get("properties", {})
    required = set(schema.get("required", []))
    in_path = wire.path_fields(kind)
    summary, _, more = (kind.__doc__ or "").strip().partition("\n")
    entry: dict[str, Any] = {
        "operationId": name_of(kind).replace(".", "_"),
        "summary": summary.rstrip("."),
        "tags": [kind.__noun__ or "system"],
        "parameters": [_parameter(name, "path", properties[name], True) for name in in_path],
        "responses": {
            str(kind.__route__.status): {
                "description": "Done",
                "content": {"application/json": {"schema": result}},
            },
            "default": {
                "description": "An error",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
            },
        },
    }
    if more.strip():
        entry["description"] = more.strip()
    rest = [name for name in properties if name not in in_path]
    if kind.__route__.method in ("GET", "DELETE"):
        entry["parameters"] += [
            _parameter(name, "query", properties[name], name in required) for name in rest
        ]
        if kind.__route__.safe:
            listed = {"type": "string", "description": "Only these fields, separated by commas"}
            entry["parameters"].append(_parameter("fields", "query", listed, False))
    elif rest:
        body = {
            "type": "object",
            "properties": {name: properties[name] for name in rest},
            "required": [name for name in rest if name in required],
            "additionalProperties": bool(kind.__sends_back__),
        }
        entry["requestBody"] = {
            "required": bool(body["required"]),
            "content": {"application/json": {"schema": body}},
        }
    return entry


def _parameter(name: str, place: str, schema: dict[str, Any], required: bool) -> dict[str, Any]:
    shown = {key: value for key, value in schema.items() if key != "description"}
    parameter = {"name": name, "in": place, "required": required, "schema": shown}
    if "description" in schema:
        parameter["description"] = schema["description"]
    return parameter


def _error_schema() -> dict[str, Any]:
    text = {"type": "string"}
    return {
        "type": "object",
        "required": ["error", "code"],
        "properties": {
            "error": text | {"description": "One sentence"},
            "code": text | {"enum": sorted(every())},
            "hint": text | {"description": "What to do next"},
            "field": text | {"description": "The input at fault"},
            "request_id": text,
        },
        "additionalProperties": True,
    }

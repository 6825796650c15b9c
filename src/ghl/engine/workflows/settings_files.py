"""The files beside workflows: pipelines, custom fields, tags, saved views, and senders without their secrets."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from ghl.engine.workflows.document import Document
from ghl.sdk.crm.views import ViewNoun
from ghl.sdk.workflows.problems import Path, Problems, shown
from ghl.sdk.workflows.values import Text

T = TypeVar("T", bound=BaseModel)
_KEY = re.compile(r"[a-z][a-z0-9_]{0,62}")
_SECRET = re.compile(r"password|secret|token|api_?key", re.IGNORECASE)


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


def _stage(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


class StageFile(_Part):
    """A stage in its place; `probability` is in percent."""

    name: Text
    probability: int | None = Field(None, ge=0, le=100)


class PipelineFile(_Part):
    """A pipeline with its stages in order."""

    pipeline: Text
    stages: list[Annotated[StageFile, BeforeValidator(_stage)]] = Field(min_length=1)


class FieldFile(_Part):
    """A custom field of a noun."""

    noun: Literal["contact", "company", "deal"]
    key: str
    type: Literal[
        "text", "number", "money", "date", "datetime", "bool", "select", "multi_select", "url", "json"
    ]
    label: Text | None = None
    options: list[Text] | None = None
    indexed: bool = False


class TagFile(_Part):
    """A tag."""

    name: Text
    description: str | None = None


class SenderFile(_Part):
    """Who mail comes from; the server's URL and its password stay in the account."""

    name: Text
    from_: Text = Field(alias="from")
    reply_to: Text | None = None


class ViewFile(_Part):
    """A saved view of a noun."""

    view: Text
    noun: ViewNoun = "contacts"
    where: Text | None = None
    sort: Text | None = None
    columns: list[Text] = []


def read_view(document: Document) -> ViewFile:
    """`view: Hot leads` with its `noun`, `where`, `sort` and `columns`."""
    problems = Problems()
    return _one(_validated(ViewFile, document.data, (), problems), problems, document)


def read_pipeline(document: Document) -> PipelineFile:
    """`pipeline: Sales` and its `stages`."""
    problems = Problems()
    found = _validated(PipelineFile, document.data, (), problems)
    names = [stage.name for stage in found.stages] if found else []
    for number, name in enumerate(names):
        if name in names[:number]:
            problems.error(("stages", number), f'two stages have the name "{name}"')
    return _one(found, problems, document)


def read_fields(document: Document) -> list[FieldFile]:
    """By noun: `contact: {plan: {type: select, options: [free, pro]}, birthday: date}`."""
    problems = Problems()
    found: list[FieldFile] = []
    for noun, fields in _mapping(document.data, (), problems).items():
        if noun not in ("contact", "company", "deal"):
            problems.unknown_key((noun,), ["contact", "company", "deal"], what="fields cannot belong to")
            continue
        for key, value in _mapping(fields, (noun,), problems).items():
            if not _KEY.fullmatch(key):
                hint = "lower-case letters, digits and _, such as birth_date"
                problems.error((noun, key), f'"{key}" cannot be the key of a field', hint, at_key=True)
                continue
            body = {"type": value} if isinstance(value, str) else _mapping(value, (noun, key), problems)
            made = _validated(FieldFile, {**body, "noun": noun, "key": key}, (noun, key), problems)
            if made and made.type in ("select", "multi_select") and not made.options:
                problems.error((noun, key), f"a field of type {made.type} needs its `options`")
            elif made:
                found.append(made)
    return _all(found, problems, document)


def read_tags(document: Document) -> list[TagFile]:
    """A list of names, or of `{name, description}`."""
    problems = Problems()
    found: list[TagFile] = []
    items = document.data if document.data is not None else []
    if not isinstance(items, list):
        problems.error((), f"tags are a list, not {shown(items)}", "- vip")
        items = []
    for number, item in enumerate(items):
        made = _validated(TagFile, {"name": item} if isinstance(item, str) else item, (number,), problems)
        if made:
            found.append(made)
    return _all(found, problems, document)


def read_senders(document: Document) -> list[SenderFile]:
    """By name: `main: {from: "Ines <ines@example.com>"}`."""
    problems = Problems()
    found: list[SenderFile] = []
    for name, value in _mapping(document.data, (), problems).items():
        body = _mapping({"from": value} if isinstance(value, str) else value, (name,), problems)
        for key in [key for key in body if _SECRET.search(key) or key == "url"]:
            hint = f"ghl senders add {name} --url …  keeps it in the account"
            problems.error((name, key), f"`{key}` does not belong into a file", hint, at_key=True)
            del body[key]
        made = _validated(SenderFile, {**body, "name": name}, (name,), problems)
        if made:
            found.append(made)
    return _all(found, problems, document)


def _mapping(value: Any, path: Path, problems: Problems) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        problems.error(path, f"this must be a mapping, not {shown(value)}")
        return {}
    return dict(value)


def _validated(model: type[T], data: Any, path: Path, problems: Problems) -> T | None:
    if not isinstance(data, dict):
        problems.error(path, f"this must be a mapping, not {shown(data)}")
        return None
    try:
        return model.model_validate(data)
    except ValidationError as error:
        problems.of_validation(error, model, lambda where: (*path, *where))
        return None


def _one(found: T | None, problems: Problems, document: Document) -> T:
    if problems.errors or found is None:
        raise document.error(problems.errors)
    return found


def _all(found: list[T], problems: Problems, document: Document) -> list[T]:
    if problems.errors:
        raise document.error(problems.errors)
    return found

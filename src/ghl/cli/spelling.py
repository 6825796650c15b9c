"""How operations and their fields are typed: verbs, options, positions, and what stands for a value."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, get_args

from pydantic.fields import FieldInfo

from ghl.sdk.fields import Flag, Ref
from ghl.sdk.operation import choices_of
from ghl.sdk.wire import is_many

SPELLED = {"create": "add", "get": "show", "update": "edit"}
"""How the verbs of the contract are spelled here; the contract's own work too."""
SHORT = {"rm": "delete", "ls": "list", "new": "add", "remove": "delete", "view": "show", "set": "edit"}
"""Other words that people try."""
HIDDEN = frozenset({"dry_run", "plan", "page_size", "cursor", "partial"})
"""Fields that global options or others stand for."""
PAIRS = {"emails": "email", "phones": "phone"}
"""One repeated option for the primary value and the whole list."""
MANY = {"update": "update_many", "delete": "delete_many", "restore": "restore_many"}
"""The operation that does for many records what a verb does for one."""
NAMED = ("name", "key", "title")
"""Required words that are written without an option."""
FIRST = {
    "tasks": "title", "tags": "name", "users": "name", "products": "name", "companies": "name", "deals": "name",
    "notes": "body", "pipelines": "name", "activities": "kind", "suppressions": "address",
}  # fmt: skip
"""The field of a new record that may be written first, without its option."""
OF = {"workflows.enrollments": "workflow_id", "messages.list": "contact_id"}
"""The field of a list that may be written first: of what it is."""
TITLES = ("name", "title", "subject", "address", "key")
"""The fields that a record is called by, the first that holds something."""
INNER = {"imports": ("begin", "rows", "finish", "map"), "changes": ("open", "close", "history"), "exports": ("records",)}
"""Verbs that only programs have a use for; they work, and are not listed."""


def spelled(verb: str) -> str:
    """How a verb is typed."""
    return SPELLED.get(verb, verb).replace("_", "-")


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


def _flag(info: FieldInfo) -> Flag | None:
    return next((mark for mark in info.metadata if isinstance(mark, Flag)), None)


def _wanted(name: str, info: FieldInfo) -> str:
    flag = _flag(info)
    if flag is not None and flag.name:
        return flag.name
    if name == "fields":
        return "take"
    if name.endswith("_id") and noun_of(info):
        return name.removesuffix("_id")
    return _singular(name) if is_many(info.annotation) else name


def _singular(name: str) -> str:
    if name.endswith("ies"):
        return f"{name[:-3]}y"
    return name[:-1] if name.endswith("s") and not name.endswith("ss") else name


class Options:
    """The options of a command: one spelling for each field, and others that mean the same."""

    def __init__(self, fields: dict[str, FieldInfo], taken: Iterable[str] = ()) -> None:
        used = {name for name, info in fields.items() if _wanted(name, info) == name} | set(taken)
        self.names: dict[str, str] = {}
        for name, info in fields.items():
            wanted = _wanted(name, info)
            flag = _flag(info)
            free = wanted not in used or wanted == name or (flag is not None and flag.name == wanted)
            self.names[name] = wanted if free else name
            used.add(self.names[name])
        self.aliases: dict[str, str] = {}
        for name, info in fields.items():
            for other in (name, name.removesuffix("_id"), name.removesuffix("_at"), _singular(name)):
                if other not in used and (other == name or noun_of(info) or name.endswith("_at") or is_many(info.annotation)):
                    self.aliases.setdefault(_long(other), _long(self.names[name]))

    def option(self, name: str, info: FieldInfo) -> list[str]:
        """The spellings that the parser is told: the long one, and a short one where there is one."""
        flag = _flag(info)
        return [_long(self.names[name]), *([flag.short] if flag and flag.short else [])]

    def canonical(self, words: list[str]) -> list[str]:
        """A command line with every option in its one spelling; `--first_name` is `--first-name`."""
        found: list[str] = []
        for place, word in enumerate(words):
            if word == "--":
                return found + words[place:]
            name, equals, value = word.partition("=")
            if name.startswith("--"):
                name = name.replace("_", "-")
                word = self.aliases.get(name, name) + equals + value
            found.append(word)
        return found


def _long(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def metavar(name: str, info: FieldInfo) -> str:
    """What stands for the value of an option in its help."""
    noun, choices = noun_of(info), choices_of(info.annotation)
    if name in ("tags", "add_tags", "remove_tags"):
        return "TAG"
    if choices and len("|".join(choices)) <= 32:
        return "|".join(choices)
    if noun:
        return noun.upper()
    kinds = {info.annotation, *get_args(info.annotation)}
    if str not in kinds and kinds & {int, float}:
        return "N"
    if name in ("amount", "price", "revenue"):
        return "AMOUNT"
    if name.endswith("_at"):
        return "WHEN"
    return "DATE" if name.endswith("_on") or name == "birthday" else "TEXT"

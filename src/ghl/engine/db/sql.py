"""Named SQL: every query is a block of a `.sql` file beside the code that uses it."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

_HEAD = re.compile(r"^-- name: (?P<name>\w+)(?: \((?P<mark>[a-z ]+)\))?\s*$", re.MULTILINE)
_VISIBLE = re.compile(r"\{visible(?::(?P<alias>\w+))?\}")
_SEES = {"all": "", "own": " and {}.owner_id = :user_id", "none": " and 1 = 0"}
ANY_ACCOUNT = "any account"


@cache
def blocks(path: str) -> dict[tuple[str, str], str]:
    """The blocks of a file by name and mark; the comment above each query stays in it."""
    text = files("ghl.engine").joinpath(f"{path}.sql").read_text("utf-8")
    found: dict[tuple[str, str], str] = {}
    heads = list(_HEAD.finditer(text))
    for number, head in enumerate(heads):
        end = heads[number + 1].start() if number + 1 < len(heads) else len(text)
        lines = [line for line in text[head.end() : end].splitlines() if not line.startswith("--")]
        found[head["name"], head["mark"] or ""] = "\n".join(lines).strip()
    return found


@cache
def statement(name: str, dialect: str, sees: str = "all") -> str:
    """The SQL of a block such as `crm/contacts/by_email`, for a dialect and what the caller sees."""
    path, _, block = name.rpartition("/")
    known = blocks(path)
    for mark in (dialect, "", ANY_ACCOUNT):
        if (block, mark) in known:
            text = known[block, mark]
            break
    else:
        raise LookupError(f"{path}.sql has no block named {block}")
    lock = " for update" if dialect == "postgres" else ""
    text = _VISIBLE.sub(lambda match: _SEES[sees].format(match["alias"] or "r"), text)
    return text.replace("{lock}", lock)

"""The option that was meant by one that does not exist."""

from __future__ import annotations

import difflib
from collections.abc import Collection

SYNONYMS: dict[str, str] = {
    "option": "choice", "value": "choice amount field", "filter": "where", "query": "search where", "q": "search", "find": "search",
    "order": "sort", "order-by": "sort", "sort-by": "sort", "max": "limit", "count": "limit", "size": "limit", "per-page": "limit",
    "page-size": "limit", "column": "fields", "select": "fields", "output": "format", "json-lines": "format", "mail": "email",
    "e-mail": "email", "tel": "phone", "telephone": "phone", "mobile": "phone", "surname": "last-name", "family-name": "last-name",
    "given-name": "first-name", "custom": "field", "custom-field": "field", "set": "field", "price": "amount", "sum": "amount",
    "total": "amount", "deadline": "due", "date": "due at birthday", "when": "due at", "user": "owner assignee", "assign": "assignee owner",
    "assigned-to": "assignee owner", "note": "body description", "text": "body description", "content": "body", "desc": "description body", "description": "body", "message": "body",
    "title": "name subject", "zip": "postal-code", "zipcode": "postal-code", "postcode": "postal-code", "address": "street postal-address",
    "timezone": "zone", "tz": "zone", "language": "locale", "url": "website", "site": "website", "organisation": "company",
    "organization": "company", "account": "company", "person": "contact", "funnel": "pipeline", "step": "stage", "label": "tag name",
    "yes-to-all": "yes", "confirm": "yes", "simulate": "dry-run", "preview": "dry-run", "sender": "from", "file": "input", "state": "status",
    "status": "state", "type": "kind", "kind": "type", "database": "db", "offset": "page cursor", "delete": "deleted", "archived": "deleted",
    "recipient": "to", "topic": "subject", "separator": "delimiter", "charset": "encoding", "remove": "clear", "unset": "clear",
}  # fmt: skip
"""Words that people try, and the options that mean it, the likeliest first."""
NEAR = 0.7
"""How much of two words must be the same, in their order."""


def nearest(typed: str, known: Collection[str]) -> str | None:
    """The one of some options that was meant: by its meaning, by its beginning, or by its spelling."""
    word = typed.lstrip("-").replace("_", "-").lower()
    names = [name.removeprefix("--") for name in known if name.startswith("--")]
    forms = (word, word.removesuffix("s"), f"{word}s")
    for one in (*forms, *(meant for form in forms for meant in SYNONYMS.get(form, "").split())):
        if one in names:
            return f"--{one}"
    if len(word) >= 3:
        begun = [name for name in names if name.startswith(word) or name.replace("-", "") == word.replace("-", "")]
        if len(begun) == 1:
            return f"--{begun[0]}"
    close = difflib.get_close_matches(word, names, 1, NEAR)
    return f"--{close[0]}" if close else None

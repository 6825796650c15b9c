"""What a change did, field by field, in words."""

from __future__ import annotations

import json
import re
from datetime import datetime, tzinfo
from typing import Any

LONGEST = 60
_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def differences(before: dict[str, Any], after: dict[str, Any], zone: tzinfo) -> list[str]:
    """`city Porto ← Lisbon`, `tags +vip −cold`, `phone cleared ← +351912345678`; times by the clocks of a zone."""
    names = [*after, *(name for name in before if name not in after)]
    return [_difference(name, before.get(name), after.get(name), zone) for name in names]


def _difference(name: str, old: Any, new: Any, zone: tzinfo) -> str:
    if isinstance(old, list) or isinstance(new, list):
        went, came = ([words(item, zone) for item in side or []] for side in (old, new))
        told = [f"+{text}" for text in came if text not in went] + [f"−{text}" for text in went if text not in came]
        return f"{name} {', '.join(told or came)}"
    was, is_now = words(old, zone), words(new, zone) or "cleared"
    return f"{name} {is_now} ← {was}" if was else f"{name} {is_now}"


def words(value: Any, zone: tzinfo) -> str:
    """A value of a change on one line."""
    if value is None or value == []:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict) and value.keys() >= {"minor", "currency"}:
        from ghl.sdk.amounts import shown
        from ghl.sdk.money import Money

        return shown(Money(minor=value["minor"], currency=value["currency"])) if value["currency"] else ""
    if isinstance(value, dict):
        named = next((value[key] for key in ("address", "number", "name", "value", "currency") if value.get(key)), None)
        return str(named or json.dumps(value, ensure_ascii=False))
    if isinstance(value, str) and _STAMP.fullmatch(value):
        return f"{datetime.fromisoformat(value).astimezone(zone):%Y-%m-%d %H:%M}"
    text = " ".join(str(value).split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"

"""Plain data as JSON between a renderer and its children; nothing a child sends is ever executed."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any, BinaryIO

FRAME_LIMIT = 32 * 1024 * 1024
_MARK = "\0"  # no key of plain data holds it


def encode(value: Any) -> bytes:
    """A frame: four bytes of length, then JSON."""
    body = json.dumps(value, ensure_ascii=True, separators=(",", ":"), default=_tagged).encode("ascii")
    return len(body).to_bytes(4, "big") + body


def read_frame(stream: BinaryIO) -> Any:
    """The next frame's value; EOFError where there is none or it is not one."""
    head = stream.read(4)
    size = int.from_bytes(head, "big")
    if len(head) < 4 or size > FRAME_LIMIT:
        raise EOFError
    body = stream.read(size)
    if len(body) < size:
        raise EOFError
    try:
        return json.loads(body, object_hook=_untagged)
    except (ValueError, RecursionError, ArithmeticError):
        raise EOFError from None


def _tagged(value: Any) -> dict[str, str]:
    if isinstance(value, datetime):
        return {_MARK: "moment", "v": value.isoformat()}
    if isinstance(value, date):
        return {_MARK: "date", "v": value.isoformat()}
    if isinstance(value, Decimal):
        return {_MARK: "decimal", "v": str(value)}
    raise TypeError


def _untagged(value: dict[str, Any]) -> Any:
    kind = value.get(_MARK)
    if kind is None:
        return value
    if kind == "moment":
        return datetime.fromisoformat(value["v"])
    return date.fromisoformat(value["v"]) if kind == "date" else Decimal(value["v"])

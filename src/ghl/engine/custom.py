"""Custom fields: declared with a type, checked when written, kept as JSON, indexed on request."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from ghl.errors import Invalid, Malformed
from ghl.sdk.money import Money
from ghl.sdk.names import fold
from ghl.sdk.times import parse_moment, stamp

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

_DEFINITIONS = """select id, name, label, type, choices, indexed from field_definitions
where account_id = :account_id and noun = :noun and deleted_at is null order by id"""


@dataclass(frozen=True, slots=True)
class Definition:
    """A custom field of a noun."""

    id: int
    name: str
    label: str | None
    type: str
    choices: tuple[str, ...]
    indexed: bool


def definitions(tx: Tx, noun: str) -> dict[str, Definition]:
    """The custom fields that are declared for a noun, by key."""
    memo = ("custom", noun)
    if memo not in tx.memo:
        tx.memo[memo] = {
            row["name"]: Definition(
                row["id"], row["name"], row["label"], row["type"],
                tuple(json.loads(row["choices"] or "[]")), bool(row["indexed"]),
            )
            for row in tx.all(_DEFINITIONS, noun=noun)
        }  # fmt: skip
    found: dict[str, Definition] = tx.memo[memo]
    return found


def merge(tx: Tx, noun: str, stored: dict[str, Any], given: dict[str, Any] | None) -> dict[str, Any]:
    """Stored values with the given ones put in: a key left out stays, null clears; null for all clears all."""
    if given is None:
        return {}
    declared = definitions(tx, noun) if given else {}
    merged = dict(stored)
    for key, value in given.items():
        definition = declared.get(key)
        if definition is None:
            raise undeclared(noun, key, list(declared), value)
        if value is None or value == "" or value == []:
            merged.pop(key, None)
        else:
            merged[key] = encode(tx, definition, value)
    return merged


def undeclared(noun: str, key: str, known: list[str], value: Any = None) -> Malformed:
    """The error for a custom field that nobody declared, naming the command that declares it."""
    import difflib  # only when something went wrong

    close = difflib.get_close_matches(key, known, 1)
    maybe = f"{close[0]}?   or " if close else ""
    kind = {bool: "bool", int: "number", float: "number", list: "multi-select", dict: "json"}.get(type(value), "text")
    return Malformed(
        f'no custom field "{key}" is declared for a {noun}',
        hint=f"{maybe}ghl fields add {key} --noun {noun} --type {kind}",
        field=f"custom_fields.{key}",
    )


def encode(tx: Tx, definition: Definition, value: Any) -> Any:
    """A value as it is stored, or an error that names the field, the value and what it should be."""
    try:
        return _encode(tx, definition, value)
    except Invalid as error:
        error.field = f"custom_fields.{definition.name}"
        raise
    except (ValueError, TypeError, ArithmeticError):
        raise Invalid(
            f'custom field "{definition.name}" cannot be {value!r}: it is a {definition.type}',
            field=f"custom_fields.{definition.name}",
            hint=EXAMPLES[definition.type],
        ) from None


EXAMPLES = {
    "text": "any text",
    "number": "12 or 12.5",
    "money": "12.50 or 12.50 EUR",
    "date": "2026-11-24",
    "datetime": "2026-11-24T10:00 or tomorrow 10:00",
    "bool": "true or false",
    "select": "one of the field's choices",
    "multi-select": "a list of the field's choices",
    "url": "https://example.com/page",
    "json": "any JSON value",
}


def _encode(tx: Tx, definition: Definition, value: Any) -> Any:
    match definition.type:
        case "text":
            if isinstance(value, dict | list):
                raise TypeError
            return str(value).strip()[:10_000]
        case "number":
            return _number(value)
        case "money":
            money = Money.of(value, tx.account.currency, field=definition.name)
            return {"minor": money.minor, "currency": money.currency}
        case "date":
            if isinstance(value, date):
                return value.isoformat()[:10]
            moment = parse_moment(str(value), now=tx.at, zone=tx.zone)
            return moment.astimezone(tx.zone).date().isoformat()
        case "datetime":
            return stamp(parse_moment(str(value), now=tx.at, zone=tx.zone))
        case "bool":
            return _bool(value)
        case "select":
            return _choice(definition, value)
        case "multi-select":
            values = value if isinstance(value, list) else str(value).split(";")
            return list(dict.fromkeys(_choice(definition, one) for one in values))
        case "url":
            return _url(value)
        case _:
            json.dumps(value)
            return value


def _number(value: Any) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TypeError
    number = float(value)
    if number != number or number in (float("inf"), float("-inf")):
        raise ValueError
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in ("true", "yes", "1", "on", "y"):
        return True
    if word in ("false", "no", "0", "off", "n"):
        return False
    raise ValueError


def _choice(definition: Definition, value: Any) -> str:
    text = str(value).strip()
    for choice in definition.choices:
        if fold(choice) == fold(text):
            return choice
    raise Invalid(
        f'custom field "{definition.name}" has no choice "{text}"',
        hint=f"choices: {', '.join(definition.choices)}",
    )


def _url(value: Any) -> str:
    text = str(value).strip()
    if not text.lower().startswith(("http://", "https://", "mailto:", "tel:")):
        text = f"https://{text}"
    if any(c.isspace() for c in text) or "." not in text:
        raise ValueError
    return text


def decode(stored: dict[str, Any]) -> dict[str, Any]:
    """Stored values as the contract has them."""
    return {key: _decode(value) for key, value in stored.items()} if stored else {}


def _decode(value: Any) -> Any:
    if isinstance(value, dict) and value.keys() == {"minor", "currency"}:
        return Money(**value).as_dict()
    return value


def index(tx: Tx, noun: str, record_id: int, old: dict[str, Any], new: dict[str, Any]) -> None:
    """Keep the values of indexed fields where a query finds them."""
    if old == new:
        return
    for definition in definitions(tx, noun).values():
        value = new.get(definition.name)
        if not definition.indexed or old.get(definition.name) == value:
            continue
        tx.run(
            "delete from field_values where field_id = :field_id and record_id = :record_id",
            field_id=definition.id,
            record_id=record_id,
        )
        if value is not None:
            text, number = keys(value)
            tx.run(
                """insert into field_values (field_id, record_id, text_key, number_key)
                values (:field_id, :record_id, :text, :number)""",
                field_id=definition.id, record_id=record_id, text=text, number=number,
            )  # fmt: skip


def keys(value: Any) -> tuple[str | None, float | None]:
    """The text and the number that an indexed value is found by."""
    if isinstance(value, bool):
        return None, float(value)
    if isinstance(value, int | float):
        return None, float(value)
    if isinstance(value, dict) and value.keys() == {"minor", "currency"}:
        return value["currency"], float(value["minor"])
    if isinstance(value, str):
        return value[:500], None
    return json.dumps(value)[:500], None

"""Guessing what the columns of a file are: by their names, their values, and ready mappings."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ghl.engine.data.mapping import ColumnMap, ImportMapping
from ghl.engine.data.presets import Preset, named, recognised
from ghl.engine.data.targets import Target, targets, words
from ghl.nouns import NOUNS
from ghl.sdk.amounts import guess_decimal
from ghl.sdk.date_formats import Ambiguous, guess_date_format
from ghl.sdk.names import fold

_CAMEL = re.compile(r"(?<=[a-zà-ÿ])(?=[A-Z])")
_APART = re.compile(r"[^\w]+|_+")
_NUMBER = re.compile(r"(?<=[^\d])(\d{1,2})\b|\b\d{1,2}\b")
_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+")
_PHONE = re.compile(r"(?:\+|00)?[\d().\-\s/]{7,24}(?:(?:x|ext\.?)\s*\d{1,6})?")
_SITE = re.compile(r"(?:https?://|www\.)\S+\.\S+", re.IGNORECASE)
_COUNTED = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d{1,6})?").fullmatch
# Words before or behind "phone", "email" and "street" that say which one, and what it is called here.
_LABELS = {
    "mobile": "mobile cell cellular cellphone movil celular telemovel handy mobil portable cellulare mobiel gsm whatsapp komorka",
    "home": "home private personal casa particular privat privee domicile",
    "work": "work business office company oficina trabajo trabalho buro bureau geschaftlich ufficio direct",
    "fax": "fax telefax",
    "other": "other alternate alternative secondary additional otro outro autre andere",
    "main": "main primary principal default",
}
_LABEL_OF = {word: label for label, line in _LABELS.items() for word in line.split()}
_PLACES = ("mailing", "billing", "shipping", "delivery", "postal", "address", "contact", "lead", "customer")
# What an export of ours has beside the fields, and words that are no slip of a finger for another.
_WRITTEN_BY_US = frozenset(
    ["version", "updated_at", "deleted_at", "last_activity_at", "company_id", "owner_id", "change_set"]
)
_NO_SLIP = frozenset(("county", "counties", "condado", "content", "mobility"))
_LISTS = {"email": "emails", "phone": "phones"}


def guess_mapping(
    columns: Sequence[str],
    noun: str,
    *,
    sample: Iterable[Mapping[str, Any]] = (),
    custom: Collection[str] = (),
    country: str | None = None,
    preset: str | None = None,
) -> ImportMapping:
    """What the columns of a file are, by their names, the values in `sample`, and ready mappings.

    `custom` are the keys of declared custom fields, `country` the one in which phone numbers without a
    country code will be read. Each single-valued field is filled by one column only, the surest.
    """
    rows = list(sample)
    values = {column: [text for row in rows if (text := _text(row.get(column)))] for column in columns}
    ready = named(preset, noun) if preset else recognised(columns, noun)
    found = [_guess(column, noun, values[column], ready, custom) for column in columns]
    found = _without_rivals(_names(found, noun), noun, {column for column in columns if rows and not values[column]})
    return ImportMapping(
        noun,
        tuple(detailed(one, noun, values[one.column], country) for one in found),
        ready.name if ready else None,
    )


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else "" if value is None else str(value)


def key_of(column: str) -> str:
    """A column's name as words: `companyName`, `Company_Name` and `COMPANY NAME (2)` are `company name`."""
    spaced = _APART.sub(" ", _CAMEL.sub(" ", column))
    return " ".join(_NUMBER.sub(" ", fold(spaced)).split())


def _guess(
    column: str, noun: str, values: Sequence[str], ready: Preset | None, custom: Collection[str]
) -> ColumnMap:
    if ready is not None and column.strip().lower() in ready.columns:
        target, _, label = (ready.columns[column.strip().lower()] or "").partition(":")
        if not target and (declared := _by_custom(column, {fold(key): key for key in custom})):
            return declared  # somebody has declared a field for it
        note = None if target else f"of no use here ({ready.name})"
        return ColumnMap(column, target or None, 1.0, label or None, note)
    if fold(column) == "error":
        return ColumnMap(column, None, 1.0, note="the reason of an earlier import")
    if fold(column) == "original line":
        return ColumnMap(column, None, 1.0, note="what an earlier import could not read")
    if column.strip() in _WRITTEN_BY_US:
        return ColumnMap(column, None, 1.0, note="kept by the program")
    own = column.strip().removeprefix("custom.")
    by_custom = {fold(key): key for key in custom}
    if column.strip() in targets(noun) or (column.startswith("custom.") and own in custom):
        return ColumnMap(column, column.strip(), 1.0)
    # A field that somebody has declared under this very name is meant before a built-in one with a like word.
    declared = _by_custom(column, by_custom) if fold(column) in by_custom else None
    guessed = declared or _by_words(column, noun) or _by_custom(column, by_custom)
    return _judged(column, noun, guessed, values)


def _by_words(column: str, noun: str) -> ColumnMap | None:
    key, table = key_of(column), words(noun)
    exact = table.get(" ".join(fold(_APART.sub(" ", column)).split())) or table.get(key)
    if exact:
        return ColumnMap(column, exact.name, 0.95, _label(key, exact))
    parts = key.split()
    bare = [part for part in parts if part not in _LABEL_OF]
    labels = [_LABEL_OF[part] for part in parts if part in _LABEL_OF]
    # `Home Fax` is a fax before it is at home.
    label = next((one for one in labels if one in ("mobile", "fax")), labels[0] if labels else None)
    target = table.get(" ".join(bare))
    if target is None and label in ("mobile", "fax") and not bare:
        target = table.get("phone")
    if target is not None and (target.kind in ("email", "phone") or target.name in ("street", "city")):
        return ColumnMap(column, target.name, 0.9, label if target.kind in ("email", "phone") else None)
    placed = [part for part in bare if part not in _PLACES]
    target = table.get(" ".join(placed)) if placed else None
    if target is not None:
        return ColumnMap(column, target.name, 0.8, _label(key, target))
    return _nearly(column, key, table)


def _nearly(column: str, key: str, table: Mapping[str, Target]) -> ColumnMap | None:
    """A word that is one slip of the finger away."""
    if len(key) < 5 or key in _NO_SLIP:
        return None
    import difflib  # only for columns that no table knows

    close = difflib.get_close_matches(key, [word for word in table if len(word) >= 5], 1, 0.87)
    if not close:
        return None
    return ColumnMap(column, table[close[0]].name, 0.6, note=f'as if it were "{close[0]}"')


def _by_custom(column: str, custom: Mapping[str, str]) -> ColumnMap | None:
    for key in (fold(column), key_of(column), key_of(column).replace(" ", "_")):
        if key in custom:
            return ColumnMap(column, f"custom.{custom[key]}", 0.95)
    return None


def _label(key: str, target: Target) -> str | None:
    if target.name == "dnd":
        return "all" if key in ("dnd", "do not disturb", "do not contact") else "email"
    if target.kind not in ("email", "phone"):
        return None
    return next((_LABEL_OF[part] for part in key.split() if part in _LABEL_OF and part != "primary"), None)


def _share(values: Sequence[str], looks: Callable[[str], object]) -> float:
    return sum(1 for value in values if looks(value)) / len(values) if values else 0.0


def _judged(column: str, noun: str, guessed: ColumnMap | None, values: Sequence[str]) -> ColumnMap:
    """The guess, looked at in the light of the values."""
    kinds = targets(noun)
    kind = kinds[guessed.target].kind if guessed and guessed.target in kinds else None
    emails = _share(values, _EMAIL.search)
    if guessed and kind == "email" and values and emails < 0.5:
        return replace(guessed, confidence=0.4, note="few of its values are e-mail addresses")
    if (
        guessed
        and kind == "phone"
        and values
        and _share(values, lambda v: sum(map(str.isdigit, v)) >= 5) < 0.5
    ):
        return replace(guessed, confidence=0.4, note="few of its values are phone numbers")
    # `Address` may be either kind; the values know.
    if "email" in kinds and emails >= 0.8 and kind not in ("email", "list", "name"):
        return ColumnMap(column, "email", 0.75, note="by its values")
    if guessed:
        return guessed
    if (
        "phone" in kinds
        and _share(values, lambda v: _PHONE.fullmatch(v) and _digits(v) and not _dated(v)) >= 0.8
    ):
        return ColumnMap(column, "phone", 0.45, note="by its values")
    if "website" in kinds and _share(values, _SITE.match) >= 0.8:
        return ColumnMap(column, "website", 0.45, note="by its values")
    key = re.sub(r"[^a-z0-9]+", "_", fold(column)).strip("_")
    one = NOUNS[noun].singular
    hint = f"ghl fields add {key} --noun {one} --type {_type(values)}" if key[:1].isalpha() else "no field of that name"
    return ColumnMap(column, None, 0.0, note=hint)


def _type(values: Sequence[str]) -> str:
    """The type that a custom field of these values would have; text where one of them is something else."""
    if not values:
        return "text"
    if all(value.lower() in ("yes", "no", "true", "false") for value in values):
        return "bool"
    if _share(values, _SITE.match) == 1:
        return "url"
    # 007 is a name, and so is what is too long to be counted.
    if all(_COUNTED(value) for value in values):
        return "number"
    if all(guess_date_format([value]) is not None for value in values):
        return "date" if all(len(value) <= 10 for value in values) else "datetime"
    return "text"


def _digits(value: str) -> bool:
    count = sum(map(str.isdigit, value))
    return 9 <= count <= 15 or (count >= 7 and not value.isdigit())


def _dated(value: str) -> bool:
    return not isinstance(guess_date_format([value]), type(None))


def _names(found: list[ColumnMap], noun: str) -> list[ColumnMap]:
    """`Name` beside `Vorname` is a family name; `Nombre` without any family name is the whole one."""
    if noun != "contacts":
        return found
    have = {one.target for one in found if one.confidence >= 0.6}
    keys = {key_of(one.column): one for one in found}
    if "first_name" in have and "last_name" not in have:
        other = next(
            (keys[word] for word in ("name", "nom", "naam") if word in keys and keys[word].target == "name"),
            None,
        )
        if other is not None:
            return [
                replace(one, target="last_name", confidence=0.85) if one is other else one for one in found
            ]
        if "name" not in have:
            both = ("nombre", "nome", "first")
            return [
                replace(one, target="name", confidence=0.8)
                if one.target == "first_name" and key_of(one.column) in both
                else one
                for one in found
            ]
    return found


def _without_rivals(found: list[ColumnMap], noun: str, blank: set[str]) -> list[ColumnMap]:
    """Each single-valued field to its surest column, one with values if any; further e-mails and phones to the lists."""
    kinds = targets(noun)
    best: dict[str, ColumnMap] = {}
    for one in found:
        if one.target and one.target not in _LISTS.values():
            held = best.get(one.target)
            sureness = (one.column not in blank, one.confidence)
            if held is None or sureness > (held.column not in blank, held.confidence):
                best[one.target] = one
    settled = []
    for one in found:
        target = one.target
        if target is None or best.get(target) in (one, None) or (target in kinds and _many(kinds[target])):
            settled.append(one)
        elif target in _LISTS and _LISTS[target] in kinds:
            settled.append(replace(one, target=_LISTS[target]))
        else:
            settled.append(
                replace(one, target=None, confidence=0.0, note=f"{target} comes from {best[target].column}")
            )
    return settled


def _many(target: Target) -> bool:
    return target.kind == "list" or target.name == "dnd"


def detailed(one: ColumnMap, noun: str, values: Sequence[str], country: str | None) -> ColumnMap:
    """How the values are read: the order of dates, the decimal mark, the country of phone numbers."""
    kinds = targets(noun)
    if one.target is None or one.target not in kinds:
        return one
    kind = kinds[one.target].kind
    if kind in ("date", "moment"):
        form = guess_date_format(values)
        if isinstance(form, Ambiguous):
            return replace(one, question=form, note=str(form))
        return replace(
            one, dates=form, note=one.note or (f"dates are {form}" if form and form != "iso" else None)
        )
    if kind == "money":
        return replace(one, decimal=guess_decimal(values))
    if kind == "phone" and country and not one.note and any(not v.startswith(("+", "00")) for v in values):
        return replace(one, note=country)
    return one

"""Mappings of columns: guessed, ready ones, and those kept under a name."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING

from ghl.engine import custom
from ghl.engine.data.guessing import detailed, guess_mapping
from ghl.engine.data.mapping import ColumnMap, ImportMapping
from ghl.engine.data.presets import PRESETS
from ghl.engine.data.reading import LISTED, WHOLE
from ghl.errors import Invalid, NotFound
from ghl.nouns import NOUNS
from ghl.sdk.amounts import guess_decimal
from ghl.sdk.data import imports as contract
from ghl.sdk.data.imports import ColumnInput, ImportColumn
from ghl.sdk.date_formats import Ambiguous, guess_date_format
from ghl.sdk.fields import Removed
from ghl.sdk.names import fold
from ghl.sdk.times import parse_stamp

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

REJECTED = ".rejected"
"""How the name of a file of rejected rows ends, before its suffix."""


def mapped(request: contract.MapColumns, tx: Tx) -> contract.ImportMapping:
    """What the columns of a file become: by a kept mapping, a ready one, or a guess; then a person's word."""
    if request.noun not in NOUNS:
        raise Invalid(f'there is no noun "{request.noun}"', field="noun")
    definitions = custom.definitions(tx, NOUNS[request.noun].singular)
    declared = list(definitions)
    stem = PurePath(request.file).stem if request.file else None
    mended = stem is not None and stem.endswith(REJECTED)
    # What comes by standard input has no name to be known by.
    name = request.profile or (stem.removesuffix(REJECTED) if stem and stem != "stdin" else None)
    kept = tx.one("data/imports/profile", noun=request.noun, key=fold(name)) if name else None
    ready = request.profile is not None and any(p.name == request.profile and p.noun == request.noun for p in PRESETS)
    if request.profile and kept is None and not ready:
        raise NotFound(
            f'there is no mapping "{request.profile}" for {request.noun}', hint="ghl imports profiles", field="profile"
        )
    policies: dict[str, str] = {}
    guessed = True
    guess = guess_mapping(
        request.columns, request.noun, sample=request.sample, custom=declared, country=tx.account.country,
        preset=request.profile if ready and kept is None else None,
    )  # fmt: skip
    # A guess that was kept is made anew: a field may have been declared since. Only rejected rows that
    # come back are too few to guess from, and are read as they were before.
    if kept is not None and (request.profile or mended or not kept["guessed"]):
        columns = json.loads(kept["columns"])
        policies = {one["column"]: one["policy"] for one in columns if one.get("policy")}
        kinds = ("column", "target", "label", "dates", "decimal")
        bare = [{"target": None} | {k: v for k, v in one.items() if k in kinds} for one in columns]
        anew, guess = guess, ImportMapping.from_dict({"noun": request.noun, "columns": bare}, request.columns)
        guessed = bool(mended and kept["guessed"])
        if not request.profile:
            # A file of the same name may have other columns.
            said = {fold(one["column"]) for one in columns if not guessed or one.get("target")}
            pairs = zip(guess.columns, anew.columns, strict=True)
            guess = replace(guess, columns=tuple(one if fold(one.column) in said else new for one, new in pairs))
    if request.targets:
        guess = guess.with_targets(_resampled(request.targets), declared)
        guess = _detailed(guess, request, tx, declared)
        guessed = False
    guess = _customised(guess, request, {name: one.type for name, one in definitions.items()})
    guess = guess.with_dates(request.dates) if request.dates else _alike(guess)
    return contract.ImportMapping(
        noun=request.noun, columns=_with_policies(guess, policies, request), preset=guess.preset,
        profile=kept["name"] if kept is not None and not guessed else name, guessed=guessed,
    )  # fmt: skip


def _customised(guess: ImportMapping, request: contract.MapColumns, types: dict[str, str]) -> ImportMapping:
    """How the values of custom fields are read: the order of dates, the decimal mark."""
    columns = []
    for one in guess.columns:
        kind = types.get((one.target or "").removeprefix("custom.")) if (one.target or "").startswith("custom.") else None
        values = [str(row.get(one.column) or "") for row in request.sample] if kind else []
        if kind in ("date", "datetime") and one.dates is None:
            form = request.dates or guess_date_format(values)
            if isinstance(form, Ambiguous):
                one = replace(one, question=form, note=str(form))
            else:
                one = replace(one, dates=form, note=f"dates are {form}" if form and form != "iso" else one.note)
        elif kind in ("number", "money") and one.decimal is None:
            one = replace(one, decimal=guess_decimal(values))
        columns.append(one)
    return replace(guess, columns=tuple(columns))


def _alike(guess: ImportMapping) -> ImportMapping:
    """Dates of unclear order are read as those of another column of the file, where these are sure."""
    sure = {one.dates: one.column for one in guess.columns if one.dates in ("dmy", "mdy", "ymd")}
    if len(sure) != 1:
        return guess
    ((form, column),) = sure.items()
    columns = tuple(
        replace(one, dates=form, question=None, note=f"dates are {form}, as in {column}")
        if one.question is not None and not one.question.conflict
        else one
        for one in guess.columns
    )
    return replace(guess, columns=columns)


def _resampled(targets: dict[str, str | None]) -> dict[str, str | None]:
    return {column: target or None for column, target in targets.items()}


def _detailed(guess: ImportMapping, request: contract.MapColumns, tx: Tx, declared: list[str]) -> ImportMapping:
    """How the values of columns that were mapped by hand are read."""
    values = {c: [str(row.get(c) or "").strip() for row in request.sample] for c in request.columns}
    named = {fold(column) for column in request.targets}
    columns = tuple(
        detailed(one, request.noun, [v for v in values[one.column] if v], tx.account.country)
        if fold(one.column) in named
        else one
        for one in guess.columns
    )
    return ImportMapping(guess.noun, columns, guess.preset)


def _with_policies(
    guess: ImportMapping, kept: dict[str, str], request: contract.MapColumns
) -> list[contract.ImportColumn]:
    asked = {fold(name): policy for name, policy in request.policies.items()}
    shown = []
    for one in guess.columns:
        if one.column == WHOLE and one.target is None:
            one = ColumnMap(WHOLE, WHOLE)
        policy: str | None = asked.pop(fold(one.column), None) or (asked.get(fold(one.target)) if one.target else None)
        policy = policy or kept.get(one.column)
        if policy is None and one.target:
            policy = "append" if one.target in LISTED else "overwrite"
        shown.append(_shown(one, policy))
    targets = {fold(one.target) for one in guess.columns if one.target}
    unknown = [name for name in asked if name not in targets]
    if unknown:
        raise Invalid(
            f'no column and no field is called "{unknown[0]}"',
            hint=", ".join(one.column for one in guess.columns),
            field="policies",
        )
    return shown


NOTES = {
    "close_date": "expected_close_on of open deals, closed_at of the others",
    "created_at": "of new ones; those that are there keep theirs",
    "opened_at": "the day the deal was opened; created_at is the time of the import",
}
"""What is said of columns that become one field or another, row by row, or not the field of that name."""


def _shown(one: ColumnMap, policy: str | None) -> ImportColumn:
    told = None if one.target == "opened_at" and one.label else NOTES.get(one.target or "")
    notes = [note for note in (one.note, told) if note]
    return ImportColumn(
        column=one.column, target=one.target, policy=policy, label=one.label, dates=one.dates,  # type: ignore[arg-type]
        decimal=one.decimal, confidence=one.confidence, note="; ".join(notes) or None,
        question=str(one.question) if one.question else None,
    )  # fmt: skip


def keep(tx: Tx, noun: str, name: str, columns: Sequence[ColumnInput], *, guessed: bool) -> None:
    """Keep a mapping under a name. A guess never takes the place of what a person has said."""
    known = tx.one("data/imports/profile", noun=noun, key=fold(name))
    if known is not None and not known["guessed"] and guessed:
        return
    text = json.dumps([one.model_dump(exclude_none=True, exclude={"question"}) for one in columns], ensure_ascii=False)
    tx.run("data/imports/keep_profile", noun=noun, name=name, key=fold(name), columns=text, guessed=int(guessed))


def every(tx: Tx, noun: str | None) -> list[contract.ImportProfile]:
    """The kept mappings, of one noun or of all."""
    return [
        contract.ImportProfile(
            name=row["name"], noun=row["noun"], columns=[ImportColumn(**one) for one in json.loads(row["columns"])],
            guessed=bool(row["guessed"]), updated_at=parse_stamp(row["updated_at"]),
        )
        for row in tx.all("data/imports/profiles", noun=noun or "")
    ]  # fmt: skip


def forget(tx: Tx, noun: str, name: str) -> Removed:
    """Forget a kept mapping."""
    if not tx.run("data/imports/forget_profile", noun=noun, key=fold(name)):
        raise NotFound(f'there is no mapping "{name}" for {noun}', hint="ghl imports profiles", field="name")
    return Removed(id=name)

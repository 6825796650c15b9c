"""Which column of a file becomes which field of a noun, and how its values are read."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ghl.engine.data.targets import check_target, targets
from ghl.errors import Invalid
from ghl.sdk.date_formats import FORMATS, Ambiguous, DateFormat
from ghl.sdk.names import fold


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """What becomes of one column."""

    column: str
    target: str | None
    """A field of the noun, `custom.<key>`, or None where the column is left out."""
    confidence: float = 1.0
    """From 0 to 1: 1 is a field's own name or a person's word, below 0.5 is a guess to be looked at."""
    label: str | None = None
    """Of an e-mail or phone: mobile, work, home, fax. Of `dnd`: the channel. Of `opened_at`: the stage entered then."""
    note: str | None = None
    dates: DateFormat | None = None
    decimal: str | None = None
    question: Ambiguous | None = None
    """Dates that could be read in two ways; somebody must say `dates` before the column is used."""


@dataclass(frozen=True, slots=True)
class ImportMapping:
    """What becomes of each column of a file, in the file's order."""

    noun: str
    columns: tuple[ColumnMap, ...]
    preset: str | None = None

    def __iter__(self) -> Iterator[ColumnMap]:
        return iter(self.columns)

    @property
    def used(self) -> tuple[ColumnMap, ...]:
        """The columns that become something."""
        return tuple(one for one in self.columns if one.target)

    @property
    def questions(self) -> tuple[ColumnMap, ...]:
        """The columns about which somebody must be asked."""
        return tuple(one for one in self.columns if one.question is not None)

    def with_dates(self, form: str) -> ImportMapping:
        """The same mapping with this order of day, month and year for every date that is not sure of its own."""
        if form not in FORMATS:
            raise Invalid(f'there is no order of dates "{form}"', hint=", ".join(FORMATS), field="dates")
        kinds = targets(self.noun)
        changed = (
            replace(one, dates=form, question=None, note=f"dates are {form}" if form != "iso" else None)
            if one.question is not None
            or (one.dates is None and one.target in kinds and kinds[one.target].kind in ("date", "moment"))
            else one
            for one in self.columns
        )
        return replace(self, columns=tuple(changed))

    def with_targets(self, wanted: Mapping[str, str | None], custom: Collection[str] = ()) -> ImportMapping:
        """The same mapping with a person's word for some columns; a label may follow a colon.

        An unknown column or target raises Invalid.
        """
        by_key = {fold(one.column): one for one in self.columns}
        chosen: dict[str, ColumnMap] = {}
        for column, text in wanted.items():
            known = by_key.get(fold(column))
            if known is None:
                raise Invalid(
                    f'the file has no column "{column}"', hint=", ".join(one.column for one in self.columns)
                )
            target, _, label = (text or "").partition(":")
            name = check_target(self.noun, target, custom) if target else None
            chosen[known.column] = replace(known, target=name, confidence=1.0, label=label or None, note=None)
        return replace(self, columns=tuple(chosen.get(one.column, one) for one in self.columns))

    def as_dict(self) -> dict[str, Any]:
        """The mapping as a named profile keeps it."""
        return {
            "noun": self.noun,
            "preset": self.preset,
            "columns": [
                {
                    key: value
                    for key in ("column", "target", "label", "dates", "decimal")
                    if (value := getattr(one, key)) is not None or key == "target"
                }
                for one in self.columns
            ],
        }

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any], columns: Sequence[str]) -> ImportMapping:
        """A kept mapping for a file with these columns; one it does not know is left out."""
        known = {fold(one["column"]): one for one in kept["columns"]}
        maps = []
        for column in columns:
            one = known.get(fold(column))
            if one is None:
                maps.append(ColumnMap(column, None, 0.0, note="not in the saved mapping"))
            else:
                maps.append(ColumnMap(**{**one, "column": column}))
        return cls(kept["noun"], tuple(maps), kept.get("preset"))

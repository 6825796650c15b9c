"""What a CSV file's first lines tell: its delimiter, and how it quotes."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from itertools import islice

from ghl.errors import Malformed

_DELIMITERS = ",;\t|"
_NAMES = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "space": " "}
_ENOUGH = 200


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the cells of a file are told apart."""

    delimiter: str
    escape: str | None = None
    """A character before a quote inside a cell, where quotes are not doubled."""
    skip_spaces: bool = False
    """Whether blanks stand between a delimiter and a quote."""
    announced: bool = False
    """Whether the first line only names the delimiter (`sep=;`)."""


def probe(sample: str, whole: bool, delimiter: str | None = None) -> Dialect:
    """The dialect of a file by its beginning; `whole` says that nothing follows the sample."""
    announced = re.match(r"\ufeff?sep=(.)\r?\n", sample)  # how Excel names the delimiter
    if announced:
        sample = sample[announced.end() :]
        delimiter = delimiter or announced[1]
    if delimiter:
        chosen = check_delimiter(delimiter)
    else:
        chosen = max(_DELIMITERS, key=lambda mark: _fit(sample, whole, Dialect(mark)))
    plain = Dialect(chosen, announced=announced is not None)
    if '"' not in sample:
        return plain
    others = (
        Dialect(chosen, "\\", False, plain.announced),
        Dialect(chosen, None, True, plain.announced),
        Dialect(chosen, "\\", True, plain.announced),
    )
    # The first of the best: another way of quoting is believed only where it explains more rows.
    return max((plain, *others), key=lambda dialect: _share(sample, whole, dialect))


def check_delimiter(text: str) -> str:
    """The character, also by name (`tab`); what cannot be a delimiter raises Malformed."""
    mark = _NAMES.get(text.lower(), text)
    if len(mark) != 1 or mark in '"\r\n\0':
        raise Malformed(f'"{text}" cannot be a delimiter', hint="one character: , ; tab |", field="delimiter")
    return mark


def reader_options(dialect: Dialect) -> dict[str, object]:
    """The dialect in the words of the csv module."""
    return {
        "delimiter": dialect.delimiter,
        "escapechar": dialect.escape,
        "skipinitialspace": dialect.skip_spaces,
    }


def _widths(sample: str, whole: bool, dialect: Dialect) -> list[int]:
    reader = csv.reader(io.StringIO(sample, newline=""), **reader_options(dialect))  # type: ignore[arg-type]
    try:
        widths = [len(row) for row in islice(reader, _ENOUGH) if row]
    except csv.Error:
        return []
    # A sample that ends inside the file may end inside a row.
    return widths if whole or len(widths) < 2 or len(widths) == _ENOUGH else widths[:-1]


def _share(sample: str, whole: bool, dialect: Dialect) -> float:
    widths = _widths(sample, whole, dialect)
    return widths.count(widths[0]) / len(widths) if widths else 0.0


def _fit(sample: str, whole: bool, dialect: Dialect) -> tuple[float, int]:
    """How well a delimiter explains the rows: as many as possible as wide as the first, then the widest."""
    widths = _widths(sample, whole, dialect)
    if not widths or widths[0] < 2:
        return 0.0, 0
    return round(widths.count(widths[0]) / len(widths), 1), widths[0]

"""Formulas in cells: made harmless when written, and put back when our file is read again."""

from __future__ import annotations

import re

# What a spreadsheet takes for the beginning of a formula, also behind blanks and control characters
# that it skips: = + - @, their full-width forms, and tab, return, line feed and NUL by themselves.
_LIVE = re.compile(r"'*(?:[\x00\t\r\n]|[\x00-\x20\x7f\u00a0\u200b\ufeff\u3000]*[=+\-@＝＋－＠])")
# Signed plain numbers and phone numbers in E.164 compute to nothing but themselves.
_PLAIN = re.compile(r"[+-](?:[0-9]{1,20}(?:[.,][0-9]{1,20})?|[.,][0-9]{1,20})")
_FIRST = frozenset("'=+-@＝＋－＠\x7f\u00a0\u200b\ufeff\u3000") | frozenset(map(chr, range(33)))


def neutralise(text: str) -> str:
    """The text as a cell that no spreadsheet computes: an apostrophe before what could be a formula.

    `restore` gives the text back, whatever it was: a text that already begins with apostrophes
    before a formula gets one more.
    """
    if text[:1] not in _FIRST or not text or not _LIVE.match(text) or _PLAIN.fullmatch(text):
        return text
    return f"'{text}"


def restore(text: str) -> str:
    """The text that `neutralise` was given; any other cell as it is."""
    if not text.startswith("'"):
        return text
    rest = text[1:]
    return rest if _LIVE.match(rest) and not _PLAIN.fullmatch(rest) else text

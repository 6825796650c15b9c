"""Files that hold no rows, whatever their names say: known by their first bytes, or by what no text has."""

from __future__ import annotations

from ghl.engine.data.formats.survey import Survey
from ghl.errors import Malformed

_KINDS = (
    (b"SQLite format 3\0", "a SQLite database"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF89a", "a picture"),
    (b"GIF87a", "a picture"),
    (b"RIFF", "a picture or a recording"),
    (b"%PDF-", "a PDF document"),
    (b"\x1f\x8b", "packed by gzip"),
    (b"BZh", "packed by bzip2"),
    (b"\xfd7zXZ", "packed by xz"),
    (b"7z\xbc\xaf", "packed by 7-Zip"),
    (b"(\xb5/\xfd", "packed by zstd"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"PAR1", "a Parquet file"),
)
_SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
_HINT = "CSV, JSON Lines, vCard and Excel are read"
_UNPACK = "unpack it first"
# Bytes that a text seldom has; a few of them are a damaged text, whose rows are refused one by one.
_CONTROL = bytes(byte for byte in range(32) if byte not in b"\t\n\v\f\r\x1a\x1b")


def refuse_binary(name: str, survey: Survey, kind: str) -> None:
    """Refuse a file that can only be read as nonsense."""
    head = survey.head[:65_536]
    for mark, what in _KINDS:
        if head.startswith(mark) and (len(mark) > 4 or not mark.isascii() or _strange(survey, head)):
            packed = what.startswith("packed")
            raise Malformed(f"{name} is {what}, not a file of records", hint=_UNPACK if packed else _HINT)
    if kind == "xlsx":
        if not head.startswith(_SPREADSHEETS):
            raise Malformed(f"{name} is no spreadsheet, whatever its name says", hint="--from csv, jsonl or vcard")
    elif _strange(survey, head):
        raise Malformed(f"{name} is not text: no rows can be read from it", hint=_HINT)


def _strange(survey: Survey, head: bytes) -> bool:
    """Whether the bytes are those of no text; in wide characters every other one is a NUL."""
    text = not survey.nul and survey.encoding == "utf-8" and not survey.damaged
    if text or survey.encoding.startswith(("utf-16", "utf-32")):
        return False
    return (len(head) - len(head.translate(None, _CONTROL))) * 33 > len(head) + 132

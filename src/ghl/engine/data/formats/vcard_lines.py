"""The lines of a vCard: unfolded, taken apart into name, parameters and value, and put together again."""

from __future__ import annotations

import binascii
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

LONGEST = 1 << 20
"""Bytes of one property; what is longer (a photograph) is cut, since only text is read."""

_CARET = re.compile(r"\^(.)")
_CARETS = {"n": "\n", "^": "^", "'": '"'}
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


@dataclass(slots=True)
class Property:
    """One property of a card. Parameter names are upper case; each has the list of its values."""

    line: int
    name: str
    value: str
    group: str = ""
    params: dict[str, list[str]] = field(default_factory=dict)

    def types(self) -> list[str]:
        """The values of TYPE, and the bare words of vCard 2.1, in lower case."""
        return [word.lower() for value in self.params.get("TYPE", []) for word in value.split(",")]

    @property
    def preferred(self) -> bool:
        """Whether this is the one to use (`PREF=1`, `TYPE=pref`, `;PREF`)."""
        return self.params.get("PREF", ["no"])[0] in ("", "1") or "pref" in self.types()


def unfolded(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Each logical line with the number of its first physical one; continuation lines are joined.

    Joined as bytes, since a line may be folded inside a character.
    """
    held, start, soft = b"", 0, False
    number, whole = 0, True
    while line := file.readline(LONGEST):
        if not whole:  # the rest of a line that was cut
            whole = line.endswith(b"\n")
            continue
        whole = line.endswith(b"\n") or len(line) < LONGEST
        # A lone return ends a line too, on very old machines.
        for piece in line.rstrip(b"\r\n").split(b"\r"):
            number += 1
            if soft and held:
                held = held[:-1] + piece
            elif piece[:1] in (b" ", b"\t") and held:
                held = held + piece[1:] if len(held) < LONGEST else held
            else:
                if held:
                    yield start, held
                held, start = piece, number
            # Quoted-printable text goes on behind a line that ends in "=".
            soft = held.endswith(b"=") and b"QUOTED-PRINTABLE" in held.partition(b":")[0].upper()
    if held:
        yield start, held


def parsed(number: int, line: bytes, charset: str) -> Property | None:
    """The property of a logical line, its value decoded; None for a line that is none."""
    head, colon, value = _cut(line)
    if not colon:
        return None
    names, *params = _params(head.decode("latin-1"))
    group, _, name = names.strip().rpartition(".")
    found = Property(number, name.upper(), "", group.lower())
    for param in params:
        key, equals, text = param.partition("=")
        if not equals:  # vCard 2.1: a bare word is a type, or an encoding
            text = key.strip()
            key = "ENCODING" if text.upper() in ("QUOTED-PRINTABLE", "BASE64", "8BIT") else "TYPE"
        key = key.strip().upper()
        found.params.setdefault(key, []).extend(_values(text.encode("latin-1").decode(charset, "replace")))
    own = found.params.get("CHARSET", [charset])[0]
    if found.params.get("ENCODING", [""])[0].upper() in ("QUOTED-PRINTABLE", "Q"):
        value = _from_quoted(value)
    found.value = decoded(value, own)
    return found


def decoded(raw: bytes, charset: str) -> str:
    """Bytes as text in the charset they claim; UTF-8 or Windows' western page where that is wrong."""
    for codec in (charset, "utf-8", "cp1252"):
        try:
            return raw.decode(codec)
        except (UnicodeDecodeError, LookupError):
            continue
    return raw.decode("latin-1")


def _from_quoted(value: bytes) -> bytes:
    try:
        return quopri.decodestring(value)
    except (ValueError, binascii.Error):
        return value


def _cut(line: bytes) -> tuple[bytes, bytes, bytes]:
    """The line at its first colon outside quotes."""
    if line.find(b'"') < 0:
        return line.partition(b":")
    quoted = False
    for place, byte in enumerate(line):
        if byte == 0x22:
            quoted = not quoted
        elif byte == 0x3A and not quoted:
            return line[:place], b":", line[place + 1 :]
    return line.partition(b":")


def _params(head: str) -> list[str]:
    return re.findall(r'((?:[^;"]|"[^"]*"?)*)(?:;|$)', head)[:-1] or [head] if head else [""]


def _values(text: str) -> list[str]:
    """The comma-separated values of a parameter, unquoted (RFC 6868 for what quotes cannot hold)."""
    found = re.findall(r'("[^"]*"?|[^,]*)(?:,|$)', text)[:-1] or [text]
    return [_CARET.sub(lambda m: _CARETS.get(m[1], m[0]), one.strip().strip('"')) for one in found]


def components(value: str, old: bool, separator: str = ";") -> list[str]:
    """The parts of a structured value, unescaped; `old` for vCard 2.1, which escapes less."""
    parts, begin, place = [], 0, 0
    while place < len(value):
        if value[place] == "\\":
            place += 2
            continue
        if value[place] == separator:
            parts.append(value[begin:place])
            begin = place + 1
        place += 1
    parts.append(value[begin:])
    return [unescaped(part, old, separator) for part in parts]


def unescaped(text: str, old: bool = False, separator: str = ";") -> str:
    """Text without its backslashes, which in 2.1 stand only before semicolons, separators and themselves."""
    if "\\" not in text:
        return text
    if old:
        return _ESCAPE.sub(lambda m: m[1] if m[1] in f";\\{separator}" else m[0], text)
    return _ESCAPE.sub(lambda m: "\n" if m[1] in "nN" else m[1], text)

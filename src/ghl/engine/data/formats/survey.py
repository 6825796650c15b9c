"""One pass over a file before it is read: size, fingerprint, encoding, lines, and what needs care."""

from __future__ import annotations

import codecs
import hashlib
import re
from dataclasses import dataclass
from typing import BinaryIO

from ghl.errors import Malformed

BLOCK = 1 << 20

_SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH = bytes(range(128))
# The bytes that Windows' western code page leaves undefined.
_UNDEFINED = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
# How an exported formula that was made harmless begins, or nearly: a search that costs nothing.
_NEUTRALISED = re.compile(rb"'['\x00-\x20=+\-@\x7f\xc2\xe2\xe3\xef]")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Survey:
    """What one pass over the bytes has told."""

    size: int
    fingerprint: str
    encoding: str
    lines: int
    head: bytes
    """The first block."""
    damaged: bool
    """Whether some bytes cannot be read in the encoding, or nobody has looked."""
    nul: bool
    neutralised: bool
    """Whether some cell may be a formula that an export has made harmless."""


def survey(file: BinaryIO, encoding: str | None = None) -> Survey:
    """Read the whole file once, in blocks, and leave it at its start.

    The fingerprint is a hash of the content, so the same file under another name has the same one.
    """
    named = check_encoding(encoding) if encoding else None
    digest = hashlib.blake2b(digest_size=16)
    decoder = codecs.getincrementaldecoder("utf-8")()
    size = lines = returns = sequences = strangers = 0
    broken = undefined = nul = neutralised = False
    head = last = b""
    file.seek(0)
    while block := file.read(BLOCK):
        head = head or block
        size += len(block)
        digest.update(block)
        lines += block.count(b"\n")
        returns += block.count(b"\r")
        nul = nul or b"\0" in block
        neutralised = neutralised or _NEUTRALISED.search(last + block) is not None
        last = block[-1:]
        if block.isascii() and (broken or not decoder.getstate()[0]):
            continue
        undefined = undefined or _UNDEFINED.search(block) is not None
        if not broken:
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                broken = True
        found = _SEQUENCE.findall(block)
        sequences += len(found)
        strangers += len(block.translate(None, _HIGH)) - sum(map(len, found))
    lines += last not in (b"\n", b"\r", b"\0", b"")
    if not broken and decoder.getstate()[0]:
        broken, strangers = True, strangers + 1
    file.seek(0)
    guessed = _guess(head, broken, sequences, strangers)
    chosen = named or guessed
    if chosen.startswith("utf-8"):
        damaged = broken
    elif chosen == "cp1252":
        damaged = undefined
    else:
        damaged = True
    wide = chosen.startswith(("utf-16", "utf-32"))
    return Survey(
        size,
        digest.hexdigest(),
        chosen,
        lines or returns,
        head,
        damaged,
        nul and not wide,
        neutralised or wide,
    )


def check_encoding(name: str) -> str:
    """The codec's own name; an unknown encoding, or one that makes no text, raises Malformed."""
    try:
        codec = codecs.lookup(name.strip())
        "".encode(codec.name)
    except (LookupError, ValueError):
        raise Malformed(
            f'there is no encoding "{name}"', hint="utf-8, cp1252, utf-16, …", field="encoding"
        ) from None
    return codec.name


def _guess(head: bytes, broken: bool, sequences: int, strangers: int) -> str:
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    sample = head[:4096]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if max(even, odd) * 5 > len(sample) and max(even, odd) > 4 * min(even, odd):
        return "utf-16-le" if odd > even else "utf-16-be"  # every other byte: wide characters without a mark
    # More good sequences than stray bytes: it is UTF-8, and damaged in places.
    return "utf-8" if not broken or sequences > strangers else "cp1252"

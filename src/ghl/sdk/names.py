"""Text as a key: folded names for tags, sorting and matching, and the words that a search finds."""

from __future__ import annotations

import re
import unicodedata

# Letters that Unicode does not decompose and that people type without the stroke or ligature.
_LETTERS = str.maketrans(
    {
        "ł": "l",
        "ø": "o",
        "đ": "d",
        "ħ": "h",
        "ŧ": "t",
        "ı": "i",
        "ŀ": "l",
        "æ": "ae",
        "œ": "oe",
        "ð": "d",
        "þ": "th",
    }
    # Characters that nobody sees and that must not make two keys of one name.
    | dict.fromkeys("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff", "")
)
# Plain ASCII by a table of bytes: a million contacts go through it.
_ASCII_WORDS = bytes(ord(chr(c).lower()) if c < 128 and chr(c).isalnum() else 32 for c in range(256))
_WORD = re.compile(r"[^\W_]+")


def fold(text: str | None) -> str:
    """The text as a key: lower case, without diacritics, with single spaces; None is ''.

    Two texts that a person would call the same name have the same key, and folding a key changes
    nothing. Marks that are letters of their own (Indic vowels, Japanese voicing, Thai) stay.
    """
    if not text:
        return ""
    if text.isascii():
        return " ".join(text.lower().split())
    return " ".join(_fold(text).split())


def _fold(text: str) -> str:
    spread = unicodedata.normalize("NFKD", text.casefold())
    # Once more: some compatibility forms decompose to capitals.
    spread = unicodedata.normalize("NFKD", spread.casefold()).translate(_LETTERS)
    bare = "".join(c for c in spread if c < "\u0300" or not _is_diacritic(c))
    return unicodedata.normalize("NFC", bare)


def _is_diacritic(character: str) -> bool:
    """By combining class: overlays, Hebrew, Arabic and Syriac points, and marks above and below."""
    kind = unicodedata.combining(character)
    return kind == 1 or 10 <= kind <= 36 or kind >= 200


def search_words(*texts: str | None) -> str:
    """The folded words of the texts, each once, in their order, with a space between them.

    A query goes through the same function, so both databases see plain words whatever their own
    tokenizers think of `maria.alves@example.com`.
    """
    text = " ".join(filter(None, texts))
    if text.isascii():
        return b" ".join(dict.fromkeys(text.encode().translate(_ASCII_WORDS).split())).decode()
    return " ".join(dict.fromkeys(_WORD.findall(_fold(text))))

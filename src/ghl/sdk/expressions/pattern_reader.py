"""From the text of a pattern to the states of a machine; the grammar is in the module that runs it."""

from __future__ import annotations

from typing import NamedTuple

from ghl.sdk.expressions.lexer import wrong

LONGEST_PATTERN = 500
MOST_STATES = 500
MOST_DEEP = 20

_LAST = "\U0010ffff"
_DIGIT = (("0", "9"),)
_LETTER = (("0", "9"), ("A", "Z"), ("_", "_"), ("a", "z"))
_BLANK = (("\t", "\n"), ("\f", "\r"), (" ", " "))
_CLASSES = {"d": (_DIGIT, False), "w": (_LETTER, False), "s": (_BLANK, False),
            "D": (_DIGIT, True), "W": (_LETTER, True), "S": (_BLANK, True)}  # fmt: skip
_PLAIN = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v"}
_SPECIAL = frozenset("*+?{|)")


class Letters(NamedTuple):
    """The characters that fit at a place."""

    ranges: tuple[tuple[str, str], ...]
    negated: bool = False

    def fit(self, character: str) -> bool:
        """Whether a character is one of them."""
        return any(first <= character <= last for first, last in self.ranges) != self.negated


class State(NamedTuple):
    """One state: takes a character, or asks about the place, or leads on without either."""

    letters: Letters | None
    asks: str
    next: tuple[int, ...]


class Reader:
    """Thompson's construction: each part of a pattern is a few states with one way in and one way out."""

    def __init__(self, text: str, at: int) -> None:
        self._at = at
        if len(text) > LONGEST_PATTERN:
            raise wrong(f"a pattern is at most {LONGEST_PATTERN} characters long", at)
        self.fold = text.startswith("(?i)")
        self._text = text.removeprefix("(?i)")
        self._place = 0
        self._deep = 0
        self.states: list[State] = []
        self.first, self.last = self._alternatives()
        if self._place < len(self._text):
            raise self._wrong("a bracket that closes nothing")

    def _wrong(self, why: str, hint: str | None = None) -> Exception:
        return wrong(f'"{self._text}" is no pattern: {why}', self._at, hint)

    def _peek(self) -> str:
        return self._text[self._place : self._place + 1]

    def _taken(self, sign: str) -> bool:
        if self._text.startswith(sign, self._place):
            self._place += len(sign)
            return True
        return False

    def _new(self, letters: Letters | None = None, asks: str = "") -> int:
        if len(self.states) >= MOST_STATES:
            raise self._wrong("it asks too much", "fewer or smaller repeats")
        self.states.append(State(letters, asks, ()))
        return len(self.states) - 1

    def _join(self, state: int, *following: int) -> None:
        one = self.states[state]
        self.states[state] = State(one.letters, one.asks, (*one.next, *following))

    def _alternatives(self) -> tuple[int, int]:
        self._deep += 1
        if self._deep > MOST_DEEP:
            raise self._wrong("too many brackets within each other")
        first, last = self._new(), self._new()
        while True:
            start, end = self._branch()
            self._join(first, start)
            self._join(end, last)
            if not self._taken("|"):
                break
        self._deep -= 1
        return first, last

    def _branch(self) -> tuple[int, int]:
        first = last = self._new()
        while self._peek() not in ("", "|", ")"):
            begin = self._place
            start, end = self._atom()
            start, end = self._repeated(begin, start, end)
            self._join(last, start)
            last = end
        return first, last

    def _repeated(self, begin: int, start: int, end: int) -> tuple[int, int]:
        """A part as often as the sign after it says; the states for further copies are read again."""
        finish = self._place
        least, most = self._times()
        if (least, most) == (1, 1):
            return start, end
        if self._peek() and self._peek() in "*+?{":
            raise self._wrong("a repeat of a repeat")
        after = self._place
        first, last = self._new(), self._new()
        copies = [(start, end)]
        for _ in range(max(least, most or 0, 1) - 1):
            self._place = begin
            copies.append(self._atom())
            assert self._place == finish
        self._place = after
        here = first
        for index, (into, out) in enumerate(copies):
            if index >= least:
                self._join(here, last)
            self._join(here, into)
            here = out
        if most is None:
            again = self._new()
            self._join(here, again)
            self._join(again, copies[-1][0], last)
        else:
            self._join(here, last)
        if most == 0:
            first, last = self._new(), self._new()
            self._join(first, last)
        return first, last

    def _times(self) -> tuple[int, int | None]:
        for sign, times in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self._taken(sign):
                self._taken("?")
                return times
        if not self._taken("{"):
            return 1, 1
        body, brace, _ = self._text[self._place :].partition("}")
        low, comma, high = body.partition(",")
        if not brace or not low.isdecimal() or (high and not high.isdecimal()) or len(body) > 9:
            raise self._wrong("a { without numbers", "\\{ is the sign itself")
        self._place += len(body) + 1
        self._taken("?")
        least, most = int(low), int(low) if not comma else int(high) if high else None
        if most is not None and most < least:
            raise self._wrong("a repeat from more to fewer")
        if max(least, most or 0) > MOST_STATES:
            raise self._wrong("it asks too much", "fewer or smaller repeats")
        return least, most

    def _atom(self) -> tuple[int, int]:
        sign = self._peek()
        if sign in _SPECIAL:
            raise self._wrong(f"nothing before `{sign}`", f"\\{sign} is the sign itself")
        if self._taken("("):
            if self._peek() == "?" and not self._taken("?:"):
                raise self._wrong("it looks ahead or back, which takes long", "(?:…) only groups")
            inner = self._alternatives()
            if not self._taken(")"):
                raise self._wrong("a bracket that is not closed", "\\( is the sign itself")
            return inner
        self._place += 1
        if sign in "^$":
            return self._single(None, sign)
        if sign == ".":
            return self._single(Letters((("\n", "\n"),), True))
        if sign == "[":
            return self._single(self._set())
        if sign == "\\":
            if self._peek() in ("b", "B"):
                self._place += 1
                return self._single(None, self._text[self._place - 1])
            return self._single(self._escaped())
        return self._single(Letters(((sign, sign),)))

    def _single(self, letters: Letters | None, asks: str = "") -> tuple[int, int]:
        first, last = self._new(letters, asks), self._new()
        self._join(first, last)
        return first, last

    def _escaped(self) -> Letters:
        sign = self._peek()
        self._place += 1
        if sign in _CLASSES:
            return Letters(*_CLASSES[sign])
        sign = _PLAIN.get(sign, sign)
        if not sign or (sign.isalnum() and sign.isascii()):
            raise self._wrong(f"`\\{sign}` means nothing here" if sign else "it ends in a backslash")
        return Letters(((sign, sign),))

    def _set(self) -> Letters:
        negated = self._taken("^")
        ranges: list[tuple[str, str]] = []
        while not self._taken("]") or not ranges:
            first = self._member(ranges)
            if first is None:
                continue
            last = first
            if self._peek() == "-" and self._text[self._place + 1 : self._place + 2] not in ("", "]"):
                self._place += 1
                found = self._member([])
                if found is None or found < first:
                    raise self._wrong("a range from more to less")
                last = found
            ranges.append((first, last))
        return Letters(tuple(ranges), negated)

    def _member(self, ranges: list[tuple[str, str]]) -> str | None:
        """A character of a set; None for a class, which is added to the ranges."""
        sign = self._peek()
        if not sign:
            raise self._wrong("a [ that is not closed", "\\[ is the sign itself")
        self._place += 1
        if sign != "\\":
            return sign
        letters = self._escaped()
        if len(letters.ranges) == 1 and letters.ranges[0][0] == letters.ranges[0][1] and not letters.negated:
            return letters.ranges[0][0]
        ranges += _opposite(letters.ranges) if letters.negated else letters.ranges
        return None


def _opposite(ranges: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    """All other characters."""
    found, start = [], "\0"
    for first, last in ranges:
        if start < first:
            found.append((start, chr(ord(first) - 1)))
        start = chr(ord(last) + 1)
    return [*found, (start, _LAST)]

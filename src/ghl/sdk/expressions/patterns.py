"""Patterns in linear time: a subset of regular expressions, run over sets of states so that none can explode.

pattern     := branch ("|" branch)*
branch      := (atom ("*" | "+" | "?" | "{m}" | "{m,}" | "{m,n}")?)*
atom        := character | "." | "^" | "$" | \\b | \\B | class | "(" pattern ")" | "(?:" pattern ")"
class       := \\d \\D \\w \\W \\s \\S (ASCII) | "[" "^"? (character | character "-" character | \\d \\w \\s)* "]"

`(?i)` at the beginning takes letters whatever their case. No references back and no looks ahead, as in CEL.
"""

from __future__ import annotations

from functools import lru_cache

from ghl.sdk.expressions.pattern_reader import Letters, Reader

LONGEST_TEXT = 10_000
"""Characters of a text that are looked at."""
_HELD = 50_000
"""States in the memory of a pattern; a text full of new characters does not fill more."""


class Pattern:
    """A pattern that is ready to be looked for."""

    def __init__(self, text: str, at: int) -> None:
        reader = Reader(text, at)
        self._fold = reader.fold
        self._states = reader.states
        self._first = frozenset([reader.first])
        self._last = reader.last
        self._held = 0
        self._reached: dict[tuple[frozenset[int], int], frozenset[int]] = {}
        self._stepped: dict[tuple[frozenset[int], str], frozenset[int]] = {}

    def found_in(self, text: str) -> bool:
        """Whether it is found anywhere in a text, in time proportional to the text's length."""
        text = text[:LONGEST_TEXT]
        states, before = self._first, ""
        for place in range(len(text) + 1):
            after = text[place : place + 1]
            reached = self._reach(states, before, after)
            if self._last in reached:
                return True
            if after:
                states = self._step(reached, after) | self._first
            before = after
        return False

    def _hold(self, key: frozenset[int], found: frozenset[int]) -> None:
        self._held += len(key) + len(found) + 1
        if self._held > _HELD:
            self._held = 0
            self._reached.clear()
            self._stepped.clear()

    def _reach(self, states: frozenset[int], before: str, after: str) -> frozenset[int]:
        """All states that are reached without taking a character, at a place between two."""
        where = (not before) + 2 * (not after) + 4 * (_wordly(before) != _wordly(after))
        key = (states, where)
        found = self._reached.get(key)
        if found is None:
            seen, todo = set(states), list(states)
            while todo:
                state = self._states[todo.pop()]
                if state.letters is None and _holds(state.asks, where):
                    for one in state.next:
                        if one not in seen:
                            seen.add(one)
                            todo.append(one)
            found = frozenset(seen)
            self._hold(states, found)
            self._reached[key] = found
        return found

    def _step(self, states: frozenset[int], character: str) -> frozenset[int]:
        key = (states, character)
        found = self._stepped.get(key)
        if found is None:
            forms = {character, character.lower(), character.upper()} if self._fold else {character}
            found = frozenset(
                one
                for index in states
                if (letters := self._states[index].letters) is not None and _takes(letters, forms)
                for one in self._states[index].next
            )
            self._hold(states, found)
            self._stepped[key] = found
        return found


def _takes(letters: Letters, forms: set[str]) -> bool:
    if letters.negated:
        return not any(Letters(letters.ranges).fit(form) for form in forms if len(form) == 1)
    return any(letters.fit(form) for form in forms if len(form) == 1)


def _wordly(character: str) -> bool:
    return character != "" and (character.isascii() and (character.isalnum() or character == "_"))


def _holds(asks: str, where: int) -> bool:
    match asks:
        case "^":
            return bool(where & 1)
        case "$":
            return bool(where & 2)
        case "b":
            return bool(where & 4)
        case "B":
            return not where & 4
    return True


@lru_cache(maxsize=64)
def compiled(text: str, at: int = 0) -> Pattern:
    """A pattern; ExpressionError, with the column, where it is none or asks too much."""
    return Pattern(text, at)

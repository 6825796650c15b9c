"""How deep SQLite's parser must go: it has a stack of 100, and fails on a statement that needs more.

What is on the stack at a place are the symbols that wait for something: an opened bracket, a `select` whose
`from` is being read, the left side of an operator. They are counted here in the way that its grammar has them.
"""

from __future__ import annotations

import re

MOST = 72
"""What a condition may use, so that the statement around it has room."""

_TOKEN = re.compile(r"'(?:[^']|'')*'|[A-Za-z_:][\w.]*|\d[\w.]*|<=|>=|<>|\|\||[-+*/%<>=(),]")
_STRENGTH = {
    "or": 1, "and": 2, "not": 3, "=": 4, "<>": 4, "is": 4, "in": 4, "between": 4, "<": 5, "<=": 5, ">": 5, ">=": 5,
    "+": 7, "-": 7, "*": 8, "/": 8, "%": 8, "||": 9,
}  # fmt: skip
_WAITING = {"select": 4, "from": 5, "where": 6, "when": 4, "then": 6, "else": 4}
_KEYWORDS = frozenset([*_STRENGTH, *_WAITING, "as", "limit", "case", "end", "exists", "join", "on", "cross"])


def parser_depth(sql: str) -> int:
    """The most symbols that wait at one place of a condition."""
    levels: list[tuple[int, list[int]]] = []
    base = 0
    signs: list[int] = []
    below = deepest = 0
    before = ""
    for match in _TOKEN.finditer(sql):
        token = match[0].lower()
        if token in ("(", "case"):
            called = before and before not in _KEYWORDS and (before[0].isalpha() or before[0] == "_")
            levels.append((base, signs))
            below += base + 2 * len(signs)
            base, signs = 3 if token == "case" or called else 2 if before in ("exists", "in") else 1, []
        elif token in (")", "end"):
            base, signs = levels.pop()
            below -= base + 2 * len(signs)
        elif token in _WAITING:
            inner = 1 if token in ("select", "from", "where") else 0
            base, signs = inner + _WAITING[token], []
        elif token in _STRENGTH:
            strength = _STRENGTH[token]
            while signs and signs[-1] >= strength:
                signs.pop()
            signs.append(strength)
        elif token == ",":
            signs = []
            base += 2 if base <= 3 else 0
        deepest = max(deepest, below + base + 2 * len(signs) + 1)
        before = token
    return deepest

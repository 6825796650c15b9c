"""The dictionary of the store: nouns, event names, origins as small integers, the same for every program."""

from __future__ import annotations

from ghl.engine.db import Connection

_FIND = "select id from words where kind = :kind and name = :name"
_MAKE = "insert into words (kind, name) values (:kind, :name) on conflict (kind, name) do nothing"
_EVERY = "select id, kind, name from words"


class Words:
    """What is known of the dictionary. Rows are never changed, so what was once read stays true."""

    def __init__(self) -> None:
        self._ids: dict[tuple[str, str], int] = {}
        self._names: dict[int, str] = {}

    def id(self, connection: Connection, kind: str, name: str, fresh: dict[tuple[str, str], int]) -> int:
        """The number of a word, made on first use; `fresh` keeps it until the transaction is committed."""
        known = self._ids.get((kind, name)) or fresh.get((kind, name))
        if known:
            return known
        row = connection.one(_FIND, {"kind": kind, "name": name})
        if row is None:
            connection.run(_MAKE, {"kind": kind, "name": name})
            row = connection.one(_FIND, {"kind": kind, "name": name})
            assert row is not None
            fresh[kind, name] = row["id"]
        else:
            self.learn({(kind, name): row["id"]})
        return int(row["id"])

    def find(self, connection: Connection, kind: str, name: str) -> int | None:
        """The number of a word, if it has one: for readers, who make none."""
        known = self._ids.get((kind, name))
        if known is None:
            row = connection.one(_FIND, {"kind": kind, "name": name})
            if row is None:
                return None
            known = int(row["id"])
            self.learn({(kind, name): known})
        return known

    def name(self, connection: Connection, number: int) -> str:
        """The word with this number."""
        if number not in self._names:
            self._names |= {row["id"]: row["name"] for row in connection.all(_EVERY)}
        return self._names.get(number, str(number))

    def learn(self, fresh: dict[tuple[str, str], int]) -> None:
        """Keep words that are now committed."""
        self._ids |= fresh
        self._names |= {number: name for (_, name), number in fresh.items()}

"""The columns and list-valued parts of a record: how a field of the contract is stored and read back."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from ghl.errors import Invalid
from ghl.sdk.money import Money
from ghl.sdk.times import parse_moment, parse_stamp, stamp

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

State = dict[str, Any]
Elements = dict[Any, dict[str, Any]]

NO_DATE = "9999-12-31T00:00:00.000Z"
_BREAK = re.compile("\\s*[\t-\r\x1c-\x1e\x85\u2028\u2029]\\s*")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def joined(text: str) -> str:
    """A text on one line: a space for every line break or tab and the blanks around it."""
    return text if text.isprintable() else _BREAK.sub(" ", text)


def one_line(text: str, field: str) -> str:
    """The text, unless it is more than a line: a break or another control character is refused."""
    if text.isprintable():
        return text
    plain = _BREAK.sub(" ", text)
    clean = _CONTROL.sub("", plain)
    if clean == text:
        return text
    what = "a line break or a tab" if plain != text else "a control character"
    shown = clean if len(clean) <= 80 else f"{clean[:79]}…"
    raise Invalid(f"`{field}` holds {what}", hint=f'"{shown}"', field=field)


@dataclass(frozen=True, slots=True)
class Column:
    """A field of the contract that is stored in the record's own row."""

    name: str
    kind: Literal["text", "body", "number", "bool", "stamp", "date", "json", "money", "ref"] = "text"
    noun: str = ""
    """The noun a reference points to."""
    default: Any = None
    length: int = 500
    lines: bool = False
    """Whether a `text` may have several lines, as a `body` always may."""

    @property
    def stored(self) -> tuple[str, ...]:
        """The columns of the table."""
        return (self.name, f"{self.name}_currency") if self.kind == "money" else (self.name,)

    def blank(self) -> State:
        """The stored value of a field nobody has set."""
        if self.kind == "money":
            return {self.name: 0, f"{self.name}_currency": ""}
        return {self.name: self.default}

    def encode(self, tx: Tx, value: Any) -> State:
        """A value of the contract as it is stored; null is the blank value."""
        if value is None:
            return self.blank()
        match self.kind:
            case "text" | "body":
                text = value.strip() if self.kind == "text" else value
                if self.kind == "text" and not self.lines:
                    one_line(text, self.name)
                if len(text) > (self.length if self.kind == "text" else 1_000_000):
                    raise Invalid(f"`{self.name}` is longer than {self.length} characters", field=self.name)
                if not text.isascii() and any("\ud800" <= c <= "\udfff" for c in text):
                    raise Invalid(f"`{self.name}` holds half of a character pair", field=self.name)
                if "\x00" in text:
                    raise Invalid(f"`{self.name}` holds a NUL character", field=self.name)
                return {self.name: text} if text else self.blank()
            case "number":
                if abs(value) > 9_007_199_254_740_991:
                    raise Invalid(f"`{self.name}` is out of range", field=self.name)
                return {self.name: int(value)}
            case "bool":
                return {self.name: int(bool(value))}
            case "stamp":
                moment = value if not isinstance(value, str) else self._moment(tx, value)
                return {self.name: stamp(moment)}
            case "date":
                return {self.name: self._date(tx, value)}
            case "json":
                return {self.name: json.dumps(value, ensure_ascii=False)}
            case "money":
                money = Money.of(value, tx.account.currency, field=self.name)
                return {self.name: money.minor, f"{self.name}_currency": money.currency}
            case "ref":
                from ghl.engine.stores import resolve  # records are built from columns

                return {self.name: resolve(tx, self.noun, str(value), field=self.name)}

    def _moment(self, tx: Tx, value: str) -> Any:
        return parse_moment(value, now=tx.at, zone=tx.zone, field=self.name)

    def _date(self, tx: Tx, value: Any) -> str:
        if isinstance(value, date):
            return value.isoformat()[:10]
        return str(self._moment(tx, value).astimezone(tx.zone).date().isoformat())

    def decode(self, state: State) -> Any:
        """The stored value as the contract has it; references are looked up by the caller."""
        value = state[self.name]
        match self.kind:
            case "money":
                currency = state[f"{self.name}_currency"]
                return Money(minor=value, currency=currency) if currency else None
            case "bool":
                return bool(value)
            case "json":
                return json.loads(value) if value else None
            case "stamp":
                return None if value in (None, "", NO_DATE) else parse_stamp(value)
            case _:
                return value


@dataclass(frozen=True)
class Part:
    """A list-valued field kept in a table of its own, one row per element.

    Elements are a dictionary from the element's key to its other columns; changes record them one by
    one, so that taking one back never touches another.
    """

    field: str
    table: str
    owner: str
    key: str
    columns: tuple[str, ...] = ()
    fixed: dict[str, Any] = dataclasses.field(default_factory=dict)
    noun: str = ""
    """The noun that the key refers to, if it does."""

    def load(self, tx: Tx, ids: Iterable[int]) -> dict[int, Elements]:
        """The elements of these records."""
        numbers = ",".join(map(str, ids))
        chosen = ", ".join((self.owner, self.key, *self.columns))
        narrowed = "".join(f" and {name} = {value}" for name, value in self.fixed.items())
        order = "position" if "position" in self.columns else self.key
        found: dict[int, Elements] = {}
        for owner, key, *values in tx.connection.tuples(
            f"select {chosen} from {self.table} where {self.owner} in ({numbers}){narrowed} order by {self.owner}, {order}"
        ):
            found.setdefault(owner, {})[key] = dict(zip(self.columns, values, strict=True))
        return found

    def add(self, tx: Tx, record_id: int, elements: Elements) -> None:
        """Write these elements."""
        if not elements:
            return
        more = self.extra(tx)
        names = (self.owner, self.key, *self.columns, *self.fixed, *more)
        tx.connection.many_tuples(
            f"insert into {self.table} ({', '.join(names)}) values ({', '.join('?' * len(names))})",
            [
                (record_id, key, *(values.get(c) for c in self.columns), *self.fixed.values(), *more.values())
                for key, values in elements.items()
            ],
        )

    def remove(self, tx: Tx, record_id: int, elements: Elements) -> None:
        """Take these elements away."""
        narrowed = "".join(f" and {name} = {value}" for name, value in self.fixed.items())
        tx.connection.many_tuples(
            f"delete from {self.table} where {self.owner} = ? and {self.key} = ?{narrowed}",
            [(record_id, key) for key in elements],
        )

    def extra(self, tx: Tx) -> dict[str, Any]:
        """Columns of the table that are the same for every element of a transaction."""
        return {}

    def restored(self, key: str) -> Any:
        """An element's key from the text that JSON made of it."""
        return int(key) if self.noun else key

    def encode(self, tx: Tx, value: Any, state: State) -> Elements:
        """The elements that a value of the contract means."""
        raise NotImplementedError

    def decode(self, tx: Tx, elements: Elements) -> Any:
        """The elements as the contract has them."""
        raise NotImplementedError

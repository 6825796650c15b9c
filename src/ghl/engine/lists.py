"""Lists: filter, search, sort and paging by number or cursor, from allow-lists only."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ghl.engine.columns import State
from ghl.engine.paging import refuse_deep
from ghl.engine.records import Store
from ghl.engine.stores import resolve, store_of
from ghl.errors import Invalid, Malformed
from ghl.sdk.names import search_words
from ghl.sdk.page import Page

if TYPE_CHECKING:
    from ghl.engine.tx import Tx


@dataclass(slots=True)
class Query:
    """The conditions of a list, as SQL that names no user's text, and their parameters."""

    conditions: list[str] = field(default_factory=list)
    params: dict[str, Any] = field(default_factory=dict)

    def add(self, condition: str, **params: Any) -> None:
        """One more condition that must hold."""
        self.conditions.append(condition)
        self.params |= params

    @property
    def sql(self) -> str:
        """The conditions after `where`."""
        return " and ".join(self.conditions)


def query(tx: Tx, store: Store[Any], request: Any) -> Query:
    """What a list asks for."""
    found = base(tx, store, deleted=getattr(request, "deleted", False))
    for name, condition in store.filters.items():
        value = getattr(request, name, None)
        if value is not None:
            found.add(condition, **{name: filter_value(tx, store, name, value)})
    if getattr(request, "search", None):
        add_search(tx, store, found, request.search)
    if getattr(request, "where", None):
        add_where(tx, store, found, request.where)
    view = saved_view(tx, store, request)
    if view is not None and view["filter"]:
        add_where(tx, store, found, view["filter"])
    return found


def saved_view(tx: Tx, store: Store[Any], request: Any) -> State | None:
    """The saved view that a list asks for: of this noun, by name or id."""
    name = getattr(request, "view", None)
    if not name:
        return None
    views = store_of("view")
    return views.load(tx, [resolve(tx, "view", f"{store.plural}.{name}", field="view")])[0]


def filter_value(tx: Tx, store: Store[Any], name: str, value: Any) -> Any:
    """The value of a plain filter: a reference as its row key, anything else as it is."""
    noun = store.filter_nouns.get(name)
    if noun:
        return resolve(tx, noun, str(value), field=name)
    return int(value) if isinstance(value, bool) else value


def base(tx: Tx, store: Store[Any], *, deleted: bool = False) -> Query:
    """The records of the account that the caller may see."""
    found = Query(["r.account_id = :account_id"])
    found.conditions.append(f"r.deleted_at is {'not ' if deleted else ''}null{store.sight(tx)}")
    return found


def add_search(tx: Tx, store: Store[Any], found: Query, text: str) -> None:
    """Full-text search: every word must start a word of the record, of a small noun be in its name."""
    words = search_words(text).split()
    if not words:
        raise no_words()
    if not store.searched:
        names = " || ' ' || ".join(f"coalesce({name}, '')" for name in store.names)
        for index, word in enumerate(words[:20]):  # letters and digits, nothing that LIKE takes for a pattern
            found.add(f"({names}) like :word_{index}", **{f"word_{index}": f"%{word}%"})
        return
    words = [f"account{tx.account_id}", *words[:20]]
    if tx.dialect == "sqlite":
        match = " AND ".join([f'"{words[0]}"', *(f'"{word}"*' for word in words[1:])])
        found.add(
            f"r.id in (select rowid from {store.plural}_search where {store.plural}_search match :match)",
            match=match,
        )
    else:
        match = " & ".join([f"'{words[0]}'", *(f"'{word}':*" for word in words[1:])])
        found.add(
            "to_tsvector('simple', r.search_text) @@ cast(:match as tsquery)",
            match=match,
        )


def no_words() -> Invalid:
    """The error for a search that names nothing."""
    return Invalid("there is no word to search for", hint="letters or digits", field="search")


def add_where(tx: Tx, store: Store[Any], found: Query, text: str) -> None:
    """An expression that must be true."""
    from ghl.engine.filters import compiled  # the language is loaded when a filter is used

    fragment = compiled(tx, store.noun, text, prefix=f"where_{len(found.conditions)}_")
    found.add(fragment.sql, **fragment.params)


def matching(tx: Tx, store: Store[Any], text: str, *, deleted: bool = False) -> list[int]:
    """The row keys of all records for which an expression is true, in order."""
    found = base(tx, store, deleted=deleted)
    if text.strip() != "true":
        add_where(tx, store, found, text)
    sql = f"select r.id from {store.table} r where {found.sql} order by r.id"
    return [row[0] for row in tx.connection.tuples(sql, tx.params(found.params))]


def count(tx: Tx, store: Store[Any], found: Query) -> int:
    """How many records a query finds."""
    return int(tx.value(f"select count(*) as n from {store.table} r where {found.sql}", **found.params))


def page(tx: Tx, store: Store[Any], request: Any) -> Page[Any]:
    """One page of a list."""
    found = query(tx, store, request)
    order = Order.of(store, request, saved_view(tx, store, request))
    source = _source(tx, store, request, found) if not order.fields else f"{store.table} r"
    number = request.page or (None if request.cursor else 1)
    total = count(tx, store, found) if number is not None else None
    offset = 0
    if request.cursor:
        order.continue_from(found, request.cursor)
    elif number:
        refuse_deep(number, request.page_size)
        offset = (number - 1) * request.page_size
    sql = (
        f"select r.id, {order.columns} from {source} where {found.sql}"
        f" order by {order.sql} limit :limit offset :offset"
    )
    keys = tx.connection.tuples(
        sql, tx.params(found.params | {"limit": request.page_size + 1, "offset": offset})
    )
    more = len(keys) > request.page_size
    keys = keys[: request.page_size]
    states = store.load(tx, [row[0] for row in keys])
    page_type = Page[store.record]  # type: ignore[name-defined]
    return page_type.model_construct(
        items=store.present(tx, states), total=total, page=number, page_size=request.page_size,
        next_cursor=order.cursor(keys[-1]) if more else None,
    )  # fmt: skip


def _source(tx: Tx, store: Store[Any], request: Any, found: Query) -> str:
    """The table of a list in the order of row keys. SQLite must not take an index that begins with the
    account, nor a partial one, for then it would sort all rows (on a million 97 ms instead of 0.05)."""
    filtered = any(getattr(request, name, None) is not None for name in store.filters)
    if tx.dialect != "sqlite" or filtered or getattr(request, "deleted", False):
        return f"{store.table} r"
    alone = len(found.conditions) == 2
    found.conditions[0] = f"+{found.conditions[0]}"
    return f"{store.table} r not indexed" if alone else f"{store.table} r"


@dataclass(slots=True)
class Order:
    """What a list is sorted by. It ends in the row key, so that a cursor is exact."""

    name: str
    fields: tuple[str, ...]
    descending: bool

    @classmethod
    def of(cls, store: Store[Any], request: Any, view: State | None = None) -> Order:
        """The order that a request asks for, else its view; newest first by default."""
        text = getattr(request, "sort", None) or (view and view["sort"])
        if not text:
            return cls("", (), True)
        name = text.lstrip("+-")
        if name not in store.sorts:
            raise Invalid(
                f'{store.plural} cannot be sorted by "{name}"', hint=f"one of: {', '.join(store.sorts)}", field="sort"
            )
        return cls(name, store.sorts[name], text.startswith("-"))

    @property
    def sql(self) -> str:
        """After `order by`."""
        way = " desc" if self.descending else ""
        return ", ".join(f"r.{name}{way}" for name in (*self.fields, "id"))

    @property
    def columns(self) -> str:
        """What a cursor must remember of the last row."""
        return ", ".join(f"r.{name}" for name in (*self.fields, "id"))

    def cursor(self, row: tuple[Any, ...]) -> str:
        """The place after this row."""
        content = [self.name, int(self.descending), *row[1:]]
        return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")

    def continue_from(self, found: Query, cursor: str) -> None:
        """Only what comes after the place of a cursor."""
        try:
            padded = cursor + "=" * (-len(cursor) % 4)
            name, descending, *values = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
            key = values[-1]
            fits = name == self.name and descending == int(self.descending)
            sound = len(values) == len(self.fields) + 1 and type(key) is int and abs(key) < 2**63
        except (ValueError, TypeError, IndexError):
            fits = sound = False
        if not fits or not sound or any(type(v) not in (str, int) for v in values):
            raise Malformed(
                "the cursor is not one of this list", hint="start again without a cursor", field="cursor"
            )
        names = [f"r.{name}" for name in (*self.fields, "id")]
        marks = [f":after_{index}" for index in range(len(names))]
        sign = "<" if self.descending else ">"
        if len(names) == 1:
            found.conditions.append(f"{names[0]} {sign} {marks[0]}")
        else:
            found.conditions.append(f"({', '.join(names)}) {sign} ({', '.join(marks)})")
        found.params |= {f"after_{index}": value for index, value in enumerate(values)}

"""The changes of an import as people read them: counted over all rows, and shown for one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ghl.engine.data.runs import Run
from ghl.engine.records import Store

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

_HIDDEN = ("_currency",)
_LONGEST = 40


def counted(tx: Tx, run: Run, store: Store[Any], before: dict[str, Any], after: dict[str, Any]) -> None:
    """Count each field of a change: `phone filled`, `city "Madird" → "Madrid"`."""
    parts = {part.field for part in store.parts}
    texts = {column.name for column in store.columns if column.kind == "text"}
    for name in before.keys() | after.keys():
        if name.endswith(_HIDDEN):
            continue
        if name in parts:
            gone, come = before.get(name, {}), after.get(name, {})
            word = "added" if come.keys() - gone.keys() else "removed" if gone.keys() - come.keys() else "changed"
            run.differs(f"{name} {word}", name)
            continue
        old, new = before.get(name), after.get(name)
        if old in (None, "", "[]") or (old == 0 and name not in texts):
            run.differs(f"{_plain(name)} filled", name)
        elif new in (None, ""):
            run.differs(f"{_plain(name)} cleared", name)
        elif name in texts:
            run.differs(f"{name} {_quoted(old)} → {_quoted(new)}", f"{name} changed")
        else:
            run.differs(f"{_plain(name)} changed", name)


def shown(tx: Tx, store: Store[Any], before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Before and after of one record, in the words of the contract."""
    from ghl.engine.history import readable  # plans show them; runs do not

    return {"before": plain(readable(tx, store, before)), "after": plain(readable(tx, store, after))}


def plain(values: Any) -> Any:
    """Values as JSON has them."""
    from pydantic_core import to_jsonable_python

    return to_jsonable_python(values)


def _plain(name: str) -> str:
    return name.removesuffix("_id").removeprefix("custom.")


def _quoted(text: Any) -> str:
    shown = str(text)
    return f'"{shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"}"'

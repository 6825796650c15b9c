"""Performing a derived command: one record or many, the answer in the format that is asked for."""

from __future__ import annotations

import itertools
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ghl import nouns
from ghl.cli import output
from ghl.cli.context import Context, UsageError
from ghl.cli.derive import Kind, Parameters
from ghl.cli.spelling import TITLES, spelled
from ghl.cli.table import aligned
from ghl.cli.views import columns_of, view_of
from ghl.cli.words import counted, counts
from ghl.errors import GhlError, PartlyFailed
from ghl.sdk.fields import Bulk, BulkResult
from ghl.sdk.operation import build, result_of
from ghl.sdk.page import Page
from ghl.sdk.wire import path_fields

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


NAMED = 20
"""So many records may be named one by one without a question."""
AMONG = frozenset({"update_many", "delete_many", "restore_many", "tag", "untag", "retry"})
"""Verbs whose records are those of their own noun."""
PREVIEWED = 5
"""So many records are named by a dry run."""
FINAL = frozenset({"erase"})
"""Verbs that nothing takes back."""


def perform(
    context: Context, noun: str, kind: Kind, many: Kind | None, parameters: Parameters, given: dict[str, Any]
) -> None:
    """Run one derived command."""
    paging = {name: given.get(name) for name in ("limit", "all")}
    fields = parameters.values(dict(given))
    if many is not None:
        kind, fields = _one_or_many(kind, many, fields)
    if issubclass(kind, Bulk) and not fields.get("ids") and fields.get("where") is None:
        raise UsageError(f"say which {kind.__noun__}", hint="one or more references, or --where EXPR")
    if not kind.__route__.safe:
        _ask(context, kind, fields)
    if "page" in fields and (paging["all"] or (paging["limit"] or 0) > 100):
        raise UsageError("a page has at most 100 records", hint="--page N --limit 100, or --all without --page")
    if paging["limit"] and "page_size" in kind.model_fields:
        fields["page_size"] = min(100, paging["limit"])
    elif paging["all"]:
        fields["page_size"] = 100
    if fields.get("cursor") and "page" in fields:
        raise UsageError("--page and --cursor exclude each other")
    if fields.get("view"):
        _columns(context, f"{noun}.{fields['view']}")
    _known(context, kind)
    if kind.__verb__ in FINAL:
        context.confirm(f"{kind.__verb__} for good, which cannot be undone")
    result = context.transport.send(build(kind, fields), context.options)
    show(context, noun, result, limit=paging["limit"], every=bool(paging["all"]))
    if not kind.__route__.safe:
        told(context, result)


def _columns(context: Context, name: str) -> None:
    """The columns of a saved view, where none were asked for and people read them."""
    if context.fields or context.format in ("json", "ndjson", "ids"):
        return
    context.fields = list(context.crm.views.get(view_id=name).columns) or None


def _known(context: Context, kind: Kind) -> None:
    """Refuse `--fields` that no record of the answer has, before anything is done."""
    if not context.fields:
        return
    answer = result_of(kind)
    record = next(iter(getattr(answer, "__pydantic_generic_metadata__", {}).get("args", ())), answer)
    fields = getattr(record, "model_fields", None)
    if not fields:
        return
    names = [*fields, *(["custom"] if "custom_fields" in fields else [])]
    for name in context.fields:
        if name.split(".")[0] not in names:
            import difflib  # for what is misspelled only

            close = difflib.get_close_matches(name, names, 1)
            raise UsageError(f'--fields: there is no field "{name}"', hint=f"{close[0]}?" if close else ", ".join(names))


def _one_or_many(kind: Kind, many: Kind, fields: dict[str, Any]) -> tuple[Kind, dict[str, Any]]:
    """One reference is the single operation; several, or an expression, are the one for many."""
    name = path_fields(kind)[0]
    references = fields.pop(name, None) or []
    where = fields.pop("where", None)
    partial = fields.pop("partial", False)
    if isinstance(references, str):
        references = [references]
    if references and where is not None:
        raise UsageError("references and --where are two ways to choose", hint="one of them")
    if len(references) == 1 and where is None:
        return kind, {**fields, name: references[0]}
    if not references and where is None:
        raise UsageError(f"say which {kind.__noun__}", hint="one or more references, or --where EXPR")
    chosen: dict[str, Any] = {"where": where} if where is not None else {"ids": references}
    if partial:
        chosen["partial"] = True
    if "values" in many.model_fields:
        chosen["values"] = fields
    return many, chosen


def _ask(context: Context, kind: Kind, fields: dict[str, Any]) -> None:
    """Before many records change, say how many and ask."""
    many = "where" in fields or (kind.__verb__ == "retry" and "state" in fields) or len(fields.get("ids") or ()) > NAMED
    if context.yes or context.dry_run or context.plan or not many or kind.__noun__ in ("", "views"):
        return
    dry = context.transport.send(build(kind, fields), replace(context.options, dry_run=True))
    if isinstance(dry, BulkResult) and dry.count:
        word = nouns.NOUNS[kind.__noun__].singular if kind.__verb__ in AMONG else "record"
        context.confirm(f"{spelled(kind.__verb__.removesuffix('_many'))} {counted(dry.count, word)}")


def show(context: Context, noun: str, result: Any, *, limit: int | None = None, every: bool = False) -> None:
    """A result on stdout."""
    if isinstance(result, Page):
        _page(context, noun, result, limit, every)
    elif isinstance(result, BulkResult) and not (context.prose and view_of(noun, type(result).__name__)):
        _bulk(context, noun, result)
    elif isinstance(result, list):
        _list(context, noun, result)
    else:
        _record(context, noun, result)


def _record(context: Context, noun: str, result: Any) -> None:
    view = view_of(noun, type(result).__name__) if context.prose else None
    if view is not None:
        view(context, result)
    else:
        output.record_out(context, output.plain(result))


def _bulk(context: Context, noun: str, result: BulkResult) -> None:
    """The ids of many changed records, for those who ask; what was done is narration. A dry run names some."""
    if context.dry_run and context.prose:
        _preview(context, noun, result)
    if context.format == "ids":
        sys.stdout.writelines(f"{one}\n" for one in result.ids)
    elif context.format not in (None, "table"):
        output.record_out(context, output.plain(result))


def _preview(context: Context, noun: str, result: BulkResult) -> None:
    """The first records that would be changed."""
    kind = nouns.load(noun).__operations__.get("get")
    if kind is None:
        return
    rows: list[tuple[str, ...]] = []
    for one in result.ids[:PREVIEWED]:
        try:
            record = output.plain(context.transport.send(build(kind, {path_fields(kind)[0]: one})))
        except GhlError:
            continue  # made by the dry run itself, and gone with it
        name = next((record[field] for field in TITLES if record.get(field)), "")
        rows.append((one[-6:], output.clean(str(name)), output.clean(str(record.get("email") or ""))))
    if rows:
        lines = aligned(rows)
        lines += [f"  … and {result.count - len(rows):,} more"] if result.count > len(rows) else []
        sys.stdout.write("\n".join(lines) + "\n")


def _list(context: Context, noun: str, items: list[Any]) -> None:
    kind = type(items[0]).__name__ if items else ""
    if context.json and context.format == "json" and not context.fields:
        output.write_json(items)
    elif context.prose and items and view_of(noun, kind) is not None:
        for item in items:
            _record(context, noun, item)
    elif items or context.format not in (None, "table"):
        chosen = columns_of(noun, kind, context.fields)
        output.rows_out(context, map(output.plain, items), [name for name, _ in chosen], [header for _, header in chosen])


def _page(context: Context, noun: str, page: Page[Any], limit: int | None, every: bool) -> None:
    chosen = columns_of(noun, type(page.items[0]).__name__ if page.items else "", context.fields)
    whole = not every and (limit is None or limit <= page.page_size)
    if context.shape == "json":
        rows = [output.plain(item) for item in _walk(page, limit, every)]
        if context.fields:
            rows = [{name: output.pick(row, name) for name in context.fields} for row in rows]
        document: dict[str, Any] = {"items": rows, "total": page.total}
        if whole:
            document |= {"page": page.page, "page_size": page.page_size, "next_cursor": page.next_cursor}
        output.write_json(document)
        return
    shown = 0

    def counting() -> Iterator[dict[str, Any]]:
        nonlocal shown
        for item in _walk(page, limit, every):
            shown += 1
            yield output.plain(item)

    rows_in: Iterable[dict[str, Any]] = list(counting()) if context.shape == "table" else counting()
    if page.items or context.shape != "table":
        output.rows_out(context, rows_in, [name for name, _ in chosen], [header for _, header in chosen])
    if not shown:
        behind = page.page and page.page > 1 and page.total
        context.say(f"page {page.page} is behind the last one: there are {page.total:,}" if behind else f"no {noun or 'entries'}")
    elif not every:
        more(context, page, shown, limit if whole else None)


def _walk(page: Page[Any], limit: int | None, every: bool) -> Iterator[Any]:
    if every:
        return iter(page)
    items: Iterable[Any] = page if limit else page.items
    return itertools.islice(items, limit) if limit else iter(items)


def more(context: Context, page: Page[Any], shown: int, limit: int | None) -> None:
    """How to go on where there is more."""
    if shown >= page.total if page.total is not None else page.next_cursor is None:
        return
    of = f" of {page.total:,}" if page.total is not None else ""
    same = f" --limit {limit}" if limit else ""
    following = f"--page {page.page + 1}{same}, or " if page.page and page.next_cursor else f"--cursor {page.next_cursor}{same}, or "
    if page.page and page.total is not None and page.page * page.page_size >= page.total:
        return
    context.say(f"{shown:,}{of} shown; more with {following if page.next_cursor and shown <= page.page_size else ''}--all")


def told(context: Context, result: Any) -> None:
    """After a write: what it did, and how it is taken back."""
    outcome = context.transport.outcome
    done = counts(outcome.counts) or "nothing changed"
    failed = getattr(result, "failed", 0)
    if isinstance(result, BulkResult):
        for failure in result.failures[:5]:
            name = failure.id[-6:] if failure.id else f"item {(failure.index or 0) + 1}"
            context.say(f"failed  {name}: {failure.error}")
    if outcome.dry_run:
        would = f"{counted(result.count, 'record')}" if isinstance(result, BulkResult) and result.count else "nothing to change"
        context.say(f"dry run: {counts(outcome.counts) or would}. Nothing was changed.   plan {outcome.digest}")
    elif outcome.change_set is not None:
        context.say(f"change set {outcome.change_set}: {done}.  Undo with: ghl undo {outcome.change_set}")
    elif not hasattr(result, "refused"):
        context.say(done)
    if hasattr(result, "refused") and not context.prose:
        from ghl.cli.views.workflows import enrolled_line  # which its view has said to people

        context.say(enrolled_line(result.count, result.refused))
    if failed:
        raise PartlyFailed(f"{failed} of {failed + result.count + result.unchanged} failed")

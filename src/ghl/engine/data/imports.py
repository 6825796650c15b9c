"""The handlers of imports: mapping, beginning or going on, portions of rows, the end."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ghl.engine.data import planning, profiles
from ghl.engine.data.forecast import CountedEvents
from ghl.engine.data.loading import MATCHES, Loader, default_match
from ghl.engine.data.reading import missing_columns
from ghl.engine.data.runs import KEPT_FOR, NUMBERS, VERDICTS, Choices, Run, find
from ghl.engine.dispatch import handles
from ghl.engine.paging import Paging, cursor
from ghl.errors import Conflict, Invalid
from ghl.sdk.data import imports as contract
from ghl.sdk.page import Page

if TYPE_CHECKING:
    from ghl.engine.tx import Tx


class _TriedError(Exception):
    """Ends a trial: what it wrote is taken back."""


@handles(contract.MapColumns)
def map_columns(request: contract.MapColumns, tx: Tx) -> contract.ImportMapping:
    """Say what columns become."""
    return profiles.mapped(request, tx)


@handles(contract.BeginImport)
def begin(request: contract.BeginImport, tx: Tx) -> contract.Import:
    """Begin, go on, or apply a plan."""
    if request.noun not in MATCHES:
        raise Invalid(f"{request.noun} cannot be imported", hint=f"one of: {', '.join(MATCHES)}", field="noun")
    _forget_old(tx)
    plan = planning.checked(tx, request) if request.digest else None
    choices = plan.choices if plan else _choices(request)
    choices.live = choices.live or request.live
    hashed = choices.hash(trial=request.trial, plan=plan.id if plan else None)
    about = {"fingerprint": request.fingerprint, "noun": request.noun, "options_hash": hashed}
    row = tx.one("data/imports/stopped", **about)
    resumed = row is not None and row["done"] > 0
    if plan and not resumed:
        planning.refuse_changed(tx, plan)
    if row is None:
        row = _new(request, tx, choices, about, plan)
    if choices.profile:
        profiles.keep(tx, request.noun, choices.profile, choices.columns, guessed=request.guessed)
    return Run.of(row).shown(tx, resumed=resumed)


def _new(
    request: contract.BeginImport, tx: Tx, choices: Choices, about: dict[str, Any], plan: Run | None
) -> dict[str, Any]:
    number = tx.key("imports")
    tx.run("data/imports/abandon", id=number, **about)
    tx.run(
        "data/imports/insert", id=number, public_id=tx.public_id(), file=request.file, options=choices.dump(),
        trial=int(request.trial), plan_id=plan.id if plan else None, total=request.total, actor=tx.caller.actor,
        **about,
    )  # fmt: skip
    row = tx.one("data/imports/by_key", id=number)
    assert row is not None, "it was written just now"
    return row


def _choices(request: contract.BeginImport) -> Choices:
    missing_columns(request.noun, request.columns)
    targets = [one.target for one in request.columns if one.target]
    match = request.match if request.match is not None else default_match(request.noun, targets)
    for name in match:
        if name not in MATCHES[request.noun]:
            known = ", ".join(MATCHES[request.noun])
            raise Invalid(f'{request.noun} are not matched by "{name}"', hint=f"one of: {known}", field="match")
    if request.mode == "update" and not match:
        raise Invalid("there is nothing to match by", hint="--match email", field="match")
    if request.mode == "suppress" and request.noun != "contacts":
        raise Invalid("only addresses of contacts can be suppressed", hint="--mode upsert", field="mode")
    order = list(dict.fromkeys(match))
    return Choices(request.columns, request.mode, order, request.live, request.strict_tags, request.profile)


def _forget_old(tx: Tx) -> None:
    """Plans that were not applied hold values of records; they go after a week."""
    from datetime import timedelta

    from ghl.sdk.times import stamp

    before = stamp(tx.at - timedelta(seconds=KEPT_FOR))
    for row in tx.all("data/imports/old", before=before):
        tx.run("data/imports/clear_rows", id=row["id"])
        tx.run("data/imports/clear_keys", id=row["id"])


@handles(contract.ImportRows)
def take_rows(request: contract.ImportRows, tx: Tx) -> contract.ImportProgress:
    """Take a portion of rows, and keep the place, in one transaction."""
    run = find(tx, request.import_id, lock=True)
    _check_portion(request, run)
    loader = loader_of(tx, run)
    for bad in request.unreadable:
        loader.reject(bad.line, bad.error)
    if request.rows:
        loader.strangers(request.rows)
        with _with_patient_collector():
            (_try if run.trial else _perform)(tx, run, loader, request)
    run.verdicts.sort(key=lambda verdict: verdict.line)
    last = max((*request.lines[-1:], *(bad.line for bad in request.unreadable), request.after))
    run.save(tx, line=last, done=run.row["done"] + len(request.lines) + len(request.unreadable))
    return contract.ImportProgress(
        id=run.row["public_id"], line=last, done=run.row["done"], counts=dict(run.counts),
        rejected=sorted(loader.rejected, key=lambda row: row.line), change_set=run.row["change_set_id"],
    )  # fmt: skip


@contextmanager
def _with_patient_collector() -> Iterator[None]:
    """Hundreds of thousands of small objects without a circle: looking for one seldom saves a tenth of the time."""
    usual = gc.get_threshold()
    gc.set_threshold(100_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _check_portion(request: contract.ImportRows, run: Run) -> None:
    if run.row["state"] != "running":
        raise Conflict(f"the import of {run.row['file']} is {run.row['state']}", hint="begin again")
    if run.row["line"] != request.after:
        raise Conflict(
            f"the import of {run.row['file']} is at line {run.row['line']}, not at {request.after}",
            hint="somebody else imports the same file; begin again to go on behind them",
            line=run.row["line"],
        )
    if len(request.rows) != len(request.lines):
        raise Invalid("each row needs its line", field="lines")
    lines = [request.after, *request.lines]
    if any(later <= earlier for earlier, later in pairwise(lines)):
        raise Invalid("the lines must rise", field="lines")
    width = len(run.choices.columns)
    for line, row in zip(request.lines, request.rows, strict=True):
        if not isinstance(row, dict) and (not isinstance(row, list) or len(row) != width):
            raise Invalid(f"the row of line {line} must have {width} cells, or fields by name", field="rows")


def loader_of(tx: Tx, run: Run) -> Loader:
    """What takes rows of a noun."""
    if run.noun == "contacts":
        from ghl.engine.data.people import People

        return People(tx, run)
    if run.noun == "deals":
        from ghl.engine.data.sales import Sales

        return Sales(tx, run)
    if run.noun == "suppressions":
        from ghl.engine.data.suppressing import OptOuts

        return OptOuts(tx, run)
    return Loader(tx, run)


def _try(tx: Tx, run: Run, loader: Loader, request: contract.ImportRows) -> None:
    """Do it for real and take it back: what would happen is what happens."""
    events = CountedEvents(tx)
    kept, tx.events = tx.events, events
    try:
        with tx.part():
            loader.load(request.lines, request.rows)
            raise _TriedError
    except _TriedError:
        run.raised += events.counts
    finally:
        tx.events = kept


def _perform(tx: Tx, run: Run, loader: Loader, request: contract.ImportRows) -> None:
    from dataclasses import replace

    tx.events.silent = not run.choices.live
    tx.options = replace(tx.options, origin="import")
    if run.row["change_set_id"] is None:
        tx.changes.name = f"import {run.row['file']}"[:200]
        run.row["change_set_id"] = tx.changes.set_id
    else:
        tx.changes.go_on_with(run.row["change_set_id"])
    loader.load(request.lines, request.rows)
    if not tx.changes.counts and not tx.changes.written:
        # Nothing was changed yet: the set is opened by the first portion that changes something.
        run.row["change_set_id"] = run.row["change_set_id"] if tx.changes.joined else None


@handles(contract.FinishImport)
def finish(request: contract.FinishImport, tx: Tx) -> contract.Import:
    """End an import: one event for all of it; of a trial, the plan."""
    run = find(tx, request.import_id, lock=True)
    if run.row["state"] == "running":
        state = "planned" if run.trial else "finished"
        empty = run.trial and not run.row["digest"]
        if empty:
            run.row["digest"] = f"{run.row['fingerprint']}{run.row['options_hash']}"[:32]
        if request.blank:
            run.counts["blank"] = request.blank
        if empty or request.blank:
            run.save(tx, line=run.row["line"], done=run.row["done"])
        tx.run("data/imports/end", id=run.id, state=state)
        run.row |= {"state": state, "finished_at": tx.now}
        if not run.trial:
            payload = {"import_id": run.row["public_id"], "noun": run.noun, "counts": dict(run.counts)}
            tx.events.emit("import.finished", payload=payload)
            if run.row["plan_id"] is not None:
                tx.run("data/imports/clear_rows", id=run.row["plan_id"])
                tx.run("data/imports/clear_keys", id=run.row["plan_id"])
    return run.shown(tx)


@handles(contract.GetImport)
def get(request: contract.GetImport, tx: Tx) -> contract.Import:
    """Show an import or a plan."""
    return find(tx, request.import_id).shown(tx)


@handles(contract.ListImports)
def list_imports(request: contract.ListImports, tx: Tx) -> Page[contract.Import]:
    """Imports, newest first."""
    paging = Paging(request)
    rows, following = paging.cut(tx.all("data/imports/page", below=paging.below, **paging.window))
    return Page[contract.Import](
        items=[Run.of(row).shown(tx) for row in rows], next_cursor=following,
        **paging.numbers(lambda: tx.value("data/imports/total")),
    )  # fmt: skip


@handles(contract.ListImportRows)
def list_rows(request: contract.ListImportRows, tx: Tx) -> Page[contract.ImportRow]:
    """What became of the rows, by line."""

    run, paging = find(tx, request.import_id), Paging(request)
    verdict = NUMBERS[request.verdict] if request.verdict else 0
    found = tx.all("data/imports/rows", id=run.id, line=paging.after or 0, verdict=verdict, **paging.window)
    rows, following = paging.cut(found, lambda row: int(row["line"]))
    items = []
    for row in rows:
        detail = json.loads(row["detail"] or "{}")
        items.append(contract.ImportRow(line=row["line"], verdict=VERDICTS[row["verdict"]], **detail))
    numbers = paging.numbers(lambda: tx.value("data/imports/row_total", id=run.id, verdict=verdict))
    return Page[contract.ImportRow](items=items, next_cursor=following, **numbers)


@handles(contract.ListProfiles)
def list_profiles(request: contract.ListProfiles, tx: Tx) -> Page[contract.ImportProfile]:
    """Kept mappings; there are few."""
    paging, kept = Paging(request), profiles.every(tx, request.noun)
    start = paging.offset if paging.after is None else paging.after
    end = start + paging.size
    return Page[contract.ImportProfile](
        items=kept[start:end], next_cursor=cursor(end) if len(kept) > end else None, **paging.numbers(lambda: len(kept))
    )


@handles(contract.DeleteProfile)
def forget_profile(request: contract.DeleteProfile, tx: Tx) -> Any:
    """Forget a kept mapping."""
    return profiles.forget(tx, request.noun, request.name)


@handles(contract.BeginReading)
def begin_copy(request: contract.BeginReading, tx: Tx) -> contract.Import:
    """Begin to read a copy."""
    from ghl.engine.data import restoring  # copies are rarer than imports

    return restoring.begin(request, tx)


@handles(contract.ReadRecords)
def read_copy(request: contract.ReadRecords, tx: Tx) -> contract.ReadCopy:
    """Read a portion of a copy."""
    from ghl.engine.data import restoring  # as above

    return restoring.read(request, tx)

"""`ghl demo`: a file with sample data, in which two weeks have passed."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ghl.cli.context import UsageError, current

if TYPE_CHECKING:
    from ghl.engine.worker import Work
    from ghl.sample import Sample

DAYS = 14
Row = dict[str, Any]


def demo(
    file: Annotated[str, typer.Argument(metavar="FILE", help="The new file")] = "demo.db",
    contacts: Annotated[int, typer.Option(help="How many contacts", min=10, max=100_000)] = 2000,
    seed: Annotated[int, typer.Option(help="Another seed makes other people")] = 7,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it is there")] = False,
) -> None:
    """Make a file with sample data, start its workflows, and let 14 virtual days pass."""
    import ghl
    from ghl.sample import generate

    context = current()
    if "://" in file:
        raise UsageError("a demo is a file; leave out the URL")
    if Path(file).exists():
        if not force:
            raise UsageError(f"{file} is there; --force replaces it")
        for end in ("", "-wal", "-shm"):
            Path(file + end).unlink(missing_ok=True)
    now = datetime.now(UTC).replace(microsecond=0)
    sample = generate(seed, now, contacts)
    with ghl.init(file, name="studio", zone="Europe/Lisbon", currency="EUR", country="PT", locale="en-GB") as crm:
        fill(crm, sample)
        context.say(
            f"{file}  {len(sample.contacts):,} contacts, {len(sample.companies):,} companies, "
            f"{len(sample.pipelines)} pipelines with {len(sample.deals):,} deals, {len(sample.workflows)} workflows"
        )
        begun = time.perf_counter()
        done = _two_weeks(file, now)
        took = time.perf_counter() - begun
        mail = done.mail
        context.say(f"worker   {DAYS} virtual days in {took:.1f} s: {done.steps:,} steps, {mail.sent:,} messages to the outbox")
        for pipeline in crm.pipelines.list():
            context.say(_board(crm, pipeline))
        if mail.skipped:
            reasons = sorted(mail.reasons.items(), key=lambda item: -item[1])
            context.say(f"skipped  {mail.skipped:,}: " + ", ".join(f"{reason} {count:,}" for reason, count in reasons))
    context.say("\nTry next")
    for line in (
        """contacts list --where '"lead" in tags && city == "Lisbon"'""",
        "explain message --contact maria.alves@example.com",
        "pipelines board Sales",
        "workflows show welcome",
        "undo --dry-run",
    ):
        context.say(f"  ghl --db {file} {line}")


def fill(crm: Any, sample: Sample) -> None:
    """Write a sample in an order in which every row finds what it refers to."""
    ids: dict[str, str] = {}
    for user in sample.users:
        ids[user["key"]] = crm.users.create(name=user["name"], email=user["email"], zone=user["zone"]).id
    for field in sample.fields:
        crm.fields.create(**_renamed(field, {"key": "name", "options": "choices"}))
    _bulk(crm.companies, sample.companies, ids, ("owner",))
    for pipeline in sample.pipelines:
        crm.pipelines.create(name=pipeline["name"], stages=pipeline["stages"])
    _bulk(crm.products, sample.products, ids, ())
    crm.senders.create(name="outbox", url="outbox:", from_address="Studio <studio@example.com>", default=True)
    for name, text in sample.templates:
        from ghl.templates import fields_of_file

        crm.templates.upsert(**fields_of_file(text.encode(), f"{name}.html"))
    for name, text in sample.workflows:
        crm.workflows.apply(source=text, file=f"{name}.yaml", waiting="keep")
    for row in sample.suppressions:
        crm.suppressions.create(address=row["address"], reason=row["reason"])
    _bulk(crm.contacts, sample.contacts, ids, ("owner", "company"))
    deals = [_deal(row, ids, sample) for row in sample.deals]
    for row, made in zip(sample.deals, _created(crm.deals, deals), strict=True):
        ids[row["key"]] = made
    keys = ("owner", "contact", "deal")
    _bulk(crm.notes, [_renamed(row, {"author_key": "owner_key"}) for row in sample.notes], ids, keys)
    tasks = [_renamed(row, {"assignee_key": "owner_key"}) for row in sample.tasks if not row["done_at"]]
    _bulk(crm.tasks, tasks, ids, keys)
    activities = []
    for row in sample.activities:
        row = _renamed(row, {"user_key": "owner_key", "type": "kind"})
        row["seconds"] = 60 * row.pop("duration_minutes")
        activities.append(row)
    _bulk(crm.activities, activities, ids, keys)


def _bulk(resource: Any, rows: list[Row], ids: dict[str, str], refers: tuple[str, ...]) -> None:
    items = []
    for row in rows:
        item = {k: v for k, v in row.items() if v is not None and not k.endswith("_key") and k not in _ITS_OWN}
        for name in refers:
            if row.get(f"{name}_key"):
                item[f"{name}_id"] = ids[row[f"{name}_key"]]
        items.append(item)
    for row, made in zip(rows, _created(resource, items), strict=True):
        ids[row["key"]] = made


_ITS_OWN = {"key", "created_at", "done_at"}


def _created(resource: Any, items: list[Row]) -> list[str]:
    """Their ids. The operation takes a thousand at a time."""
    found: list[str] = []
    for start in range(0, len(items), 1000):
        found.extend(resource.create_many(items=items[start : start + 1000]).ids)
    return found


def _renamed(row: Row, names: dict[str, str]) -> Row:
    return {names.get(name, name): value for name, value in row.items()}


def _deal(row: Row, ids: dict[str, str], sample: Sample) -> Row:
    names = {pipeline["key"]: pipeline["name"] for pipeline in sample.pipelines}
    item: Row = {
        "name": row["name"],
        "pipeline_id": names[row["pipeline_key"]],
        "stage_id": row["stage"],
        "contact_id": ids[row["contact_keys"][0]],
        "source": row["source"],
        "expected_close_on": row["expected_close_on"],
        "lines": [
            {"product_id": ids[line["product_key"]], "quantity": line["quantity"], "price": line["price"]}
            for line in row["lines"]
        ],
    }
    for name in ("company", "owner"):
        if row[f"{name}_key"]:
            item[f"{name}_id"] = ids[row[f"{name}_key"]]
    if row["status"] != "open":
        item["status"] = row["status"]
        if row["status"] == "lost":
            item["lost_reason"] = row["lost_reason"]
    return {name: value for name, value in item.items() if value is not None}


def _two_weeks(file: str, now: Any) -> Work:
    from ghl.engine.working import open_worker  # the engine, for this only

    end = now + timedelta(days=DAYS)
    with open_worker(file, until=end.isoformat(), start=now.isoformat()) as running:
        return running.worker.until(running.until)


def _board(crm: Any, pipeline: Any) -> str:
    """One line of counts by stage."""
    parts = []
    for stage in pipeline.stages:
        found = crm.deals.list(pipeline_id=pipeline.id, stage_id=stage.id, limit=1)
        parts.append(f"{stage.name} {found.total}")
    return f"{pipeline.name:<9}" + " │ ".join(parts)

"""`ghl batch`: operations from a file, one per line, in one transaction."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from ghl.cli import output, perform
from ghl.cli.context import current
from ghl.cli.reading import text_of
from ghl.errors import Malformed, PartlyFailed
from ghl.sdk.batches import BatchFailed


def batch(
    file: Annotated[str, typer.Argument(metavar="FILE.jsonl|-", help='Lines such as {"contacts.create": {"email": "…"}}')],
    partial: Annotated[bool, typer.Option("--partial", help="Keep what succeeds")] = False,
) -> None:
    """Perform operations in one transaction: all or nothing, unless --partial."""
    context = current()
    lines = _lines(file)
    numbers, items = list(lines), list(lines.values())
    try:
        result = context.crm.run_batch(items=items, partial=partial)
    except BatchFailed as failed:
        if context.json:
            output.write_json(failed.result)
        number = next((n for n, item in zip(numbers, failed.result.items, strict=True) if item.status == "failed"), 1)
        failed.message = f"line {number}: {failed.message}; nothing was done"
        raise
    if context.json or context.format:
        output.write_json(result)
    perform.told(context, result)
    failures = [(n, item) for n, item in zip(numbers, result.items, strict=True) if item.status == "failed"]
    for number, item in failures[:10]:
        context.say(f"line {number}: {(item.error or {}).get('error')}")
    if failures:
        raise PartlyFailed(f"{len(failures)} of {len(items)} lines failed")


def _lines(file: str) -> dict[int, dict[str, Any]]:
    """Operations by the numbers of their lines."""
    text = text_of(file)
    items: dict[int, dict[str, Any]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            item = json.loads(line)
        except ValueError as error:
            raise Malformed(f"{file}:{number}  the line is not JSON: {error}") from None
        if not isinstance(item, dict):
            raise Malformed(f"{file}:{number}  a line is an object with one operation")
        items[number] = item
    return items

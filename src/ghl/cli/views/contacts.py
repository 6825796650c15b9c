"""A contact as people look at her: who she is, and what happened last."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

from ghl.cli.context import Context
from ghl.cli.output import cell, clean
from ghl.cli.table import aligned
from ghl.cli.views.timeline import entries
from ghl.cli.words import said
from ghl.errors import GhlError


def show(context: Context, contact: Any) -> None:
    """Two lines about the person, her fields, and the newest of her timeline."""
    place = ", ".join(text for text in (contact.city, contact.zone or contact.country) if text)
    companies = ", ".join(f"{link.name}{f' ({link.role})' if link.role else ''}" for link in contact.companies)
    first = (contact.name or contact.email or contact.id, ", ".join(contact.tags), contact.email or "", contact.phone or "", place)
    kept = not context.dry_run and contact.deleted_at is None
    owner = f"owner: {contact.owner}" if contact.owner else ""
    second = [companies, owner, _next(context, contact.id) if kept else "", f"id: {contact.id[-6:]}"]
    lines = [*_beside(context, first), *_beside(context, second)]
    if contact.deleted_at is not None:
        lines.append(f"deleted {said(contact.deleted_at, context.zone)}: ghl contacts restore {contact.id[-6:]}")
    more = {
        "job title": contact.job_title, "lifecycle": contact.lifecycle_stage, "lead score": contact.lead_score or None,
        "source": contact.source, "birthday": contact.birthday, "website": contact.website,
        "address": ", ".join(t for t in (contact.street, contact.postal_code, contact.state, contact.country) if t),
        "do not disturb": ", ".join(contact.dnd), "followers": ", ".join(one.name or one.user_id for one in contact.followers),
        "other e-mails": ", ".join(e.address for e in contact.emails if not e.primary),
        "other phones": ", ".join(p.number for p in contact.phones if not p.primary),
        **contact.custom_fields,
    }  # fmt: skip
    lines += aligned([(name, cell(value)) for name, value in more.items() if value not in (None, "", [])])
    sys.stdout.write("\n".join(clean(line) for line in lines) + "\n")
    if kept:
        sys.stdout.write("".join(f"{line}\n" for line in _timeline(context, contact.id)))


def _beside(context: Context, texts: Iterable[str]) -> list[str]:
    """Texts beside each other, in as many lines as the terminal needs."""
    from rich.cells import cell_len  # widths of wide characters

    lines: list[str] = []
    for text in filter(None, texts):
        if lines and (context.room is None or cell_len(f"{lines[-1]}   {text}") <= context.room):
            lines[-1] += f"   {text}"
        else:
            lines.append(f"  {text}" if lines else text)
    return lines


def _next(context: Context, contact_id: str) -> str:
    """The open task that is due first."""
    tasks = context.crm.tasks.list(contact_id=contact_id, where='status == "open" && has(due_at)', sort="due_at", page_size=1)
    if not tasks.items:
        return ""
    task = tasks.items[0]
    return f"next: {task.title}, {said(task.due_at, context.zone)}" if task.due_at else ""


def _timeline(context: Context, contact_id: str) -> list[str]:
    try:
        page = context.crm.contacts.timeline(contact_id=contact_id, page_size=8)
    except GhlError:
        return []  # the person is shown all the same
    lines = entries(context, page.items)
    return [*lines, f"  more: ghl contacts timeline {contact_id[-6:]}"] if page.next_cursor else lines


def duplicates(context: Context, result: Any) -> None:
    """Pairs with what speaks for them."""
    if not result.items:
        sys.stdout.write(f"no duplicates among {result.compared:,} pairs that were compared\n")
        return
    lines = []
    for pair in result.items:
        lines.append(f"{pair.score:.2f}  {pair.left_id[-6:]} {pair.left}   {pair.right_id[-6:]} {pair.right}")
        rows = []
        for one in pair.evidence:
            sides = " = ".join(text for text in dict.fromkeys((one.left, one.right)) if text)
            rows.append((one.field, f"{one.score:+.2f}", sides))
        lines += aligned(rows, indent=" " * 6, room=context.room)
        both = f"{pair.left_id[-6:]} {pair.right_id[-6:]}"
        lines.append(f"      one person: ghl contacts merge {both} --dry-run")
        lines.append(f"      two people: ghl contacts dismiss {both}")
    lines.append(f"{len(result.items)} of {result.total}.  The first one named stays.")
    sys.stdout.write("\n".join(clean(line) for line in lines) + "\n")

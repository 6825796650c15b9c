"""A contact as people look at her: who she is, and what happened last."""

from __future__ import annotations

import sys
from typing import Any

from ghl.cli.context import Context
from ghl.cli.output import clean


def show(context: Context, contact: Any) -> None:
    """Two lines about the person, her fields, and the newest of her timeline."""
    tags = ", ".join(contact.tags)
    place = ", ".join(text for text in (contact.city, contact.zone or contact.country) if text)
    first = [contact.name or contact.email or contact.id, tags, contact.email or "", contact.phone or "", place]
    companies = ", ".join(f"{link.name}{f' ({link.role})' if link.role else ''}" for link in contact.companies)
    second = [companies, f"owner: {contact.owner}" if contact.owner else "", f"id: {contact.id[-6:]}"]
    lines = ["   ".join(text for text in first if text), "   ".join(text for text in second if text)]
    more = {
        "job title": contact.job_title, "lifecycle": contact.lifecycle_stage, "lead score": contact.lead_score or None,
        "source": contact.source, "birthday": contact.birthday, "website": contact.website,
        "address": ", ".join(t for t in (contact.street, contact.postal_code, contact.state, contact.country) if t),
        "do not disturb": ", ".join(contact.dnd), "followers": ", ".join(contact.followers),
        "other e-mails": ", ".join(e.address for e in contact.emails if not e.primary),
        "other phones": ", ".join(p.number for p in contact.phones if not p.primary),
        **contact.custom_fields,
    }  # fmt: skip
    told = {name: value for name, value in more.items() if value not in (None, "", [])}
    width = max((len(name) for name in told), default=0)
    lines += [f"  {name:<{width}}  {_value(value)}" for name, value in told.items()]
    if not context.dry_run and contact.deleted_at is None:
        lines += _timeline(context, contact.id)
    sys.stdout.write("\n".join(clean(line.rstrip()) for line in lines) + "\n")


def _value(value: Any) -> str:
    if isinstance(value, dict) and "value" in value:
        return f"{value['value']} {value.get('currency', '')}".strip()
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _timeline(context: Context, contact_id: str) -> list[str]:
    page = context.crm.timeline(noun="contact", record_id=contact_id, page_size=8)
    lines = []
    for entry in page.items:
        who = "  ".join(text for text in (entry.about, entry.actor) if text)
        lines.append(f"  {entry.at:%d %b %H:%M}  {entry.kind:<9} {entry.title}    {who}")
    if page.next_cursor:
        lines.append(f"  more: ghl timeline contact {contact_id[-6:]}")
    return lines


def duplicates(context: Context, result: Any) -> None:
    """Pairs with what speaks for them."""
    if not result.items:
        sys.stdout.write(f"no duplicates among {result.compared:,} pairs that were compared\n")
        return
    lines = []
    for pair in result.items:
        lines.append(f"{pair.score:.2f}  {pair.left_id[-6:]} {pair.left}   {pair.right_id[-6:]} {pair.right}")
        for one in pair.evidence:
            sides = " = ".join(text for text in dict.fromkeys((one.left, one.right)) if text)
            lines.append(f"        {one.field} {one.score:+.2f}  {sides}")
    lines.append(f"{len(result.items)} of {result.total}.  merge: ghl contacts merge KEEP OTHER   two people: ghl contacts dismiss A B")
    sys.stdout.write("\n".join(clean(line) for line in lines) + "\n")

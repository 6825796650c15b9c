"""Who got which mail last, and who got none and why."""

from __future__ import annotations

from dataclasses import dataclass, field

from ghl.engine.db.views import ask

_WHO = """with each as (
  select case state when 'sent' then coalesce(template, '') else 'not sent, ' || reason end as what, state, contact_id, max(contact) as contact,
    count(*) as messages, max(coalesce(sent_at, at)) as latest
  from messages where state in ('sent', 'skipped') and contact is not null group by 1, 2, 3
), ranked as (
  select *, row_number() over (partition by what order by latest desc, contact_id) as place,
    sum(messages) over (partition by what) as number, count(*) over (partition by what) as people from each)
select what, contact, number, people from ranked where place <= 3 order by state, number desc, what, place"""


@dataclass(slots=True)
class Recipients:
    """Some of those who got a mail, or did not for the same reason: the last ones, and how many they are."""

    what: str
    messages: int
    people: int
    names: list[str] = field(default_factory=list)


def recipients(target: str) -> list[Recipients]:
    """By template, then by reason, the most first."""
    found: dict[str, Recipients] = {}
    for what, name, messages, people in ask(target, _WHO)[1]:
        found.setdefault(what, Recipients(what.replace("_", " "), messages, people)).names.append(name)
    return list(found.values())

"""The documented read-only views: stable names and columns for questions in SQL."""

from __future__ import annotations

import re
from typing import Any

from ghl.errors import Invalid

READS = re.compile(r"^\s*(?:--[^\n]*\n\s*)*(select|with|explain|values)\b", re.IGNORECASE)
MOST = 100_000

_NAME = "nullif(trim(coalesce({0}.first_name, '') || ' ' || coalesce({0}.last_name, '')), '')"
_HEAD = "r.public_id as id, r.created_at, r.updated_at"
_OWNER = "(select u.name from {s}users u where u.id = r.owner_id) as owner"
_TAGS = """(select {join} from {s}{noun}_tags t join {s}tags g on g.id = t.tag_id where t.{noun}_id = r.id) as tags"""
_PERSON = f"(select {_NAME.format('c')} from {{s}}contacts c where c.id = r.contact_id) as contact"
_ABOUT = (
    f"{_PERSON}, (select y.name from {{s}}companies y where y.id = r.company_id) as company,"
    " (select d.name from {s}deals d where d.id = r.deal_id) as deal"
)
_MONEY = "case when r.{0}_currency <> '' then r.{0} end as {0}_minor, nullif(r.{0}_currency, '') as {0}_currency"

VIEWS: dict[str, str] = {
    "contacts": f"""select {_HEAD}, r.first_name, r.last_name, {_NAME.format("r")} as name,
      (select a.address from {{s}}contact_addresses a where a.contact_id = r.id and a.kind = 1 and a.is_primary = 1) as email,
      (select a.address from {{s}}contact_addresses a where a.contact_id = r.id and a.kind = 2 and a.is_primary = 1) as phone,
      (select y.name from {{s}}contact_companies l join {{s}}companies y on y.id = l.company_id
        where l.contact_id = r.id order by l.is_primary desc limit 1) as company,
      r.job_title, {_TAGS.replace("{noun}", "contact")}, {_OWNER}, r.lifecycle_stage, r.lead_score, r.source, r.street, r.city,
      r.state, r.postal_code, r.country, r.website, r.birthday, r.zone, r.locale, r.external_id,
      nullif(r.last_activity_at, '') as last_activity_at, r.custom
      from {{s}}contacts r where r.deleted_at is null""",
    "companies": f"""select {_HEAD}, r.name, r.domain, r.phone, r.website, r.industry, r.employees, r.founded,
      {_MONEY.format("revenue")}, r.street, r.city, r.state, r.postal_code, r.country, r.external_id, {_OWNER},
      {_TAGS.replace("{noun}", "company")}, r.custom from {{s}}companies r where r.deleted_at is null""",
    "deals": f"""select {_HEAD}, r.name, {_MONEY.format("amount")}, p.name as pipeline, s.name as stage, r.status, r.lost_reason,
      coalesce(r.probability, s.probability) as probability, r.stage_entered_at,
      (select y.name from {{s}}companies y where y.id = r.company_id) as company, {_OWNER},
      {_TAGS.replace("{noun}", "deal")}, r.opened_at, r.closed_at, r.expected_close_on, r.source, r.external_id, r.custom
      from {{s}}deals r join {{s}}pipelines p on p.id = r.pipeline_id join {{s}}stages s on s.id = r.stage_id
      where r.deleted_at is null""",
    "deal_stages": """select d.public_id as deal_id, d.name as deal, p.name as pipeline, s.name as stage, v.entered_at, v.left_at,
      v.seconds, v.actor from {s}stage_visits v join {s}deals d on d.id = v.deal_id
      join {s}pipelines p on p.id = v.pipeline_id join {s}stages s on s.id = v.stage_id""",
    "products": f"""select {_HEAD}, r.name, r.sku, r.family, {_MONEY.format("price")}, r.active, r.custom
      from {{s}}products r where r.deleted_at is null""",
    "tasks": f"""select {_HEAD}, r.title, r.kind, r.priority, r.status, nullif(r.due_at, '9999-12-31T00:00:00.000Z') as due_at,
      r.done_at, {_OWNER}, {_ABOUT}, r.external_id, r.custom from {{s}}tasks r where r.deleted_at is null""",
    "notes": f"""select {_HEAD}, r.body, r.pinned, r.author, {_ABOUT}, r.external_id, r.custom from {{s}}notes r where r.deleted_at is null""",
    "activities": f"""select {_HEAD}, r.kind, r.direction, r.outcome, r.subject, r.seconds, r.at, {_OWNER}, {_ABOUT},
      r.external_id, r.custom from {{s}}activities r where r.deleted_at is null""",
    "messages": """select d.public_id as id, c.name as channel, o.state, d.address, d.subject, d.reason, d.rule, d.code, d.message_id,
      d.at, d.sent_at from {s}outbox o join {s}words c on c.id = o.channel
      left join {s}message_details d on d.outbox_id = o.id""",
    "enrollments": """select d.public_id as id, w.name as workflow, e.state, s.name as step, e.run_at, d.entered_at, d.ended_at, d.outcome
      from {s}enrollments e join {s}enrollment_details d on d.enrollment_id = e.id join {s}workflows w on w.id = e.workflow_id
      left join {s}workflow_steps s on s.id = e.step_id""",
    "changes": """select c.id, c.change_set_id as change_set, n.name as noun, c.version, s.at, s.actor, c.before, c.after
      from {s}changes c join {s}change_sets s on s.id = c.change_set_id join {s}words n on n.id = c.noun""",
}


def view_sql(name: str, dialect: str) -> str:
    """The query behind a view. Amounts are in minor units; times of records are ISO UTC, others milliseconds."""
    join = "group_concat(g.name, ', ')" if dialect == "sqlite" else "string_agg(g.name, ', ' order by g.name)"
    return VIEWS[name].replace("{s}", "main." if dialect == "sqlite" else "public.").replace("{join}", join)


def ask(target: str, text: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """The answer to a query that only reads: column names and rows."""
    if not READS.match(text):
        raise Invalid("only questions can be asked: a query begins with SELECT or WITH", hint="ghl db schema")
    from ghl.connect import open_database

    database = open_database(target)
    try:
        if database.dialect == "sqlite":
            return _ask_sqlite(database, text)
        return _ask_postgres(database, text)
    finally:
        database.close()


def _ask_sqlite(database: Any, text: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    raw = database.raw()
    try:
        for name in VIEWS:
            raw.execute(f"create temp view {name} as {view_sql(name, 'sqlite')}")
        raw.execute("pragma query_only = on")
        try:
            cursor = raw.execute(text)
            names = [column[0] for column in cursor.description or ()]
            return names, cursor.fetchmany(MOST)
        except Exception as error:
            raise Invalid(f"the query cannot be answered: {error}", hint="ghl db schema lists the views") from None
    finally:
        raw.close()


def _ask_postgres(database: Any, text: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    views = ", ".join(f"{name} as ({view_sql(name, 'postgres')})" for name in VIEWS)
    plain = text.strip().rstrip(";")
    asked = re.sub(r"^\s*with\b", "", plain, count=1, flags=re.IGNORECASE) if plain[:4].lower() == "with" else None
    sql = f"with {views}, {asked}" if asked is not None else f"with {views} {plain}"
    with database.read() as connection:
        rows = connection.all(sql)
    return (list(rows[0]) if rows else []), [tuple(row.values()) for row in rows[:MOST]]


def described(target: str) -> dict[str, list[str]]:
    """The documented views and their columns."""
    from ghl.connect import open_database

    found = {}
    database = open_database(target)
    try:
        for name in VIEWS:
            sql = f"select * from ({view_sql(name, database.dialect)}) v limit 0"
            with database.read() as connection:
                cursor = connection.raw.execute(sql)
                found[name] = [column[0] for column in cursor.description]
    finally:
        database.close()
    return found

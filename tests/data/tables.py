"""The tables of a file row by row, with public ids in place of row keys: what a copy must have, and what it has not."""

from __future__ import annotations

from typing import Any

import ghl

COPIED = frozenset(
    """
    users tags field_definitions field_values pipelines stages stage_visits product_records company_records company_tags
    contact_records contact_addresses contact_companies contact_tags contact_followers aliases not_duplicates deal_records
    deal_contacts deal_lines deal_tags activity_records note_records task_records saved_views attachments
    attachment_contents templates senders suppressions
    """.split()  # noqa: SIM905 - as text it is read at a glance
)
"""Tables whose every row and column a copy brings over."""
LEFT = {
    "what happened here, and can be undone here": "change_sets changes events cursors words store schema_migrations imports"
    " import_rows import_keys import_profiles merged_runs",
    "mail and runs, which belong to one database": "outbox message_details enrollments enrollment_details waits journal"
    " inbox listeners reentry_keys trigger_misses step_moves hurries workers",
    "secrets, who may come in, and what they were answered": "secrets tokens repeats",
    "written otherwise, and compared by their definitions": "accounts workflows workflow_versions workflow_steps"
    " workflow_triggers template_versions",
}
"""Tables that are no part of a copy, by the reason."""
_OF_THIS_DATABASE = frozenset(("id", "account_id", "version", "change_id", "change_set_id", "updated_at", "merged_into", "noun_id"))
_POINTS = {
    "contact_id": "contact_records", "company_id": "company_records", "deal_id": "deal_records", "product_id": "product_records",
    "user_id": "users", "owner_id": "users", "tag_id": "tags", "pipeline_id": "pipelines", "stage_id": "stages",
    "field_id": "field_definitions", "left_id": "contact_records", "right_id": "contact_records", "record_id": "contact_records",
}  # fmt: skip


def tables(crm: ghl.Client) -> dict[str, list[dict[str, Any]]]:
    """The rows of every table that a copy brings over."""
    with crm._transport.reading() as connection:  # type: ignore[attr-defined]
        every = {row[0] for row in connection.tuples("select name from sqlite_master where type = 'table'")}
        known = {*COPIED, *" ".join(LEFT.values()).split()}
        assert {name for name in every if "_search" not in name and not name.startswith("sqlite_")} == known, "say of a new table whether a copy has it"
        ids = {table: dict(connection.tuples(f"select id, public_id from {table}")) for table in {*_POINTS.values()}}
        live = "select id, deleted_at from {}"
        gave_way = {t: {n for n, gone in connection.tuples(live.format(t)) if gone} for t in ("users", "tags", "pipelines", "senders", "saved_views", "templates")}
        found: dict[str, list[dict[str, Any]]] = {}
        for table in COPIED:
            names = [row[1] for row in connection.tuples(f"pragma table_info({table})")]
            rows = [dict(zip(names, row, strict=True)) for row in connection.tuples(f"select * from {table}")]
            rows = [row for row in rows if row.get("id") not in gave_way.get(table, ())]
            if table == "stages":
                rows = [row for row in rows if row["pipeline_id"] not in gave_way["pipelines"]]
            plain = [_plain(table, row, ids) for row in rows]
            found[table] = sorted(plain, key=lambda row: sorted((k, str(v)) for k, v in row.items()))
        return found


def _plain(table: str, row: dict[str, Any], ids: dict[str, dict[int, str]]) -> dict[str, Any]:
    plain = {}
    for name, value in row.items():
        points = "company_records" if name == "parent_id" else _POINTS.get(name)
        if name in _OF_THIS_DATABASE or (table == "aliases" and name == "noun"):
            continue
        if table == "deal_lines" and name == "key":
            continue  # it begins with the product's row
        plain[name] = ids[points].get(value) if points and isinstance(value, int) else value
    return plain

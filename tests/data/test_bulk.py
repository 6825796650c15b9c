"""The bulk path writes the very rows that creating contacts one by one writes."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import ghl
from ghl.engine.clock import VirtualClock
from ghl.engine.data.files import import_file
from ghl.engine.data.formats import open_writer
from ghl.sdk.names import fold
from tests.conftest import START

pytestmark = pytest.mark.integration

PLAIN = st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"])
TEXT = st.one_of(st.just(""), st.sampled_from(["Ana", "José", "O'Neil", "ŁUKASZ", "  x  ", "李小龍", "a\nb", "a\xa0b", "=1+1", "Straße"]), st.text(PLAIN, max_size=12))
ROW = st.fixed_dictionaries(
    {
        "first_name": TEXT,
        "last_name": TEXT,
        "phone": st.sampled_from(["", "912345678", "+351 912 345 679", "(910) 555-014", "+12025550143"]),
        "company": st.sampled_from(["", "Acme", "ACME ", "Água & Filhos", "Beta  Ltd"]),
        "city": TEXT,
        "job_title": TEXT,
        "external_id": st.sampled_from(["", "x1", "X 2"]),
        "tags": st.lists(st.sampled_from(["vip", "VIP", "lead", "ação"]), max_size=3),
        "mail": st.sampled_from(["", "plain{}@example.com", "UPPER{}@Example.COM", "{}@bücher.example", "a.b+c{}@x.co"]),
    }
)
TABLES = {
    "contact_records": ("id", ("public_id", "change_id")),
    "contact_addresses": ("contact_id, kind, key", ()),
    "contact_followers": ("contact_id, user_id", ()),
}


def rows_of(crm: ghl.Client, sql: str) -> list[dict[str, Any]]:
    with crm._transport.reading() as connection:  # type: ignore[attr-defined]
        found: list[dict[str, Any]] = connection.all(sql)
        return found


def dump(crm: ghl.Client) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for table, (order, left_out) in TABLES.items():
        rows = rows_of(crm, f"select * from {table} order by {order}")
        found[table] = [{k: v for k, v in row.items() if k not in left_out} for row in rows]
    found["tags"] = rows_of(crm, "select c.contact_id, t.name_key from contact_tags c join tags t on t.id = c.tag_id order by 1, 2")
    found["companies"] = rows_of(
        crm,
        """select l.contact_id, l.role, l.is_primary, c.name_key, c.search_text, c.version, c.created_at
        from contact_companies l join company_records c on c.id = l.company_id order by 1, 4""",
    )
    found["changes"] = rows_of(
        crm,
        """select c.record_id, c.kind, c.version, c.before, c.after, c.prev_id, c.enrollment_id from changes c
        join contact_records r on r.change_id = c.id join words w on w.id = c.noun and w.name = 'contact' order by 1""",
    )
    found["search"] = rows_of(crm, "select rowid from contacts_search where contacts_search match '\"account1\"' order by 1")
    return found


def as_request(row: dict[str, Any]) -> dict[str, Any]:
    plain = {name: row[name] for name in ("first_name", "last_name", "phone", "city", "job_title", "external_id", "email")}
    request = {name: value.replace("\n", " ") for name, value in plain.items() if value.strip()}
    if row["tags"]:
        request["tags"] = row["tags"]
    return request


def is_somebody(row: dict[str, Any]) -> bool:
    return any(row[n].strip() for n in ("first_name", "last_name", "phone", "company", "external_id", "email"))


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new file, to copy: making one takes longer than filling it."""
    path = tmp_path_factory.mktemp("fresh") / "crm.db"
    ghl.init(str(path), country="PT", zone="UTC", clock=VirtualClock(START)).close()
    return path


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=st.lists(ROW, min_size=1, max_size=8), general=st.booleans())
@example(rows=[], general=False)
def test_bulk_and_one_by_one_write_the_same_rows(fresh: Path, rows: list[dict[str, Any]], general: bool) -> None:
    rows = [{**row, "email": row["mail"].format(number)} for number, row in enumerate(rows)]
    rows = [row for row in rows if is_somebody(row) and not any("\0" in str(v) or "\r" in str(v) for v in row.values())]
    if not rows:
        return
    # A birthday takes the rows off the short way, and changes nothing else.
    columns = ["first_name", "last_name", "email", "phone", "company", "city", "job_title", "external_id", "tags"]
    columns += ["birthday"] if general else []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rows.csv"
        with open_writer(file, "csv", columns) as writer:
            for row in rows:
                writer.write([row.get(name, "1990-02-03") for name in columns])
        for name in ("a.db", "b.db"):
            shutil.copy(fresh, f"{folder}/{name}")
        with ghl.connect(f"{folder}/a.db", clock=VirtualClock(START)) as bulk:
            done = bulk_import(bulk, file)
            with ghl.connect(f"{folder}/b.db", clock=VirtualClock(START)) as single:
                known: set[str] = set()
                for row in rows:
                    request = as_request(row)
                    if general:
                        request["birthday"] = "1990-02-03"
                    if name := row["company"].strip():
                        if fold(name) not in known:
                            single.companies.create(name=name)
                        known.add(fold(name))
                        request["company_id"] = name
                    single.contacts.create(**request)
                assert done == {"created": len(rows)}
                assert dump(bulk) == dump(single)


def bulk_import(crm: ghl.Client, file: Path) -> dict[str, int]:
    from ghl.engine.data.files import Wish

    # Nothing identifies a row but its e-mail, so that rows with one external id stay apart.
    return import_file(crm, "contacts", file, Wish(match=["email"])).counts


"""A derived list of 20 of 10,000 contacts against a hand-written Starlette route with the same bytes from the
same queries. Goal: >= 0.6 x."""

from __future__ import annotations

import asyncio
import json
import statistics
import tempfile
import time
from pathlib import Path

import httpx
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

import ghl
from ghl.server import rest
from ghl.server.door import Doors

N = 400


def hand(doors: Doors, wanted: bytes) -> Starlette:
    """The same queries, the same bytes, nothing else."""
    database = doors.local.database
    shape = json.loads(wanted)

    def answer() -> bytes:
        with database.read() as connection:
            connection.one("select account_id from tokens where hash = :h", {"h": "x"})
            where = "r.account_id = :a and r.deleted_at is null"
            total = connection.one(f"select count(*) as n from contact_records r where {where}", {"a": 1})
            ids = [r["id"] for r in connection.all(f"select r.id from contact_records r where {where} order by r.id desc limit 21", {"a": 1})][:20]
            marks = ",".join(map(str, ids))
            rows = connection.all(f"select * from contact_records r where r.account_id = :a and r.id in ({marks})", {"a": 1})
            addresses = connection.all(f"select * from contact_addresses where contact_id in ({marks})")
            tags = connection.all(f"select t.contact_id, g.name from contact_tags t join tags g on g.id = t.tag_id where contact_id in ({marks})")
            companies = connection.all(f"select l.*, y.name from contact_companies l join company_records y on y.id = l.company_id where contact_id in ({marks})")
            connection.all(f"select * from contact_followers where contact_id in ({marks})")
        of: dict[int, dict[str, list]] = {n: {"a": [], "t": [], "c": []} for n in ids}
        for row in addresses:
            of[row["contact_id"]]["a"].append(row)
        for row in tags:
            of[row["contact_id"]]["t"].append(row["name"])
        for row in companies:
            of[row["contact_id"]]["c"].append(row)
        items = []
        template = shape["items"][0]
        for row in sorted(rows, key=lambda r: -r["id"]):
            parts = of[row["id"]]
            item = {name: row.get(name) for name in template}
            emails = [{"address": a["address"], "label": a["label"], "primary": bool(a["is_primary"])} for a in parts["a"] if a["kind"] == 1]
            phones = [{"number": a["address"], "label": a["label"], "primary": bool(a["is_primary"])} for a in parts["a"] if a["kind"] == 2]
            item |= {
                "id": row["public_id"], "name": f"{row['first_name']} {row['last_name']}", "email": emails[0]["address"] if emails else None,
                "emails": emails, "phone": phones[0]["number"] if phones else None, "phones": phones, "companies": parts["c"], "company": None,
                "company_id": None, "tags": parts["t"], "followers": [], "owner": None, "dnd": json.loads(row["dnd"]),
                "custom_fields": json.loads(row["custom"]), "last_activity_at": row["last_activity_at"] or None,
            }  # fmt: skip
            items.append(item)
        body = {"items": items, "total": total["n"], "page": 1, "page_size": 20, "next_cursor": shape["next_cursor"]}
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()

    async def route(request: Request) -> Response:
        return Response(await run_in_threadpool(answer), media_type="application/json")

    return Starlette(routes=[Route("/list", route)])


async def timed(app: Starlette, path: str, headers: dict[str, str]) -> tuple[float, bytes]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://x", headers=headers) as client:
        response = await client.get(path)
        took = []
        for _ in range(N):
            start = time.perf_counter()
            response = await client.get(path)
            took.append(time.perf_counter() - start)
        return statistics.median(took), response.content


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "crm.db")
        with ghl.init(path, zone="UTC", country="US") as crm:
            for start in range(0, 10_000, 5_000):
                items = [
                    {"first_name": "F", "last_name": f"L{n}", "email": f"u{n}@example.com", "phone": f"+1202555{n % 10000:04d}", "tags": ["a", "b"]}
                    for n in range(start, start + 5_000)
                ]
                crm.contacts.create_many(items=items)  # type: ignore[arg-type]
        doors = Doors(path)
        headers = {"Authorization": f"Bearer {doors.first_token()}"}
        app = rest.application(doors)
        _, wanted = await timed(app, "/api/v1/crm/contacts", headers)
        ratios = []
        for _ in range(3):
            plain, body = await timed(hand(doors, wanted), "/list", {})
            derived, again = await timed(app, "/api/v1/crm/contacts", headers)
            ratios.append(plain / derived)
            print(f"hand-written {plain * 1e3:.2f} ms ({len(body)} bytes)   derived {derived * 1e3:.2f} ms ({len(again)} bytes)   {plain / derived:.2f} x")
        print(f"derived list of 20: {statistics.median(ratios):.2f} x of a hand-written route (goal >= 0.6)")
        doors.close()


if __name__ == "__main__":
    asyncio.run(main())

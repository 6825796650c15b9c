"""The REST face: routes, status codes, errors with an id, and what programs rely on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio.from_thread
import httpx
import pytest
from openapi_spec_validator import validate

import ghl
from ghl.engine.clock import VirtualClock
from ghl.server import public, rest
from ghl.server.door import Doors
from tests.http import InProcess

pytestmark = pytest.mark.integration


@pytest.fixture
def web(tmp_path: Path, clock: VirtualClock) -> Iterator[httpx.Client]:
    """An HTTP client with the first token of a new file."""
    path = str(tmp_path / "crm.db")
    ghl.init(path, zone="Europe/Lisbon", currency="EUR", country="PT", clock=clock).close()
    doors = Doors(path, clock=clock)
    app = rest.application(doors, public.routes(doors))
    with anyio.from_thread.start_blocking_portal() as portal:
        token = doors.first_token()
        headers = {"Authorization": f"Bearer {token}"}
        with httpx.Client(base_url="http://ghl.test", transport=InProcess(app, portal), headers=headers) as client:
            yield client
    doors.close()


def body_of(response: httpx.Response) -> Any:
    """The JSON of an answer."""
    return json.loads(response.content)


def test_the_documented_request_works_as_it_stands(web: httpx.Client) -> None:
    """A contact with company, tags and a custom field named like nothing built in."""
    declared = web.post("/api/v1/fields", json={"name": "score", "noun": "contact", "type": "number"})
    assert declared.status_code == 201, declared.text
    company = body_of(web.post("/api/v1/crm/companies", json={"name": "Acme"}))
    request = {
        "email": "john@example.com", "first_name": "John", "last_name": "Doe", "phone": "+12025550143",
        "company_id": company["id"], "tags": ["vip", "lead"], "custom_fields": {"score": 85},
    }  # fmt: skip
    made = web.post("/api/v1/crm/contacts", json=request)
    assert made.status_code == 201
    contact = body_of(made)
    assert (contact["company"], contact["tags"], contact["custom_fields"]) == ("Acme", ["lead", "vip"], {"score": 85})
    tag = body_of(web.get("/api/v1/crm/tags", params={"where": 'name == "vip"'}))["items"][0]
    found = body_of(
        web.get(
            "/api/v1/crm/contacts",
            params={"page": 1, "page_size": 5, "search": "joh", "tag_id": tag["id"], "company_id": company["id"]},
        )
    )
    assert (found["total"], [c["id"] for c in found["items"]]) == (1, [contact["id"]])
    undeclared = web.post("/api/v1/crm/contacts", json={"first_name": "x", "custom_fields": {"scores": 1}})
    assert undeclared.status_code == 400
    assert "ghl fields add scores --noun contact --type number" in body_of(undeclared)["hint"]


@pytest.mark.parametrize(
    ("method", "path", "content", "status", "code"),
    [
        ("GET", "/api/v1/crm/contacts/nobody", None, 404, "not_found"),
        ("GET", "/api/v1/nowhere", None, 404, "not_found"),
        ("PUT", "/api/v1/crm/contacts/x", b"{}", 405, "method_not_allowed"),
        ("PURGE", "/api/v1/crm/contacts", None, 405, "method_not_allowed"),
        ("POST", "/health", b"{}", 405, "method_not_allowed"),
        ("DELETE", "/openapi.json", None, 405, "method_not_allowed"),
        ("GET", "/api/v1/crm/contacts?page_size=101", None, 422, "invalid"),
        ("GET", "/api/v1/crm/contacts?page_size=ten", None, 422, "invalid"),
        ("GET", "/api/v1/crm/contacts?nope=1", None, 400, "malformed"),
        ("GET", "/api/v1/crm/contacts?where=citty%20==%201", None, 422, "invalid_expression"),
        ("GET", "/api/v1/crm/contacts?sort=shoe", None, 422, "invalid"),
        ("GET", "/api/v1/crm/contacts?cursor=x", None, 400, "malformed"),
        ("POST", "/api/v1/crm/contacts", b"{", 400, "malformed"),
        ("POST", "/api/v1/crm/contacts", b"[]", 400, "malformed"),
        ("POST", "/api/v1/crm/contacts", b'{"lead_score": NaN}', 400, "malformed"),
        ("POST", "/api/v1/crm/contacts", b'"\xff"', 400, "malformed"),
        ("POST", "/api/v1/crm/contacts", b"[" * 3000, 400, "malformed"),
        ("POST", "/api/v1/crm/contacts", b'{"frist_name": "x"}', 400, "malformed"),
        ("POST", "/api/v1/crm/contacts", b"{}", 422, "invalid"),
        ("POST", "/api/v1/crm/contacts", b'{"first_name": "a\\u0000b"}', 422, "invalid"),
        ("POST", "/api/v1/crm/contacts", b'{"first_name": "\\ud800"}', 400, "malformed"),
        ("POST", "/api/v1/crm/contacts", b'{"first_name":"x","lead_score": 9223372036854775808}', 422, "invalid"),
        ("GET", "/api/v1/crm/contacts?search=%22%20*%20NEAR(", None, 200, None),
        ("GET", "/api/v1/crm/contacts?search=***", None, 422, "invalid"),
    ],
)
def test_bad_requests_have_a_status_a_code_and_an_id(
    web: httpx.Client, method: str, path: str, content: bytes | None, status: int, code: str | None
) -> None:
    """Nothing is a 500, and every error can be found again."""
    response = web.request(method, path, content=content)
    assert response.status_code == status, response.text
    if code is not None:
        body = body_of(response)
        assert body["code"] == code
        assert body["request_id"] == response.headers["x-request-id"]
        assert body["error"]


def test_head_answers_as_get_without_a_body_and_options_lists_the_methods(web: httpx.Client) -> None:
    """What proxies and health checks ask."""
    got, head = web.get("/api/v1/crm/contacts"), web.head("/api/v1/crm/contacts")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == got.headers["content-length"]
    options = web.options("/api/v1/crm/contacts")
    assert (options.status_code, options.headers["allow"]) == (204, "GET, POST, PUT, HEAD, OPTIONS")
    assert web.options("/health").headers["allow"] == "GET, HEAD, OPTIONS"
    assert web.options("/api/v1/nowhere").status_code == 404
    assert web.get("/crm/contacts").status_code == 404


def test_a_fault_of_ours_is_told_as_an_error_with_an_id(
    web: httpx.Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Where it happened stands in the log, under the same id."""

    def broken(self: Doors, authorization: str | None, account: str | None) -> Any:
        raise KeyError("secret place")

    monkeypatch.setattr(Doors, "__call__", broken)
    response = web.get("/api/v1/crm/contacts")
    body = body_of(response)
    assert (response.status_code, body["code"]) == (500, "failed")
    assert "secret place" not in response.text
    assert body["request_id"] in caplog.text


def test_openapi_is_valid_by_a_validator(web: httpx.Client) -> None:
    """The document obeys the specification of OpenAPI 3.1."""
    validate(body_of(web.get("/openapi.json")))


@pytest.mark.security
@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer x", "Basic eDp5", "Bearer ghl_" + "a" * 43])
def test_without_a_good_token_nothing_is_answered(web: httpx.Client, header: str | None) -> None:
    """Reading included."""
    web.headers.pop("authorization")
    headers = {} if header is None else {"Authorization": header}
    response = web.get("/api/v1/crm/contacts", headers=headers)
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"


def test_a_failed_batch_keeps_its_answers_under_the_first_status(web: httpx.Client) -> None:
    """And a partial one is 200."""
    lines = [{"contacts.create": {"first_name": "a"}}, {"contacts.create": {"email": "b@@c"}}]
    failed = web.post("/api/v1/batch", json={"items": lines})
    assert failed.status_code == 422
    assert [item["status"] for item in body_of(failed)["items"]] == ["not_run", "failed"]
    partial = web.post("/api/v1/batch", json={"items": lines, "partial": True})
    assert partial.status_code == 200
    assert [item["status"] for item in body_of(partial)["items"]] == ["ok", "failed"]
    assert isinstance(body_of(partial)["change_set"], int)


def test_a_dry_run_header_changes_nothing(web: httpx.Client) -> None:
    """The digest comes back, and a plan does exactly that."""
    dry = web.post("/api/v1/crm/contacts", json={"first_name": "a"}, headers={"X-Dry-Run": "true"})
    assert dry.headers["x-dry-run"] == "true"
    assert body_of(web.get("/api/v1/crm/contacts"))["total"] == 0
    done = web.post("/api/v1/crm/contacts", json={"first_name": "a"}, headers={"X-Plan": dry.headers["x-plan-digest"]})
    assert done.status_code == 201


def test_the_description_lists_every_operation(web: httpx.Client) -> None:
    """OpenAPI 3.1, with every reference resolved."""
    document = body_of(web.get("/openapi.json"))
    assert document["openapi"] == "3.1.0"
    count = sum(len(methods) for methods in document["paths"].values())
    from ghl import nouns

    assert count == len(nouns.operations())
    text = json.dumps(document)
    for reference in set(__import__("re").findall(r'"#/components/schemas/([^"]+)"', text)):
        assert reference in document["components"]["schemas"]


def test_a_new_first_token_replaces_the_old_one(tmp_path: Path) -> None:
    """Printed once; `--new-token` revokes it."""
    path = str(tmp_path / "crm.db")
    ghl.init(path, zone="UTC").close()
    doors = Doors(path)
    first = doors.first_token()
    assert first is not None
    assert doors.first_token() is None
    second = doors.first_token(new=True)
    doors(f"Bearer {second}", None)
    with pytest.raises(ghl.GhlError):
        doors(f"Bearer {first}", None)
    doors.close()

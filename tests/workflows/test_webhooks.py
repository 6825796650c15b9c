"""Webhooks of workflows: what is sent, how it is signed, and what an answer means."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from ghl.engine.channels.http import Http
from ghl.engine.channels.signatures import verify
from tests.workflows.play import Play

pytestmark = pytest.mark.integration


class Receiver:
    """A server that answers as it is told, and keeps what came in."""

    def __init__(self) -> None:
        self.status = 200
        self.headers: dict[str, str] = {}
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                outer.requests.append((self.command, self.path, dict(self.headers.items()), body))
                if outer.status == 0:
                    self.close_connection = True
                    return
                self.send_response(outer.status)
                for name, value in outer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_POST = do_PUT = do_GET = do_DELETE = do_PATCH = answer  # noqa: N815

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()


def allow(play: Play, receiver: Receiver) -> None:
    play.worker.delivery._http = Http(allow=[f"127.0.0.1:{receiver.server.server_port}"])


def state(play: Play) -> tuple[str, str | None, int]:
    (row,) = play.crm.messages.list(channel="webhook").items
    return row.state, row.reason, row.attempts


def test_the_standard_payload_signed(play: Play, receiver: Receiver) -> None:
    allow(play, receiver)
    secret = play.crm.workflows.webhook_secret().secret
    play.apply(f"steps:\n- id: tell\n  webhook: {receiver.url}/hook?a=1\n- add_tag: after\n")
    ann = play.person("Ann", city="Faro")
    run = play.enroll(ann)
    play.work()
    ((method, path, headers, body),) = receiver.requests
    assert (method, path, headers["Content-Type"]) == ("POST", "/hook?a=1", "application/json")
    assert verify([secret], headers, body, play.clock.now()).startswith("msg_")
    told = json.loads(body)
    assert told["type"] == "workflow.webhook"
    assert told["data"] | {"contact": None} == {"workflow": "flow", "step": "tell", "enrollment_id": run, "contact": None}
    assert told["data"]["contact"]["email"] == "ann@example.com"
    assert state(play) == ("sent", "accepted", 1)
    assert play.tags(ann) == ["after"]


def test_a_body_a_method_and_headers_of_its_own(play: Play, receiver: Receiver) -> None:
    allow(play, receiver)
    play.apply(f"""\
        steps:
        - webhook:
            url: '{receiver.url}/people/{{{{ contact.lead_score }}}}'
            method: PUT
            headers: {{X-Source: '{{{{ contact.city }}}}'}}
            body: {{name: '{{{{ contact.first_name }}}}', tags: '{{{{ contact.tags }}}}', plain: 1}}
        """)
    play.enroll(play.person("Ann", city="Faro", lead_score=7, tags=["a", "b"]))
    play.work()
    ((method, path, headers, body),) = receiver.requests
    assert (method, path, headers["X-Source"]) == ("PUT", "/people/7", "Faro")
    assert json.loads(body) == {"name": "Ann", "tags": ["a", "b"], "plain": 1}


def test_tried_again_under_the_same_id_by_the_standard_s_times(play: Play, receiver: Receiver) -> None:
    allow(play, receiver)
    receiver.status = 500
    play.apply(f"steps:\n- webhook: {receiver.url}/\n")
    play.enroll(play.person("Ann"))
    for _ in range(12):
        play.work()
        row = play.crm.messages.list(channel="webhook").items[0]
        if row.state != "deferred":
            break
        assert row.available_at is not None
        play.clock.move_to(row.available_at)
    assert (row.state, row.reason, row.attempts) == ("failed", "http_500", 10)
    assert len({headers["webhook-id"] for _, _, headers, _ in receiver.requests}) == 1
    assert len(receiver.requests) == 10


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (204, "sent"), (302, "failed"), (400, "failed"), (404, "failed"), (410, "failed"), (408, "deferred"), (429, "deferred"),
        (0, "deferred"),
    ],
)
def test_what_an_answer_means(play: Play, receiver: Receiver, status: int, expected: str) -> None:
    allow(play, receiver)
    receiver.status = status
    receiver.headers = {"Location": "http://169.254.169.254/"} if status == 302 else {}
    play.apply(f"steps:\n- webhook: {receiver.url}/\n")
    play.enroll(play.person("Ann"))
    play.work()
    assert state(play)[0] == expected
    assert len(receiver.requests) == 1


@pytest.mark.security
def test_addresses_of_the_machine_itself_are_refused(play: Play, receiver: Receiver) -> None:
    play.worker.delivery._http = Http()
    play.apply(f"steps:\n- webhook: {receiver.url}/\n")
    play.enroll(play.person("Ann"))
    play.work()
    assert receiver.requests == []
    assert state(play)[:2] == ("failed", "url_refused") or state(play)[0] == "failed"


def test_a_value_that_is_missing(play: Play, receiver: Receiver) -> None:
    allow(play, receiver)
    play.apply(f"steps:\n- webhook: '{receiver.url}/{{{{ contact.city }}}}'\n")
    play.enroll(play.person("Ann"))
    play.work()
    assert receiver.requests == []
    assert state(play)[:2] == ("skipped", "template")


def test_a_run_about_nothing_calls_too(play: Play, receiver: Receiver) -> None:
    allow(play, receiver)
    play.apply(f"subject: none\nsteps:\n- webhook: {receiver.url}/\n")
    play.crm.workflows.enroll(workflow_id="flow")
    play.work()
    assert json.loads(receiver.requests[0][3])["data"]["step"] == "webhook-1"


def test_during_a_change_of_secrets_both_sign(play: Play, receiver: Receiver) -> None:
    allow(play, receiver)
    old = play.crm.workflows.webhook_secret().secret
    new = play.crm.workflows.webhook_secret().secret
    play.apply(f"steps:\n- webhook: {receiver.url}/\n")
    play.enroll(play.person("Ann"))
    play.work()
    _, _, headers, body = receiver.requests[0]
    for secret in (old, new):
        assert verify([secret], headers, body, play.clock.now())
    play.clock.advance(timedelta(days=2))
    play.enroll(play.person("Bob"))
    play.work()
    assert len(receiver.requests[1][2]["webhook-signature"].split(" ")) == 1


def test_virtual_time_calls_nobody(play: Play, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a way out that was given to it, a worker of virtual time writes what it would have sent."""
    monkeypatch.setenv("GHL_ALLOW_HOSTS", f"127.0.0.1:{receiver.server.server_port}")
    play.apply(f"triggers: [{{on: manual}}]\nsteps:\n  - webhook: {{url: '{receiver.url}/x', body: {{a: 1}}}}\n")
    play.enroll(play.person())
    play.later(days=3)
    assert receiver.requests == []
    (file,) = play.folder.glob("msg_*.json")
    assert json.loads(file.read_text())["body"] == '{"a":1}'
    assert state(play) == ("sent", "written", 1)


def test_what_later_steps_write_is_not_in_it(play: Play, receiver: Receiver) -> None:
    allow(play, receiver)
    play.apply(
        f"""
        triggers: [{{on: manual}}]
        steps:
          - webhook: {{url: '{receiver.url}/x', body: {{name: '{{{{ contact.first_name }}}}', tags: '{{{{ contact.tags | length }}}}'}}}}
          - update_field: {{contact.first_name: Later}}
          - add_tag: later
        """
    )
    play.enroll(play.person("Ann"))
    play.work()
    assert json.loads(receiver.requests[0][3]) == {"name": "Ann", "tags": "0"}

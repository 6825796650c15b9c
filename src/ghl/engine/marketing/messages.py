"""The ledger as people read it: lists, one message, sending again, and why."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from ghl.engine.changelog import CREATED
from ghl.engine.clock import from_milliseconds
from ghl.engine.dispatch import handles
from ghl.engine.outbox import FAILED, SKIPPED, STATES, UNKNOWN, numbers, public_id
from ghl.engine.paging import Paging
from ghl.engine.stores import past, recall, remember, resolve
from ghl.errors import Ambiguous, Conflict, Duplicate, Invalid, NotFound
from ghl.sdk.fields import BulkResult
from ghl.sdk.marketing import messages as contract
from ghl.sdk.page import Page

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

_NUMBERS = {name: number for number, name in STATES.items()}


def _when(value: int | None) -> Any:
    return from_milliseconds(value) if value is not None else None


def present(tx: Tx, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of the ledger as the contract has them."""
    remember(tx, "contact", (row["subject_id"] for row in rows if row["subject_id"]))
    with past(tx):
        return [_one(tx, row) for row in rows]


def _one(tx: Tx, row: dict[str, Any]) -> dict[str, Any]:
    contact = recall(tx, "contact", row["subject_id"])
    detail = json.loads(row["detail"] or "{}")
    step = template = None
    if detail.get("step"):
        step = tx.value("select name from workflow_steps where id = :id", id=detail["step"])
    if row["template_version_id"]:
        found = tx.one("marketing/templates/version", id=row["template_version_id"])
        template = found["name"] if found else None
    waiting = row["state"] in (0, 4)
    return {
        "id": public_id(tx, row["id"]), "channel": row["channel_name"], "state": STATES[row["state"]],
        "reason": row["reason"], "rule": row["rule"], "contact_id": contact[0] if contact else None,
        "contact": contact[1] if contact else None, "address": row["address"], "subject": row["subject"],
        "template": template, "workflow": row["workflow"], "step": step, "sender": row["sender"],
        "message_id": row["message_id"], "attempts": row["attempts"], "code": row["code"],
        "queued_at": _when(row["at"]), "sent_at": _when(row["sent_at"]),
        "available_at": _when(row["available_at"]) if waiting else None,
    }  # fmt: skip


def _narrowed(request: Any, tx: Tx) -> tuple[str, dict[str, Any]]:
    conditions, params = [], {}
    if getattr(request, "state", None):
        conditions.append("o.state = :state")
        params["state"] = _NUMBERS[request.state]
    if request.contact_id:
        conditions.append("o.subject_id = :subject_id")
        params["subject_id"] = resolve(tx, "contact", request.contact_id, deleted=True)
    if request.workflow_id:
        conditions.append("e.workflow_id = :workflow_id")
        params["workflow_id"] = resolve(tx, "workflow", request.workflow_id)
    if getattr(request, "channel", None):
        conditions.append("o.channel = :channel")
        params["channel"] = tx.known_word("channel", request.channel)
    if getattr(request, "reason", None):
        conditions.append("d.reason = :reason")
        params["reason"] = request.reason
    return "".join(f" and {condition}" for condition in conditions), params


def rows_of(tx: Tx, where: str, params: dict[str, Any], *, below: int = 2**62, limit: int = 100, offset: int = 0) -> list[dict[str, Any]]:
    """Rows of the ledger with their details."""
    text = tx.text("marketing/messages/page").replace("{where}", where)
    return tx.connection.all(text, tx.params({**params, "below": below, "limit": limit, "offset": offset}))


@handles(contract.ListMessages)
def list_messages(request: contract.ListMessages, tx: Tx) -> Page[contract.Message]:
    """Messages, the newest first."""
    where, params = _narrowed(request, tx)
    paging = Paging(request)
    rows, following = paging.cut(rows_of(tx, where, params, below=paging.below, **paging.window))
    return Page[contract.Message](
        items=[contract.Message(**data) for data in present(tx, rows)], next_cursor=following,
        **paging.numbers(lambda: _count(tx, where, params)),
    )  # fmt: skip


def _count(tx: Tx, where: str, params: dict[str, Any]) -> int:
    counted = tx.connection.one(tx.text("marketing/messages/count").replace("{where}", where), tx.params(params))
    return int(counted["n"]) if counted else 0


def find(tx: Tx, reference: str) -> dict[str, Any]:
    """The row of a message by its id or the end of it."""
    ids = numbers(tx, reference)[:100]
    rows = rows_of(tx, f" and o.id in ({','.join(map(str, ids))})", {}, limit=2) if ids else []
    if len(rows) > 1:
        names = [public_id(tx, row["id"])[-12:] for row in rows]
        raise Ambiguous(f'"{reference}" fits several messages', hint="   ".join(names), field="message_id")
    if not rows:
        raise NotFound(f'there is no message "{reference}"', hint="ghl messages list", field="message_id")
    return rows[0]


@handles(contract.GetMessage)
def get(request: contract.GetMessage, tx: Tx) -> contract.MessageDetail:
    """A message with what was rendered."""
    row = find(tx, request.message_id)
    rendered = json.loads(row["rendered"]) if row["rendered"] else {}
    version = tx.one("marketing/templates/version", id=row["template_version_id"]) if row["template_version_id"] else None
    return contract.MessageDetail(
        **present(tx, [row])[0], html=rendered.get("html"), text=rendered.get("text"), answer=row["answer"],
        hash=row["hash"], template_number=version["number"] if version else None,
    )  # fmt: skip


@handles(contract.SendMessage)
def send(request: contract.SendMessage, tx: Tx) -> contract.Message:
    """Queue a template for a contact."""
    contact = resolve(tx, "contact", request.contact_id, field="contact_id")
    template = resolve(tx, "template", request.template_id, field="template_id")
    version = tx.one("marketing/messages/newest_version", id=template)
    assert version is not None
    detail: dict[str, Any] = {"template_version": version["id"]}
    if request.sender:
        detail["sender"] = request.sender
    if request.data:
        detail["data"] = request.data
    key = request.key or tx.public_id()
    number = int.from_bytes(hashlib.sha256(f"{tx.account_id}:{key}".encode()).digest()[:7], "big")
    row = tx.one(
        "marketing/messages/enqueue", channel=tx.word("channel", "email"), source_id=number, seq=contact,
        subject_id=contact, detail=json.dumps(detail),
    )  # fmt: skip
    if row is None:
        raise Duplicate(f'a message with the key "{request.key}" is queued for this contact already', field="key")
    # No record, and a change all the same: what was queued by hand can be taken back until it has left.
    tx.changes.record("message", row["id"], CREATED, public_id=public_id(tx, row["id"]), version=1, prev_id=None)
    return contract.Message(**present(tx, rows_of(tx, " and o.id = :id", {"id": row["id"]}))[0])


@handles(contract.RetryMessages)
def retry(request: contract.RetryMessages, tx: Tx) -> BulkResult:
    """Queue messages again, with the same Message-ID."""
    if (request.ids is None) == (request.state is None):
        raise Invalid("say which: `ids` or `state`", hint="--state failed", field="ids")
    if request.ids is not None:
        rows = [find(tx, reference) for reference in request.ids]
        for row in rows:
            if row["state"] not in (FAILED, UNKNOWN, SKIPPED):
                raise Conflict(
                    f"message {public_id(tx, row['id'])[-6:]} is {STATES[row['state']]}", hint="failed, unknown and skipped ones can be retried"
                )
    else:
        rows = rows_of(tx, " and o.state = :state", {"state": _NUMBERS[request.state or "failed"]}, limit=100_000)
    for row in rows:
        tx.run("marketing/messages/requeue", id=row["id"])
        tx.changes.counts["message queued"] += 1
    return BulkResult(count=len(rows), ids=[public_id(tx, row["id"]) for row in rows[:1000]])


@handles(contract.ExplainMessage)
def explain(request: contract.ExplainMessage, tx: Tx) -> list[contract.Explanation]:
    """Why messages were sent or not, from the ledger."""
    if request.message_id:
        rows = [find(tx, request.message_id)]
    elif request.contact_id:
        where, params = _narrowed(request, tx)
        rows = rows_of(tx, where, params, limit=20)
    else:
        raise Invalid("say which message", hint="ghl explain message ID   or --contact X", field="message_id")
    shown = present(tx, rows)
    return [_explained(tx, row, message) for row, message in zip(rows, shown, strict=True)]


def _explained(tx: Tx, row: dict[str, Any], message: dict[str, Any]) -> contract.Explanation:
    zone = tx.account.tzinfo
    about = message["subject"] or message["template"] or message["channel"]
    to = message["address"] or message["contact"] or "somebody"
    verdict = {
        "sent": f'sent: "{about}" to {to}',
        "skipped": f"not sent: {message['rule'] or message['reason']}",
        "failed": f"not sent: the server refused it for good ({message['code'] or message['reason']})",
        "deferred": f"not yet: the server asked to try later ({message['code'] or message['reason']})",
        "unknown": "nobody can know: the connection ended after the message was handed over",
        "undone": "not sent: the change that caused it was undone",
    }.get(message["state"], f"not yet: it is {message['state']}")
    lines = []
    if message["workflow"]:
        lines.append(f"because of  workflow {message['workflow']} › {message['step'] or '?'}")
    if message["queued_at"]:
        lines.append(f"looked at   {message['queued_at'].astimezone(zone):%a %d %b %Y %H:%M} {tx.account.zone}")
    if message["sent_at"]:
        lines.append(f"sent        {message['sent_at'].astimezone(zone):%a %d %b %Y %H:%M} {tx.account.zone} through {message['sender'] or '?'}")
    if message["template"]:
        lines.append(f"template    {message['template']}")
    if message["rule"]:
        lines.append(f"rule        {message['rule']}")
    if row["answer"]:
        lines.append(f"answer      {row['answer']}")
    if message["message_id"]:
        lines.append(f"Message-ID  {message['message_id']}, the same at every try")
    lines.append(f"its text    ghl messages show {message['id'][-6:]}")
    facts = {name: message[name] for name in ("id", "state", "reason", "attempts", "code")}
    return contract.Explanation(verdict=verdict, lines=lines, facts=facts)

"""Workflows as records: apply, status, enrolling, and where people are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ghl.engine import crud
from ghl.engine.columns import Column, State
from ghl.engine.dispatch import handles
from ghl.engine.records import Store
from ghl.engine.workflows import apply as application
from ghl.engine.workflows.batch import STATES
from ghl.engine.workflows.versions import Versions
from ghl.errors import Conflict, Invalid
from ghl.sdk.workflows import workflows as contract
from ghl.sdk.workflows.definition import read

if TYPE_CHECKING:
    from ghl.engine.tx import Tx


AT_ONCE = 10_000
"""So many people leave an archived workflow in its own transaction."""


class WorkflowStore(Store[contract.Workflow]):
    """Workflows; their versions are rows of their own and never change."""

    noun = "workflow"
    table = "workflows"
    record = contract.Workflow
    columns = (
        Column("name"),
        Column("description", length=2000, lines=True),
        Column("status", default="draft"),
        Column("subject", default="contact"),
        Column("re_entry", default="never"),
        Column("version_id", "number"),
    )
    searched = False
    owned = False
    filters = {"status": "r.status = :status"}

    def dress(self, tx: Tx, state: State, data: dict[str, Any]) -> None:
        row = tx.one("workflows/workflows/version", id=state["version_id"]) if state["version_id"] else None
        data["number"] = row["number"] if row else None
        data["steps"] = row["steps"] if row else 0
        triggers = json.loads(row["definition"]).get("triggers") or [] if row else []
        first = triggers[0] if triggers else None
        data["trigger_type"] = first.get("on") if isinstance(first, dict) else first
        data["live"] = tx.value("workflows/workflows/live", id=state["id"])

    def after(self, tx: Tx, old: State | None, new: State, changed: frozenset[str]) -> None:
        if not new["version_id"] or not changed & {"status", "version_id", "deleted_at"}:
            return
        row = tx.one("workflows/workflows/version", id=new["version_id"])
        assert row is not None
        status = "archived" if new["deleted_at"] else new["status"]
        application.listen(tx, new["id"], read(json.loads(row["definition"])), status)
        was = old["status"] if old else "draft"
        if status == "active" and was != "active":
            application.schedule(tx, new["version_id"])
            tx.run("workflows/workflows/release", id=new["id"])
        elif status == "archived" and was != "archived":
            self._end(tx, new)

    @staticmethod
    def _end(tx: Tx, state: State) -> None:
        """Nobody stays: a few leave at once, many when the engine comes to them."""
        if int(tx.value("workflows/workflows/live", id=state["id"])) > AT_ONCE:
            application.hurry(tx, state["id"], everybody=True)
            return
        for block in ("end_waits", "end_details", "end"):
            tx.run(f"workflows/workflows/{block}", id=state["id"])


STORE = WorkflowStore()

crud.handle(STORE, list=contract.ListWorkflows)


@handles(contract.ApplyWorkflow)
def apply(request: contract.ApplyWorkflow, tx: Tx) -> contract.Applied:
    """Put a definition into force."""
    if (request.source is None) == (request.definition is None):
        raise Invalid("give the text of a file or a definition", field="source")
    definition, warnings = application.parsed(tx, request.source, request.file, request.definition)
    found = STORE.named(tx, definition.name)
    state = STORE.load(tx, found, lock=True)[0] if found else None
    values: dict[str, Any] = {
        "name": definition.name, "description": definition.description or None, "status": definition.status,
        "subject": definition.subject, "re_entry": definition.re_entry,
    }  # fmt: skip
    created = state is None
    if state is None:
        state = STORE.create(tx, values | {"status": "draft"})
    old_version = state["version_id"]
    current = tx.one("workflows/workflows/version", id=old_version) if old_version else None
    inside = int(tx.value("workflows/workflows/live", id=state["id"]) or 0)
    if current is None or current["digest"] != application.digest_of(definition):
        values["version_id"] = application.write_version(tx, state["id"], definition, request.source)
        application.move_people(tx, state["id"], values["version_id"], request.waiting)
    new = STORE.update(tx, state, values)
    shown = STORE.present(tx, [new])[0]
    return contract.Applied(
        workflow=shown, created=created, changed=new is not state or created, number=shown.number or 0,
        inside=inside if values.get("version_id") and not created else 0, waiting=request.waiting,
        warnings=warnings,
    )  # fmt: skip


@handles(contract.GetWorkflow)
def get(request: contract.GetWorkflow, tx: Tx) -> contract.WorkflowDetail:
    """A workflow with its steps and who stands before each."""
    state = STORE.one(tx, request.workflow_id)
    shown = STORE.present(tx, [state])[0]
    detail = contract.WorkflowDetail.model_validate(shown.model_dump())
    if not state["version_id"]:
        return detail
    row = tx.one("workflows/workflows/version", id=state["version_id"])
    assert row is not None
    detail.definition, detail.source = json.loads(row["definition"]), row["source"]
    waiting = {r["step_id"]: r["n"] for r in tx.all("workflows/workflows/waiting", id=state["id"])}
    version = Versions().version(tx.connection, state["version_id"])
    names = {step.id: step.name for step in version.steps.values()}
    detail.plan = [
        contract.StepCount(
            name=step.name, kind=step.kind, summary=summary(step.arguments),
            next=names.get(step.next_id or 0), other=names.get(step.other_id or 0), waiting=waiting.get(step.id, 0),
        )
        for step in version.steps.values()
        if step.name != application.END
    ]  # fmt: skip
    detail.counts = {
        STATES[r["state"]]: r["n"] for r in tx.all("workflows/workflows/states", id=state["id"])
    }
    return detail


def summary(arguments: dict[str, Any]) -> str:
    """A step's arguments in a few words."""
    shown = {k: v for k, v in arguments.items() if not k.endswith("_id") and v not in (None, {}, [])}
    text = ", ".join(f"{k}={_short(v)}" for k, v in shown.items())
    return text if len(text) <= 80 else f"{text[:79]}…"


def _short(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _with_status(tx: Tx, reference: str, status: str, allowed: tuple[str, ...]) -> contract.Workflow:
    state = STORE.one(tx, reference, lock=True)
    if state["status"] == status:
        return STORE.present(tx, [state])[0]
    if state["status"] not in allowed:
        raise Conflict(f"{state['name']} is {state['status']}", hint=f"it must be {' or '.join(allowed)}")
    if status == "active":
        row = tx.one("workflows/workflows/version", id=state["version_id"]) if state["version_id"] else None
        if row is None or not row["steps"]:
            raise Conflict(f"{state['name']} has no steps", hint="ghl workflows apply FILE")
    return STORE.present(tx, [STORE.update(tx, state, {"status": status})])[0]


@handles(contract.ActivateWorkflow)
def activate(request: contract.ActivateWorkflow, tx: Tx) -> contract.Workflow:
    """Let a workflow run."""
    return _with_status(tx, request.workflow_id, "active", ("draft", "paused", "archived"))


@handles(contract.PauseWorkflow)
def pause(request: contract.PauseWorkflow, tx: Tx) -> contract.Workflow:
    """Pause a workflow."""
    return _with_status(tx, request.workflow_id, "paused", ("active",))


@handles(contract.ResumeWorkflow)
def resume(request: contract.ResumeWorkflow, tx: Tx) -> contract.Workflow:
    """Resume a paused workflow."""
    return _with_status(tx, request.workflow_id, "active", ("paused",))


@handles(contract.ArchiveWorkflow)
def archive(request: contract.ArchiveWorkflow, tx: Tx) -> contract.Workflow:
    """Archive a workflow."""
    return _with_status(tx, request.workflow_id, "archived", ("draft", "active", "paused"))


@handles(contract.DeleteWorkflow)
def remove(request: contract.DeleteWorkflow, tx: Tx) -> contract.Workflow:
    """Delete a workflow nobody is inside of."""
    state = STORE.one(tx, request.workflow_id, lock=True)
    if state["status"] not in ("draft", "archived"):
        raise Conflict(f"{state['name']} is {state['status']}", hint=f"ghl workflows archive {state['name']}")
    return STORE.present(tx, [STORE.remove(tx, state)])[0]


@handles(contract.NewWebhookSecret)
def webhook_secret(request: contract.NewWebhookSecret, tx: Tx) -> contract.WebhookSecret:
    """A new secret for the signatures of webhooks."""
    from ghl.engine.marketing.hooks import rotate  # for this operation only

    return contract.WebhookSecret(secret=rotate(tx))

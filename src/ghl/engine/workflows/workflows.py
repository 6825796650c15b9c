"""Workflows as records: apply, status, enrolling, and where people are."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from ghl.engine import crud
from ghl.engine.clock import from_milliseconds
from ghl.engine.columns import Column, State
from ghl.engine.dispatch import handles
from ghl.engine.records import Store
from ghl.engine.stores import recall, remember, resolve
from ghl.engine.workflows import apply as application
from ghl.engine.workflows.batch import OUTCOMES, STATES
from ghl.engine.workflows.entries import Entrant, enter
from ghl.engine.workflows.firing import chosen, person_of
from ghl.engine.workflows.versions import Versions
from ghl.errors import Conflict, Invalid, Malformed, NotFound
from ghl.sdk.page import Page
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
        Column("description", length=2000),
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


@handles(contract.Enroll)
def enroll(request: contract.Enroll, tx: Tx) -> contract.EnrollResult:
    """Enroll by hand."""
    state = STORE.one(tx, request.workflow_id)
    if state["status"] not in ("active", "paused") or not state["version_id"]:
        raise Conflict(f"{state['name']} is {state['status']}", hint=f"ghl workflows activate {state['name']}")
    version = Versions().version(tx.connection, state["version_id"])
    entrants = _entrants(request, tx, version.subject)
    tx.changes.told(f"enroll {version.workflow_id} {version.id} {[entrant.object_id for entrant in entrants]}")
    entered = enter(tx, version, entrants)
    if entered.ids:
        tx.changes.counts["enrollment created"] += len(entered.ids)
    return contract.EnrollResult(
        count=len(entered.ids), failed=0, unchanged=sum(entered.refused.values()), enrollments=entered.ids[:1000],
        refused=entered.refused,
    )  # fmt: skip


def _entrants(request: contract.Enroll, tx: Tx, subject: str) -> list[Entrant]:
    given = {
        noun: getattr(request, f"{noun}_id")
        for noun in ("contact", "deal", "company")
        if getattr(request, f"{noun}_id") is not None
    }
    if subject == "none":
        return [Entrant(0, None)]
    if request.where is not None and not given:
        return chosen(tx, subject, request.where)
    if set(given) != {subject} or request.where is not None:
        raise Invalid(
            f"this workflow is about a {subject}", hint=f"--{subject} REF or --where EXPR", field=f"{subject}_id"
        )
    number = resolve(tx, subject, given[subject], field=f"{subject}_id")
    return [Entrant(number, person_of(tx, subject, number))]


# --- runs


def _enrollment(tx: Tx, row: dict[str, Any]) -> dict[str, Any]:
    contact = recall(tx, "contact", row["person_id"])
    held = None
    if row["state"] == 1 and row["run_at"] is None:
        held = f"the workflow is {row['status']}" if row["status"] != "active" else "the record it is about is deleted"
    return {
        "id": row["public_id"], "workflow_id": row["workflow_public_id"], "workflow": row["workflow"],
        "state": STATES[row["state"]], "step": row["step"] if row["state"] < 3 else None,
        "contact_id": contact[0] if contact else None, "contact": contact[1] if contact else None,
        "entered_at": from_milliseconds(row["entered_at"]),
        "run_at": from_milliseconds(row["run_at"]) if row["run_at"] is not None else None,
        "ended_at": from_milliseconds(row["ended_at"]) if row["ended_at"] else None,
        "outcome": row["outcome"], "attempt": row["attempt"], "held": held,
    }  # fmt: skip


@handles(contract.ListEnrollments)
def enrollments(request: contract.ListEnrollments, tx: Tx) -> Page[contract.Enrollment]:
    """Runs, the newest first."""
    conditions, params = [], {"limit": request.page_size + 1, "below": 2**62}
    if request.cursor:
        params["below"] = _place(request.cursor)
    if request.workflow_id:
        conditions.append(" and e.workflow_id = :workflow_id")
        params["workflow_id"] = resolve(tx, "workflow", request.workflow_id)
    if request.contact_id:
        conditions.append(" and e.person_id = :person_id")
        params["person_id"] = resolve(tx, "contact", request.contact_id)
    if request.state:
        conditions.append(" and e.state = :state")
        params["state"] = next(number for number, name in STATES.items() if name == request.state)
    text = tx.text("workflows/workflows/enrollments").replace("{where}", "".join(conditions))
    rows = tx.connection.all(text, tx.params(params))
    more, rows = len(rows) > request.page_size, rows[: request.page_size]
    remember(tx, "contact", (row["person_id"] for row in rows))
    place = base64.urlsafe_b64encode(str(rows[-1]["id"]).encode()).decode() if more else None
    return Page[contract.Enrollment](
        items=[contract.Enrollment(**_enrollment(tx, row)) for row in rows], page_size=request.page_size,
        next_cursor=place,
    )  # fmt: skip


def _place(cursor: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(cursor))
    except ValueError:
        raise Malformed("the cursor is not one of this list", hint="start again without a cursor") from None


@handles(contract.GetEnrollment)
def enrollment(request: contract.GetEnrollment, tx: Tx) -> contract.EnrollmentDetail:
    """A run with every step it took."""
    tail = request.enrollment_id.strip().lower()
    if len(tail) < 6:
        raise NotFound(f'there is no enrollment "{tail}"', hint="ghl workflows enrollments")
    rows = tx.all("workflows/workflows/enrollment", tail=f"%{tail}")
    if len(rows) != 1:
        raise NotFound(f'there is no one enrollment "{tail}"', hint="ghl workflows enrollments")
    row = rows[0]
    remember(tx, "contact", [row["person_id"]] if row["person_id"] else [])
    path = []
    number = row["journal_id"]
    while number is not None:
        entry = tx.one("workflows/workflows/journal", id=number)
        if entry is None:
            break
        path.append(
            contract.JournalEntry(
                at=from_milliseconds(entry["at"]), step=entry["name"], kind=tx.spelled(entry["kind"]),
                outcome=OUTCOMES.get(entry["outcome"], "done"),
                detail=json.loads(entry["detail"]) if entry["detail"] else None,
            )
        )  # fmt: skip
        number = entry["prev_id"]
    return contract.EnrollmentDetail(**_enrollment(tx, row), path=path[::-1], version=row["number"])


@handles(contract.NewWebhookSecret)
def webhook_secret(request: contract.NewWebhookSecret, tx: Tx) -> contract.WebhookSecret:
    """A new secret for the signatures of webhooks."""
    from ghl.engine.marketing.hooks import rotate  # for this operation only

    return contract.WebhookSecret(secret=rotate(tx))

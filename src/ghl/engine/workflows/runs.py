"""Runs of workflows: enrolling by hand, where people are, and the path they took."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ghl.engine.clock import from_milliseconds
from ghl.engine.dispatch import handles
from ghl.engine.paging import Paging
from ghl.engine.stores import past, recall, remember, resolve
from ghl.engine.workflows.batch import OUTCOMES, STATES
from ghl.engine.workflows.entries import Entrant, enter
from ghl.engine.workflows.firing import chosen, person_of
from ghl.engine.workflows.versions import Versions
from ghl.engine.workflows.workflows import STORE
from ghl.errors import Conflict, Invalid, NotFound
from ghl.sdk.page import Page
from ghl.sdk.workflows import runs as contract

if TYPE_CHECKING:
    from ghl.engine.tx import Tx


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
        # Runs that triggers start belong to the change that they follow; these have only their own.
        changes = tx.keys("changes", len(entered.numbers))
        tx.changes.created("enrollment", list(zip(changes, entered.numbers, strict=True)))
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


def _enrollment(tx: Tx, row: dict[str, Any]) -> dict[str, Any]:
    with past(tx):
        contact = recall(tx, "contact", row["person_id"])
    held = None
    if row["state"] == 1 and row["run_at"] is None:
        held = f"the workflow is {row['status']}" if row["status"] != "active" else "the record it is about is deleted"
    return {
        "id": row["public_id"], "workflow_id": row["workflow_public_id"], "workflow": row["workflow"],
        "version": row["number"], "state": STATES[row["state"]], "step": row["step"] if row["state"] < 3 else None,
        "contact_id": contact[0] if contact else None, "contact": contact[1] if contact else None,
        "entered_at": from_milliseconds(row["entered_at"]),
        "run_at": from_milliseconds(row["run_at"]) if row["run_at"] is not None else None,
        "ended_at": from_milliseconds(row["ended_at"]) if row["ended_at"] else None,
        "outcome": row["outcome"], "attempt": row["attempt"], "held": held,
    }  # fmt: skip


@handles(contract.ListEnrollments)
def enrollments(request: contract.ListEnrollments, tx: Tx) -> Page[contract.Enrollment]:
    """Runs, the newest first."""
    paging = Paging(request)
    conditions, params = [], {}
    if request.workflow_id:
        conditions.append(" and e.workflow_id = :workflow_id")
        params["workflow_id"] = resolve(tx, "workflow", request.workflow_id)
    if request.contact_id:
        conditions.append(" and e.person_id = :person_id")
        params["person_id"] = resolve(tx, "contact", request.contact_id)
    if request.state:
        conditions.append(" and e.state = :state")
        params["state"] = next(number for number, name in STATES.items() if name == request.state)

    def narrowed(block: str, **more: int) -> list[dict[str, Any]]:
        text = tx.text(f"workflows/workflows/{block}").replace("{where}", "".join(conditions))
        return tx.connection.all(text, tx.params({**params, **more}))

    rows, following = paging.cut(narrowed("enrollments", below=paging.below, **paging.window))
    remember(tx, "contact", (row["person_id"] for row in rows))
    return Page[contract.Enrollment](
        items=[contract.Enrollment(**_enrollment(tx, row)) for row in rows], next_cursor=following,
        **paging.numbers(lambda: narrowed("enrollment_total")[0]["n"]),
    )  # fmt: skip


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
    return contract.EnrollmentDetail(**_enrollment(tx, row), path=path[::-1])

"""What a test of the engine does: put a workflow into force, let time pass, look at what happened."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import ghl
from ghl.engine.clock import VirtualClock
from ghl.engine.local import LocalTransport
from ghl.engine.worker import Work, Worker
from ghl.sdk.crm.contacts import Contact
from ghl.sdk.fields import Change
from ghl.sdk.workflows.runs import Enrollment, EnrollmentDetail
from ghl.sdk.workflows.workflows import Applied


class Play:
    """A store, its clock and its worker."""

    def __init__(self, crm: ghl.Client, clock: VirtualClock, folder: Path) -> None:
        self.crm = crm
        self.clock = clock
        self.folder = folder
        local = crm._transport
        assert isinstance(local, LocalTransport)
        self.local: LocalTransport = local
        self.worker = self.another()

    def another(self, fault: Callable[[str], None] | None = None) -> Worker:
        """A fresh worker on the same store."""
        return Worker(self.local.database, self.local.shared, folder=str(self.folder), fault=fault)

    def __enter__(self) -> Play:
        return self

    def __exit__(self, *exc: object) -> None:
        self.worker.delivery.close()

    # --- definitions and people

    def apply(self, text: str, **options: Any) -> Applied:
        """Put a workflow file into force. Its head may be left out; `re_entry` is then `always`."""
        text = textwrap.dedent(text)
        if "workflow:" not in text:
            text = f"workflow: flow\n{text}"
        if "re_entry:" not in text:
            text = f"re_entry: always\n{text}"
        if "status:" not in text:
            text = f"status: active\n{text}"
        return self.crm.workflows.apply(source=text, **options)

    def person(self, name: str = "Ann", **fields: Any) -> Contact:
        """A contact with an e-mail made of the name."""
        fields.setdefault("email", f"{name.lower()}@example.com")
        return self.crm.contacts.create(first_name=name, **fields)

    def enroll(self, who: Contact, workflow: str = "flow") -> str:
        """The id of the run, or an assertion that says why there is none."""
        found = self.crm.workflows.enroll(workflow_id=workflow, contact_id=who.id)
        assert found.enrollments, found.refused
        return found.enrollments[0]

    # --- time

    def work(self) -> Work:
        """Do everything that is due now; what this call did."""
        before = self.worker.done
        self.worker.done = Work()
        self.worker.work()
        done, self.worker.done = self.worker.done, before
        return done

    def later(self, moment: datetime | None = None, **duration: float) -> None:
        """Let time pass, doing at each due time what is due."""
        end = moment or self.clock.now() + timedelta(**duration)
        self.worker.until(end)
        self.worker._stopping.clear()
        self.work()

    # --- looking

    def tags(self, who: Contact) -> list[str]:
        return self.crm.contacts.get(contact_id=who.id).tags

    def history(self, who: Contact) -> list[Change]:
        """The changes of a contact, the newest first."""
        return list(self.crm.changes.history(noun="contact", record_id=who.id).items)

    def run(self, enrollment: str) -> EnrollmentDetail:
        return self.crm.workflows.enrollment(enrollment_id=enrollment)

    def runs(self, **filters: Any) -> list[Enrollment]:
        """Every run, the oldest first."""
        return list(self.crm.workflows.enrollments(**filters, page_size=100).items)[::-1]

    def path(self, enrollment: str) -> list[str]:
        """The steps a run took, each with its outcome where that is not `done`."""
        entries = self.run(enrollment).path
        return [e.step if e.outcome == "done" else f"{e.step}:{e.outcome}" for e in entries]

    def mail(self) -> list[EmailMessage]:
        """The mail in the outbox folder, the oldest first."""
        found = []
        for file in sorted(self.folder.glob("*.eml")):
            message = message_from_bytes(file.read_bytes(), policy=policy.default)
            assert isinstance(message, EmailMessage)
            found.append(message)
        return found

    def rows(self, sql: str, **params: Any) -> list[dict[str, Any]]:
        """Rows of a table, for what no operation shows."""
        with self.local.database.read() as connection:
            return connection.all(sql, params)

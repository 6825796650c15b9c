"""Versions of workflows as the engine runs them: steps by their global number, and who runs them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ghl.engine.access import Caller
from ghl.engine.db import Connection
from ghl.sdk.workflows.tree import Policy

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

_VERSION = """select v.*, w.name as workflow, w.subject, w.re_entry, w.public_id as workflow_public_id
from workflow_versions v join workflows w on w.id = v.workflow_id where v.id = :id"""
_STEPS = """select s.*, k.name as kind_name from workflow_steps s join words k on k.id = s.kind
where s.version_id = :id order by s.position"""


@dataclass(slots=True)
class Step:
    """A step as the engine runs it."""

    id: int
    version: Version
    name: str
    kind: str
    next_id: int | None
    other_id: int | None
    goto_id: int | None
    arguments: dict[str, Any]
    policy: Policy | None


@dataclass(slots=True)
class Version:
    """A version of a workflow: its steps, and the caller that its changes are made as."""

    id: int
    number: int
    account_id: int
    workflow_id: int
    workflow: str
    subject: str
    re_entry: str
    steps: dict[int, Step] = field(default_factory=dict)
    entry_id: int | None = None
    key: str | None = None

    @property
    def caller(self) -> Caller:
        """Who the workflow's changes are made by."""
        return Caller(account_id=self.account_id, actor=f"workflow {self.workflow}", origin="workflow")

    def named(self, name: str) -> Step | None:
        """The step with an author's name."""
        return next((step for step in self.steps.values() if step.name == name), None)


class Versions:
    """The versions that a worker has read. They never change, so they are kept."""

    def __init__(self) -> None:
        self._versions: dict[int, Version] = {}
        self._of_step: dict[int, int] = {}

    def version(self, connection: Connection, number: int) -> Version:
        """A version by its row key."""
        known = self._versions.get(number)
        return known if known is not None else self._read(connection, number)

    def step(self, connection: Connection, number: int) -> Step:
        """A step by its global number."""
        if number not in self._of_step:
            row = connection.one("select version_id from workflow_steps where id = :id", {"id": number})
            assert row is not None, f"step {number} exists"
            self._read(connection, row["version_id"])
        return self._versions[self._of_step[number]].steps[number]

    def _read(self, connection: Connection, number: int) -> Version:
        row = connection.one(_VERSION, {"id": number})
        assert row is not None, f"version {number} exists"
        names = ("id", "number", "account_id", "workflow_id", "workflow", "subject", "re_entry")
        version = Version(**{name: row[name] for name in names})
        version.key = json.loads(row["definition"]).get("key")
        for item in connection.all(_STEPS, {"id": number}):
            policy = Policy.model_validate_json(item["policy"]) if item["policy"] else None
            version.steps[item["id"]] = Step(
                item["id"], version, item["name"], item["kind_name"], item["next_id"], item["other_id"],
                item["goto_id"], json.loads(item["arguments"]), policy,
            )  # fmt: skip
            version.entry_id = version.entry_id or item["id"]
            self._of_step[item["id"]] = number
        self._versions[number] = version
        return version

    def forget(self) -> None:
        """A workflow was renamed, or a transaction that wrote versions was taken back."""
        self._versions.clear()
        self._of_step.clear()


def current_version(tx: Tx, versions: Versions, workflow_id: int) -> Version | None:
    """The version that new people enter."""
    row = tx.one(
        "select version_id from workflows where account_id = :account_id and id = :id", id=workflow_id
    )
    return versions.version(tx.connection, row["version_id"]) if row and row["version_id"] else None

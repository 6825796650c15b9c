"""Putting a definition into force: a version, its steps and triggers, and what it listens to."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from ghl.engine.stores import STORES, resolve, store_of
from ghl.engine.workflows.account_catalogue import AccountCatalogue
from ghl.engine.workflows.files import read_workflow
from ghl.engine.workflows.firing import next_time
from ghl.errors import NotFound
from ghl.sdk.fields import Ref
from ghl.sdk.workflows.definition import Definition, read
from ghl.sdk.workflows.flatten import Step
from ghl.sdk.workflows.listening import listened

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

_WAITS = ("wait", "wait_until", "wait_for")
END = "(end)"


def parsed(tx: Tx, source: str | None, file: str, data: dict[str, Any] | None) -> tuple[Definition, list[str]]:
    """A definition, checked against the account, and its warnings."""
    catalogue = AccountCatalogue(tx)
    if source is not None:
        found = read_workflow(source, file, catalogue)
        return found.definition, found.warning_lines
    return read(data or {}, catalogue), []


def digest_of(definition: Definition) -> str:
    """Equal for definitions that do the same, whatever their status."""
    content = {key: value for key, value in definition.data.items() if key not in ("status", "description")}
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def write_version(tx: Tx, workflow_id: int, definition: Definition, source: str | None) -> int:
    """Write a new version with its steps and triggers; its row key."""
    number = int(
        tx.value(
            """select coalesce(max(number), 0) + 1 as n from workflow_versions
            where account_id = :account_id and workflow_id = :id""",
            id=workflow_id,
        )
    )
    row = tx.one(
        """insert into workflow_versions (account_id, workflow_id, number, definition, source, digest, created_at)
        values (:account_id, :workflow_id, :number, :definition, :source, :digest, :now) returning id""",
        workflow_id=workflow_id, number=number, digest=digest_of(definition), source=source,
        definition=json.dumps(definition.data, ensure_ascii=False),
    )  # fmt: skip
    assert row is not None
    _write_steps(tx, row["id"], definition.steps)
    _write_triggers(tx, workflow_id, row["id"], definition)
    return int(row["id"])


def _write_steps(tx: Tx, version_id: int, steps: list[Step]) -> None:
    # Somebody who waits at the end of a branch needs a step to stand before.
    steps = [*steps, Step(name=END, kind="exit")] if any(s.kind in _WAITS for s in steps) else steps
    ids: dict[str, int] = {}
    for position, step in enumerate(steps):
        row = tx.one(
            """insert into workflow_steps (version_id, name, kind, position, arguments, policy)
            values (:version_id, :name, :kind, :position, :arguments, :policy) returning id""",
            version_id=version_id, name=step.name, kind=tx.word("step", "end" if step.name == END else step.kind),
            position=position, arguments=json.dumps(bound(tx, step), ensure_ascii=False),
            policy=step.policy.model_dump_json(exclude_none=True) if step.policy else None,
        )  # fmt: skip
        assert row is not None
        ids[step.name] = row["id"]

    def link(name: str | None, waits: bool) -> int | None:
        return ids[name] if name is not None else (ids.get(END) if waits else None)

    tx.connection.many(
        "update workflow_steps set next_id = :next, other_id = :other, goto_id = :goto where id = :id",
        [
            {
                "id": ids[step.name],
                "next": link(step.next, step.kind in _WAITS),
                "other": link(step.other, step.kind in _WAITS),
                "goto": ids.get(step.policy.goto) if step.policy and step.policy.goto else None,
            }
            for step in steps
        ],
    )


def bound(tx: Tx, step: Step) -> dict[str, Any]:
    """A step's arguments with names of records as ids, so that a rename breaks nothing."""
    arguments = dict(step.arguments)
    if step.kind == "send_email" and "{{" not in arguments["template"]:
        arguments["template_id"] = _public(tx, "template", arguments["template"])
    if "." not in step.kind:
        return arguments
    contract = AccountCatalogue(tx).operation(step.kind)
    for name, info in (contract.model_fields if contract else {}).items():
        noun = next((m.noun for m in info.metadata if isinstance(m, Ref)), None)
        value = arguments.get(name)
        if noun in STORES and isinstance(value, str) and "{{" not in value:
            arguments[name] = _public(tx, noun, value)
    return arguments


def _public(tx: Tx, noun: str, name: str) -> str:
    try:
        number = resolve(tx, noun, name)
    except NotFound:
        raise NotFound(f'there is no {noun} "{name}"', hint=f"ghl {store_of(noun).plural} list") from None
    return str(
        tx.value(f"select public_id from {store_of(noun).table} where account_id = :account_id and id = :id", id=number)
    )


def _write_triggers(tx: Tx, workflow_id: int, version_id: int, definition: Definition) -> None:
    for trigger in definition.triggers:
        if trigger.on == "manual":
            continue
        next_at = None
        if trigger.cron:
            next_at = next_time(tx, trigger.cron, trigger.zone)
        tx.run(
            """insert into workflow_triggers
            (account_id, workflow_id, version_id, event_name, cron, zone, next_at, arguments)
            values (:account_id, :workflow_id, :version_id, :event_name, :cron, :zone, :next_at, :arguments)""",
            workflow_id=workflow_id, version_id=version_id, cron=trigger.cron, zone=trigger.zone, next_at=next_at,
            event_name=tx.word("event", trigger.on) if not trigger.cron else None,
            arguments=trigger.model_dump_json(exclude_none=True, exclude={"on", "cron", "zone"}),
        )  # fmt: skip


def listen(tx: Tx, workflow_id: int, definition: Definition, status: str) -> None:
    """Keep the list of event names that must reach the engine."""
    tx.run("delete from listeners where account_id = :account_id and workflow_id = :id", id=workflow_id)
    if status in ("draft", "archived"):
        return
    tx.many(
        "insert into listeners (event_name, workflow_id, account_id) values (:name, :workflow_id, :account_id)",
        [{"name": tx.word("event", name), "workflow_id": workflow_id} for name in sorted(listened(definition))],
    )


def schedule(tx: Tx, version_id: int) -> None:
    """From now on a version's schedules fire: what they would have fired before is not caught up with."""
    for row in tx.all(
        "select id, cron, zone from workflow_triggers where account_id = :account_id and version_id = :id and cron is not null",
        id=version_id,
    ):
        following = next_time(tx, row["cron"], row["zone"])
        tx.run(
            "update workflow_triggers set next_at = :next_at where account_id = :account_id and id = :id",
            next_at=following, id=row["id"],
        )  # fmt: skip


def move_people(tx: Tx, workflow_id: int, version_id: int, policy: str) -> None:
    """Say what people inside older versions do: the moves are made when each is claimed.

    Those who migrate go on when they are due; those who start again or leave are made due now.
    """
    if policy == "keep":
        return
    new = tx.all("select id, name, position from workflow_steps where version_id = :id order by position", id=version_id)
    by_name, first = {row["name"]: row["id"] for row in new}, new[0]["id"] if new else None
    old = tx.all(
        """select s.id, s.name from workflow_steps s join workflow_versions v on v.id = s.version_id
        where v.account_id = :account_id and v.workflow_id = :workflow_id and v.id <> :version_id""",
        workflow_id=workflow_id, version_id=version_id,
    )  # fmt: skip
    moves = []
    for row in old:
        target = {"migrate": by_name.get(row["name"]), "restart": first, "exit": None}[policy]
        if policy == "migrate" and target is None:
            continue
        moves.append({"step_id": row["id"], "version_id": version_id, "to": target})
    tx.many(
        "insert into step_moves (step_id, version_id, to_step_id) values (:step_id, :version_id, :to)", moves
    )
    if policy in ("restart", "exit"):
        hurry(tx, workflow_id, everybody=False)


def hurry(tx: Tx, workflow_id: int, *, everybody: bool) -> None:
    """Let the engine look at people inside now, a portion at a time."""
    tx.run(
        """insert into hurries (workflow_id, everybody) values (:id, :everybody)
        on conflict (workflow_id) do update set everybody = excluded.everybody, after_object = -1, after_slot = -1""",
        id=workflow_id, everybody=int(everybody),
    )  # fmt: skip

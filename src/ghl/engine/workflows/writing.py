"""Steps that write records: constant fields set-based, any operation of the contract person by person."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ghl.engine.crm.lifecycle import after
from ghl.engine.rendering import filled, templated
from ghl.engine.stores import store_of
from ghl.engine.tx import Cause
from ghl.engine.workflows.actions import emit_all
from ghl.engine.workflows.changing import change_all
from ghl.engine.workflows.failures import failed
from ghl.engine.workflows.subjects import Subjects
from ghl.errors import GhlError, Invalid
from ghl.sdk.operation import build

if TYPE_CHECKING:
    from ghl.engine.tx import Tx
    from ghl.engine.workflows.actions import Group
    from ghl.engine.workflows.versions import Step

DERIVED_FROM = frozenset(
    {"first_name", "last_name", "job_title", "city", "external_id", "name", "zone", "country", "emails", "phones"}
)
"""Fields that other columns are derived from or that are checked: these take the record's own way of writing."""


def constants(step: Step) -> bool:
    """Whether an `update_field` sets plain columns of the contact to constants."""
    fields, noun = step.arguments["fields"], step.version.subject
    if noun != "contact" or templated(fields):
        return False
    kinds = {column.name: column.kind for column in store_of(noun).columns}
    plain = {name.removeprefix(f"{noun}.") for name in fields}
    return all(
        name in kinds and name not in DERIVED_FROM and kinds[name] in ("text", "number", "bool", "date") for name in plain
    )


def update_fields(group: Group) -> None:
    """Set fields of the subject or its contact: for everybody at once where the values are constants."""
    fields: dict[str, Any] = group.step.arguments["fields"]
    noun = group.step.version.subject
    if not constants(group.step):
        each(group, _updater(group, fields))
        return
    columns = {column.name: column for column in store_of(noun).columns}
    for name, value in fields.items():
        field = name.removeprefix(f"{noun}.")
        stored = columns[field].encode(group.tx, value)[field]
        narrowed, params = "", {}
        if field == "lifecycle_stage":
            stored, further = after(group.tx, stored)
            params = {f"further_{place}": stage for place, stage in enumerate(further)}
            narrowed = f" and coalesce(r.{field}, '') not in ({', '.join(f':{name}' for name in params)})" if params else ""
        changed = change_all(
            group, noun, "person_id",
            condition=f"r.{field} is distinct from :value{narrowed}",
            before=_object(group.tx, field, f"c.{field}"),
            after=_object(group.tx, field, ":value" if group.tx.dialect == "sqlite" else _cast(columns[field].kind)),
            params={"value": stored, **params}, assignments=f"{field} = :value",
        )  # fmt: skip
        if changed:
            emit_all(group, "contact.changed", noun)


def _cast(kind: str) -> str:
    return "cast(:value as bigint)" if kind in ("number", "bool") else "cast(:value as text)"


def _object(tx: Tx, field: str, value: str) -> str:
    """A JSON object of one field, made by the database."""
    if tx.dialect == "sqlite":
        return f"json_object('{field}', {value})"
    return f"json_build_object('{field}', {value})::text"


def _updater(group: Group, fields: dict[str, Any]) -> Callable[[Tx, Subjects, int, int | None], Any]:
    subject = group.step.version.subject

    def update(tx: Tx, subjects: Subjects, object_id: int, person_id: int | None) -> Any:
        data, zone = subjects.data(object_id, person_id), subjects.zone(person_id).key
        by_noun: dict[str, dict[str, Any]] = {}
        for name, value in fields.items():
            noun, _, field = name.rpartition(".")
            custom = noun == "custom" or noun.endswith(".custom")
            noun = noun.removesuffix("custom").rstrip(".") or subject
            target = by_noun.setdefault(noun, {})
            if custom or field not in {c.name for c in store_of(noun).columns} | {"email", "phone", "name"}:
                target.setdefault("custom_fields", {})[field] = filled(value, data, zone)
            else:
                target[field] = filled(value, data, zone)
        for noun, values in by_noun.items():
            number = person_id if noun == "contact" else object_id
            states = store_of(noun).load(tx, [number], lock=True) if number else []
            if not states or states[0]["deleted_at"]:
                raise Invalid(f"there is no {noun} to update")
            store_of(noun).update(tx, states[0], values)
        return None

    return update


def operation(group: Group) -> None:
    """Any operation of the contract as a step: its arguments filled in, its references defaulting to the run's."""
    from ghl import nouns  # operations are looked up by name

    kind = group.step.kind
    noun, _, verb = kind.rpartition(".")
    contract = nouns.load(noun).__operations__[verb]
    arguments = group.step.arguments
    subject = group.step.version.subject

    def perform(tx: Tx, subjects: Subjects, object_id: int, person_id: int | None) -> Any:
        data = subjects.data(object_id, person_id)
        fields = filled(arguments, data, subjects.zone(person_id).key)
        wanted = contract.model_fields
        if not {"contact_id", "deal_id", "company_id"} & fields.keys():
            if "contact_id" in wanted and data["contact"]:
                fields["contact_id"] = data["contact"]["id"]
            if f"{subject}_id" in wanted and data.get(subject):
                fields[f"{subject}_id"] = data[subject]["id"]
        elif f"{subject}_id" in wanted and f"{subject}_id" not in fields and data.get(subject):
            fields[f"{subject}_id"] = data[subject]["id"]
        tx.send(build(contract, fields))
        return None

    each(group, perform)


def each(group: Group, perform: Callable[[Tx, Subjects, int, int | None], Any]) -> None:
    """Person by person, each in a savepoint: what fails takes back its own part alone."""
    members = group.rows()
    subjects = Subjects(group.tx, group.step.version.subject)
    subjects.load((one.object_id, one.person_id) for one in members)
    results: list[tuple[Any, int]] = []
    outer = group.tx.cause
    for one in members:
        group.tx.cause = Cause(one.depth + 1, outer.event_id, one.enrollment_id, group.step.id)
        try:
            with group.tx.part():
                detail = perform(group.tx, subjects, one.object_id, one.person_id)
        except GhlError as error:
            failed(group, one, error)
        else:
            if detail is not None:
                results.append((json.dumps(detail), one.n))
        subjects.forget(one.object_id, one.person_id)
    group.tx.cause = outer
    if results:
        group.tx.connection.many_tuples("update batch set detail = ? where n = ?", results)

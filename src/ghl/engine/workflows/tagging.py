"""Adding and removing tags for a group: five statements for everybody, with changes and events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ghl.engine.crm.parts import tag_key
from ghl.engine.workflows.actions import emit_all
from ghl.engine.workflows.changing import change_all

if TYPE_CHECKING:
    from ghl.engine.workflows.actions import Group

_KEYS = {"contact": "person_id", "deal": "object_id", "company": "object_id"}


def add(group: Group) -> None:
    """Add tags to those who do not have them."""
    _tag(group, adding=True)


def remove(group: Group) -> None:
    """Take tags from those who have them."""
    _tag(group, adding=False)


def _tag(group: Group, *, adding: bool) -> None:
    noun = group.step.arguments.get("of", "contact")
    key, table = _KEYS[noun], f"{noun}_tags"
    for name in group.step.arguments["tags"]:
        tag_id = tag_key(group.tx, name)
        has = f"exists (select 1 from {table} t where t.{noun}_id = batch.{key} and t.tag_id = :tag)"
        element = f'{{"tags":{{"{tag_id}":{{}}}}}}'
        touched = change_all(
            group, noun, key,
            condition=f"not {has}" if adding else has,
            before=None if adding else f"'{element}'",
            after=f"'{element}'" if adding else None,
            params={"tag": tag_id},
        )  # fmt: skip
        if not touched:
            continue
        if adding:
            group.tx.connection.run(
                f"insert into {table} ({noun}_id, tag_id) select {key}, :tag from batch where {group.at} and touched = 1",
                {"tag": tag_id},
            )
        else:
            group.tx.connection.run(
                f"""delete from {table} where tag_id = :tag and {noun}_id in
                (select {key} from batch where {group.at} and touched = 1)""",
                {"tag": tag_id},
            )
        emit_all(group, f"{noun}.changed", noun, key)
        if noun == "contact":
            emit_all(group, "contact.tag_added" if adding else "contact.tag_removed", noun, key)

"""What expressions may ask of a contact beside its columns: addresses, companies, what hangs on it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ghl.engine.columns import State
from ghl.engine.expressions import FoldedList, SqlField
from ghl.engine.fields import Hanging, NounFields, moment
from ghl.engine.stores import recall, remember
from ghl.sdk.expressions import Type

if TYPE_CHECKING:
    from ghl.engine.tx import Tx


def declare(found: NounFields) -> None:
    """Add them."""
    _addresses(found, "email", "emails", 1)
    _addresses(found, "phone", "phones", 2)
    name = "nullif(trim(coalesce({r}.first_name, '') || ' ' || coalesce({r}.last_name, '')), '')"
    found.add(
        "name", Type.TEXT, SqlField(Type.TEXT, name),
        lambda tx, state: " ".join(n for n in (state["first_name"], state["last_name"]) if n) or None,
    )  # fmt: skip
    found.add(
        "last_activity_at", Type.DATETIME,
        SqlField(
            Type.DATETIME, "nullif({r}.last_activity_at, '')",
            # Empty is missing, and the index still finds a range.
            ranged="({r}.last_activity_at {op} {v} and {r}.last_activity_at <> '')",
        ),
        lambda tx, state: moment(state["last_activity_at"]),
    )  # fmt: skip
    found.add(
        "dnd", Type.LIST,
        SqlField(
            Type.LIST, member="{find}({r}.dnd, '\"' || {v} || '\"') > 0",
            size="(length({r}.dnd) - length(replace({r}.dnd, '\"', ''))) / 2",
        ),
        lambda tx, state: json.loads(state["dnd"] or "[]") or None,
    )  # fmt: skip
    found.main("company", "company", "contact_companies", "companies")
    _followers(found)
    found.hang("task", "note", "activity")
    found.hang_through("deals", "deal", "deal_contacts")
    found.hang_through("companies", "company", "contact_companies")
    found.relations["events"] = Hanging(
        "event", "events {q} where {q}.account_id = {r}.account_id and {q}.person_id = {r}.id"
    )


def _followers(found: NounFields) -> None:
    member = (
        "{r}.id in (select f.contact_id from contact_followers f join users y on y.id = f.user_id"
        " where y.account_id = :account_id and y.name_key = {v})"
    )

    def read(tx: Tx, state: State) -> Any:
        remember(tx, "user", state["followers"])
        return FoldedList(known[1] for key in state["followers"] if (known := recall(tx, "user", key))) or None

    size = "(select count(*) from contact_followers f where f.contact_id = {r}.id)"
    found.add("followers", Type.LIST, SqlField(Type.LIST, member=member, size=size, folded=True), read)


def _addresses(found: NounFields, single: str, plural: str, kind: int) -> None:
    """E-mails are asked by their normalised key, in small letters; phones as they are shown."""
    email = kind == 1
    shown = "key" if email else "address"
    table = "(select {} from contact_addresses a where a.contact_id = {{r}}.id and a.kind = {}{})"
    held = f"a.account_id = :account_id and a.kind = {kind} and a.{shown} = {{v}}{' and a.live = 1' if email else ''}"
    among = f"{{r}}.id in (select a.contact_id from contact_addresses a where {held}{{}})"

    def primary(tx: Tx, state: State) -> Any:
        main = next(((k, v) for k, v in state[plural].items() if v["is_primary"]), None)
        return None if main is None else main[0] if email else main[1]["address"]

    def every(tx: Tx, state: State) -> Any:
        return [k if email else v["address"] for k, v in state[plural].items()] or None

    found.add(
        single, Type.TEXT,
        SqlField(
            Type.TEXT, table.format(f"a.{shown}", kind, " and a.is_primary = 1"),
            equals=among.replace("{}", " and a.is_primary = 1") if email else "",
        ),
        primary, lower=email,
    )  # fmt: skip
    found.add(
        plural, Type.LIST,
        SqlField(Type.LIST, member=among.replace("{}", ""), size=table.format("count(*)", kind, "")),
        every, lower=email,
    )  # fmt: skip

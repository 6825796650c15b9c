"""The sample as a story: what each of its rows did, when, and by whom."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ghl.sample.generator import Row, Sample
from ghl.sdk.operation import build
from ghl.sdk.times import parse_stamp

if TYPE_CHECKING:
    from ghl.engine.playback import Deed
    from ghl.engine.tx import Tx

NOT_FIELDS = ("key", "created_at")


class Story:
    """Turns rows into operations. What a row made is remembered, so that later rows can refer to it."""

    def __init__(self, sample: Sample) -> None:
        self._sample = sample
        self._ids: dict[str, str] = {}
        self._names: dict[str, str] = {user["key"]: user["name"] for user in sample.users}

    def begin(self, at: datetime) -> list[Deed]:
        """What an account has before anybody is in it: colleagues, fields, products, pipelines."""
        rows: list[tuple[str, Row]] = [("users", row) for row in self._sample.users]
        rows += [("fields", _field(row)) for row in self._sample.fields]
        rows += [("products", row) for row in self._sample.products]
        rows += [("pipelines", row) for row in self._sample.pipelines]
        return [(at, self._who(None), self._create(noun, row)) for noun, row in rows]

    def deeds(self) -> list[Deed]:
        """Everything that happened, oldest first; of one moment, what is referred to comes first."""
        sample = self._sample
        found: list[Deed] = []
        first: dict[str, str] = {}
        for row in sample.contacts:  # a company is known at the latest with the first of its people
            if row["company_key"]:
                first[row["company_key"]] = min(row["created_at"], first.get(row["company_key"], row["created_at"]))
        for row in sample.companies:
            created = min(row["created_at"], first.get(row["key"], row["created_at"]))
            found.append(self._made("companies", row | {"created_at": created}))
        found += [self._made("contacts", row) for row in sample.contacts]
        for deal in sample.deals:
            found += self._deal(deal)
        found += [self._made("notes", row | {"owner_key": row["author_key"]}, "author_key") for row in sample.notes]
        for task in sample.tasks:
            found += self._task(task)
        found += [self._activity(row) for row in sample.activities]
        for row in sample.suppressions:
            fields = {"address": row["address"], "reason": row["reason"], "source": "the system used before"}
            found.append((parse_stamp(row["at"]), self._who(None), self._send("suppressions.create", fields)))
        return sorted(found, key=lambda deed: deed[0])

    def _made(self, noun: str, row: Row, *without: str) -> Deed:
        return parse_stamp(row["created_at"]), self._who(row.get("owner_key")), self._create(noun, row, *without)

    def _deal(self, row: Row) -> list[Deed]:
        who, key = self._who(row["owner_key"]), row["key"]
        later = ("stage", "moves", "status", "closed_at", "lost_reason", "amount")
        lines = [(line["product_key"], {"quantity": line["quantity"], "price": line["price"]}) for line in row["lines"]]
        found: list[Deed] = [self._made("deals", row | {"lines": lines}, *later)]
        for move in row["moves"]:
            fields = {"stage": move["after"]}
            found.append((parse_stamp(move["at"]), who, self._send("deals.move", fields, deal_id=key)))
        if row["closed_at"]:
            verb = {"won": "win", "lost": "lose", "abandoned": "abandon"}[row["status"]]
            fields = {"reason": row["lost_reason"]} if verb != "win" else {}
            found.append((parse_stamp(row["closed_at"]), who, self._send(f"deals.{verb}", fields, deal_id=key)))
        return found

    def _task(self, row: Row) -> list[Deed]:
        row = row | {"owner_key": row["assignee_key"]}
        found = [self._made("tasks", row, "done_at", "assignee_key")]
        if row["done_at"]:
            done = self._send("tasks.complete", {}, task_id=row["key"])
            found.append((parse_stamp(row["done_at"]), self._who(row["owner_key"]), done))
        return found

    def _activity(self, row: Row) -> Deed:
        fields = row | {
            "kind": row["type"], "seconds": row["duration_minutes"] * 60, "owner_key": row["user_key"], "created_at": row["at"],
        }  # fmt: skip
        return self._made("activities", fields, "type", "duration_minutes", "user_key")

    def _create(self, noun: str, row: Row, *without: str) -> Callable[[Tx], None]:
        def create(tx: Tx) -> None:
            made = tx.send(_operation(f"{noun}.create", self._fields(row, without)))
            if "key" in row:
                self._ids[row["key"]] = made.id

        return create

    def _send(self, name: str, fields: Row, **keys: str) -> Callable[[Tx], object]:
        """An operation on what earlier rows made, which is known when it is done."""

        def send(tx: Tx) -> object:
            return tx.send(_operation(name, fields | {field: self._ids[key] for field, key in keys.items()}))

        return send

    def _fields(self, row: Row, without: tuple[str, ...]) -> Row:
        """A row as the fields of an operation: keys of rows become ids, what is empty is left out."""
        fields: Row = {}
        for name, value in row.items():
            if value is None or name in NOT_FIELDS or name in without:
                continue
            if name == "contact_keys":
                fields["contacts"] = [self._ids[key] for key in value]
            elif name == "lines":
                fields[name] = [{"product_id": self._ids[key], **line} for key, line in value]
            elif name.endswith("_key"):
                fields[f"{name.removesuffix('_key')}_id"] = self._ids[value]
            else:
                fields[name] = value
        return fields

    def _who(self, key: str | None) -> str:
        return str(self._names[key] if key else self._sample.users[0]["name"])


def _field(row: Row) -> Row:
    names = {"key": "name", "options": "choices"}
    types = {"multi_select": "multi-select"}
    return {names.get(name, name): types.get(value, value) if name == "type" else value for name, value in row.items()}


def _operation(name: str, fields: Row) -> Any:
    from ghl import nouns  # each contract when its first row comes

    noun, _, verb = name.rpartition(".")
    return build(nouns.load(noun).__operations__[verb], fields)

"""List-valued parts that several nouns have: tags, followers, links to companies and contacts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from ghl.engine.columns import Elements, Part, State, one_line
from ghl.engine.stores import hidden, recall, resolve, store_of
from ghl.errors import Invalid, NotFound
from ghl.sdk.names import fold

if TYPE_CHECKING:
    from ghl.engine.tx import Tx


class TagPart(Part):
    """Tags by name, made on first use and unique when folded."""

    def encode(self, tx: Tx, value: Any, state: State) -> Elements:
        return {tag_key(tx, name): {} for name in value}

    def decode(self, tx: Tx, elements: Elements) -> Any:
        return sorted(name for key in elements for _, name in [recall(tx, "tag", key) or ("", "")])


def tags_of(noun: str) -> TagPart:
    """The tags of a noun's records."""
    return TagPart("tags", f"{noun}_tags", f"{noun}_id", "tag_id", noun="tag")


def tag_key(tx: Tx, name: str) -> int:
    """The row key of a tag by name; a new one is made, unless the request is strict."""
    text = " ".join(str(name).split())
    key = fold(text)
    if not key:
        raise Invalid("a tag needs a name", field="tags")
    if len(text) > 100:
        raise Invalid(f'tag "{text[:20]}…" is longer than 100 characters', field="tags")
    known: dict[str, int] = tx.memo.setdefault("tags", {})
    if key not in known:
        row = tx.one("crm/tags/by_name", key=key)
        if row is None:
            if tx.memo.get("strict_tags"):
                raise NotFound(f'there is no tag "{text}"', hint=f'ghl tags add "{text}"', field="tags")
            tx.take_turn("new tags")  # two programs may need the same one at the same time
            row = tx.one("crm/tags/by_name", key=key) or store_of("tag").create(tx, {"name": text})
        known[key] = row["id"]
    return known[key]


def changed_tags(tx: Tx, state: State, values: dict[str, Any]) -> None:
    """Apply `add_tags` and `remove_tags` to a state."""
    for name in values.get("remove_tags") or []:
        state["tags"] = {k: v for k, v in state["tags"].items() if k != tag_key(tx, name)}
    added = [tag_key(tx, name) for name in values.get("add_tags") or []]
    if added:
        state["tags"] = state["tags"] | {key: {} for key in added if key not in state["tags"]}


class RefPart(Part):
    """References to records of another noun without more."""

    def encode(self, tx: Tx, value: Any, state: State) -> Elements:
        references = [item.model_dump() if isinstance(item, BaseModel) else item for item in value]
        names = [item[self.key] if isinstance(item, dict) else str(item) for item in references]
        kept: Elements = {key: {} for key in hidden(tx, self.noun, state[self.field])}
        return kept | {resolve(tx, self.noun, name, field=self.field): {} for name in names}

    def decode(self, tx: Tx, elements: Elements) -> Any:
        found = [recall(tx, self.noun, key) for key in elements]
        return [{self.key: known[0], "name": known[1]} for known in found if known]


FOLLOWERS = RefPart("followers", "contact_followers", "contact_id", "user_id", noun="user")


class LinkPart(Part):
    """Links to records of another noun with a role, one of them primary."""

    @property
    def reference(self) -> str:
        """The field that names the other record."""
        return f"{self.noun}_id"

    def encode(self, tx: Tx, value: Any, state: State) -> Elements:
        unseen = hidden(tx, self.noun, state[self.field])
        elements: Elements = {}
        primary: int | None = None
        for item in value:
            fields = item.model_dump() if isinstance(item, BaseModel) else item
            fields = fields if isinstance(fields, dict) else {self.reference: str(fields)}
            key = resolve(tx, self.noun, fields[self.reference], field=self.field)
            elements[key] = {"role": one_line(fields.get("role") or "", "role") or None, "is_primary": 0}
            if fields.get("primary") and primary is None:
                primary = key
        kept = {key: values for key, values in state[self.field].items() if key in unseen and key not in elements}
        if primary is None and not any(values["is_primary"] for values in kept.values()):
            primary = next(iter(elements), None)
        if primary is not None:
            elements[primary]["is_primary"] = 1
            kept = {key: {**values, "is_primary": 0} for key, values in kept.items()}
        return kept | elements

    def with_primary(self, tx: Tx, elements: Elements, reference: str | None) -> Elements:
        """The same links with this record as the primary one; null takes the primary link away."""
        kept = {key: dict(values) for key, values in elements.items()}
        if reference is None:
            unseen = hidden(tx, self.noun, kept)
            kept = {key: values for key, values in kept.items() if key in unseen or not values["is_primary"]}
            if kept and not any(values["is_primary"] for values in kept.values()):
                kept[next(iter(kept))]["is_primary"] = 1
            return kept
        key = resolve(tx, self.noun, reference, field=self.reference)
        role = kept.get(key, {}).get("role")
        for values in kept.values():
            values["is_primary"] = 0
        return {**kept, key: {"role": role, "is_primary": 1}}

    def decode(self, tx: Tx, elements: Elements) -> Any:
        shown = []
        for key, values in sorted(elements.items(), key=lambda item: -item[1]["is_primary"]):
            found = recall(tx, self.noun, key)
            if found:
                shown.append(
                    {
                        self.reference: found[0],
                        "name": found[1],
                        "role": values["role"],
                        "primary": bool(values["is_primary"]),
                    }
                )
        return shown


COMPANIES = LinkPart(
    "companies", "contact_companies", "contact_id", "company_id", ("role", "is_primary"), noun="company"
)
DEAL_CONTACTS = LinkPart(
    "contacts", "deal_contacts", "deal_id", "contact_id", ("role", "is_primary"), noun="contact"
)

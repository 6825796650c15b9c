"""The e-mails and phones of a contact: normalised, labelled, one primary of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from ghl.engine.columns import Elements, Part, State, one_line
from ghl.errors import Duplicate, GhlError, Invalid
from ghl.sdk.addresses import normalise_email, normalise_phone

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

EMAIL, PHONE = 1, 2


class AddressPart(Part):
    """One kind of address. Elements are keyed by the normalised address that finds them."""

    word = "address"

    def read(self, tx: Tx, text: str, state: State) -> tuple[str, str]:
        """An address as it is shown, and its key."""
        raise NotImplementedError

    def extra(self, tx: Tx) -> dict[str, Any]:
        return {"account_id": tx.account_id}

    def encode(self, tx: Tx, value: Any, state: State) -> Elements:
        elements: Elements = {}
        primary: str | None = None
        for item in value:
            fields = item if isinstance(item, dict) else _fields(item, self.word)
            shown, key = self.read(tx, fields[self.word], state)
            if key in elements:
                continue
            elements[key] = {
                "address": shown,
                "label": one_line((fields.get("label") or "").strip(), "label") or None,
                "is_primary": 0,
                "position": len(elements),
            }
            if fields.get("primary") and primary is None:
                primary = key
        if elements:
            elements[primary or next(iter(elements))]["is_primary"] = 1
        return elements

    def with_primary(self, tx: Tx, elements: Elements, text: str | None, state: State) -> Elements:
        """The same addresses with this one as the primary; null takes the primary away."""
        kept = {key: dict(values) for key, values in elements.items()}
        if text is None or not text.strip():
            gone = primary_key(kept)
            kept.pop(gone, None)
            if kept:
                kept[next(iter(kept))]["is_primary"] = 1
            return kept
        shown, key = self.read(tx, text, state)
        if key in kept and kept[key]["is_primary"]:
            return kept
        for values in kept.values():
            values["is_primary"] = 0
        if key in kept:
            kept[key]["is_primary"] = 1
        else:
            first = min((v["position"] for v in kept.values()), default=1) - 1
            kept[key] = {"address": shown, "label": None, "is_primary": 1, "position": first}
        return kept

    def decode(self, tx: Tx, elements: Elements) -> Any:
        ordered = sorted(elements.values(), key=lambda values: (-values["is_primary"], values["position"]))
        return [
            {self.word: v["address"], "label": v["label"], "primary": bool(v["is_primary"])} for v in ordered
        ]


def _fields(item: Any, word: str) -> dict[str, Any]:
    return item.model_dump() if isinstance(item, BaseModel) else {word: str(item)}


class EmailPart(AddressPart):
    """E-mail addresses: lower-case and IDN (RFC 5890) make the key; unique among live contacts."""

    def read(self, tx: Tx, text: str, state: State) -> tuple[str, str]:
        try:
            return normalise_email(text)
        except GhlError as error:
            error.field = "email"
            raise


class PhonePart(AddressPart):
    """Phone numbers: E.164 by the contact's country, else the account's; a key to match by, not unique."""

    word = "number"

    def read(self, tx: Tx, text: str, state: State) -> tuple[str, str]:
        country = state.get("country")
        default = country if country and len(country) == 2 and country.isalpha() else tx.account.country
        try:
            number, key = normalise_phone(text, default)
        except GhlError as error:
            error.field = "phone"
            raise
        return number or text.strip(), key


_COLUMNS = ("address", "label", "is_primary", "position")
EMAILS = EmailPart("emails", "contact_addresses", "contact_id", "key", _COLUMNS, {"kind": EMAIL})
PHONES = PhonePart("phones", "contact_addresses", "contact_id", "key", _COLUMNS, {"kind": PHONE})


def primary_key(elements: Elements) -> Any:
    """The key of the primary element, or None."""
    return next((key for key, values in elements.items() if values["is_primary"]), None)


def primary(elements: Elements) -> str | None:
    """The primary address, or None."""
    key = primary_key(elements)
    return elements[key]["address"] if key is not None else None


def refuse_taken(tx: Tx, state: State, old: State | None) -> None:
    """An e-mail belongs to one live contact of an account."""
    known = old["emails"] if old is not None and old["deleted_at"] is None else {}
    for key in state["emails"]:
        if key in known:
            continue
        row = tx.one("crm/contacts/by_email", key=key)
        if row is not None and row["id"] != state["id"]:
            holder = row["public_id"]
            raise Duplicate(
                f"{state['emails'][key]['address']} belongs to another contact",
                hint=f"ghl contacts show {holder[-6:]}",
                field="email",
                id=holder,
            )


def refuse_empty(text: str | None, field: str) -> None:
    """An address that is only blanks is no address."""
    if text is not None and not text.strip():
        raise Invalid(f"`{field}` is empty", hint="null takes it away", field=field)

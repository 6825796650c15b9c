"""The handlers of settings: checked values in the account's row, each change recorded and reversible."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ghl.engine.accounts.account import Account
from ghl.engine.changelog import CHANGED, encode
from ghl.engine.columns import one_line
from ghl.engine.dispatch import handles
from ghl.engine.history import values
from ghl.errors import Conflict, Duplicate, Invalid, StaleVersion
from ghl.sdk.accounts import settings as contract
from ghl.sdk.countries import check_country, check_locale
from ghl.sdk.money import check_currency
from ghl.sdk.names import fold
from ghl.sdk.times import check_zone

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

COLUMNS = ("name", "zone", "currency", "country", "locale", "postal_address")
BAG = (
    "public_url", "lifecycle_stages", "purge_after_days", "retention_days", "attachment_limit",
    "contact_attachments_limit",
)  # fmt: skip
KINDS = ("events", "journal", "messages", "deliveries", "changes")


def shown(account: Account) -> contract.AccountSettings:
    """An account's settings as the contract has them."""
    bag = {name: account.settings[name] for name in BAG if account.settings.get(name) is not None}
    plain = {name: getattr(account, name) for name in COLUMNS}
    return contract.AccountSettings(id=account.public_id, version=account.version, **plain, **bag)


@handles(contract.ShowSettings)
def show(request: contract.ShowSettings, tx: Tx) -> contract.AccountSettings:
    """The settings."""
    return shown(tx.account)


@handles(contract.SetSettings)
def change(request: contract.SetSettings, tx: Tx) -> contract.AccountSettings:
    """Change settings, one change set for all of them."""
    account = tx.account
    given = {name: getattr(request, name) for name in request.model_fields_set - {"version"}}
    if request.version is not None and request.version != account.version:
        raise StaleVersion(
            f"the settings have changed since version {request.version}; they are at {account.version}",
            hint="ghl settings show", current=shown(account).model_dump(mode="json"),
        )  # fmt: skip
    new = {name: checked(name, value) for name, value in given.items()}
    if "name" in new and tx.one("accounts/settings/named", key=fold(new["name"])):
        raise Duplicate(f'there is an account "{new["name"]}" already', hint="choose another name", field="name")
    write(tx, new)
    return shown(tx.account)


def checked(name: str, value: Any) -> Any:
    """A setting's value, or an error that says what it can be."""
    value = value.strip() if isinstance(value, str) else value
    if name in BAG and value == contract.AccountSettings.model_fields[name].default:
        return None
    if value in (None, ""):
        if name in COLUMNS and name != "postal_address":
            raise Invalid(f"`{name}` cannot be empty", field=name)
        return "" if name == "postal_address" else None
    match name:
        case "name":
            return one_line(value, "name")
        case "zone":
            return check_zone(value, field="zone")
        case "currency":
            return check_currency(value, field="currency")
        case "country":
            return check_country(value, field="country")
        case "public_url":
            text = str(value).rstrip("/")
            if not text.startswith("https://") and not text.startswith(("http://localhost", "http://127.0.0.1")):
                raise Invalid("the public address begins with https://", hint="https://crm.example.com", field=name)
            return text
        case "retention_days":
            unknown = [kind for kind in value if kind not in KINDS]
            if unknown or any(days < 1 for days in value.values()):
                raise Invalid(f'"{", ".join(unknown) or value}" cannot be kept for that long', hint=f"kinds: {', '.join(KINDS)}; at least 1 day", field=name)
            return value
        case "locale":
            return check_locale(value, field="locale")
        case "lifecycle_stages":
            stages = [" ".join(stage.split()) for stage in value]
            if not all(stages) or len(set(map(fold, stages))) < len(stages):
                raise Invalid("every stage has a name of its own", hint="lead, customer", field=name)
            return stages or None
    return value


def write(tx: Tx, new: dict[str, Any]) -> None:
    """Write settings that differ, with one change."""
    account = tx.account
    old = {name: getattr(account, name) if name in COLUMNS else account.settings.get(name) for name in new}
    after = {name: value for name, value in new.items() if value != old[name]}
    if not after:
        return
    before = {name: old[name] for name in after}
    row = tx.one("accounts/settings/latest", noun=tx.word("noun", "setting"))
    tx.changes.record(
        "setting", account.id, CHANGED, public_id=account.public_id, version=account.version + 1,
        prev_id=row["id"] if row else None, before=before, after=after,
    )  # fmt: skip
    bag = {**account.settings, **{name: after[name] for name in after if name in BAG}}
    columns = {name: after.get(name, getattr(account, name)) for name in COLUMNS}
    written = tx.run(
        "accounts/settings/write", version=account.version, settings=json.dumps({k: v for k, v in bag.items() if v is not None}),
        key=fold(columns["name"]), **columns,
    )  # fmt: skip
    if not written:
        raise Conflict("somebody else is changing the settings", hint="try again")
    del tx.account


def called(tx: Tx, ids: Iterable[int]) -> dict[int, tuple[str, str | None]]:
    """The public id of the account whose settings they are, and what they are called."""
    return dict.fromkeys(ids, (tx.account.public_id, None))


def take_back(tx: Tx, row: dict[str, Any]) -> str | None:
    """Undo one change of the settings; why not, where they have changed since."""
    before, after = values(row["before"]), values(row["after"])
    account = tx.account
    current = {name: getattr(account, name) if name in COLUMNS else account.settings.get(name) for name in after}
    changed = [name for name in after if encode({"v": current[name]}) != encode({"v": after[name]})]
    write(tx, {name: value for name, value in before.items() if name not in changed})
    return f"{', '.join(changed)} changed since" if changed else None

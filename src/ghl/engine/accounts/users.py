"""Users: colleagues who own records, named by e-mail or exact name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ghl.engine import crud
from ghl.engine.columns import Column, State
from ghl.engine.records import Store
from ghl.errors import Duplicate, GhlError, Invalid
from ghl.sdk.accounts import users as contract
from ghl.sdk.addresses import normalise_email
from ghl.sdk.names import fold
from ghl.sdk.times import check_zone

if TYPE_CHECKING:
    from ghl.engine.tx import Tx


class UserStore(Store[contract.User]):
    """Users."""

    noun = "user"
    table = "users"
    record = contract.User
    columns = (
        Column("name"),
        Column("email"),
        Column("zone"),
        Column("active", "bool", default=1),
        Column("manager"),
        Column("office"),
        Column("external_id"),
    )
    derived = ("name_key", "email_key")
    searched = False
    names = ("r.name_key", "r.email_key")
    owned = False

    def derive(self, tx: Tx, state: State) -> None:
        state["email_key"] = None
        if state["email"]:
            try:
                state["email"], state["email_key"] = normalise_email(state["email"])
            except GhlError as error:
                error.field = "email"
                raise
        state["name"] = state["name"] or (state["email"] or "").partition("@")[0]
        state["name_key"] = fold(state["name"])

    def check(self, tx: Tx, state: State, old: State | None) -> None:
        if not state["name"]:
            raise Invalid("a user needs a name or an e-mail", field="name")
        if state["zone"]:
            check_zone(state["zone"], field="zone")
        if state["email_key"] and state["deleted_at"] is None:
            row = tx.one("accounts/users/by_email", key=state["email_key"])
            if row is not None and row["id"] != state["id"]:
                raise Duplicate(f"{state['email']} belongs to another user", field="email", id=row["public_id"])

    def named(self, tx: Tx, text: str) -> list[int]:
        if "@" in text:
            row = tx.one("accounts/users/by_email", key=text.strip().lower())
            return [row["id"]] if row else []
        return super().named(tx, text)

    def matching(self, tx: Tx, values: dict[str, Any], match: Iterable[str]) -> int | None:
        """The user with the same e-mail, else the same name."""
        for field in match:
            if values.get(field):
                found = self.named(tx, values[field])
                if found:
                    return found[0]
        return None


STORE = UserStore()

crud.handle(
    STORE, create=contract.CreateUser, get=contract.GetUser, list=contract.ListUsers,
    update=contract.UpdateUser, upsert=contract.UpsertUser, delete=contract.DeleteUser,
    restore=contract.RestoreUser, create_many=contract.CreateUsers, upsert_many=contract.UpsertUsers,
    update_many=contract.UpdateUsers, delete_many=contract.DeleteUsers, restore_many=contract.RestoreUsers,
)  # fmt: skip

"""Users: colleagues who own records; logins come with accounts of a server."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ghl.sdk.fields import Bulk, BulkResult, CustomFields, Flag, Kept, Listing, Removed, UserId
from ghl.sdk.operation import M, Operation, Resource, delete, get, op, patch, post, put
from ghl.sdk.page import Page


class User(Kept):
    """A colleague who owns records and is assigned tasks."""

    name: str
    email: str | None = None
    zone: str | None = None
    active: bool = True
    manager: str | None = None
    office: str | None = None
    external_id: str | None = None
    custom_fields: dict[str, Any] = {}


class UserFields(BaseModel):
    """The fields of a user that can be written."""

    model_config = ConfigDict(extra="forbid", defer_build=True)
    name: Annotated[str | None, Field(description="Full name")] = None
    email: Annotated[str | None, Field(description="E-mail, unique among users")] = None
    zone: Annotated[str | None, Field(description="IANA time zone")] = None
    active: Annotated[bool | None, Field(description="Whether work is given to this user")] = None
    manager: Annotated[str | None, Field(description="Who the user reports to")] = None
    office: str | None = None
    external_id: Annotated[str | None, Field(description="The id in another system")] = None
    custom_fields: Annotated[
        CustomFields | None, Flag(name="field"), Field(description="Declared custom fields")
    ] = None


class UserChanges(UserFields):
    """What an update can do beside writing fields."""

    version: Annotated[int | None, Field(description="Refuse if it is no longer at this version")] = None


@post("/users")
class CreateUser(UserFields, Operation[User]):
    """Create a user without a login."""


@get("/users/{user_id}")
class GetUser(Operation[User]):
    """Show a user."""

    user_id: UserId = Field(kw_only=False)


@get("/users")
class ListUsers(Listing[Page[User]]):
    """List users, newest first."""


@patch("/users/{user_id}")
class UpdateUser(UserChanges, Operation[User]):
    """Change fields of a user. A field left out stays, null clears."""

    user_id: UserId = Field(kw_only=False)


@put("/users")
class UpsertUser(UserFields, Operation[User]):
    """Create a user, or update the one with the same value of the match fields."""

    match: Annotated[list[Literal["email", "name"]], Field(description="Fields to match by, in order")] = [
        "email",
        "name",
    ]


@delete("/users/{user_id}")
class DeleteUser(Operation[Removed]):
    """Delete a user softly; it can be restored."""

    user_id: UserId = Field(kw_only=False)


@post("/users/{user_id}/restore", status=200)
class RestoreUser(Operation[User]):
    """Restore a user that was deleted."""

    user_id: UserId = Field(kw_only=False)


@post("/users/bulk/create", status=200)
class CreateUsers(Operation[BulkResult]):
    """Create many users in one transaction."""

    items: Annotated[list[UserFields], Field(max_length=10_000)]
    partial: bool = False
    dry_run: bool = False
    plan: str | None = None


@post("/users/bulk/upsert", status=200)
class UpsertUsers(Operation[BulkResult]):
    """Create or update many users in one transaction."""

    items: Annotated[list[UserChanges], Field(max_length=10_000)]
    match: list[Literal["email", "name"]] = ["email", "name"]
    partial: bool = False
    dry_run: bool = False
    plan: str | None = None


@post("/users/bulk/update", status=200)
class UpdateUsers(Bulk, Operation[BulkResult]):
    """Change the same fields of many users, chosen by ids or by an expression."""

    values: UserChanges


@post("/users/bulk/delete", status=200)
class DeleteUsers(Bulk, Operation[BulkResult]):
    """Delete many users softly."""


@post("/users/bulk/restore", status=200)
class RestoreUsers(Bulk, Operation[BulkResult]):
    """Restore many deleted users."""


class Users(Resource[M], name="users"):
    """Colleagues."""

    create = op(CreateUser)
    get = op(GetUser)
    list = op(ListUsers)
    update = op(UpdateUser)
    upsert = op(UpsertUser)
    delete = op(DeleteUser)
    restore = op(RestoreUser)
    create_many = op(CreateUsers)
    upsert_many = op(UpsertUsers)
    update_many = op(UpdateUsers)
    delete_many = op(DeleteUsers)
    restore_many = op(RestoreUsers)

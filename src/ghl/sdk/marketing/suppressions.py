"""The suppression list: addresses that get nothing, whoever they belong to."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ghl.sdk.fields import Kept, Listing, Removed
from ghl.sdk.operation import M, Operation, Resource, delete, get, op, post
from ghl.sdk.page import Page

Reason = Literal["unsubscribed", "bounced", "complained", "manual", "erased", "imported"]


class Suppression(Kept):
    """An address that gets nothing on a channel. Of an erased person only a keyed hash is kept."""

    channel: str = "email"
    address: str | None = None
    reason: str
    source: str | None = None


@post("/suppressions")
class CreateSuppression(Operation[Suppression]):
    """Suppress an address; it stays so after imports, merges and restores."""

    address: str
    channel: Literal["email", "sms"] = "email"
    reason: Annotated[Reason, Field(description="Why")] = "manual"
    source: Annotated[str | None, Field(description="Where it was said")] = None


@get("/suppressions/{suppression_id}")
class GetSuppression(Operation[Suppression]):
    """Show a suppression."""

    suppression_id: str = Field(kw_only=False)


@get("/suppressions")
class ListSuppressions(Listing[Page[Suppression]]):
    """List suppressions."""

    channel: str | None = None
    reason: Reason | None = None


@delete("/suppressions/{suppression_id}")
class DeleteSuppression(Operation[Removed]):
    """Lift a suppression. A complaint and an erasure cannot be lifted."""

    suppression_id: str = Field(kw_only=False)


class Suppressions(Resource[M], name="suppressions"):
    """Addresses that get nothing."""

    create = op(CreateSuppression)
    get = op(GetSuppression)
    list = op(ListSuppressions)
    delete = op(DeleteSuppression)

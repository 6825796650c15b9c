"""How a contact is followed and scored."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ghl.sdk.crm.contact_records import Contact
from ghl.sdk.fields import ContactId, UserId
from ghl.sdk.operation import Operation, delete, post, put


@post("/crm/contacts/{contact_id}/followers", status=200)
class FollowContact(Operation[Contact]):
    """Add a user to those who follow a contact."""

    contact_id: ContactId = Field(kw_only=False)
    user_id: UserId


@delete("/crm/contacts/{contact_id}/followers/{user_id}")
class UnfollowContact(Operation[Contact]):
    """Take a user from those who follow a contact."""

    contact_id: ContactId = Field(kw_only=False)
    user_id: UserId = Field(kw_only=False)


@put("/crm/contacts/{contact_id}/score")
class SetScore(Operation[Contact]):
    """Set a contact's engagement score."""

    contact_id: ContactId = Field(kw_only=False)
    score: Annotated[int, Field(description="The score")]


@post("/crm/contacts/{contact_id}/score/adjust", status=200)
class AdjustScore(Operation[Contact]):
    """Add to a contact's engagement score, or take from it; two at once both count."""

    contact_id: ContactId = Field(kw_only=False)
    by: Annotated[int, Field(description="How much; below zero takes away")]

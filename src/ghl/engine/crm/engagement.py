"""The handlers of following and scoring contacts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ghl.engine.columns import State
from ghl.engine.dispatch import handles
from ghl.engine.stores import resolve, store_of
from ghl.sdk.crm import engagement as contract
from ghl.sdk.crm.contact_records import Contact

if TYPE_CHECKING:
    from ghl.engine.tx import Tx


def _locked(tx: Tx, reference: str) -> State:
    return store_of("contact").one(tx, reference, lock=True)


def _updated(tx: Tx, state: State, values: dict[str, Any]) -> Contact:
    store = store_of("contact")
    shown: Contact = store.present(tx, [store.update(tx, state, values)])[0]
    return shown


def _followed(tx: Tx, state: State, followers: dict[int, Any]) -> Contact:
    store = store_of("contact")
    new = state | {"followers": followers, "custom": dict(state["custom"])}
    shown: Contact = store.present(tx, [store.write(tx, state, new)])[0]
    return shown


@handles(contract.FollowContact)
def follow(request: contract.FollowContact, tx: Tx) -> Contact:
    """Add a follower."""
    state = _locked(tx, request.contact_id)
    user = resolve(tx, "user", request.user_id, field="user_id")
    return _followed(tx, state, state["followers"] | {user: {}})


@handles(contract.UnfollowContact)
def unfollow(request: contract.UnfollowContact, tx: Tx) -> Contact:
    """Take a follower away; one who left may still be named."""
    state = _locked(tx, request.contact_id)
    user = resolve(tx, "user", request.user_id, field="user_id", deleted=True)
    return _followed(tx, state, {key: values for key, values in state["followers"].items() if key != user})


@handles(contract.SetScore)
def set_score(request: contract.SetScore, tx: Tx) -> Contact:
    """Set the score."""
    return _updated(tx, _locked(tx, request.contact_id), {"lead_score": request.score})


@handles(contract.AdjustScore)
def adjust_score(request: contract.AdjustScore, tx: Tx) -> Contact:
    """Change the score by so much, from what it is now."""
    state = _locked(tx, request.contact_id)
    return _updated(tx, state, {"lead_score": state["lead_score"] + request.by})

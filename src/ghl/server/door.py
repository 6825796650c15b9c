"""From a bearer token to the transport of its account: tokens are stored as hashes and shown once."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

from ghl.connect import open_local
from ghl.engine.access import Caller
from ghl.engine.clock import Clock
from ghl.engine.local import LocalTransport
from ghl.errors import NotFound, Unauthenticated
from ghl.sdk.times import stamp

_FIND = """select account_id, user_id, name, expires_at, revoked_at from tokens where hash = :hash"""
_MAKE = """insert into tokens (account_id, name, hash, prefix, created_at)
values (:account_id, :name, :hash, :prefix, :now)"""
FIRST = "first start"


def digest(token: str) -> str:
    """How a token is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


class Doors:
    """Opens a store for those who hold a token of one of its accounts."""

    def __init__(self, target: str, *, account: str | None = None, clock: Clock | None = None) -> None:
        self._local = open_local(target, account=account, origin="api", clock=clock)

    @property
    def local(self) -> LocalTransport:
        """The store as its owner sees it."""
        return self._local

    def __call__(self, authorization: str | None, account: str | None) -> LocalTransport:
        """The transport of the caller with this Authorization header."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Unauthenticated(
                "a bearer token is needed", hint="Authorization: Bearer …; `ghl serve --new-token` prints one"
            )
        with self._local.database.read() as connection:
            row = connection.one(_FIND, {"hash": digest(token.strip())})
        now = stamp(self._local.shared.clock.now())
        if row is None or row["revoked_at"] or (row["expires_at"] and row["expires_at"] <= now):
            raise Unauthenticated("this token is not good", hint="`ghl serve --new-token` prints a new one")
        caller = Caller(
            account_id=row["account_id"], actor=f"token {row['name']}", origin="api", user_id=row["user_id"]
        )
        if account is not None:
            self._same_account(row["account_id"], account)
        return LocalTransport(self._local.database, caller, self._local.shared)

    def _same_account(self, account_id: int, wanted: str) -> None:
        with self._local.database.read() as connection:
            row = connection.one("select name, public_id from accounts where id = :id", {"id": account_id})
        if row is None or wanted not in (row["name"], row["public_id"]):
            raise NotFound(f'this token knows no account "{wanted}"')

    def first_token(self, *, new: bool = False) -> str | None:
        """The token of a first start, made once; `new` revokes it and makes another."""
        local = self._local
        with local.database.write() as connection:
            params: dict[str, Any] = {
                "account_id": local.caller.account_id, "name": FIRST, "now": stamp(local.shared.clock.now()),
            }  # fmt: skip
            found = connection.one(
                "select id from tokens where account_id = :account_id and name = :name and revoked_at is null",
                params,
            )
            if found and not new:
                return None
            connection.run(
                "update tokens set revoked_at = :now where account_id = :account_id and name = :name and revoked_at is null",
                params,
            )
            token = f"ghl_{secrets.token_urlsafe(32)}"
            connection.run(_MAKE, params | {"hash": digest(token), "prefix": token[:8]})
        return token

    def close(self) -> None:
        """Give the database's connections back."""
        self._local.close()



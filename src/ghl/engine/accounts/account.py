"""An account's settings, as the engine reads them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from ghl.engine.db import Row


@dataclass(frozen=True, slots=True)
class Account:
    """Zone, currency, default country of phones, locale and postal address of an account."""

    id: int
    public_id: str
    name: str
    zone: str
    currency: str
    country: str
    locale: str
    postal_address: str
    settings: dict[str, Any]
    version: int

    @classmethod
    def of(cls, row: Row) -> Account:
        """From a row of `accounts`."""
        plain = {name: row[name] for name in ("id", "public_id", "name", "zone", "currency", "country")}
        return cls(
            **plain,
            locale=row["locale"],
            postal_address=row["postal_address"],
            settings=json.loads(row["settings"]),
            version=row["version"],
        )

    @property
    def tzinfo(self) -> ZoneInfo:
        """The account's zone."""
        return ZoneInfo(self.zone)

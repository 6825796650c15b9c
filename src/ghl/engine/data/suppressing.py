"""Taking addresses that get nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from ghl.engine.data.loading import Loader
from ghl.engine.data.runs import CREATED, MERGED, UNCHANGED, Verdict
from ghl.engine.marketing.suppressions import key_of, suppress
from ghl.errors import Invalid
from ghl.sdk.marketing.suppressions import Reason

if TYPE_CHECKING:
    from ghl.engine.data.reading import Values


class OptOuts(Loader):
    """Takes suppressions: each address once, and a contact is never made."""

    def take(self, line: int, values: Values) -> Verdict:
        """Put an address on the list."""
        channel = (values.get("channel") or "email").lower()
        if channel not in ("email", "sms"):
            raise Invalid(f'there is no channel "{channel[:40]}" to suppress', hint="email, sms", field="channel")
        address = values.get("address")
        if not address:
            raise Invalid("has no address to suppress", field="address")
        key = ("address", f"{channel} {key_of(self.tx, channel, address)}")
        if key in self.run.keys or key in self.known:
            return Verdict(line, MERGED, None, None, {"name": address})
        known = self.tx.one("marketing/suppressions/by_key", channel=channel, key=key[1].partition(" ")[2])
        state = suppress(self.tx, channel, address, _reason(values.get("reason")), values.get("source"))
        self.run.keys[key] = line
        kind = UNCHANGED if known else CREATED
        return Verdict(line, kind, state["id"] if known else None, state["version"] if known else None, {"name": address})

    def keys(self, values: Values) -> list[tuple[str, str]]:
        try:
            channel = (values.get("channel") or "email").lower()
            return [("address", f"{channel} {key_of(self.tx, channel, values['address'])}")]
        except (KeyError, Invalid):
            return []

    def touched(self, state: Any) -> bool:
        return False


def _reason(text: str | None) -> str:
    word = (text or "").strip().lower()
    return word if word in get_args(Reason) and word != "erased" else "imported"



"""What hangs on records of a copy beside their rows and lists: visits, retired stages, contents, names of the merged."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ghl.engine.columns import State
from ghl.engine.crm.addresses import EMAILS, PHONES
from ghl.engine.crm.contacts import STORE

if TYPE_CHECKING:
    from ghl.engine.data.restoring import Reading
    from ghl.engine.tx import Tx


def _hang_visits(reading: Reading, state: State, record: dict[str, Any]) -> None:
    tx = reading.tx
    for visit in record.get("visits", ()):
        tx.run(
            """insert into stage_visits (id, account_id, deal_id, pipeline_id, stage_id, entered_at, left_at, seconds, actor, change_id, blind)
            values (:id, :account_id, :deal_id, :pipeline_id, :stage_id, :entered_at, :left_at, :seconds, :actor, :change_id, :blind)""",
            id=tx.key("stage_visits"), deal_id=state["id"], pipeline_id=reading.key("pipeline", visit["pipeline_id"]),
            stage_id=reading.key("stage", visit["stage_id"]), entered_at=visit["entered_at"], left_at=visit["left_at"],
            seconds=visit["seconds"], actor=visit["actor"], change_id=state["change_id"], blind=visit.get("blind", 0),
        )  # fmt: skip


def _hang_stages(reading: Reading, state: State, record: dict[str, Any]) -> None:
    tx = reading.tx
    for stage in record.get("retired_stages", ()):
        tx.run(
            """insert into stages (id, account_id, pipeline_id, public_id, name, name_key, position, probability, sets_status, retired)
            values (:id, :account_id, :pipeline_id, :public_id, :name, :name_key, :position, :probability, :sets_status, 1)""",
            id=tx.key("stages"), pipeline_id=state["id"], **stage,
        )  # fmt: skip


def _hang_content(reading: Reading, state: State, record: dict[str, Any]) -> None:
    if record.get("content"):
        reading.tx.run("crm/attachments/keep", digest=state["digest"], content=base64.b64decode(record["content"]))


def set_addresses_aside(tx: Tx, states: list[State]) -> None:
    """The addresses of deleted contacts are free, and may be those of another contact by now."""
    for state in states:
        if state["deleted_at"]:
            state["search_text"] = STORE.search_text(tx, state)
            for part in (EMAILS, PHONES):
                state[f"free {part.field}"], state[part.field] = state[part.field], {}


def _hang_known(reading: Reading, state: State, record: dict[str, Any]) -> None:
    tx = reading.tx
    for part in (EMAILS, PHONES):
        replace(part, fixed={**part.fixed, "live": 0}).add(tx, state["id"], state.get(f"free {part.field}", {}))
    for public_id in record.get("merged", ()):
        tx.run("data/exports/keep_alias", noun=tx.word("noun", "contact"), public_id=public_id, record_id=state["id"])
    others = record.get("not_duplicates", ())
    reading.find("contact", [one["contact"] for one in others])
    for one in others:
        pair = sorted((state["id"], reading.key("contact", one["contact"]) or 0))
        tx.run("data/exports/keep_judged", left_id=pair[0], right_id=pair[1], at=one["at"], actor=one["actor"])


HANGING = {"deal": _hang_visits, "pipeline": _hang_stages, "attachment": _hang_content, "contact": _hang_known}
"""What of a noun is written beside its row and parts."""

"""From a row of the ledger to a mail: its template, its sender, its recipient, whether she may get it, its text."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ghl.engine.columns import State
from ghl.engine.marketing.composing import Draft, Refusal, data_for, decide, zone_name
from ghl.engine.marketing.footer import completed
from ghl.engine.marketing.outgoing import Outgoing, Prepared
from ghl.engine.marketing.senders import sender_for
from ghl.engine.marketing.suppressions import key_of, suppressed
from ghl.engine.marketing.templates import source_of, told
from ghl.engine.rendering import filled, renderer
from ghl.engine.showing import account_shown, shown
from ghl.engine.stores import store_of
from ghl.errors import GhlError, TemplateError

if TYPE_CHECKING:
    from ghl.engine.tx import Tx

FILLED = ("sender", "to", "reply_to", "template")
"""Arguments of a step that are filled in before its message; a subject is one of the message's texts."""


class Drafts:
    """Prepares the mail of one account, in one read transaction."""

    def __init__(self, tx: Tx, outgoing: Outgoing) -> None:
        self.tx = tx
        self.outgoing = outgoing

    def of(self, rows: list[dict[str, Any]]) -> list[Prepared]:
        """Each row as a mail, or as the refusal of one."""
        contacts = contacts_of(self.tx, rows)
        prepared = [self._opened(row, contacts.get(row["subject_id"])) for row in rows]
        keys = {p.draft.key for p in prepared if p.draft.key}
        keys |= {key for p in prepared if p.draft.contact for key in _primary_keys(p.draft.contact)}
        listed = suppressed(self.tx, "email", sorted(keys))
        for one in prepared:
            if one.draft.refusal is None:
                one.draft.refusal = decide(self.tx, one.draft, listed)
            if one.draft.refusal is None:
                self._render(one)
        return prepared

    def _opened(self, row: dict[str, Any], contact: State | None) -> Prepared:
        detail = json.loads(row["detail"] or "{}")
        draft = Draft(row, detail, contact, None, self._step(detail.get("step")))
        prepared = Prepared(draft, message_id=row["message_id"])
        try:
            self._fill(prepared)
        except GhlError as error:
            draft.refusal = Refusal("template", f"the step cannot be filled in: {error.message}")
            return prepared
        draft.template = self._version(draft)
        if draft.template is None:
            draft.refusal = Refusal("no_template", "the template is gone")
            return prepared
        prepared.sender = self._sender(detail.get("sender") or draft.step.get("sender"))
        if prepared.sender is None:
            draft.refusal = Refusal("no_sender", "there is no sender, or several and none is the default")
            return prepared
        self.outgoing.prepare_url(self.tx, prepared.sender)
        return prepared

    def _fill(self, prepared: Prepared) -> None:
        """Fill in the step's own texts, and settle where the mail goes if the step says so."""
        draft = prepared.draft
        if any("{{" in str(draft.step.get(name) or "") for name in FILLED) or draft.step.get("data"):
            zone = zone_name(self.tx, draft.contact) if draft.contact else self.tx.account.zone
            draft.step = draft.step | {
                name: filled(draft.step[name], self._data(draft), zone)
                for name in (*FILLED, "data")
                if draft.step.get(name)
            }
        to = draft.step.get("to")
        if to:
            draft.elsewhere, draft.address = True, str(to).strip()
            draft.key = key_of(self.tx, "email", draft.address)

    def _data(self, draft: Draft) -> dict[str, Any]:
        memo = ("data", draft.row["id"])
        if memo in self.tx.memo:
            known: dict[str, Any] = self.tx.memo[memo]
            return known
        tx, contact = self.tx, draft.contact
        versions = draft.detail.get("versions", {})  # what later steps write is not in this message
        data = {"account": account_shown(tx), "now": tx.now} if contact is None else self._of_contact(contact, versions.get("contact"))
        about = draft.row["about"]
        if about not in (None, "contact", "none"):
            states = store_of(about).load(tx, [draft.row["object_id"]])
            data = data | ({about: shown(tx, about, states[0], versions.get(about))} if states else {})
        tx.memo[memo] = data
        return data

    def _of_contact(self, contact: State, version: int | None) -> dict[str, Any]:
        memo = ("data of a contact", contact["id"], version)
        if memo not in self.tx.memo:
            self.tx.memo[memo] = data_for(self.tx, contact, version=version)
        found: dict[str, Any] = self.tx.memo[memo]
        return found

    def _render(self, prepared: Prepared) -> None:
        from ghl.engine.render import Rendered  # where mail is sent

        draft, tx = prepared.draft, self.tx
        assert draft.template is not None
        assert prepared.sender is not None
        prepared.links = self.outgoing.links(tx, prepared.sender, draft)
        if draft.row["rendered"] and draft.row["reason"] in ("in_doubt", "answer_lost", "no_answer"):
            # It may have been taken before: what is sent again is the same to the last letter.
            kept = json.loads(draft.row["rendered"])
            prepared.rendered = Rendered.of(draft.row["rendered_subject"], kept["html"] or "", kept["text"])
            return
        leave = prepared.links.url or prepared.links.mailto
        data = {
            **self._data(draft), **(draft.step.get("data") or {}), **(draft.detail.get("data") or {}),
            "unsubscribe_url": leave if "://" in leave else f"mailto:{leave}?subject=unsubscribe",
        }  # fmt: skip
        version = draft.template
        if draft.step.get("subject"):
            # Filled in once, with the rest: what a contact's field holds is never read as a template.
            version = version | {"subject": draft.step["subject"]}
        zone = zone_name(tx, draft.contact) if draft.contact else tx.account.zone
        try:
            rendered = renderer().render(source_of(version), data, zone=zone)
        except TemplateError as error:
            own = error.field != "subject" or not draft.step.get("subject")
            what = told(version, error).message if own else f"the step's subject: {error.message}"
            draft.refusal = Refusal("template", f"the template cannot be filled in: {what}")
            return
        if not draft.transactional:
            rendered = completed(rendered, leave=leave, postal_address=tx.account.postal_address)
        prepared.rendered = rendered

    # --- what rows refer to, read once

    def _step(self, number: int | None) -> dict[str, Any]:
        memo = ("step", number)
        if memo not in self.tx.memo:
            text = self.tx.value("select arguments from workflow_steps where id = :id", id=number) if number else None
            self.tx.memo[memo] = json.loads(text) if text else {}
        found: dict[str, Any] = self.tx.memo[memo]
        return found

    def _version(self, draft: Draft) -> dict[str, Any] | None:
        tx, number = self.tx, draft.detail.get("template_version")
        if number is None:
            # The step's template is filled in for each person: it is named, not known when the mail is queued.
            name = draft.step.get("template")
            memo = ("current", name)
            if memo not in tx.memo:
                found = store_of("template").named(tx, str(name)) if name else []
                tx.memo[memo] = tx.value("marketing/messages/newest_version", id=found[0]) if found else None
            number = tx.memo[memo]
        memo = ("version", number)
        if memo not in tx.memo:
            tx.memo[memo] = tx.one("marketing/templates/version", id=number) if number else None
        version: dict[str, Any] | None = tx.memo[memo]
        return version

    def _sender(self, wanted: str | None) -> State | None:
        memo = ("sender", wanted)
        if memo not in self.tx.memo:
            try:
                self.tx.memo[memo] = sender_for(self.tx, wanted)
            except GhlError:
                self.tx.memo[memo] = None
        found: State | None = self.tx.memo[memo]
        return found


def contacts_of(tx: Tx, rows: Iterable[dict[str, Any]]) -> dict[int, State]:
    """The contacts that rows are for, by key."""
    ids = list(dict.fromkeys(row["subject_id"] for row in rows if row["subject_id"]))
    return {state["id"]: state for state in store_of("contact").load(tx, ids)}


def _primary_keys(contact: State) -> list[str]:
    return [key for key, values in contact["emails"].items() if values["is_primary"]]

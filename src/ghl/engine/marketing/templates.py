"""Templates: checked when written, versioned when changed, rendered for people."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from ghl.engine import crud
from ghl.engine.columns import Column, State
from ghl.engine.dispatch import handles
from ghl.engine.records import Store
from ghl.engine.rendering import renderer
from ghl.engine.stores import store_of
from ghl.errors import InUse, Invalid
from ghl.sdk.fields import Removed
from ghl.sdk.marketing import templates as contract

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ghl.engine.render import TemplateSource
    from ghl.engine.tx import Tx


def source_of(row: dict[str, Any], name: str = "template") -> TemplateSource:
    """A row of templates or of their versions as the renderer takes it."""
    from ghl.engine.render import TemplateSource  # as above

    return TemplateSource(
        subject=row["subject"], html=row["html"] or "", text=row["body"] or "", name=row.get("name") or name
    )


class TemplateStore(Store[contract.Template]):
    """Templates."""

    noun = "template"
    table = "templates"
    record = contract.Template
    columns = (
        Column("name"),
        Column("kind", default="marketing"),
        Column("subject", length=1000),
        Column("html", "body"),
        Column("body", "body"),
        Column("description", length=2000, lines=True),
    )
    searched = False
    owned = False

    def check(self, tx: Tx, state: State, old: State | None) -> None:
        if not state["name"]:
            raise Invalid("a template needs a name", field="name")
        if not state["subject"]:
            raise Invalid("a template needs a subject", hint="--subject TEXT", field="subject")
        if not (state["html"] or state["body"]):
            raise Invalid("a template needs a text", hint="html or body", field="html")
        if old is None or any(state[n] != old[n] for n in ("subject", "html", "body")):
            renderer().check(source_of(state))
        taken = [n for n in self.named(tx, state["name"]) if n != state["id"]]
        if taken and state["deleted_at"] is None:
            from ghl.errors import Duplicate

            raise Duplicate(f'there is a template "{state["name"]}" already', field="name")

    def after(self, tx: Tx, old: State | None, new: State, changed: frozenset[str]) -> None:
        if not changed & {"subject", "html", "body", "kind"}:
            return
        text = "\x00".join((new["kind"], new["subject"], new["html"] or "", new["body"] or ""))
        tx.run(
            "marketing/templates/add_version", template_id=new["id"], kind=new["kind"], subject=new["subject"],
            html=new["html"], body=new["body"], digest=hashlib.sha256(text.encode()).hexdigest()[:16],
        )  # fmt: skip

    def dress(self, tx: Tx, state: State, data: dict[str, Any]) -> None:
        data["number"] = tx.value("marketing/templates/newest", id=state["id"])

    def matching(self, tx: Tx, values: dict[str, Any], match: Iterable[str]) -> int | None:
        """The template with this name."""
        found = self.named(tx, values["name"])
        return found[0] if found else None


STORE = TemplateStore()

crud.handle(
    STORE,
    create=contract.CreateTemplate,
    get=contract.GetTemplate,
    list=contract.ListTemplates,
    update=contract.UpdateTemplate,
    upsert=contract.UpsertTemplate,
    restore=contract.RestoreTemplate,
)


@handles(contract.DeleteTemplate)
def delete(request: contract.DeleteTemplate, tx: Tx) -> Removed:
    """Delete a template that no active workflow sends."""
    state = STORE.one(tx, request.template_id, lock=True)
    users = [
        row["name"] for row in tx.all("marketing/templates/users", public_id=f"%{state['public_id']}%")
    ]
    if users:
        raise InUse(
            f"the template {state['name']} is sent by {', '.join(users)}", hint="change the workflow first", users=users
        )
    return Removed(id=STORE.remove(tx, state)["public_id"])


@handles(contract.PreviewTemplate)
def preview(request: contract.PreviewTemplate, tx: Tx) -> contract.RenderedMessage:
    """A template filled in for a contact."""
    from ghl.engine.marketing.composing import data_for  # previews see what messages see

    state = STORE.one(tx, request.template_id)
    contact = store_of("contact").one(tx, request.contact_id)
    data = data_for(tx, contact, request.data)
    rendered = renderer().render(source_of(state), data, zone=tx.account.zone)
    return contract.RenderedMessage(
        subject=rendered.subject, html=rendered.html or None, text=rendered.text, hash=rendered.hash
    )

"""Templates: checked when written, versioned when changed, rendered for people."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from ghl.engine import crud, text_names
from ghl.engine.columns import Column, State
from ghl.engine.dispatch import handles
from ghl.engine.records import Store
from ghl.engine.rendering import renderer
from ghl.engine.stores import store_of
from ghl.errors import InUse, Invalid, TemplateError
from ghl.sdk.fields import Removed
from ghl.sdk.marketing import templates as contract

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ghl.engine.render import Reference, TemplateSource
    from ghl.engine.tx import Tx


FORMATS = {"html": "html", "markdown": "markdown", "text": "body"}
"""Where the body of a file is kept."""
TEXTS = ("subject", "html", "markdown", "body")


def source_of(row: dict[str, Any], name: str = "template") -> TemplateSource:
    """A row of templates or of their versions as the renderer takes it."""
    from ghl.engine.render import TemplateSource  # as above

    origin = json.loads(row["origin"]) if row["origin"] else {}
    return TemplateSource(
        subject=row["subject"], html=row["html"] or "", markdown=row["markdown"] or "", text=row["body"] or "",
        name=row.get("name") or name, body_line=origin.get("body_line", 1),
    )  # fmt: skip


def told(row: dict[str, Any], error: TemplateError) -> TemplateError:
    """An error of a template with its place: in its file, where it has one."""
    from ghl.engine.render.telling import placed  # where something is wrong

    return placed(error, json.loads(row["origin"]) if row["origin"] else None, markdown=bool(row["markdown"]))


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
        Column("markdown", "body"),
        Column("body", "body"),
        Column("description", length=2000, lines=True),
        Column("origin", "json"),
    )
    searched = False
    owned = False

    def assign(self, tx: Tx, state: State, values: dict[str, Any]) -> None:
        """What is written by hand has no file any more."""
        unfiled = {"origin": None} if values.keys() & set(TEXTS) else {}
        super().assign(tx, state, unfiled | values)

    def check(self, tx: Tx, state: State, old: State | None) -> None:
        if not state["name"]:
            raise Invalid("a template needs a name", field="name")
        if not state["subject"]:
            raise Invalid("a template needs a subject", hint="--subject TEXT", field="subject")
        if not (state["html"] or state["markdown"] or state["body"]):
            hint = "--html, --markdown or --body, or a file: ghl templates apply FILE"
            raise Invalid("a template needs a text", hint=hint, field="html")
        if state["html"] and state["markdown"]:
            raise Invalid("a template has HTML or Markdown, not both", hint="--clear html", field="markdown")
        if old is None or any(state[n] != old[n] for n in TEXTS):
            self._read(tx, state)
        taken = [n for n in self.named(tx, state["name"]) if n != state["id"]]
        if taken and state["deleted_at"] is None:
            from ghl.errors import Duplicate

            raise Duplicate(f'there is a template "{state["name"]}" already', field="name")

    def _read(self, tx: Tx, state: State) -> None:
        """Every name in the texts must be one that there is; those who send it already must give what it needs."""
        try:
            used = renderer().check(source_of(state))
            text_names.check(used, text_names.names_of_templates(tx), open=True)
        except TemplateError as error:
            raise told(state, error) from None
        for step in self.users(tx, state):
            data = json.loads(step["arguments"]).get("data") or {}
            name = text_names.missing(used, text_names.names_of(tx, step["subject"], message=True, given=data))
            if name is not None:
                raise InUse(
                    f"the workflow {step['name']} sends {state['name']} and gives no {name}",
                    hint=f"{{{{ {name} | default('…') }}}}, or change the workflow first", users=[step["name"]],
                )  # fmt: skip

    def references(self, tx: Tx, number: int) -> list[Reference]:
        """The names that a template uses."""
        (state,) = self.load(tx, [number])
        return renderer().check(source_of(state))

    def users(self, tx: Tx, state: State) -> list[dict[str, Any]]:
        """The steps of active and paused workflows that send a template."""
        if not state["public_id"]:
            return []
        return tx.all("marketing/templates/users", public_id=f'%"{state["public_id"]}"%')

    def after(self, tx: Tx, old: State | None, new: State, changed: frozenset[str]) -> None:
        if not changed & {*TEXTS, "kind"}:
            if "origin" in changed:
                tx.run("marketing/templates/move", template_id=new["id"], origin=new["origin"])
            return
        # Without Markdown as before there was any, so that a template that stays has the digest that it had.
        text = "\x00".join((new["kind"], *(new[name] or "" for name in ("subject", "html", "body"))))
        text += f"\x00{new['markdown']}" if new["markdown"] else ""
        tx.run(
            "marketing/templates/add_version", template_id=new["id"], kind=new["kind"],
            digest=hashlib.sha256(text.encode()).hexdigest()[:16], origin=new["origin"], **{n: new[n] for n in TEXTS},
        )  # fmt: skip

    def dress(self, tx: Tx, state: State, data: dict[str, Any]) -> None:
        data["file"] = (data.pop("origin") or {}).get("file")
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


@handles(contract.ApplyTemplate)
def apply(request: contract.ApplyTemplate, tx: Tx) -> contract.Template:
    """Put a template file into force."""
    from ghl.engine.render.files import read_template  # YAML, for files only

    found = read_template(request.source, request.file)
    values = {"html": None, "markdown": None, "body": None} | {FORMATS[found.format]: found.body}
    values |= {name: getattr(found, name) for name in ("name", "subject", "kind", "description", "origin")}
    return STORE.present(tx, [crud.put(tx, STORE, values, ["name"])[0]])[0]


@handles(contract.DeleteTemplate)
def delete(request: contract.DeleteTemplate, tx: Tx) -> Removed:
    """Delete a template that no active workflow sends."""
    state = STORE.one(tx, request.template_id, lock=True)
    users = list(dict.fromkeys(step["name"] for step in STORE.users(tx, state)))
    if users:
        raise InUse(
            f"the template {state['name']} is sent by {', '.join(users)}", hint="change the workflow first", users=users
        )
    return Removed(id=STORE.remove(tx, state)["public_id"])


@handles(contract.PreviewTemplate)
def preview(request: contract.PreviewTemplate, tx: Tx) -> contract.RenderedMessage:
    """A template filled in for a contact."""
    from ghl.engine.marketing.composing import data_for, zone_name  # previews see what messages see

    state = STORE.one(tx, request.template_id)
    contact = store_of("contact").one(tx, request.contact_id)
    data = data_for(tx, contact, request.data)
    try:
        rendered = renderer().render(source_of(state), data, zone=zone_name(tx, contact))
    except TemplateError as error:
        raise told(state, error) from None
    return contract.RenderedMessage(
        subject=rendered.subject, html=rendered.html or None, text=rendered.text, hash=rendered.hash
    )

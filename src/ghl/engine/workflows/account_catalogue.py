"""What an account has, for checking definitions against it."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from ghl import nouns
from ghl.engine.stores import STORES, store_of
from ghl.engine.workflows.files import cron_error
from ghl.errors import GhlError, Invalid
from ghl.sdk.workflows.catalogue import Place

if TYPE_CHECKING:
    from ghl.engine.tx import Tx


class AccountCatalogue:
    """What a definition may refer to, looked up in the account."""

    def __init__(self, tx: Tx) -> None:
        self.tx = tx

    def names(self, kind: str, within: str | None = None) -> Collection[str] | None:
        """The names of one kind that there are."""
        tx = self.tx
        if kind == "stage":
            more = " and p.name_key = :key" if within else ""
            rows = tx.all(
                f"""select s.name from stages s join pipelines p on p.id = s.pipeline_id
                where s.account_id = :account_id and s.retired = 0 and p.deleted_at is null{more}""",
                key=_key(within),
            )
            return [row["name"] for row in rows]
        if kind == "field":
            return field_names(tx, within or "contact")
        if kind == "tag":
            return None  # a tag is made on first use
        if kind not in STORES:
            return None
        table = store_of(kind).table
        rows = tx.all(f"select * from {table} where account_id = :account_id and deleted_at is null limit 5000")
        return [text for row in rows for text in (row.get("name"), row.get("email")) if text]

    def operation_names(self) -> Collection[str] | None:
        """All operations that write: those may be steps."""
        return [name for name, kind in nouns.operations().items() if "." in name and not kind.__route__.safe]

    def operation(self, name: str) -> type[Any] | None:
        """The class of an operation."""
        noun, _, verb = name.rpartition(".")
        return nouns.load(noun).__operations__.get(verb) if noun in nouns.NOUNS else None

    def expression_error(self, text: str, place: Place) -> GhlError | None:
        """What is wrong with an expression."""
        from ghl.engine.filters import checked  # the language is loaded when a definition has a condition

        try:
            checked(self.tx, place.subject, text, use=place.use, event=place.event)
        except GhlError as error:
            return error
        return None

    def template_error(self, text: str, place: Place) -> GhlError | None:
        """What is wrong with a text that is filled in."""
        from ghl.engine import text_names  # only for definitions that fill something in
        from ghl.engine.rendering import renderer

        try:
            used = renderer().check_text(text)
            text_names.check(used, self._names(place))
        except GhlError as error:
            return error
        return None

    def message_error(self, template: str, place: Place) -> GhlError | None:
        """What a template needs and neither the workflow nor the step gives."""
        from ghl.engine import text_names  # as above

        templates: Any = store_of("template")
        found = templates.named(self.tx, template)
        used = templates.references(self.tx, found[0]) if found else []
        name = text_names.missing(used, self._names(place))
        if name is None:
            return None
        root = name.partition(".")[0]
        if root in ("contact", "company", "deal", "owner"):
            hint = f"the subject of this workflow is {place.subject}"
        else:
            hint = f"data: {{{root}: …}}"
        return Invalid(f"template {template} needs {name}, which nothing gives here", hint=hint)

    def url_error(self, url: str) -> GhlError | None:
        """What is wrong with how a URL is written, as far as it is not filled in."""
        from ghl.engine.channels.targets import url_error  # only for definitions with a webhook

        return url_error(url)

    def _names(self, place: Place) -> dict[str, Any]:
        from ghl.engine import text_names  # as above

        return text_names.names_of(self.tx, place.subject, message=place.use == "message", given=place.given)

    def cron_error(self, rule: str) -> GhlError | None:
        """What is wrong with a cron rule."""
        return cron_error(rule)


def _key(text: str | None) -> str | None:
    from ghl.sdk.names import fold

    return fold(text) if text else None


def field_names(tx: Tx, noun: str) -> list[str]:
    """The fields of a noun that a definition may name: its own and the custom ones."""
    from ghl.engine.custom import definitions

    store = store_of(noun)
    own = [c.name for c in store.columns] + [c.name.removesuffix("_id") for c in store.columns]
    own += [part.field for part in store.parts] + ["email", "phone", "name"]
    custom = [name for key in definitions(tx, noun) for name in (key, f"custom.{key}")]
    return list(dict.fromkeys(own + custom))

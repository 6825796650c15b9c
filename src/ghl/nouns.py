"""Every noun, where it lives and its one-line help; imports none of them."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ghl.sdk.operation import Resource


@dataclass(frozen=True, slots=True)
class Noun:
    """A resource by its plural name: module and class of its contract, its singular, its help."""

    name: str
    singular: str
    module: str
    resource: str
    help: str


def _noun(name: str, singular: str, module: str, help: str) -> tuple[str, Noun]:
    return name, Noun(name, singular, f"ghl.sdk.{module}", name.title().replace("_", ""), help)


NOUNS: dict[str, Noun] = dict(
    [
        _noun("contacts", "contact", "crm.contacts", "People: addresses, tags, owner, custom fields"),
        _noun("companies", "company", "crm.companies", "Organisations and who works there"),
        _noun("deals", "deal", "crm.deals", "Opportunities moving through a pipeline"),
        _noun("pipelines", "pipeline", "crm.pipelines", "Ordered stages, boards and reports"),
        _noun("products", "product", "crm.products", "What is sold, with a price"),
        _noun("activities", "activity", "crm.activities", "Calls, meetings, e-mails and other contact"),
        _noun("notes", "note", "crm.notes", "Markdown notes on a record"),
        _noun("tasks", "task", "crm.tasks", "Things to do, with due date and assignee"),
        _noun("tags", "tag", "crm.tags", "Labels for contacts, companies and deals"),
        _noun("fields", "field", "crm.fields", "Fields of every noun; custom ones are declared here"),
        _noun("views", "view", "crm.views", "Saved filters, sorts and columns"),
        _noun("attachments", "attachment", "crm.attachments", "Files kept with a contact"),
        _noun("users", "user", "accounts.users", "Colleagues who own records"),
        _noun("settings", "setting", "accounts.settings", "Zone, currency, country and address of the account"),
        _noun("workflows", "workflow", "workflows.workflows", "Automations: apply, enroll, pause, watch"),
        _noun("templates", "template", "marketing.templates", "Texts of messages"),
        _noun("senders", "sender", "marketing.senders", "Where mail leaves from"),
        _noun("messages", "message", "marketing.messages", "What was sent, to whom, and what was not"),
        _noun("suppressions", "suppression", "marketing.suppressions", "Addresses that never get mail"),
        _noun("events", "event", "events", "What happened, in order"),
        _noun("changes", "change", "changes", "Change sets: what was changed by whom, and undo"),
        _noun("imports", "import", "data.imports", "Runs of imports"),
        _noun("exports", "export", "data.exports", "Everything as a stream of records"),
    ]
)

TOP_LEVEL = Noun("", "", "ghl.sdk.client", "Nouns", "Operations without a noun")


def load(name: str) -> type[Resource[Any]]:
    """The resource class of a noun."""
    noun = NOUNS[name] if name else TOP_LEVEL
    resource: type[Resource[Any]] = getattr(import_module(noun.module), noun.resource)
    return resource


def operations() -> dict[str, type[Any]]:
    """Every operation by its name; imports every contract."""
    from ghl.sdk.operation import name_of  # the callers of this want everything anyway

    found = {}
    for name in ["", *NOUNS]:
        for operation in load(name).__operations__.values():
            found[name_of(operation)] = operation
    return found

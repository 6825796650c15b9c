"""The clients: one list of nouns for the synchronous and the asynchronous one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from ghl import nouns
from ghl.sdk.batches import Batch, BatchResult, RunBatch
from ghl.sdk.changes import CloseChangeSet, OpenChangeSet, Redo, Undo
from ghl.sdk.erasure import ErasePerson, ExportPerson
from ghl.sdk.operation import Async, Deferred, M, Operation, Resource, Sync, op
from ghl.sdk.today import Today
from ghl.sdk.transport import AsyncTransport, Collecting, Options, Outcome, Transport

if TYPE_CHECKING:
    from ghl.sdk.accounts.settings import Settings
    from ghl.sdk.accounts.users import Users
    from ghl.sdk.changes import Changes
    from ghl.sdk.crm.activities import Activities
    from ghl.sdk.crm.attachments import Attachments
    from ghl.sdk.crm.companies import Companies
    from ghl.sdk.crm.contacts import Contacts
    from ghl.sdk.crm.deals import Deals
    from ghl.sdk.crm.fields import Fields
    from ghl.sdk.crm.notes import Notes
    from ghl.sdk.crm.pipelines import Pipelines
    from ghl.sdk.crm.products import Products
    from ghl.sdk.crm.tags import Tags
    from ghl.sdk.crm.tasks import Tasks
    from ghl.sdk.crm.views import Views
    from ghl.sdk.data.exports import Exports
    from ghl.sdk.data.imports import Imports
    from ghl.sdk.events import Events
    from ghl.sdk.marketing.messages import Messages
    from ghl.sdk.marketing.senders import Senders
    from ghl.sdk.marketing.suppressions import Suppressions
    from ghl.sdk.marketing.templates import Templates
    from ghl.sdk.workflows.workflows import Workflows

R = TypeVar("R")


class Nouns(Resource[M], name=""):
    """What every client offers: the nouns, and the operations that belong to none."""

    undo = op(Undo)
    redo = op(Redo)
    run_batch = op(RunBatch)
    today = op(Today)
    erase = op(ErasePerson)
    export_person = op(ExportPerson)

    def _noun(self, name: str) -> Any:
        return nouns.load(name)(self._transport, self._options)

    # One list for every client; each is imported when it is first used.
    @cached_property
    def contacts(self) -> Contacts[M]:
        """People."""
        return self._noun("contacts")

    @cached_property
    def companies(self) -> Companies[M]:
        """Organisations."""
        return self._noun("companies")

    @cached_property
    def deals(self) -> Deals[M]:
        """Opportunities."""
        return self._noun("deals")

    @cached_property
    def pipelines(self) -> Pipelines[M]:
        """Ordered stages."""
        return self._noun("pipelines")

    @cached_property
    def products(self) -> Products[M]:
        """What is sold."""
        return self._noun("products")

    @cached_property
    def activities(self) -> Activities[M]:
        """Calls, meetings, e-mails."""
        return self._noun("activities")

    @cached_property
    def notes(self) -> Notes[M]:
        """Markdown notes."""
        return self._noun("notes")

    @cached_property
    def tasks(self) -> Tasks[M]:
        """Things to do."""
        return self._noun("tasks")

    @cached_property
    def tags(self) -> Tags[M]:
        """Labels."""
        return self._noun("tags")

    @cached_property
    def fields(self) -> Fields[M]:
        """Built-in and custom fields."""
        return self._noun("fields")

    @cached_property
    def views(self) -> Views[M]:
        """Saved filters."""
        return self._noun("views")

    @cached_property
    def attachments(self) -> Attachments[M]:
        """Files kept with a contact."""
        return self._noun("attachments")

    @cached_property
    def users(self) -> Users[M]:
        """Colleagues."""
        return self._noun("users")

    @cached_property
    def settings(self) -> Settings[M]:
        """The account's settings."""
        return self._noun("settings")

    @cached_property
    def workflows(self) -> Workflows[M]:
        """Automations."""
        return self._noun("workflows")

    @cached_property
    def templates(self) -> Templates[M]:
        """Texts of messages."""
        return self._noun("templates")

    @cached_property
    def senders(self) -> Senders[M]:
        """Where mail leaves from."""
        return self._noun("senders")

    @cached_property
    def messages(self) -> Messages[M]:
        """The ledger of what left."""
        return self._noun("messages")

    @cached_property
    def suppressions(self) -> Suppressions[M]:
        """Addresses that never get mail."""
        return self._noun("suppressions")

    @cached_property
    def events(self) -> Events[M]:
        """What happened."""
        return self._noun("events")

    @cached_property
    def changes(self) -> Changes[M]:
        """Change sets."""
        return self._noun("changes")

    @cached_property
    def imports(self) -> Imports[M]:
        """Runs of imports."""
        return self._noun("imports")

    @cached_property
    def exports(self) -> Exports[M]:
        """Everything as a stream."""
        return self._noun("exports")

    def noun(self, resource: type[Resource[Any]]) -> Any:
        """A plug-in's resource, bound to this client."""
        return resource(self._transport, self._options)


class Client(Nouns[Sync]):
    """A synchronous client over a file, a database server or a remote API. Safe from any thread."""

    _transport: Transport

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of files and connections."""
        self._transport.close()

    def send(self, operation: Operation[R]) -> R:
        """Perform an operation given as an object."""
        return self._transport.send(operation, self._options)

    @property
    def outcome(self) -> Outcome:
        """What this thread's last write did: change set, digest, counts."""
        return self._transport.outcome

    def with_options(self, **options: Any) -> Client:
        """The same client with other options of a call, such as `dry_run=True` or `plan="19bc04"`."""
        return Client(self._transport, replace(self._options or Options(), **options))

    @contextmanager
    def batch(self, *, partial: bool = False) -> Iterator[BatchCalls]:
        """Collect calls and perform them in one transaction when the block ends; then read `.result`.

        Raises BatchFailed, with the answers to all calls, where one fails and `partial` is not set.
        """
        calls = BatchCalls(Collecting(), partial=partial)
        yield calls
        calls.result = self.send(calls.request())

    @contextmanager
    def change_set(self, name: str) -> Iterator[NamedChangeSet]:
        """Everything done with this client in the block is one change set, undone as a unit."""
        opened = self.send(OpenChangeSet(name=name))
        outer, changes = self._options, NamedChangeSet(opened.id)
        self._join(replace(outer or Options(), change_set=opened.id))
        try:
            yield changes
        finally:
            self._join(outer)
            closed = self.send(CloseChangeSet(change_set_id=opened.id))
            changes.summary = closed.summary

    def _join(self, options: Options | None) -> None:
        self._options = options
        for name in [n for n in vars(self) if n in nouns.NOUNS]:
            delattr(self, name)


@dataclass
class NamedChangeSet:
    """An open change set: its number, and what it held once it is closed."""

    id: int
    summary: dict[str, int] = field(default_factory=dict)


class BatchCalls(Nouns[Deferred]):
    """The calls of a batch; their results are in `.result` after the block."""

    def __init__(self, collecting: Collecting, *, partial: bool = False) -> None:
        super().__init__(collecting)
        self._collecting, self._partial = collecting, partial
        self.result = BatchResult(items=[])

    def request(self) -> Operation[BatchResult]:
        """The batch as an operation."""
        return RunBatch(items=[Batch.line(one) for one in self._collecting.operations], partial=self._partial)


class AsyncClient(Nouns[Async]):
    """The same client, awaited."""

    _transport: AsyncTransport

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Let go of files and connections."""
        await self._transport.close()

    async def send(self, operation: Operation[R]) -> R:
        """Perform an operation given as an object."""
        return await self._transport.send(operation, self._options)

    @property
    def outcome(self) -> Outcome:
        """What the last write did."""
        return self._transport.outcome

    def with_options(self, **options: Any) -> AsyncClient:
        """The same client with other options of a call."""
        return AsyncClient(self._transport, replace(self._options or Options(), **options))

"""What a definition may refer to, given by whoever reads it: names, operations, expressions, templates."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from ghl.errors import GhlError


@dataclass(frozen=True, slots=True)
class Place:
    """Where an expression or a templated text stands, which decides the names it may use.

    `subject` is the workflow's subject; `event` is the trigger or awaited event that the text filters; `given`
    are the names that the step itself gives to its message.
    """

    subject: str
    use: str
    event: str | None = None
    given: tuple[str, ...] = ()


class Catalogue(Protocol):
    """What is known. An answer of None means: not known here, so not checked."""

    def names(self, kind: str, within: str | None = None) -> Collection[str] | None:
        """The names of one kind: template, tag, pipeline, user, sender; stage within a pipeline (or
        None: any); field within a noun. Names may have several spellings (a user's name and e-mail)."""

    def operation_names(self) -> Collection[str] | None:
        """All operations that may be a step, such as `tasks.create`."""

    def operation(self, name: str) -> type[Any] | None:
        """The operation's class, whose pydantic fields are its arguments."""

    def expression_error(self, text: str, place: Place) -> GhlError | None:
        """What is wrong with an expression; `details["column"]` counts from 1."""

    def template_error(self, text: str, place: Place) -> GhlError | None:
        """What is wrong with a text that contains `{{`; `details["column"]` counts from 1."""

    def message_error(self, template: str, place: Place) -> GhlError | None:
        """What a template needs and has not, when it is sent from this place."""

    def url_error(self, url: str) -> GhlError | None:
        """What is wrong with a URL that is to be called."""

    def cron_error(self, rule: str) -> GhlError | None:
        """What is wrong with a cron rule."""


@dataclass(frozen=True)
class Known:
    """A catalogue from plain collections; what is left out is not checked. Also a base to extend."""

    known: Mapping[str, Collection[str]] = field(default_factory=dict)
    stages: Mapping[str, Collection[str]] | None = None
    fields: Mapping[str, Collection[str]] | None = None
    operations: Mapping[str, type[Any]] | None = None

    def names(self, kind: str, within: str | None = None) -> Collection[str] | None:
        if kind == "stage" and self.stages is not None:
            if within is not None:
                return self.stages.get(within, ())
            return [stage for stages in self.stages.values() for stage in stages]
        if kind == "pipeline" and self.stages is not None:
            return list(self.stages)
        if kind == "field" and self.fields is not None:
            return self.fields.get(within or "contact")
        return self.known.get(kind)

    def operation_names(self) -> Collection[str] | None:
        return None if self.operations is None else list(self.operations)

    def operation(self, name: str) -> type[Any] | None:
        return None if self.operations is None else self.operations.get(name)

    def expression_error(self, text: str, place: Place) -> GhlError | None:
        return None

    def template_error(self, text: str, place: Place) -> GhlError | None:
        return None

    def message_error(self, template: str, place: Place) -> GhlError | None:
        return None

    def url_error(self, url: str) -> GhlError | None:
        return None

    def cron_error(self, rule: str) -> GhlError | None:
        return None


NOTHING_KNOWN = Known()

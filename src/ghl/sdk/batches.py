"""A batch: any list of operations, as data, in one transaction."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from ghl.errors import GhlError, every
from ghl.sdk.operation import Operation, Record, name_of, post


class BatchItem(Record):
    """The answer to one line of a batch."""

    status: Literal["ok", "failed", "not_run"]
    result: Any = None
    error: dict[str, Any] | None = None


class BatchResult(Record):
    """The answers in the order of the lines, and the change set of the whole."""

    items: list[BatchItem]
    change_set: int | None = None


class BatchFailed(GhlError):
    """A batch that failed as a whole, with the answers to its lines; it is the first error otherwise."""

    def __init__(self, result: BatchResult, cause: GhlError) -> None:
        super().__init__(cause.message, hint=cause.hint, field=cause.field, **cause.details)
        self.result = result
        self.cause = cause
        # The class of the cause decides how every face treats it.
        self.__dict__ |= {"code": cause.code, "status": cause.status, "exit_code": cause.exit_code}

    @classmethod
    def of(cls, result: BatchResult) -> BatchFailed:
        """From the answer of a server."""
        data = dict(next(item.error for item in result.items if item.error) or {})
        kind = every().get(data.pop("code", ""), GhlError)
        known = {name: data.pop(name, None) for name in ("hint", "field")}
        return cls(result, kind(data.pop("error", "the batch failed"), **known, **data))


@post("/batch", status=200)
class RunBatch(Operation[BatchResult]):
    """Perform operations in one transaction: all or nothing, unless `partial`."""

    items: Annotated[
        list[dict[str, dict[str, Any]]],
        Field(description='Lines such as `{"contacts.create": {"email": …}}`', max_length=10_000),
    ]
    partial: Annotated[bool, Field(description="Keep what succeeds")] = False


class Batch:
    """The form of a batch's lines."""

    @staticmethod
    def line(operation: Operation[Any]) -> dict[str, dict[str, Any]]:
        """An operation as data: its name, then the fields that were given."""
        return {name_of(type(operation)): operation.model_dump(mode="json", exclude_unset=True)}

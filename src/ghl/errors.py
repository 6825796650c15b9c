"""Everything that can go wrong, with its code, HTTP status, exit code and hint.

GhlError
├── Malformed            a request that cannot be read, or names a field that does not exist
├── Unauthenticated      no credential, or one that is not good
├── NotAllowed           a good credential without the permission
├── NotFound             no such record, for this caller
├── MethodNotAllowed     the path is known, and not asked or told like this
├── Gone                 it was there, and history has been removed
├── Conflict             the state of things forbids it
│   ├── Duplicate        a unique value somebody else holds
│   ├── StaleVersion     the record changed since it was read
│   ├── Ambiguous        a name that fits several records
│   ├── InUse            something still refers to it
│   └── PlanChanged      what would happen now is not what was planned
├── PreconditionFailed   the If-Match header names another version
├── Invalid              a value that breaks a rule
│   ├── ExpressionError  an expression, with the position in it
│   ├── DefinitionError  a definition file, with file, line and column
│   └── TemplateError    a template that cannot be rendered
├── RateLimited          too many requests; `retry_after` seconds
├── Busy                 the database is in use by others for too long
├── Unreachable          the server does not answer
├── PartlyFailed         some of many failed, the rest is done
├── Differs              what was compared is not equal
├── Interrupted          stopped by the user
└── StorageError         the file or the database server
    ├── NotADatabase     not a file of ours
    │   └── NoDatabase   no file at all, or none was named
    ├── NewerSchema      made by a newer program
    ├── OlderSchema      a shared database that must be migrated by hand
    ├── StorageFull      no space left
    └── Damaged          the file is broken
"""

from __future__ import annotations

from typing import Any, ClassVar


class GhlError(Exception):
    """The root of every error that ghl raises on purpose.

    `message` is one sentence without a full stop, `hint` is what to type next, `field` names the
    input at fault and `details` carries what a program needs (the other record's id, the matches).
    """

    code: ClassVar[str] = "failed"
    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 1

    def __init__(
        self, message: str, *, hint: str | None = None, field: str | None = None, **details: Any
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.field = field
        self.details: dict[str, Any] = {k: v for k, v in details.items() if v is not None}

    def as_dict(self) -> dict[str, Any]:
        """The error as it goes over the wire and to `--json`."""
        body: dict[str, Any] = {"error": self.message, "code": self.code}
        if self.hint:
            body["hint"] = self.hint
        if self.field:
            body["field"] = self.field
        return body | self.details


class Malformed(GhlError):
    """The request cannot be read, or names a field that does not exist."""

    code, status, exit_code = "malformed", 400, 5


class Unauthenticated(GhlError):
    """There is no credential, or it is not good."""

    code, status, exit_code = "unauthenticated", 401, 4


class NotAllowed(GhlError):
    """The credential is good, the permission is missing."""

    code, status, exit_code = "not_allowed", 403, 4


class NotFound(GhlError):
    """There is no such record for this caller."""

    code, status, exit_code = "not_found", 404, 3


class MethodNotAllowed(GhlError):
    """There is something at this path, which does not know this method; `Allow` lists those it knows."""

    code, status, exit_code = "method_not_allowed", 405, 5


class Gone(GhlError):
    """It was there once; the history that would answer has been removed."""

    code, status, exit_code = "gone", 410, 3


class Conflict(GhlError):
    """The state of things forbids it."""

    code, status, exit_code = "conflict", 409, 5


class Duplicate(Conflict):
    """A value that must be unique belongs to another record (`details["id"]`)."""

    code = "duplicate"


class StaleVersion(Conflict):
    """The record changed since it was read; `details` has current, submitted and original."""

    code = "stale_version"


class Ambiguous(Conflict):
    """A name fits several records; `details["matches"]` lists them."""

    code = "ambiguous"


class InUse(Conflict):
    """Something still refers to it; `details["users"]` lists what."""

    code = "in_use"


class PlanChanged(Conflict):
    """What would be done now is not what the plan with this digest said."""

    code = "plan_changed"


class PreconditionFailed(GhlError):
    """The If-Match header names another version than the current one."""

    code, status, exit_code = "precondition_failed", 412, 5


class Invalid(GhlError, ValueError):
    """A value breaks a rule. A ValueError too, so that a validator of pydantic may raise it."""

    code, status, exit_code = "invalid", 422, 5


class UrlRefused(Invalid):
    """A URL that nothing here may call; no connection was tried."""

    code = "url_refused"


class ExpressionError(Invalid):
    """An expression is wrong at `details["column"]` (1 is the first character)."""

    code = "invalid_expression"


class DefinitionError(Invalid):
    """A definition file is wrong; `details` has file, line and column."""

    code = "invalid_definition"


class TemplateError(Invalid):
    """A template cannot be rendered."""

    code = "invalid_template"


class RateLimited(GhlError):
    """Too many requests; `details["retry_after"]` is in seconds."""

    code, status, exit_code = "rate_limited", 429, 6


class Busy(GhlError):
    """Others have used the database for too long."""

    code, status, exit_code = "busy", 503, 6


class Unreachable(GhlError):
    """The server does not answer, or answers something that is not ours."""

    code, status, exit_code = "unreachable", 502, 6


class NoAnswer(Unreachable):
    """The other side gave no whole answer; `sent` says whether the request may have arrived.

    The message is the same for a closed port, a silent one, a name that does not exist and a broken handshake.
    """

    code = "no_answer"

    def __init__(self, host: str, *, sent: bool) -> None:
        super().__init__(f"{host} did not answer", field="url")
        self.sent = sent


class PartlyFailed(GhlError):
    """Some of many failed; the rest is done."""

    code, status, exit_code = "partly_failed", 200, 7


class Differs(GhlError):
    """What was compared is not equal."""

    code, status, exit_code = "differs", 409, 8


class Interrupted(GhlError):
    """The user stopped it."""

    code, status, exit_code = "interrupted", 499, 130


class StorageError(GhlError):
    """The file, or the database server, does not do what is asked."""

    code, status, exit_code = "storage", 500, 1


class NotADatabase(StorageError):
    """What is there is no database of ours."""

    code = "not_a_database"


class NoDatabase(NotADatabase):
    """There is no such file, or nothing says which database is meant."""

    code, status, exit_code = "no_database", 404, 3


class NewerSchema(StorageError):
    """A newer program made this database; nothing was changed."""

    code = "newer_schema"


class OlderSchema(StorageError):
    """A shared database is older than this program and is never migrated implicitly."""

    code = "older_schema"


class StorageFull(StorageError):
    """No space is left where the database is."""

    code, status = "storage_full", 507


class Damaged(StorageError):
    """The file is broken; `ghl db restore` brings a backup back."""

    code = "damaged"


class MissingExtra(GhlError):
    """An optional dependency is not installed."""

    code = "missing_extra"

    @classmethod
    def named(cls, extra: str, purpose: str) -> MissingExtra:
        """The error for an extra of ours, with the exact command that installs it."""
        return cls(f"{purpose} needs the extra `{extra}`", hint=f"pip install 'ghl-toolkit[{extra}]'")


def every() -> dict[str, type[GhlError]]:
    """All error classes by their code; the remote transport raises by it."""
    found: dict[str, type[GhlError]] = {}
    todo: list[type[GhlError]] = [GhlError]
    while todo:
        kind = todo.pop()
        if "code" in vars(kind):
            found[kind.code] = kind
        todo += kind.__subclasses__()
    return found

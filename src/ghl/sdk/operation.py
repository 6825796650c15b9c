"""What an operation is: fields, a result type, a route and a sentence; every face derives from it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Generic, ParamSpec, TypeVar, cast, get_args, overload

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from ghl.errors import GhlError, Invalid, Malformed

if TYPE_CHECKING:
    from ghl.sdk.transport import Options

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")

_PATH_FIELD = re.compile(r"\{(\w+)\}")


class Sync:
    """The mode of a client whose calls return their result."""


class Async:
    """The mode of a client whose calls are awaited."""


class Deferred:
    """The mode of a batch, whose calls are collected and answered together."""


M = TypeVar("M", Sync, Async, Deferred)


@dataclass(frozen=True, slots=True)
class Route:
    """Where an operation lives over HTTP; a safe one only reads."""

    method: str
    path: str
    safe: bool
    status: int = 200

    @property
    def fields(self) -> list[str]:
        """The fields that are part of the path, in order; a caller may give them by position.

        Each is declared with `= Field(kw_only=False)`, which is how type checkers know.
        """
        return _PATH_FIELD.findall(self.path)


class Record(BaseModel):
    """Something the system keeps and answers with. Unknown fields of a newer server are kept aside."""

    model_config = ConfigDict(extra="ignore", defer_build=True)


class Event(BaseModel):
    """Something that happened: name, subject and, where a record changed, `before` and `after`."""

    model_config = ConfigDict(extra="ignore", defer_build=True)
    __event__: ClassVar[str] = ""

    def __init_subclass__(cls, name: str = "", **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.__event__ = name

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Swallow the class keywords that pydantic does not know."""


@dataclass(frozen=True, slots=True)
class _Answering:
    """`Operation[Contact]` as a base class: the operation, and what it answers with."""

    operation: type[BaseModel]
    result: Any

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type[BaseModel], ...]:
        return (self.operation,)


class Operation(BaseModel, Generic[R]):
    """One thing that can be asked for. A field left out stays as it is, null clears it."""

    model_config = ConfigDict(extra="forbid", defer_build=True, frozen=True)
    __route__: ClassVar[Route]
    __noun__: ClassVar[str] = ""
    __verb__: ClassVar[str] = ""
    __sends_back__: ClassVar[frozenset[str]] = frozenset()

    if not TYPE_CHECKING:

        def __class_getitem__(cls, result: Any) -> Any:
            # A model of its own for every result type would cost a third of the contract's import.
            return _Answering(cls, result)

    @model_validator(mode="before")
    @classmethod
    def _accept_what_was_answered(cls, data: Any) -> Any:
        """Fields of a response that cannot be written are accepted where the whole of it is sent back, and change nothing.

        The name of a reference alone, `owner` without `owner_id`, names the record as `owner_id` would.
        """
        back = cls.__sends_back__
        if back and isinstance(data, dict) and not back.isdisjoint(data):
            whole = "id" in data or "created_at" in data  # without them somebody means to write the field, and is told that it cannot be
            kept = {name: value for name, value in data.items() if not (whole and name in back)}
            for name in back.intersection(data):
                reference = f"{name}_id"
                if reference in cls.model_fields and reference not in data:
                    kept[reference] = data[name]
                    kept.pop(name, None)
            return kept
        return data


def name_of(operation: type[Operation[Any]]) -> str:
    """The operation's name as data, such as `contacts.create`."""
    return f"{operation.__noun__}.{operation.__verb__}" if operation.__noun__ else operation.__verb__


def result_of(operation: type[Operation[Any]]) -> Any:
    """The type that the operation answers with."""
    for base in operation.__mro__:
        for written in base.__dict__.get("__orig_bases__", ()):
            if isinstance(written, _Answering) and not isinstance(written.result, TypeVar):
                return written.result
    raise TypeError(f"{operation.__name__} does not say what it returns")


def _route(
    method: str, path: str, *, safe: bool = False, status: int = 200
) -> Callable[[type[T]], type[T]]:
    def decorate(operation: type[T]) -> type[T]:
        operation.__route__ = Route(method, path, safe, status)  # type: ignore[attr-defined]
        _allow_sending_back(cast("type[Operation[Any]]", operation))
        return operation

    return decorate


def _allow_sending_back(operation: type[Operation[Any]]) -> None:
    if operation.__route__.safe or operation.__route__.method == "DELETE":
        return
    result = result_of(operation)
    if isinstance(result, type) and issubclass(result, Record):
        operation.__sends_back__ = frozenset(result.model_fields) - frozenset(operation.model_fields)


def get(path: str) -> Callable[[type[T]], type[T]]:
    """Read at this path."""
    return _route("GET", path, safe=True)


def query(path: str) -> Callable[[type[T]], type[T]]:
    """Read at this path with a body, where a query string would not hold the question."""
    return _route("POST", path, safe=True)


def post(path: str, *, status: int = 201) -> Callable[[type[T]], type[T]]:
    """Create at this path, or act there."""
    return _route("POST", path, status=status)


def put(path: str) -> Callable[[type[T]], type[T]]:
    """Put a state at this path; twice is the same as once."""
    return _route("PUT", path)


def patch(path: str) -> Callable[[type[T]], type[T]]:
    """Change some fields of what is at this path."""
    return _route("PATCH", path)


def delete(path: str) -> Callable[[type[T]], type[T]]:
    """Remove what is at this path."""
    return _route("DELETE", path)


class op(Generic[P, R]):
    """One verb of a resource, called with the operation's own fields."""

    def __init__(self, operation: Callable[P, Operation[R]]) -> None:
        self.operation = cast("type[Operation[R]]", operation)
        self.__doc__ = operation.__doc__

    @overload
    def __get__(self, resource: None, owner: type[Resource[Any]]) -> type[Operation[R]]: ...
    @overload
    def __get__(self, resource: Resource[Sync], owner: type[Resource[Any]]) -> Callable[P, R]: ...
    @overload
    def __get__(
        self, resource: Resource[Async], owner: type[Resource[Any]]
    ) -> Callable[P, Awaitable[R]]: ...
    @overload
    def __get__(self, resource: Resource[Deferred], owner: type[Resource[Any]]) -> Callable[P, None]: ...
    def __get__(self, resource: Any, owner: type[Resource[Any]]) -> Any:
        if resource is None:
            return self.operation
        operation, transport, options = self.operation, resource._transport, resource._options

        def call(*args: P.args, **kwargs: P.kwargs) -> Any:
            fields = _by_position(operation, args, kwargs) if args else kwargs
            return transport.send(build(operation, fields), options)

        call.__doc__ = operation.__doc__
        call.__name__ = operation.__verb__
        return call


class Resource(Generic[M]):
    """A noun: the list of its verbs. The name decides its place in the SDK, on the CLI and in `where`."""

    __noun__: ClassVar[str] = ""
    __operations__: ClassVar[dict[str, type[Operation[Any]]]] = {}

    def __init_subclass__(cls, name: str | None = None, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if name is None:
            return
        cls.__noun__ = name
        cls.__operations__ = {}
        for verb, attribute in vars(cls).items():
            if isinstance(attribute, op):
                attribute.operation.__noun__ = name
                attribute.operation.__verb__ = verb
                cls.__operations__[verb] = attribute.operation

    def __init__(self, transport: Any, options: Options | None = None) -> None:
        self._transport = transport
        self._options = options


def _by_position(
    operation: type[Operation[Any]], args: tuple[Any, ...], named: dict[str, Any]
) -> dict[str, Any]:
    """What was given by position, under the names of the path's fields, beside what was named."""
    places, call = operation.__route__.fields, name_of(operation)
    if len(args) > len(places):
        first = next((name for name in operation.model_fields if name not in places), None)
        takes = " and ".join(f"`{name}`" for name in places) or "nothing"
        more = f": {call}({first}=…)" if first else ""
        raise TypeError(f"{call}() takes {takes} by position and everything else by name{more}")
    given = dict(zip(places, args, strict=False))
    twice = next((name for name in given if name in named), None)
    if twice is not None:
        raise TypeError(f"{call}() was given `{twice}` twice, by position and by name")
    return given | named


def build(operation: type[Operation[R]], data: Mapping[str, Any]) -> Operation[R]:
    """The operation with these fields, or one clear error naming the first field at fault."""
    try:
        return operation(**data)
    except ValidationError as error:
        raise explain(error, operation) from None


def explain(error: ValidationError, model: type[BaseModel]) -> GhlError:
    """A validation error of pydantic as one of ours."""
    problems = error.errors(include_url=False)
    first = next((p for p in problems if p["type"] == "extra_forbidden"), problems[0])
    where = ".".join(str(part) for part in first["loc"] if not str(part).startswith("function-"))
    known = list(model.model_fields)
    if first["type"] == "extra_forbidden":
        field = str(first["loc"][-1])
        return Malformed(f'there is no field "{field}"', hint=_nearest(field, known), field=where)
    if first["type"] in ("missing", "missing_keyword_only_argument"):
        return Malformed(f"`{where}` is required", hint=f"fields: {', '.join(known)}", field=where)
    cause = first.get("ctx", {}).get("error")
    if isinstance(cause, GhlError):
        cause.field = cause.field or where or None
        return cause
    shown = first["input"] if isinstance(first["input"], str | int | float | bool | None) else "that"
    expected = first["msg"].removeprefix("Value error, ")
    expected = expected[:1].lower() + expected[1:]
    about = f"`{where}` " if where else ""
    return Invalid(
        f"{about}cannot be {shown!r}: {expected}", field=where or None, errors=len(problems)
    )


def _nearest(name: str, known: list[str]) -> str:
    import difflib  # only when something went wrong

    close = difflib.get_close_matches(name, known, 1)
    fields = ", ".join(known)
    return f"{close[0]}?   fields: {fields}" if close else f"fields: {fields}"


def choices_of(annotation: Any) -> tuple[str, ...]:
    """The values of a Literal annotation, looked for inside unions."""
    if getattr(annotation, "__origin__", None) is not None and str(annotation).startswith("typing.Literal"):
        return tuple(str(value) for value in get_args(annotation))
    for part in get_args(annotation):
        found = choices_of(part)
        if found:
            return found
    return ()

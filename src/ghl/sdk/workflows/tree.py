"""Reads the steps as written, nested and with short forms, into nodes that are checked and named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ghl.sdk.workflows.durations import AbsoluteLength
from ghl.sdk.workflows.problems import Path, Problems, shown, suggestion
from ghl.sdk.workflows.steps import ALIASES, KINDS, RESERVED, SPLIT, Arguments
from ghl.sdk.workflows.values import is_name

_COMMON = ("id", "when", "on_error", "retry", "expiry")


class Retry(BaseModel):
    """How often a failed step is tried again, and how long before the first time."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)
    times: int = Field(ge=1, le=20)
    backoff: AbsoluteLength = "1 minute"


class Policy(BaseModel):
    """What a step does beside its verb: retries, then `continue`, `stop` or `goto`; and when it is too late.

    `expiry` is the delay after its due time beyond which the step is skipped.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)
    retry: Retry | None = None
    then: Literal["continue", "stop", "goto"] | None = None
    goto: str | None = None
    expiry: AbsoluteLength | None = None


@dataclass
class Node:
    """One step as written; `kind` is a control word, `split`, or the name of an operation."""

    path: Path
    verb: str
    kind: str
    arguments: dict[str, Any]
    id: str | None = None
    when: str | None = None
    policy: Policy | None = None
    branches: dict[str, list[Node]] = field(default_factory=dict)
    weights: dict[str, int] = field(default_factory=dict)
    name: str = ""

    @property
    def verb_path(self) -> Path:
        return (*self.path, self.verb) if self.verb else self.path


def every(nodes: list[Node]) -> Iterator[Node]:
    """All nodes in the order of the document."""
    for node in nodes:
        yield node
        for branch in node.branches.values():
            yield from every(branch)


def read_steps(items: Any, path: Path, problems: Problems) -> list[Node]:
    """Nodes of a list of steps; what cannot be read is left out and told in `problems`."""
    if items is None:
        return []
    if not isinstance(items, list):
        problems.error(path, f"steps are a list, not {shown(items)}", "each step begins with `- `")
        return []
    nodes = (_read_step(item, (*path, number), problems) for number, item in enumerate(items))
    return [node for node in nodes if node is not None]


def _read_step(item: Any, path: Path, problems: Problems) -> Node | None:
    if item == "exit":
        return Node(path, "", "exit", {})
    if not isinstance(item, Mapping) or not item:
        problems.error(path, f"a step is one verb with its arguments, not {shown(item)}", "wait: 2 days")
        return None
    verb = _find_verb(item, path, problems)
    if verb is None:
        return None
    if verb in RESERVED:
        problems.error((*path, verb), f"the step `{verb}` is not available yet", at_key=True)
        return None
    value = item[verb]
    if verb == SPLIT:
        return _read_split(item, path, problems)
    if verb in KINDS:
        kind = KINDS[verb]
        arguments = _arguments(value, kind.arguments, kind.bare, kind.whole, (*path, verb), problems)
        node = Node(path, verb, verb, arguments)
        branch_names = kind.branches
    else:
        name, bare = ALIASES.get(verb, (verb, None))
        node = Node(path, verb, name, _operation_arguments(value, bare, (*path, verb), problems))
        branch_names = ()
    _read_common(node, item, branch_names, problems)
    for branch in branch_names:
        if branch in item:
            node.branches[branch] = read_steps(item[branch], (*path, branch), problems)
    return node


def _find_verb(item: Mapping[str, Any], path: Path, problems: Problems) -> str | None:
    known = [*KINDS, SPLIT, *ALIASES]
    verbs = [str(key) for key in item if key in known or key in RESERVED or "." in str(key)]
    if len(verbs) == 1:
        return verbs[0]
    if verbs:
        problems.error(
            (*path, verbs[1]), f"a step has one verb, and here are `{verbs[0]}` and `{verbs[1]}`",
            "write two steps, each with its own `- `", at_key=True,
        )  # fmt: skip
        return None
    others = [str(key) for key in item if key not in (*_COMMON, "then", "else")]
    if others:
        hint = suggestion(others[0], known)
        every_verb = f"steps: {', '.join(known)}, or an operation such as tasks.create"
        message = f'there is no step "{others[0]}"'
        problems.error(
            (*path, others[0]), message, f"{hint}   {every_verb}" if hint else every_verb, at_key=True
        )
    else:
        problems.error(
            path, "this step has no verb", "send_email, wait, if, … or an operation such as tasks.create"
        )
    return None


def _arguments(
    value: Any, model: type[Arguments], bare: str | None, whole: bool, path: Path, problems: Problems
) -> dict[str, Any]:
    """Checked arguments as plain data, defaults filled in, nothing where absent."""
    if whole:
        value = {"fields": value}
    elif not isinstance(value, Mapping):
        if value is None:
            value = {}
        elif bare is None:
            problems.error(path, f"`{path[-1]}` takes a mapping, not {shown(value)}")
            return {}
        else:
            value = {bare: value}
    try:
        checked = model.model_validate(dict(value))
    except ValidationError as error:
        problems.of_validation(error, model, lambda where: path if whole else (*path, *where))
        return {}
    data = checked.model_dump(mode="json", by_alias=True)
    return {key: item for key, item in data.items() if item is not None}


def _operation_arguments(value: Any, bare: str | None, path: Path, problems: Problems) -> dict[str, Any]:
    if isinstance(value, Mapping):
        return dict(value)
    if value is None:
        return {}
    if bare is not None:
        return {bare: value}
    problems.error(path, f"`{path[-1]}` takes a mapping of its fields, not {shown(value)}")
    return {}


def _read_split(item: Mapping[str, Any], path: Path, problems: Problems) -> Node:
    node = Node(path, SPLIT, SPLIT, {})
    weights = item[SPLIT]
    here = (*path, SPLIT)
    if not isinstance(weights, Mapping) or len(weights) < 2:
        problems.error(
            here, "a split takes two or more branches with their weights", "split: {short: 50, long: 50}"
        )
        return node
    for name, weight in weights.items():
        if not is_name(str(name)) or name in (*_COMMON, SPLIT):
            problems.error(
                (*here, name), f'"{name}" cannot name a branch', "a word such as short", at_key=True
            )
        elif isinstance(weight, bool) or not isinstance(weight, int) or not 0 <= weight <= 1_000_000:
            problems.error((*here, name), f"a weight is a whole number from 0, not {shown(weight)}")
        else:
            node.weights[str(name)] = weight
    if not sum(node.weights.values()):
        problems.error(here, "all weights of the split are 0")
    _read_common(node, item, tuple(node.weights), problems)
    for name in node.weights:
        node.branches[name] = read_steps(item.get(name), (*path, name), problems)
    return node


def _read_common(node: Node, item: Mapping[str, Any], branches: tuple[str, ...], problems: Problems) -> None:
    path = node.path
    for key in item:
        if key not in (node.verb, *_COMMON, *branches):
            problems.unknown_key((*path, str(key)), [*_COMMON, *branches])
    if (given := item.get("id")) is not None:
        if isinstance(given, str) and is_name(given):
            node.id = given
        else:
            problems.error(
                (*path, "id"),
                f"{shown(given)} cannot be an id",
                "letters, digits, - and _, such as last-call",
            )
    if "when" in item:
        node.when = _condition(item["when"], (*path, "when"), problems)
    node.policy = _policy(item, path, problems)


def _condition(value: Any, path: Path, problems: Problems) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and value.strip():
        return value.strip()
    problems.error(path, f"a condition is an expression, not {shown(value)}", 'deal.stage == "Qualified"')
    return None


def _policy(item: Mapping[str, Any], path: Path, problems: Problems) -> Policy | None:
    data: dict[str, Any] = {}
    places: dict[str, Path] = {}
    if "expiry" in item:
        data["expiry"], places["expiry"] = item["expiry"], (*path, "expiry")
    if "retry" in item:
        data["retry"], places["retry"] = _times(item["retry"]), (*path, "retry")
    if "on_error" in item:
        _read_on_error(item["on_error"], (*path, "on_error"), data, places, problems)
    if not data:
        return None
    try:
        return Policy.model_validate(data)
    except ValidationError as error:
        problems.of_validation(error, None, lambda where: (*places.get(str(where[0]), path), *where[1:]))
        return None


def _times(value: Any) -> Any:
    return {"times": value} if isinstance(value, int) and not isinstance(value, bool) else value


def _read_on_error(
    value: Any, path: Path, data: dict[str, Any], places: dict[str, Path], problems: Problems
) -> None:
    hint = "continue, stop, {goto: step} or {retry: {times: 3, backoff: 1 min}, then: continue}"
    if isinstance(value, str):
        value = {"then": value}
    if not isinstance(value, Mapping):
        problems.error(path, f"`on_error` cannot be {shown(value)}", hint)
        return
    for key in value:
        if key not in ("retry", "then", "goto"):
            problems.unknown_key((*path, str(key)), ["retry", "then", "goto"])
    if "retry" in value:
        if "retry" in data:
            problems.error((*path, "retry"), "`retry` is written twice for this step")
        data["retry"], places["retry"] = _times(value["retry"]), (*path, "retry")
    then = value.get("then")
    target = value.get("goto")
    if isinstance(then, Mapping) and "goto" in then:
        target, then = then["goto"], None
    if target is not None:
        if then is not None:
            problems.error(path, "`on_error` has both `then` and `goto`", hint)
        data["then"], data["goto"] = "goto", str(target)
    elif then in ("continue", "stop"):
        data["then"] = then
    elif then is not None:
        problems.error(path, f"after an error a step cannot {shown(then)}", hint)

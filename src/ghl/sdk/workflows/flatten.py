"""Turns nested steps into a flat list in which every step names the one that follows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from pydantic import BaseModel, ConfigDict

from ghl.sdk.workflows.problems import Path, Problems, suggestion
from ghl.sdk.workflows.steps import SPLIT
from ghl.sdk.workflows.tree import Node, Policy, every

GUARD = ".when"
_WAITS = ("wait", "wait_until", "wait_for")


class Step(BaseModel):
    """One step of a version, as the engine stores it.

    `next` is the step that follows and None the end. `other` is followed where `if` is false, where
    `wait_for` runs out of time, where `wait_until` finds its moment past, and where a `split` test
    fails. `policy.goto` names a step too. `path` and `line` are its place in the definition.
    """

    model_config = ConfigDict(frozen=True, defer_build=True)

    name: str
    kind: str
    next: str | None = None
    other: str | None = None
    arguments: dict[str, Any] = {}
    policy: Policy | None = None
    path: Path = ()
    line: int | None = None


def name_nodes(nodes: list[Node], problems: Problems) -> None:
    """Give every node a name: its id, for an e-mail its template, else its kind and number."""
    taken: dict[str, Node] = {}
    for node in every(nodes):
        if node.id is not None:
            if node.id in taken:
                problems.error((*node.path, "id"), f'two steps have the id "{node.id}"')
            taken[node.id] = node
            node.name = node.id
    for node in every(nodes):
        if node.name:
            continue
        stem = str(node.arguments.get("template", "")) if node.kind == "send_email" else ""
        plain = stem and "{" not in stem and "." not in stem
        candidates = [stem] if plain else []
        stem = stem if plain else node.kind
        number = 1
        while not candidates or candidates[-1] in taken:
            number += 1 if plain else 0
            candidates.append(f"{stem}-{number}")
            number += 0 if plain else 1
        node.name = candidates[-1]
        taken[node.name] = node


def flatten(nodes: list[Node], problems: Problems, line_of: Callable[[Path], int | None]) -> list[Step]:
    """The flat steps in the order of the document; the first one is where everybody starts."""
    entries = {node.name: _entry(node) for node in every(nodes)}
    steps: list[Step] = []

    def target(name: Any, path: Path) -> str | None:
        if name in entries:
            return entries[name]
        problems.error(
            path, f'there is no step "{name}" to go to', suggestion(str(name), list(entries), "steps")
        )
        return None

    def lay(branch: list[Node], after: str | None) -> str | None:
        """Emit the steps of one list, and say where it is entered."""
        for number, node in enumerate(branch):
            follower = _entry(branch[number + 1]) if number + 1 < len(branch) else after
            emit(node, follower)
        return _entry(branch[0]) if branch else after

    def add(node: Node, name: str, kind: str, arguments: dict[str, Any], **links: str | None) -> None:
        line = line_of(node.path)
        policy = None if kind == "if" and name.endswith(GUARD) else _resolved(node, target)
        step = Step(
            name=name, kind=kind, arguments=arguments, policy=policy, path=node.path, line=line, **links
        )
        steps.append(step)

    def emit(node: Node, follower: str | None) -> None:
        if node.when is not None:
            guard = {"when": node.when, "guards": node.name}
            add(node, node.name + GUARD, "if", guard, next=node.name, other=follower)
        if node.kind == SPLIT:
            emit_split(node, follower)
            return
        place = len(steps)
        branches = {name: lay(branch, follower) for name, branch in node.branches.items()}
        laid = steps[place:]
        del steps[place:]
        following, other = follower, None
        if node.kind in ("if", "wait_for"):
            following, other = branches.get("then", follower), branches.get("else", follower)
        elif node.kind == "goto":
            following = target(node.arguments.get("step"), (*node.verb_path, "step"))
        elif node.kind == "exit":
            following = None
        elif node.kind == "wait_until":
            past = node.arguments.get("past", "continue")
            if isinstance(past, dict):
                other = target(past["goto"], (*node.verb_path, "past", "goto"))
            else:
                other = follower if past == "continue" else None
        add(node, node.name, node.kind, node.arguments, next=following, other=other)
        steps.extend(laid)

    def emit_split(node: Node, follower: str | None) -> None:
        """A chain of two-way tests over one number per person; the last branch needs no test."""
        total, below = sum(node.weights.values()), 0
        names = list(node.weights)
        place = len(steps)
        branches = {name: lay(branch, follower) for name, branch in node.branches.items()}
        laid = steps[place:]
        del steps[place:]
        for number, branch in enumerate(names[:-1]):
            below += node.weights[branch]
            arguments = {"salt": node.name, "branch": branch, "below": below, "of": total}
            last = number == len(names) - 2
            other = branches[names[-1]] if last else f"{node.name}.{number + 2}"
            name = node.name if number == 0 else f"{node.name}.{number + 1}"
            if last:
                arguments["else"] = names[-1]
            add(node, name, SPLIT, arguments, next=branches[branch], other=other)
        steps.extend(laid)

    lay(nodes, None)
    return steps


def warn_about(steps: list[Step], problems: Problems) -> None:
    """Steps nobody can reach, and loops in which nobody waits."""
    by_name = {step.name: step for step in steps}
    reached = _reached(by_name, [steps[0].name] if steps else [])
    told: set[Path] = set()
    for step in steps:
        if step.name in reached or step.path in told:
            continue
        told.add(step.path)
        if (*step.path[:-1], _number(step.path) - 1) not in told:
            problems.warn(step.path, f'nobody can reach the step "{step.name.removesuffix(GUARD)}"')
    for cycle in _loops(by_name):
        shown = [name for name in cycle if not name.endswith(GUARD)]
        names = " → ".join([*shown, shown[0]])
        problems.warn(by_name[cycle[0]].path, f"{names} repeat without a wait", "put a `wait` into the loop")


def _entry(node: Node) -> str:
    return node.name + GUARD if node.when is not None else node.name


def _resolved(node: Node, target: Callable[[Any, Path], str | None]) -> Policy | None:
    if node.policy is None or node.policy.goto is None:
        return node.policy
    return node.policy.model_copy(update={"goto": target(node.policy.goto, (*node.path, "on_error", "goto"))})


def _number(path: Path) -> int:
    return path[-1] if isinstance(path[-1], int) else -1


def _follow(step: Step) -> list[str]:
    """Where the engine may go from here."""
    found = [step.next, step.other, step.policy.goto if step.policy else None]
    return [name for name in found if name is not None]


def _reached(by_name: dict[str, Step], todo: list[str]) -> set[str]:
    reached: set[str] = set()
    while todo:
        name = todo.pop()
        if name not in reached and name in by_name:
            reached.add(name)
            todo += _follow(by_name[name])
    return reached


def _loops(by_name: dict[str, Step]) -> Iterable[list[str]]:
    """One cycle per group of steps that reach each other without passing a wait."""
    done: set[str] = set()
    for start, step in by_name.items():
        if start in done or step.kind in _WAITS:
            continue
        trail, stack = [start], [iter(_follow(step))]
        on_trail = {start}
        while stack:
            following = next(stack[-1], None)
            if following is None:
                done.add(trail[-1])
                on_trail.discard(trail.pop())
                stack.pop()
            elif following in on_trail:
                yield trail[trail.index(following) :]
                done.update(trail)
                break
            elif following not in done and following in by_name and by_name[following].kind not in _WAITS:
                trail.append(following)
                on_trail.add(following)
                stack.append(iter(_follow(by_name[following])))

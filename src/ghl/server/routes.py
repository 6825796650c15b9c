"""From a method and a path to the operation that lives there."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from ghl import nouns
from ghl.sdk.operation import Operation

Kind = type[Operation[Any]]


class Routes:
    """Every operation by its path: a tree of segments, literal ones before fields."""

    def __init__(self, operations: dict[str, Kind] | None = None) -> None:
        self._root: dict[str, Any] = {}
        self.operations = nouns.operations() if operations is None else operations
        for operation in self.operations.values():
            self._add(operation)

    def _add(self, operation: Kind) -> None:
        node = self._root
        for segment in operation.__route__.path.strip("/").split("/"):
            node = node.setdefault("{}" if segment.startswith("{") else segment, {})
        methods = node.setdefault("", {})
        taken = methods.setdefault(operation.__route__.method, operation)
        if taken is not operation:
            raise ValueError(f"{operation.__name__} and {taken.__name__} have the same route")

    def find(self, method: str, path: str) -> tuple[Kind | None, dict[str, str], list[str]]:
        """The operation, the fields in its path, and the methods that the path knows."""
        segments = path.strip("/").split("/")
        found = self._walk(self._root, segments, 0, [])
        if found is None:
            return None, {}, []
        methods, values = found
        operation: Kind | None = methods.get(method)
        if operation is None:
            return None, {}, sorted(methods)
        names = [s[1:-1] for s in operation.__route__.path.strip("/").split("/") if s.startswith("{")]
        return operation, dict(zip(names, (unquote(v) for v in values), strict=True)), sorted(methods)

    def _walk(
        self, node: dict[str, Any], segments: list[str], index: int, values: list[str]
    ) -> tuple[dict[str, Kind], list[str]] | None:
        if index == len(segments):
            return (node[""], values) if "" in node else None
        segment = segments[index]
        if segment and segment in node:
            found = self._walk(node[segment], segments, index + 1, values)
            if found is not None:
                return found
        if segment and "{}" in node:
            return self._walk(node["{}"], segments, index + 1, [*values, segment])
        return None

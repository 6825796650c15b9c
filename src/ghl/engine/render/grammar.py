"""The part of Jinja2 that templates may use, its rewriting into sandboxed look-ups, and what it costs."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

from jinja2 import nodes

from ghl.engine.render import environment as sandbox
from ghl.engine.render.filters import FILTERS, METHODS, TAKES_NOTHING, TESTS
from ghl.engine.render.findings import Findings, Path
from ghl.engine.render.plain import INTEGER_BITS
from ghl.engine.render.source import Expanded, Reference

EXPRESSION_DEPTH = 40
STATEMENT_DEPTH = 16
LOOP_DEPTH = 3
NODES_LIMIT = 8_000

_LOOP_NAMES = {"index", "index0", "revindex", "revindex0", "first", "last", "length", "depth"}
_RESERVED = {"self", "super", "caller", "varargs", "kwargs"}  # names that the compiler gives a meaning
_TAGS: dict[type[nodes.Node], str] = {
    nodes.Macro: "macro", nodes.CallBlock: "call", nodes.FilterBlock: "filter", nodes.With: "with",
    nodes.Block: "block", nodes.Extends: "extends", nodes.Import: "import", nodes.FromImport: "from",
    nodes.AssignBlock: "set … endset", nodes.Scope: "autoescape", nodes.ExprStmt: "do",
}  # fmt: skip
_EMPTY_TESTS = {"defined", "undefined", "none", "blank"}
_ORDERING = {"lt", "lteq", "gt", "gteq", "in", "notin"}


class Grammar:
    """One walk over a parsed part. `contexts` says where in the HTML each printed expression stands."""

    def __init__(
        self, source: Expanded, contexts: Sequence[str] | None = None, *, gives: bool = False
    ) -> None:
        self.source = source
        self.contexts = list(contexts or ())
        self.gives = gives
        self.printed = 0
        self.found = Findings()

    def rewrite(self, template: nodes.Template) -> Findings:
        """Check the tree and change it in place."""
        self._statements(template.body, {}, 0, 0)
        return self.found

    def _statements(
        self, body: Sequence[nodes.Node], scope: dict[str, str | None], depth: int, loops: int
    ) -> None:
        if depth > STATEMENT_DEPTH:
            line = body[0].lineno if body else 1
            raise self.source.error("blocks are nested too deeply", line)
        for node in body:
            if isinstance(node, nodes.Output):
                node.nodes = [self._printed(one, scope) for one in node.nodes]
            elif isinstance(node, nodes.If):
                node.test = self._whole(node.test, scope)
                self._statements(node.body, scope, depth + 1, loops)
                self._statements(node.elif_, scope, depth + 1, loops)
                self._statements(node.else_, scope, depth + 1, loops)
            elif isinstance(node, nodes.For):
                self._for(node, scope, depth, loops + 1)
            elif isinstance(node, nodes.Assign):
                self.found.costly = True
                path = self._path_of(node.node, scope)
                node.node = self._whole(node.node, scope)
                self._bind(node.target, path.full if path else None, scope)
            else:
                self._refuse(node)

    def _refuse(self, node: nodes.Node) -> None:
        line = next((one.lineno for one in (node, *node.find_all(nodes.Node)) if one.lineno), 1)
        if isinstance(node, nodes.Include):
            hint = '{% include "footer" %}'
            raise self.source.error("include takes the name of a partial in quotes, alone", line, hint=hint)
        tag = _TAGS.get(type(node), type(node).__name__.lower())
        raise self.source.error(f'a template cannot use "{tag}"', line, hint="if, for, set and include")

    def _for(self, node: nodes.For, scope: dict[str, str | None], depth: int, loops: int) -> None:
        if loops > LOOP_DEPTH:
            raise self.source.error(f"loops are nested more than {LOOP_DEPTH} deep", node.lineno)
        if node.recursive:
            raise self.source.error("a loop cannot be recursive", node.lineno)
        self.found.loops += 1
        path = self._path_of(node.iter, scope)
        name = path.shown if path else "what a loop goes through"
        looped = self._filter(self._whole(node.iter, scope), sandbox.LOOP, name)
        node.iter = looped
        inner = {**scope, "loop": "loop"}
        self._bind(node.target, f"{path.full}[]" if path and path.full else None, inner)
        if node.test is not None:
            node.test = self._whole(node.test, inner)
        self._statements(node.body, inner, depth + 1, loops)
        self._statements(node.else_, scope, depth + 1, loops)

    def _bind(self, target: nodes.Node, path: str | None, scope: dict[str, str | None]) -> None:
        names = target.items if isinstance(target, nodes.Tuple) else [target]
        for name in names:
            if not isinstance(name, nodes.Name) or name.name.startswith("_") or name.name == "loop":
                raise self.source.error("only a plain name can be set", target.lineno)
            scope[name.name] = path if len(names) == 1 else None

    def _printed(self, node: nodes.Expr, scope: dict[str, str | None]) -> nodes.Expr:
        if isinstance(node, nodes.TemplateData):
            return node
        context = self.contexts[self.printed] if self.printed < len(self.contexts) else "text"
        self.printed += 1
        path = self._path_of(node, scope)
        inner = self._whole(node, scope)
        if self.gives:
            return self._filter(inner, sandbox.GIVE)
        kind = {"url": sandbox.PRINT_URL, "style": sandbox.PRINT_STYLE}.get(context, sandbox.PRINT)
        return self._filter(inner, kind, path.shown if path else self._named(node))

    def _named(self, node: nodes.Expr) -> str:
        """What an error calls a printed expression that is more than a path."""
        first = next(iter(node.find_all(nodes.Name)), None)
        return f"what {first.name} gives" if first is not None else "an expression"

    def _whole(self, node: nodes.Node, scope: dict[str, str | None]) -> nodes.Expr:
        before = self.found.nodes
        result: nodes.Expr = self._expression(node, scope, 0)
        self.found.largest = max(self.found.largest, self.found.nodes - before)
        return result

    def _expression(
        self,
        node: nodes.Node,
        scope: dict[str, str | None],
        depth: int,
        *,
        needed: bool = False,
        optional: bool = False,
    ) -> Any:
        self.found.nodes += 1
        if self.found.nodes > NODES_LIMIT:
            raise self.source.error("the template is too long", node.lineno)
        if depth > EXPRESSION_DEPTH:
            raise self.source.error("an expression is nested too deeply", node.lineno)
        path = self._path_of(node, scope)
        if path is not None:
            return self._look_up(node, path, scope, needed, optional)

        def inner(child: nodes.Node, needed: bool = False, optional: bool = False) -> Any:
            return self._expression(child, scope, depth + 1, needed=needed, optional=optional)

        if isinstance(node, nodes.Const):
            if isinstance(node.value, int) and node.value.bit_length() > INTEGER_BITS:
                raise self.source.error("a number is too large", node.lineno)
        elif isinstance(node, nodes.Filter):
            return self._filtered(node, inner)
        elif isinstance(node, nodes.Call):
            return self._called(node, inner)
        elif isinstance(node, nodes.Test):
            if node.name not in TESTS and node.name not in _EMPTY_TESTS:
                raise self._unknown("test", node.name, [*TESTS, "defined"], node.lineno)
            empty = node.name in _EMPTY_TESTS
            node.node = inner(node.node, needed=not empty, optional=empty)
            node.args = [inner(one) for one in node.args]
            self._no_extras(node)
        elif isinstance(node, nodes.CondExpr):
            node.test, node.expr1 = inner(node.test), inner(node.expr1)
            node.expr2 = inner(node.expr2) if node.expr2 is not None else None
        elif isinstance(node, nodes.And | nodes.Or):
            node.left, node.right = inner(node.left), inner(node.right)
        elif isinstance(node, nodes.BinExpr):
            self.found.costly = True
            node.left, node.right = inner(node.left, needed=True), inner(node.right, needed=True)
        elif isinstance(node, nodes.Not):
            node.node = inner(node.node)
        elif isinstance(node, nodes.Neg | nodes.Pos):
            node.node = inner(node.node, needed=True)
        elif isinstance(node, nodes.Compare):
            ordering = any(one.op in _ORDERING for one in node.ops)
            node.expr = inner(node.expr, needed=ordering)
            for one in node.ops:
                one.expr = inner(one.expr, needed=ordering)
        elif isinstance(node, nodes.Concat):
            node.nodes = [
                self._filter(inner(one), sandbox.PRINT, self._name(one, scope)) for one in node.nodes
            ]
        elif isinstance(node, nodes.Tuple | nodes.List):
            node.items = [inner(one) for one in node.items]
        elif isinstance(node, nodes.Dict):
            for pair in node.items:
                if not isinstance(pair.key, nodes.Const) or not isinstance(pair.key.value, str):
                    raise self.source.error("the keys of a dictionary are texts in quotes", node.lineno)
                pair.value = inner(pair.value)
        elif isinstance(node, nodes.Getitem) and not isinstance(node.arg, nodes.Slice):
            return self._filter(inner(node.node, needed=True), sandbox.ITEM, inner(node.arg))
        else:
            raise self._unusable(node)
        return node

    def _unusable(self, node: nodes.Node) -> Exception:
        if isinstance(node, nodes.Getitem):
            return self.source.error(
                "a text cannot be cut with [:]", node.lineno, hint="{{ text | truncate(50) }}"
            )
        if isinstance(node, nodes.Getattr):
            hint = "name values by their path: {{ contact.company.name }}"
            return self.source.error(f'".{node.attr}" cannot be used here', node.lineno, hint=hint)
        if isinstance(node, nodes.Name):
            return self.source.error(f'"{node.name}" cannot be used here', node.lineno)
        return self.source.error("this cannot be used in a template", node.lineno)

    def _filtered(self, node: nodes.Filter, inner: Any) -> nodes.Expr:
        if node.name not in FILTERS or node.node is None:
            raise self._unknown("filter", node.name, FILTERS, node.lineno)
        takes_nothing = node.name in TAKES_NOTHING
        node.node = inner(node.node, needed=not takes_nothing, optional=takes_nothing)
        node.args = [inner(one) for one in node.args]
        for pair in node.kwargs:
            pair.value = inner(pair.value)
        self._no_extras(node)
        return node

    def _called(self, node: nodes.Call, inner: Any) -> nodes.Expr:
        """Methods of texts become filters; nothing else is ever called."""
        method = node.node.attr if isinstance(node.node, nodes.Getattr) else ""
        if method not in METHODS:
            name = method or (node.node.name if isinstance(node.node, nodes.Name) else "this")
            hint = (
                f"{{{{ value | {name} }}}}" if name in FILTERS else "filters do the work: {{ name | upper }}"
            )
            message = f'"{name}" cannot be called in a template'
            raise self.source.error(message, node.lineno, hint=hint)
        assert isinstance(node.node, nodes.Getattr)
        filtered = nodes.Filter(
            node.node.node,
            METHODS[method],
            node.args,
            node.kwargs,
            node.dyn_args,
            node.dyn_kwargs,
            lineno=node.lineno,
        )
        return self._filtered(filtered, inner)

    def _no_extras(self, node: nodes.Filter | nodes.Test) -> None:
        if node.dyn_args is not None or node.dyn_kwargs is not None or len(node.args) + len(node.kwargs) > 8:
            raise self.source.error(f"{node.name} cannot take these arguments", node.lineno)
        if isinstance(node, nodes.Test) and node.kwargs:
            raise self.source.error(f"{node.name} cannot take these arguments", node.lineno)

    def _unknown(self, kind: str, name: str, known: Any, line: int) -> Exception:
        near = get_close_matches(name, list(known), 1)
        hint = f"{near[0]}?" if near else f"{kind}s: {', '.join(sorted(known))}"
        return self.source.error(f'there is no {kind} "{name}"', line, hint=hint, word=name)

    def _name(self, node: nodes.Expr, scope: dict[str, str | None]) -> str:
        path = self._path_of(node, scope)
        return path.shown if path else self._named(node)

    def _path_of(self, node: nodes.Node, scope: dict[str, str | None]) -> Path | None:
        keys: list[str | int] = []
        at = node
        while not isinstance(at, nodes.Name):
            if isinstance(at, nodes.Getattr):
                keys.append(at.attr)
            elif (
                isinstance(at, nodes.Getitem)
                and isinstance(at.arg, nodes.Const)
                and type(at.arg.value) in (str, int)
            ):
                keys.append(at.arg.value)
            else:
                return None
            at = at.node
        keys.reverse()
        for key in (at.name, *keys):
            if isinstance(key, str) and (key.startswith("_") or (key is at.name and key in _RESERVED)):
                raise self.source.error(f'"{key}" is not the name of a value', node.lineno)
        written = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys)
        alias = scope.get(at.name, at.name)
        full = alias + written if alias is not None else None
        return Path(at.name + written, tuple(keys), at.name, full)

    def _look_up(
        self, node: nodes.Node, path: Path, scope: dict[str, str | None], needed: bool, optional: bool
    ) -> nodes.Expr:
        if path.root == "loop" and "loop" in scope:
            if len(path.keys) != 1 or path.keys[0] not in _LOOP_NAMES:
                raise self.source.error(f'"{path.shown}" is not something a loop has', node.lineno)
            return node  # type: ignore[return-value]
        if path.full is not None:
            template, line = self.source.place(node.lineno)
            column = self.source.column(node.lineno, path.shown)
            self.found.references.append(Reference(path.full, line, self.source.part, optional, template, column))
        value = nodes.Name(path.root, "load", lineno=node.lineno)
        if not path.keys and not needed:
            return value
        return self._filter(value, sandbox.NEEDED if needed else sandbox.PATH, path.shown, *path.keys)

    def _filter(self, node: Any, name: str, *arguments: Any) -> nodes.Filter:
        given: list[nodes.Expr] = [
            one if isinstance(one, nodes.Expr) else nodes.Const(one) for one in arguments
        ]
        return nodes.Filter(node, name, given, [], None, None, lineno=node.lineno)

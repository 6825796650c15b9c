"""The Jinja2 sandbox: no loader, no globals, no attributes, only our filters, tests and counted operators."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Any, NoReturn

from jinja2 import StrictUndefined, Undefined, pass_context
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from ghl.engine.render.filters import FILTERS, TAKES_NOTHING, TESTS
from ghl.engine.render.meter import Meter
from ghl.engine.render.plain import INTEGER_BITS, PLAIN
from ghl.engine.render.values import number, shown
from ghl.errors import TemplateError

# Filters that the compiler puts in. Their names hold a space, so no template can write them.
PATH, NEEDED, ITEM, PRINT, PRINT_URL, PRINT_STYLE, LOOP, GIVE = (
    "a path", "a needed path", "an item", "to print", "to print as an address", "to print as a style",
    "to loop over", "to give",
)  # fmt: skip

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:")
_LINKABLE = ("http:", "https:", "mailto:", "tel:", "sms:")
_UNSEEN = re.compile(r"[\x00-\x20\x7f-\x9f\u200b-\u200f\u2028-\u202f]+")
_STYLE = re.compile(r"[\w\s.#%,-]*")
_PATH = re.compile(r"[\w.\[\]]+")
_NOWHERE = object()
_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
    "//": operator.floordiv, "%": operator.mod, "**": operator.pow,
}  # fmt: skip


class Missing(StrictUndefined):
    """A value that is not there; whatever uses it but `default` and `is defined` names it and stops."""

    __slots__ = ()

    def __init__(
        self, hint: str | None = None, obj: Any = None, name: str | None = None, exc: Any = None
    ) -> None:
        super().__init__(hint, obj, name, _missing)  # type: ignore[arg-type]  # it is only ever called

    @property
    def _undefined_message(self) -> str:
        return self._undefined_hint or f"{self._undefined_name} has no value"

    @property
    def path(self) -> str:
        """The name under which it was looked for."""
        return str(self._undefined_name)

    def fail(self) -> NoReturn:
        """Raise the error that names it."""
        self._fail_with_undefined_error()


def _missing(message: str) -> TemplateError:
    path = message.removesuffix(" has no value")
    written = path if _PATH.fullmatch(path) else "name"
    return TemplateError(message, hint=f"give it a default: {{{{ {written} | default('there') }}}}")


class Sandbox(ImmutableSandboxedEnvironment):
    """One of the walls: the grammar lets nothing through that would need it."""

    intercepted_binops = frozenset(_OPERATORS)
    intercepted_unops = frozenset("+-")

    def __init__(self, *, html: bool) -> None:
        # Optimising would run filters while a template is compiled, outside every limit.
        super().__init__(autoescape=html, undefined=Missing, optimized=False, loader=None, cache_size=0)
        self.globals.clear()
        self.context_class = Metered
        self.filters = {name: _filter(name, run) for name, run in FILTERS.items()}
        self.filters |= {
            PATH: _path, NEEDED: _needed_path, ITEM: _item, LOOP: _loop, GIVE: _give,
            PRINT: _print, PRINT_URL: _print_url, PRINT_STYLE: _print_style,
        }  # fmt: skip
        if html:
            self.filters |= {"nl2br": _filter("nl2br", _breaks), "e": _escaped, "escape": _escaped}
        self.tests = {name: _test(name, run) for name, run in TESTS.items()}
        self.tests |= {
            "defined": lambda value: not isinstance(value, Missing),
            "undefined": lambda value: isinstance(value, Missing),
        }

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Only a loop's own counters are ever asked for; data is looked up by PATH."""
        if type(obj).__name__ == "LoopContext" and not attribute.startswith("_"):
            return super().getattr(obj, attribute)
        return Missing(name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        return Missing(name=str(argument))

    def is_safe_callable(self, obj: Any) -> bool:
        return False

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Arithmetic on numbers of a bounded size, and + for texts; never * or % on texts."""
        meter: Meter = context.meter  # type: ignore[attr-defined]
        meter.spend(0)
        if operator == "+" and isinstance(left, str) and isinstance(right, str):
            meter.spend(len(left) + len(right))
            meter.room(len(left) + len(right))
            return str.__str__(left) + str.__str__(right)
        a, b = _operand(left), _operand(right)
        if operator == "**" and not (abs(b) <= 64 and abs(a) <= 10**6):
            raise TemplateError("** takes a base up to a million and an exponent up to 64")
        if isinstance(a, float) or isinstance(b, float):
            a, b = float(a), float(b)
        try:
            result = _OPERATORS[operator](a, b)
        except (ArithmeticError, ValueError):
            raise TemplateError(f"{left} {operator} {right} cannot be calculated") from None
        if isinstance(result, complex) or (isinstance(result, int) and result.bit_length() > INTEGER_BITS):
            raise TemplateError(f"the result of {operator} is too large")
        return result

    def call_unop(self, context: Context, operator: str, arg: Any) -> Any:
        value = _operand(arg)
        return -value if operator == "-" else value


class Metered(Context):
    """The context of one rendering, with its meter."""

    meter: Meter


def _operand(value: Any) -> Any:
    if isinstance(value, Missing):
        value.fail()
    if isinstance(value, bool) or value is None or isinstance(value, str | list | tuple):
        raise TemplateError(f'"{str(value)[:40]}" is not a number to calculate with')
    return number(value)


def _filter(name: str, run: Callable[..., Any]) -> Callable[..., Any]:
    empty_is_fine = name in TAKES_NOTHING

    @pass_context
    def metered(context: Metered, value: Any, *arguments: Any, **named: Any) -> Any:
        meter = context.meter
        meter.spend(_size(value))
        for given in (*arguments, *named.values()):
            if isinstance(given, str):
                meter.spend(len(given))
            elif isinstance(given, Missing) and not empty_is_fine:
                given.fail()
        if isinstance(value, Missing):
            if not empty_is_fine:
                value.fail()
            value = None
        elif isinstance(value, Markup) and run is not _breaks:
            value = str.__str__(
                value
            )  # what is changed is no longer known to be safe, so it is escaped again
        try:
            result = run(meter, value, *arguments, **named)
        except (TypeError, AttributeError):
            raise TemplateError(f"{name} cannot be used so", hint="see the filters of templates") from None
        except (ArithmeticError, ValueError) as error:
            if isinstance(error, TemplateError):
                raise
            raise TemplateError(f"{name} cannot use this value") from None
        if isinstance(result, str):
            meter.room(len(result))
        return result

    return metered


def _test(name: str, run: Callable[..., bool]) -> Callable[..., bool]:
    @pass_context
    def metered(context: Metered, value: Any, *arguments: Any) -> bool:
        context.meter.spend(_size(value))
        if isinstance(value, Missing):
            if name not in ("none", "blank"):
                value.fail()
            value = None
        try:
            return bool(run(value, *arguments))
        except (TypeError, ArithmeticError):
            raise TemplateError(f'the test "{name}" cannot be used so') from None

    return metered


def _size(value: Any) -> int:
    if isinstance(value, str):
        return len(value)
    return 30 * len(value) if isinstance(value, list | dict | tuple) else 0


def _path(value: Any, path: str, *keys: str | int) -> Any:
    """Look keys up in dictionaries and lists. Nothing of Python's attributes is within reach."""
    for key in keys:
        if type(value) is dict:
            value = value.get(key, _NOWHERE)
        elif type(value) is list and type(key) is int:
            value = value[key] if -len(value) <= key < len(value) else _NOWHERE
        else:
            value = _NOWHERE
        if value is _NOWHERE:
            return Missing(name=path)
    return value


def _needed_path(value: Any, path: str, *keys: str | int) -> Any:
    found = _path(value, path, *keys)
    if found is None or isinstance(found, Missing):
        raise _missing(f"{path} has no value")
    return found


def _item(value: Any, key: Any) -> Any:
    if isinstance(key, Missing):
        key.fail()
    if not isinstance(key, str | int) or isinstance(key, bool):
        raise TemplateError("only a text or a whole number can be looked up")
    return _path(value, str(key)[:60], str.__str__(key) if isinstance(key, str) else key)


@pass_context
def _loop(context: Metered, value: Any, path: str) -> Any:
    if isinstance(value, Missing) or value is None:
        raise _missing(f"{path} has no value")
    if not isinstance(value, list | dict | tuple):
        raise TemplateError(f"{path} is not a list")
    context.meter.spend(60 * len(value))
    return value


@pass_context
def _print(context: Metered, value: Any, path: str) -> Any:
    meter = context.meter
    if type(value) is str or type(value) is Markup:
        meter.spend(len(value))
        return value
    if value is None or isinstance(value, Missing):
        hint = value._undefined_hint if isinstance(value, Missing) else None
        raise _missing(hint or f"{path} has no value")
    if isinstance(value, Undefined):
        return ""  # the other half of `a if b`, which the language leaves empty
    meter.spend(_size(value))
    try:
        return shown(value)
    except TemplateError as error:
        raise TemplateError(f"{path} {error.message}", hint=error.hint) from None


@pass_context
def _print_url(context: Metered, value: Any, path: str) -> Any:
    """At the beginning of a link: only addresses that are safe to follow."""
    address = str.__str__(_print(context, value, path))
    scheme = _SCHEME.match(_UNSEEN.sub("", address).lower())
    if scheme is not None and scheme[0] not in _LINKABLE:
        message = f"{path} is not an address that a message may link to"
        raise TemplateError(message, hint="https://example.com")
    return address.strip()


@pass_context
def _print_style(context: Metered, value: Any, path: str) -> Any:
    style = str.__str__(_print(context, value, path))
    if _STYLE.fullmatch(style) is None:
        raise TemplateError(f"{path} cannot stand in a style", hint="a colour, a length or a word")
    return style


@pass_context
def _give(context: Metered, value: Any) -> str:
    """The value itself, for whoever renders a single expression."""
    if isinstance(value, Missing):
        value.fail()
    if isinstance(value, Undefined):
        value = None
    if not isinstance(value, PLAIN):
        raise TemplateError("the expression gives nothing that can be used")
    context.vars["given"] = str.__str__(value) if isinstance(value, str) else value
    return ""


def _breaks(meter: Meter, value: Any) -> Markup:
    escaped = escape(value if isinstance(value, Markup) else shown(value))
    meter.room(len(escaped) + 4 * escaped.count("\n"))
    return Markup("<br>\n").join(escaped.split("\n"))


@pass_context
def _escaped(context: Metered, value: Any) -> Markup:
    if isinstance(value, Markup):
        return value
    return escape(_print(context, value, "an empty value"))

"""The names that texts may use: what each holds, and what was meant by one that is not there."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, get_args, get_origin

from pydantic import BaseModel

from ghl.engine.custom import definitions
from ghl.engine.showing import ACCOUNT_FIELDS, OWNER_FIELDS
from ghl.engine.stores import store_of
from ghl.errors import TemplateError
from ghl.sdk.money import Money
from ghl.sdk.workflows.problems import suggestion
from ghl.sdk.workflows.references import REACHES

if TYPE_CHECKING:
    from ghl.engine.render import Reference
    from ghl.engine.tx import Tx

Shape = Any
"""What a name holds: a dictionary of shapes, a list of one, ANYTHING, or a VALUE without parts."""
ANYTHING = None
VALUE = ()
NAME: dict[str, Shape] = {"name": VALUE}
ACCOUNT = dict.fromkeys(ACCOUNT_FIELDS, VALUE)
OWNER = dict.fromkeys(OWNER_FIELDS, VALUE)
_STEP = re.compile(r"\[(\d*)\]|([^.\[\]]+)")


def names_of(tx: Tx, subject: str, *, message: bool = False, given: Collection[str] = ()) -> dict[str, Shape]:
    """What a text of a workflow about this subject may use; a `message` has more, and what its step gives."""
    found: dict[str, Shape] = {"account": ACCOUNT, "now": VALUE}
    reached = REACHES.get(subject, ())
    if "contact" in reached:
        found |= {"contact": shape(tx, "contact"), "company": NAME, "owner": OWNER}
    if subject != "none":
        found[subject] = shape(tx, subject)
    if message:
        found["unsubscribe_url"] = VALUE
    return found | dict.fromkeys(given, ANYTHING)


def names_of_templates(tx: Tx) -> dict[str, Shape]:
    """All that a template may use, whatever sends it."""
    return names_of(tx, "company") | names_of(tx, "deal", message=True) | {"company": shape(tx, "company")}


def shape(tx: Tx, noun: str) -> dict[str, Shape]:
    """The fields of a noun as texts see them: custom ones beside its own, and under `custom`."""
    custom: dict[str, Shape] = dict.fromkeys(definitions(tx, noun), ANYTHING)
    own = {name: held for name, held in _of_model(store_of(noun).record).items() if name != "custom_fields"}
    return custom | own | {"custom": custom}


def check(references: Iterable[Reference], names: Mapping[str, Shape], *, open: bool = False) -> None:
    """TemplateError for the first name that cannot have a value. With `open`, whoever sends may give more names."""
    for reference in references:
        root, *steps = _STEP.findall(reference.path)
        name = root[1]
        if name in names:
            _follow(reference, name, names[name], steps)
        elif not open:
            raise _unknown(reference, f'there is no "{name}" here', _meant(reference.path, names) or _known(name, names))
        elif meant := _meant(reference.path, names):
            raise _unknown(reference, f'there is no "{name}" here', meant)


def missing(references: Iterable[Reference], names: Mapping[str, Shape]) -> str | None:
    """The first name that a template needs and a step does not give."""
    references = list(references)
    coped = {one.path for one in references if one.optional}
    for one in references:
        root, *steps = _STEP.findall(one.path)
        name: str = root[1]
        if one.optional or name in coped or one.path in coped:
            continue
        if name not in names:
            return name
        try:
            _follow(one, name, names[name], steps)
        except TemplateError:
            return one.path
    return None


def _follow(reference: Reference, path: str, held: Shape, steps: Iterable[tuple[str, str]]) -> None:
    for number, name in steps:
        if held is ANYTHING:
            return
        if isinstance(held, list):
            if name:
                hint = f"{{% for one in {path} %}}{{{{ one.{name} }}}}{{% endfor %}}"
                raise _unknown(reference, f"{path} is a list", hint)
            path, held = f"{path}[{number}]", held[0]
        elif not isinstance(held, dict):
            raise _unknown(reference, f'{path} is one value and has no "{name or number}"', f"{{{{ {path} }}}}")
        elif not name:
            return  # a loop through the names of a record
        elif name not in held:
            near = suggestion(name, held)
            custom = path.endswith(".custom") or path in ("contact", "company", "deal")
            declare = f"ghl fields add {name}" if custom else f"it has: {', '.join(held)}"
            raise _unknown(reference, f'{path} has no field "{name}"', f"{path}.{near}" if near else declare)
        else:
            path, held = f"{path}.{name}", held[name]


def _meant(path: str, names: Mapping[str, Shape]) -> str | None:
    """`contact.first_name` where `first_name` or `contcat.first_name` is written."""
    root, _, rest = path.partition(".")
    contact: dict[str, Shape] = names.get("contact") or {}
    if not rest and root in contact and root not in contact["custom"]:
        return f"{{{{ contact.{root} }}}}"
    near = (suggestion(root, list(names)) or "").removesuffix("?")
    held = names.get(near)
    return f"{near}.{rest}?" if rest and isinstance(held, dict) and _STEP.findall(rest)[0][1] in held else None


def _known(name: str, names: Mapping[str, Shape]) -> str | None:
    return suggestion(name, names) or f"names: {', '.join(names)}"


def _unknown(reference: Reference, message: str, hint: str | None) -> TemplateError:
    return TemplateError(
        message, hint=hint, field=reference.part, line=reference.line, column=reference.column,
        template=reference.template,
    )  # fmt: skip


@cache
def _of_model(model: type[BaseModel]) -> dict[str, Shape]:
    return {name: _of_annotation(info.annotation) for name, info in model.model_fields.items()}


def _of_annotation(annotation: Any) -> Shape:
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is list:
        return [_of_annotation(parts[0])]
    if annotation is Any or annotation is dict or origin is dict:
        return ANYTHING
    if isinstance(annotation, type):
        if issubclass(annotation, Money):
            return {"value": VALUE, "currency": VALUE, "minor": VALUE}
        return _of_model(annotation) if issubclass(annotation, BaseModel) else VALUE
    shapes = [_of_annotation(part) for part in parts if part is not type(None)]
    return next((one for one in shapes if one != VALUE), VALUE)

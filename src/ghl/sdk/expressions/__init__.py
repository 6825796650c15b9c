"""The expression language of filters, branches and audiences: a typed subset of CEL with one syntax tree."""

from __future__ import annotations

from ghl.errors import ExpressionError
from ghl.sdk.expressions.check import check
from ghl.sdk.expressions.json_form import from_json, to_json
from ghl.sdk.expressions.schema import Field, Function, Link, Relation, Schema, Type
from ghl.sdk.expressions.syntax import parse
from ghl.sdk.expressions.tree import Expression, Node
from ghl.sdk.expressions.typed import Checked
from ghl.sdk.expressions.unparse import unparse

__all__ = [
    "Checked",
    "Expression",
    "ExpressionError",
    "Field",
    "Function",
    "Link",
    "Node",
    "Relation",
    "Schema",
    "Type",
    "check",
    "from_json",
    "parse",
    "to_json",
    "unparse",
]

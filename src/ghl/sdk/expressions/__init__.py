"""The expression language of filters, branches and audiences: a typed subset of CEL with one syntax tree."""

from __future__ import annotations

from ghl.sdk.expressions.check import Checked, check
from ghl.sdk.expressions.json_form import from_json, to_json
from ghl.sdk.expressions.schema import Field, Link, Relation, Schema, Type
from ghl.sdk.expressions.syntax import parse
from ghl.sdk.expressions.tree import Node
from ghl.sdk.expressions.unparse import unparse

__all__ = [
    "Checked",
    "Field",
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

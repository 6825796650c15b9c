"""The two back ends of the expression language: on a record, and as SQL. One tree, one meaning."""

from __future__ import annotations

from ghl.engine.expressions.evaluate import evaluate, trace
from ghl.engine.expressions.json_fields import json_field
from ghl.engine.expressions.records import Env, FoldedList, MappingRecord, Record
from ghl.engine.expressions.sources import SqlField, SqlLink, SqlRelation, SqlSource
from ghl.engine.expressions.sql import compile_sql
from ghl.engine.expressions.sql_text import Fragment
from ghl.engine.expressions.tracing import Trace

__all__ = [
    "Env",
    "FoldedList",
    "Fragment",
    "MappingRecord",
    "Record",
    "SqlField",
    "SqlLink",
    "SqlRelation",
    "SqlSource",
    "Trace",
    "compile_sql",
    "evaluate",
    "json_field",
    "trace",
]

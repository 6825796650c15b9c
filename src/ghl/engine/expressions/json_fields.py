"""Fields that are kept in a JSON column, as SQL that never fails: what is not of the type is null."""

from __future__ import annotations

from ghl.engine.expressions.sources import SqlField
from ghl.sdk.expressions.schema import Type

_LEAP = "([0-9]{2}(0[48]|[2468][048]|[13579][26])|(0[48]|[2468][048]|[13579][26])00)-02-29"
_DATE = (
    "([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)"
    f"|02-(0[1-9]|1[0-9]|2[0-8]))|{_LEAP})"
)
_TIME = r"T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{3}Z"
_RANGE = "(abs({v}) < 1e100 and (abs({v}) >= 1e-99 or {v} = 0))"


def json_field(
    type: Type, key: str, dialect: str, *, column: str = "{r}.custom", equals: str = "", ranged: str = ""
) -> SqlField:
    """The value under `key` of a column that holds a JSON object as text.

    `equals` and `ranged` are conditions by an index, as in `SqlField`. An amount is an object with
    `minor` and `currency`, dates and moments are texts of fixed width.
    """
    if '"' in key or "'" in key or "\\" in key or "{" in key:
        raise ValueError(f"{key!r} is no key of a custom field")
    read = _sqlite if dialect == "sqlite" else _postgres
    return read(type, key, column, equals, ranged)


def _sqlite(type: Type, key: str, column: str, equals: str, ranged: str) -> SqlField:
    path = f"'$.\"{key}\"'"
    value, kind = f"json_extract({column}, {path})", f"json_type({column}, {path})"

    def when(condition: str, found: str = value) -> str:
        return f"(case when {condition} then {found} end)"

    match type:
        case Type.NUMBER:
            sql = when(f"{kind} in ('integer', 'real') and {_RANGE.format(v=value)}")
        case Type.BOOL:
            sql = when(f"{kind} in ('true', 'false')")
        case Type.DATE:
            # Back and forth: only a date that exists, in this form, comes back as it was.
            sql = when(f"{kind} = 'text' and date({value}, '+0 days') = {value} and {value} >= '0001'")
        case Type.DATETIME:
            stamped = f"strftime('%Y-%m-%dT%H:%M:%fZ', {value}, '+0 days')"
            sql = when(f"{kind} = 'text' and {stamped} = {value} and {value} >= '0001'")
        case Type.MONEY:
            minor, code = (f"'$.\"{key}\".{part}'" for part in ("minor", "currency"))
            sound = f"json_type({column}, {minor}) = 'integer' and json_type({column}, {code}) = 'text'"
            return SqlField(
                type, when(sound, f"json_extract({column}, {minor})"), True,
                f"coalesce({when(sound, f'json_extract({column}, {code})')}, '')",
            )  # fmt: skip
        case Type.LIST:
            is_array = f"{kind} = 'array'"
            each = f"json_each(case when {is_array} then {column} else '{{{{}}}}' end, {path}) j"
            return SqlField(
                type, member=f"exists (select 1 from {each} where j.type = 'text' and j.value = {{v}})",
                size=f"coalesce({when(is_array, f'json_array_length({column}, {path})')}, 0)",
            )  # fmt: skip
        case Type.JSON:
            sql = f"nullif({kind}, 'null')"
        case _:
            sql = when(f"{kind} = 'text'")
    return SqlField(type, sql, equals=equals, ranged=ranged)


def _postgres(type: Type, key: str, column: str, equals: str, ranged: str) -> SqlField:
    held = f"(cast({column} as jsonb) -> '{key}')"
    text, kind = f"({held} #>> '{{{{}}}}')", f"jsonb_typeof({held})"

    def when(condition: str, found: str = text) -> str:
        return f"(case when {condition} then {found} end)"

    def like(pattern: str) -> str:
        # Braces are doubled since the alias is filled in by `format`.
        pattern = pattern.replace("{", "{{").replace("}", "}}")
        return f"{text} ~ '^({pattern})$'"

    match type:
        case Type.NUMBER:
            # jsonb holds a number as it is, so that this cast rounds once, as a program does.
            cast = f"cast({text} as double precision)"
            exact = like(r"-?[0-9]{1,100}(\.[0-9]{1,140})?")
            sql = when(f"{kind} = 'number' and {exact}", when(_RANGE.format(v=cast), cast))
        case Type.BOOL:
            sql = f"(case {held} when 'true' then 1 when 'false' then 0 end)"
        case Type.DATE:
            sql = when(f"{kind} = 'string' and {like(_DATE)} and {text} >= '0001'")
        case Type.DATETIME:
            sql = when(f"{kind} = 'string' and {like(_DATE + _TIME)} and {text} >= '0001'")
        case Type.MONEY:
            minor, code = f"({held} ->> 'minor')", f"({held} ->> 'currency')"
            sound = f"jsonb_typeof({held} -> 'minor') = 'number' and {minor} ~ '^-?[0-9]{{{{1,18}}}}$'"
            sound += f" and jsonb_typeof({held} -> 'currency') = 'string'"
            return SqlField(
                type, when(sound, f"cast({minor} as bigint)"), True, f"coalesce({when(sound, code)}, '')"
            )
        case Type.LIST:
            array = when(f"{kind} = 'array'", held)
            return SqlField(
                type, member=f"coalesce({array} @> to_jsonb(cast({{v}} as text)), false)",
                size=f"coalesce(jsonb_array_length({array}), 0)",
            )  # fmt: skip
        case Type.JSON:
            sql = f"nullif({kind}, 'null')"
        case _:
            sql = when(f"{kind} = 'string'")
    return SqlField(type, sql, equals=equals, ranged=ranged)


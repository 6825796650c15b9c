"""The functions of the language: what they take and what they give."""

from __future__ import annotations

from dataclasses import dataclass

from ghl.sdk.expressions.schema import Type

T, N, B, D, M, L, S, Y = (
    Type.TEXT, Type.NUMBER, Type.BOOL, Type.DATETIME, Type.DATE, Type.LIST, Type.DURATION, Type.MONEY,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Function:
    """A function with its forms: each the types it takes and the type it gives. Constant ones take texts
    that are known before any record is looked at."""

    name: str
    forms: tuple[tuple[tuple[Type, ...], Type], ...]
    sentence: str
    constant: bool = False


FUNCTIONS: dict[str, Function] = {
    one.name: one
    for one in (
        Function("size", (((T,), N), ((L,), N)), "characters of a text, or items of a list"),
        Function("contains", (((T, T), B),), "whether a text holds another, letter for letter"),
        Function("icontains", (((T, T), B),), "the same, whatever the case"),
        Function("startsWith", (((T, T), B),), "whether a text begins with another"),
        Function("endsWith", (((T, T), B),), "whether a text ends with another"),
        Function("lower", (((T,), T),), "a text in small letters"),
        Function("upper", (((T,), T),), "a text in capital letters"),
        Function("trim", (((T,), T),), "a text without blanks around it"),
        Function("matches", (((T, T), B),), "whether a pattern is found in a text; not where SQL is needed", False),
        Function("abs", (((N,), N),), "a number without its sign"),
        Function("round", (((N,), N),), "the nearest whole number, halves away from zero"),
        Function("floor", (((N,), N),), "the whole number below"),
        Function("ceil", (((N,), N),), "the whole number above"),
        Function("now", (((), D),), "the present moment"),
        Function("today", (((), M), ((T,), M)), "today in the account's zone, or in the given one"),
        Function("date", (((T,), M), ((D,), M), ((D, T), M)), "a date, or the date of a moment in a zone"),
        Function("datetime", (((T,), D),), "a moment: 2026-11-24T10:00:00Z", True),
        Function("duration", (((T,), S),), 'a length of time: "90m", "12h", "3d", "2w"', True),
        Function("money", (((T,), Y), ((N,), Y)), 'an amount: "1000 EUR", or in the account\'s currency', True),
        Function("number", (((Y,), N),), "an amount without its currency"),
        Function("currency", (((Y,), T),), "the currency of an amount"),
        Function("year", (((M,), N), ((D,), N)), "the year of a date"),
        Function("month", (((M,), N), ((D,), N)), "the month of a date, from 1"),
        Function("day", (((M,), N), ((D,), N)), "the day of the month of a date, from 1"),
        Function("hour", (((D,), N),), "the hour of a moment in the account's zone"),
        Function("weekday", (((M,), N), ((D,), N)), "the day of the week, Monday is 1"),
        Function("days_since", (((M,), N), ((D,), N)), "whole days since a date or a moment"),
        Function("days_until", (((M,), N), ((D,), N)), "whole days until a date or a moment"),
    )
}

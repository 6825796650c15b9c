"""The functions of the language: what they take, what they give, and an example of each."""

from __future__ import annotations

from ghl.sdk.expressions.schema import Function, Type

T, N, B, D, M, L, S, Y = (
    Type.TEXT, Type.NUMBER, Type.BOOL, Type.DATE, Type.DATETIME, Type.LIST, Type.DURATION, Type.MONEY,
)  # fmt: skip

_ALL = (
    Function("has", (((Type.ANY,), B),), "whether a field has a value; a list, whether it has an item", "has(email)"),
    Function("size", (((T,), N), ((L,), N)), "characters of a text, or items of a list", "size(tags) > 2"),
    Function("contains", (((T, T), B),), "whether a text holds another, letter for letter", 'city.contains("bon")'),
    Function("icontains", (((T, T), B),), "the same, whatever the case", 'last_name.icontains("silva")'),
    Function("startsWith", (((T, T), B),), "whether a text begins with another", 'phone.startsWith("+351")'),
    Function("endsWith", (((T, T), B),), "whether a text ends with another", 'email.endsWith("@example.com")'),
    Function("matches", (((T, T), B),), "whether a pattern is found in a text; not in filters", r'city.matches(r"^L.*n$")'),
    Function("lower", (((T,), T),), "a text in small letters", 'lower(city) == "lisbon"'),
    Function("upper", (((T,), T),), "a text in capital letters", 'upper(country) == "PT"'),
    Function("trim", (((T,), T),), "a text without blanks around it", 'trim(city) == "Lisbon"'),
    Function("number", (((T,), N), ((Y,), N)), "a text as a number, or an amount without its currency", "number(amount) > 10"),
    Function("currency", (((Y,), T),), "the currency of an amount", 'currency(amount) == "EUR"'),
    Function("abs", (((N,), N),), "a number without its sign", "abs(lead_score) > 5"),
    Function("round", (((N,), N),), "the nearest whole number, halves away from zero", "round(lead_score / 10) == 3"),
    Function("floor", (((N,), N),), "the whole number at or below", "floor(lead_score / 10) == 2"),
    Function("ceil", (((N,), N),), "the whole number at or above", "ceil(lead_score / 10) == 3"),
    Function("now", (((), M),), "the present moment", "created_at < now()"),
    Function("today", (((), D), ((T,), D)), "today in the account's zone, or in a given one", "birthday < today()"),
    Function("date", (((T,), D), ((M,), D), ((M, T), D)), "a date, or the date of a moment in a zone", "date(created_at) == today()"),
    Function("datetime", (((T,), M),), "a moment; without a zone in the account's", 'created_at > datetime("2026-11-24T10:00")'),
    Function("timestamp", (((T,), M),), "the name that CEL has for `datetime`", 'created_at > timestamp("2026-11-24T10:00:00Z")'),
    Function("duration", (((T,), S),), "a length of time in w, d, h, m, s, ms", 'created_at > now() - duration("36h")'),
    Function("money", (((T,), Y), ((N,), Y)), "an amount, in the account's currency if it names none", 'amount > money("1000 EUR")'),
    Function("year", (((D,), N), ((M,), N), ((M, T), N)), "the year of a date or moment", "year(birthday) == 1990"),
    Function("month", (((D,), N), ((M,), N), ((M, T), N)), "the month, from 1", "month(birthday) == month(today())"),
    Function("day", (((D,), N), ((M,), N), ((M, T), N)), "the day of the month, from 1", "day(created_at) == 1"),
    Function("hour", (((M,), N), ((M, T), N)), "the hour of a moment, from 0", "hour(created_at) < 9"),
    Function("minute", (((M,), N), ((M, T), N)), "the minute of a moment, from 0", "minute(created_at) == 0"),
    Function("weekday", (((D,), N), ((M,), N), ((M, T), N)), "the day of the week, Monday is 1", "weekday(created_at) > 5"),
    Function("days_since", (((D,), N), ((M,), N)), "whole days since a date or a moment", "days_since(created_at) > 30"),
    Function("days_until", (((D,), N), ((M,), N)), "whole days until a date or a moment", "days_until(birthday) < 7"),
)  # fmt: skip

FUNCTIONS: dict[str, Function] = {one.name: one for one in _ALL}
ZONED = frozenset(["today", "date", "year", "month", "day", "hour", "minute", "weekday"])
"""Functions whose last argument may be a zone."""
LETTERS = frozenset(["contains", "startsWith", "endsWith"])
"""Functions that compare letter for letter."""

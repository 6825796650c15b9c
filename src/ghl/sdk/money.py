"""Money: an exact decimal value and a currency, stored as whole minor units."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import TYPE_CHECKING, Annotated, Any

from ghl.errors import Invalid
from ghl.sdk.currencies import EXPONENTS, exponent
from ghl.sdk.decimals import EXACT, LARGEST, fitted, read_value

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic_core import CoreSchema


def check_currency(code: str, *, field: str | None = None) -> str:
    """The code in capitals where ISO 4217 has it; anything else raises Invalid with the nearest one."""
    wanted = code.strip().upper()
    exponent(wanted, field=field)
    return wanted


class Money:
    """An amount such as `Money("12.50", "EUR")`; immutable, exact, compared by value and currency.

    Read from `"12.50 EUR"`, `"12.50"`, an int, a Decimal, the wire form `{"value", "currency", "minor"}`
    or a JSON number. A float is taken at its shortest decimal text (12.5 is 12.50) and refused where that
    has more than 15 digits, since then it is not what somebody wrote. Without a currency it is not yet
    money: `currency` is None until `of` or `resolved` fills in the account's. More decimals than the
    currency has, or more minor units than 64 bits hold, raise Invalid.
    """

    __slots__ = ("currency", "value")

    value: Decimal
    currency: str | None

    def __init__(
        self,
        value: str | int | float | Decimal | None = None,
        currency: str | None = None,
        *,
        minor: int | None = None,
    ) -> None:
        if minor is not None:
            if value is not None or currency is None:
                raise Invalid(
                    "minor units need a currency and no other value", hint="Money(minor=1250, currency='EUR')"
                )
            places = exponent(currency)
            if not -LARGEST - 1 <= minor <= LARGEST:
                raise Invalid(f"{minor} {currency} is out of range")
            amount = Decimal(minor).scaleb(-places, EXACT)
        else:
            amount, named = read_value(value, "amount")
            if named and currency and named != currency:
                raise Invalid(f"{value!r} is not in {currency}")
            currency = currency or named
            if currency is not None:
                amount = fitted(amount, currency, "amount")
        object.__setattr__(self, "value", amount)
        object.__setattr__(self, "currency", currency)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"money is immutable: {name} cannot be set")

    __delattr__ = None  # type: ignore[assignment]

    @classmethod
    def of(cls, value: Any, currency: str | None = None, *, field: str | None = None) -> Money:
        """Whatever a request may say for money, with `currency` where it names none.

        Raises Invalid naming the field, the value, and a value that would be accepted.
        """
        name = field or "amount"
        try:
            return _of(value, currency, name)
        except Invalid as error:
            error.field = error.field or field
            raise

    def resolved(self, currency: str) -> Money:
        """The same amount in this currency, if it has none yet."""
        return self if self.currency else _made(fitted(self.value, currency, "amount"), currency)

    @property
    def minor(self) -> int:
        """Whole minor units: 1250 for 12.50 EUR."""
        return int(self.value.scaleb(EXPONENTS[self._named()], EXACT))

    def _named(self) -> str:
        if self.currency is None:
            raise Invalid(f'"{self.value}" has no currency yet', hint=f"{self.value} EUR")
        return self.currency

    def as_dict(self) -> dict[str, Any]:
        """The wire form: value as decimal text, currency, and minor units."""
        return {"value": str(self.value), "currency": self.currency, "minor": self.minor}

    def wire(self) -> dict[str, Any] | str:
        """The wire form, or the plain decimal text while there is no currency."""
        return self.as_dict() if self.currency else format(self.value, "f")

    # --- arithmetic, in one currency

    def __add__(self, other: Money) -> Money:
        if not isinstance(other, Money):
            return NotImplemented
        return _made(fitted(EXACT.add(self.value, self._same(other)), self._named(), "sum"), self.currency)

    def __radd__(self, other: Any) -> Money:
        """So that `sum()` of money in one currency works."""
        return self if other == 0 and not isinstance(other, Money) else NotImplemented

    def __sub__(self, other: Money) -> Money:
        return self + (-other) if isinstance(other, Money) else NotImplemented

    def __neg__(self) -> Money:
        return _made(-self.value if self.value else self.value, self.currency)

    def __mul__(self, times: int | Decimal) -> Money:
        """So many times the amount, rounded half up to the currency's decimals."""
        if isinstance(times, bool) or not isinstance(times, int | Decimal):
            return NotImplemented
        unit = Decimal(1).scaleb(-EXPONENTS[self._named()])
        with localcontext(EXACT):
            product = (self.value * times).quantize(unit, ROUND_HALF_UP)
        return _made(fitted(product, self._named(), "product"), self.currency)

    __rmul__ = __mul__

    def _same(self, other: Money) -> Decimal:
        if self._named() != other._named():
            raise Invalid(f"{self.currency} and {other.currency} cannot be taken together")
        return other.value

    # --- comparison

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Money):
            return NotImplemented
        return self.currency == other.currency and self.value == other.value

    def __hash__(self) -> int:
        return hash((self.value, self.currency))

    def __lt__(self, other: Money) -> bool:
        return self.value < self._same(other) if isinstance(other, Money) else NotImplemented

    def __le__(self, other: Money) -> bool:
        return self.value <= self._same(other) if isinstance(other, Money) else NotImplemented

    def __gt__(self, other: Money) -> bool:
        return self.value > self._same(other) if isinstance(other, Money) else NotImplemented

    def __ge__(self, other: Money) -> bool:
        return self.value >= self._same(other) if isinstance(other, Money) else NotImplemented

    def __bool__(self) -> bool:
        return bool(self.value)

    # --- text

    def __str__(self) -> str:
        return f"{self.value:f} {self.currency}" if self.currency else format(self.value, "f")

    def __repr__(self) -> str:
        return f"Money({str(self)!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _made, (self.value, self.currency)

    # --- pydantic

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core import core_schema  # scripts that only count money need no pydantic

        def read(value: Any, info: core_schema.ValidationInfo) -> Money:
            return cls.of(value, field=info.field_name)

        return core_schema.with_info_plain_validator_function(
            read,
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda money: money.wire(), when_used="json"
            ),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        wire = {
            "type": "object",
            "title": "Money",
            "properties": {
                "value": {"type": "string", "examples": ["12.50"]},
                "currency": {"type": "string", "description": "ISO 4217", "examples": ["EUR"]},
                "minor": {"type": "integer", "description": "Minor units", "examples": [1250]},
            },
            "required": ["value", "currency", "minor"],
        }
        if handler.mode == "serialization":
            return wire
        given = {**wire, "required": []}
        text = {"type": "string", "examples": ["12.50", "12.50 EUR"]}
        return {"anyOf": [text, {"type": "number"}, given], "title": "Money"}


if TYPE_CHECKING:
    Amount = Money | str | int | float | Decimal | Mapping[str, Any]
else:
    Amount = Annotated[Money, "what a request may say for money"]
"""The annotation of a money field of a request: a type checker accepts what `Money.of` reads, and the
field holds Money."""


def _made(value: Decimal, currency: str | None) -> Money:
    """Money of parts that are known to be good."""
    money = object.__new__(Money)
    object.__setattr__(money, "value", value)
    object.__setattr__(money, "currency", currency)
    return money


def _of(value: Any, currency: str | None, name: str) -> Money:
    if isinstance(value, Money):
        return (
            value if value.currency or not currency else _made(fitted(value.value, currency, name), currency)
        )
    if isinstance(value, Mapping):
        return _of_wire(value, currency, name)
    amount, named = read_value(value, name)
    named = named or currency
    return _made(fitted(amount, named, name) if named else amount, named)


def _of_wire(wire: Mapping[str, Any], currency: str | None, name: str) -> Money:
    unknown = sorted(str(key) for key in wire if key not in ("value", "currency", "minor"))
    minor, named = wire.get("minor"), wire.get("currency") or currency
    if (
        unknown
        or not isinstance(named, str | None)
        or isinstance(minor, bool)
        or not isinstance(minor, int | None)
    ):
        at_fault = f'has no "{unknown[0]}"' if unknown else "cannot be read"
        raise Invalid(f"{name} {at_fault}", hint='{"value": "12.50", "currency": "EUR"}')
    if wire.get("value") is None:
        if minor is None or named is None:
            raise Invalid(f"{name} has no value", hint='{"value": "12.50", "currency": "EUR"}')
        return Money(minor=minor, currency=named)
    money = _of(wire["value"], named, name)
    if named and money.currency != named:
        raise Invalid(f'{name} "{wire["value"]}" is not in {named}')
    if minor is not None and (money.currency is None or money.minor != minor):
        raise Invalid(f"{name} {money} is not {minor} minor units", hint="leave `minor` out")
    return money

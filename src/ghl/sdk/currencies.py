"""The currencies of ISO 4217: how many decimals each has, and the signs that people know."""

from __future__ import annotations

from ghl.errors import Invalid

_TWO = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF
CHE CHF CHW CNY COP COU CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ
GYD HKD HNL HRK HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD
MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD
RUB SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH
USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG ZWL
"""
_NONE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE = "BHD IQD JOD KWD LYD OMR TND"
_FOUR = "CLF UYW"

EXPONENTS: dict[str, int] = {
    code: places
    for places, codes in ((2, _TWO), (0, _NONE), (3, _THREE), (4, _FOUR))
    for code in codes.split()
}
"""Decimals of each currency: its smallest unit is one of 10 to that power."""

SIGNS = {
    "EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "INR": "₹", "KRW": "₩", "BRL": "R$", "ILS": "₪", "TRY": "₺",
    "UAH": "₴", "VND": "₫", "PHP": "₱", "NGN": "₦", "CAD": "CA$", "AUD": "A$", "NZD": "NZ$", "MXN": "MX$",
    "HKD": "HK$", "SGD": "S$",
}  # fmt: skip


def exponent(currency: str, *, field: str | None = None) -> int:
    """The decimals of a currency; an unknown code raises Invalid."""
    try:
        return EXPONENTS[currency]
    except KeyError:
        import difflib  # only when something went wrong

        near = currency.strip().upper()
        close = [near] if near in EXPONENTS else difflib.get_close_matches(near, EXPONENTS, 1)
        hint = f"{close[0]}?" if close else "a code of three letters such as EUR"
        raise Invalid(f'there is no currency "{currency}"', hint=hint, field=field) from None

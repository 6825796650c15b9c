"""Countries: a code for a name, and the zone of those that have one."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

from ghl.errors import Invalid
from ghl.sdk.names import fold

# What people write beside the English names of the zone database; folded.
_OTHER_NAMES = """
AE:uae AR:argentine AT:osterreich BE:belgie,belgique BO:bolivia plurinational state of BR:brasil
CD:dr congo,democratic republic of the congo CG:congo,republic of the congo CH:schweiz,suisse,svizzera
CI:ivory coast CN:prc,people's republic of china CZ:czechia,cesko DE:deutschland,alemania,allemagne,alemanha
DK:danmark DO:republica dominicana EG:egipto ES:espana,espagne,spanien,espanha FI:suomi FR:francia,frankreich,franca
GB:uk,u.k.,united kingdom,great britain,britain,england,scotland,wales,northern ireland,reino unido,royaume-uni
GR:hellas HK:hong kong sar HR:hrvatska HU:magyarorszag IE:eire,republic of ireland,irlanda IN:bharat
IT:italia,italie,italien IR:iran islamic republic of JP:nippon,japon KP:north korea,dprk
KR:south korea,korea,republic of korea LA:lao pdr MA:maroc,marruecos MK:macedonia MM:burma,myanmar MO:macao
MX:mejico NL:the netherlands,holland,nederland,paises bajos NO:norge PE:peru PH:the philippines PL:polska,polonia
PT:portugal RO:romania RU:russian federation,rossiya SA:ksa SE:sverige,suecia SK:slovak republic,slovensko
SY:syrian arab republic TL:timor-leste TR:turkiye TZ:united republic of tanzania TW:taiwan roc
UA:ukraina US:usa,u.s.a.,u.s.,united states of america,america,estados unidos,etats-unis,eeuu
VA:holy see VE:bolivarian republic of venezuela VN:viet nam ZA:rsa
"""


def country_code(text: str | None) -> str | None:
    """The ISO 3166 code of a country named by its code or name, such as `PT` for `Portugal`, or None."""
    key = fold(text)
    if len(key) == 2 and key.upper() in _zones():
        return key.upper()
    return _names().get(key.replace(".", ""))


def check_country(text: str, *, field: str | None = None) -> str:
    """The code of a country named by its code or name; anything else raises Invalid with the nearest name."""
    code = country_code(text)
    if code is not None:
        return code
    import difflib  # only when something went wrong

    close = difflib.get_close_matches(fold(text), _names(), 1, 0.7) if len(text.strip()) > 2 else []
    hint = f"{country_name(_names()[close[0]])}?" if close else "a code of two letters or an English name, such as PT or Portugal"
    raise Invalid(f'there is no country "{text}"', hint=hint, field=field)


def check_locale(text: str, *, field: str | None = None) -> str:
    """A language tag as it is written, `pt-PT`; what is none raises Invalid."""
    parts = text.replace("_", "-").split("-")
    language, rest = parts[0], parts[1:]
    shaped = language.isascii() and language.isalpha() and len(language) in (2, 3)
    if not shaped or not all(part.isascii() and part.isalnum() and 2 <= len(part) <= 8 for part in rest):
        raise Invalid(f'"{text}" is no language tag', hint="a language, and a country where that matters: pt or pt-PT", field=field)
    region = next((part for part in rest if len(part) == 2), None)
    if region is not None and country_name(region) is None:
        raise Invalid(f'"{text}" names no country: {region}', hint=f"{language.lower()}, or {language.lower()}-PT", field=field)
    return "-".join([language.lower(), *(p.upper() if len(p) == 2 else p.title() if len(p) == 4 else p for p in rest)])


def country_name(code: str) -> str | None:
    """The English name of a country by its ISO 3166 code."""
    return _table("iso3166.tab").get(code.upper())


def zone_of_country(country: str | None) -> str | None:
    """The zone of a country that has exactly one, by its code or name; None for the others."""
    code = country_code(country)
    return _zones()[code] if code else None


@lru_cache(maxsize=1)
def _zones() -> dict[str, str | None]:
    zones: dict[str, str | None] = dict.fromkeys(_table("iso3166.tab"))
    many: set[str] = set()
    for line in _lines("zone.tab"):
        code, _, zone = line.split("\t")[:3]
        zones[code] = None if code in many else zone
        many.add(code)
    return zones


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    names: dict[str, str] = {}
    for code, name in _table("iso3166.tab").items():
        key = fold(name).replace(".", "")
        names[key] = code
        names.setdefault(key.replace(" & ", " and ").replace("st ", "saint "), code)
        bare, _, inside = key.partition(" (")
        if inside and bare not in ("korea", "congo", "samoa", "virgin islands"):
            names.setdefault(bare, code)
    code = ""
    for word in _OTHER_NAMES.replace(",", "\n").split("\n"):
        for piece in _pieces(word):
            if piece[2:3] == ":" and piece[:2].isupper():
                code, piece = piece[:2], piece[3:]
            names[fold(piece).replace(".", "")] = code
    return names


def _pieces(line: str) -> list[str]:
    """A name with spaces, and the next country's code after it where there is one."""
    words = line.split()
    starts = [i for i, word in enumerate(words) if word[2:3] == ":" and word[:2].isupper()]
    cuts = [0, *[i for i in starts if i], len(words)]
    return [" ".join(words[a:b]) for a, b in pairwise(cuts) if a < b]


@lru_cache(maxsize=2)
def _table(file: str) -> dict[str, str]:
    return dict(line.split("\t")[:2] for line in _lines(file))


def _lines(file: str) -> list[str]:
    from importlib import resources  # read when the first country is asked for

    text = resources.files("tzdata").joinpath("zoneinfo", file).read_text("utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]

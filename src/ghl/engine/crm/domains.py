"""Internet domains as match keys: what is typed, pasted or exported, in one form."""

from __future__ import annotations

import re

from ghl.errors import Invalid

_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")


def normalise_domain(text: str, *, field: str = "domain") -> tuple[str, str]:
    """A domain as it is shown, and its key: lower case, ASCII (IDNA 2008), without `www.`.

    A whole address is cut down to its domain: `https://www.Acme.com/about` and `info@acme.com` are acme.com.
    """
    host = text.strip().lower()
    host = re.sub(r"^[a-z][a-z0-9+.-]*://", "", host)
    host = re.split(r"[/?#]", host, maxsplit=1)[0].rsplit("@", 1)[-1]
    host = re.sub(r":\d*$", "", host).removeprefix("www.").rstrip(".")
    key = host if host.isascii() else _ascii(host)
    if "." not in key or len(key) > 253 or not all(_LABEL.fullmatch(label) for label in key.split(".")):
        shown = text.strip() if len(text.strip()) <= 60 else f"{text.strip()[:57]}…"
        raise Invalid(f'"{shown}" is not a domain', hint="acme.com", field=field)
    return host, key


def _ascii(host: str) -> str:
    import idna  # most domains are plain ASCII

    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError:
        return ""

"""Which addresses a program may be told to call: the parts of a URL, and a list wider than "private"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import quote

from ghl.errors import Invalid, UrlRefused

PORTS = {"http": 80, "https": 443}
LONGEST = 2_048

_URL = re.compile(r"(https?)://([^/?#]+)([/?][^#]*)?(?:#.*)?", re.IGNORECASE)
_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]{2,45}\]|[^:\[\]@%]{1,253})(?::([0-9]{1,5}))?")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?")
_NUMBER = re.compile(r"0x[0-9a-f]*|[0-9]+")
_IN_PATH = "!#$%&'()*+,/:;=?@[]~"

# IANA's special-purpose registries, what cloud providers add, and forms that carry another address inside.
_NEVER_4 = [
    IPv4Network(net)
    for net in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32", "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24",
        "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",
        "240.0.0.0/4",
    )
]  # fmt: skip
_GLOBAL_6 = IPv6Network("2000::/3")
_NEVER_6 = [
    IPv6Network(net)
    for net in ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20")
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Target:
    """The parts of a URL that may be called if its addresses may."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def host_header(self) -> str:
        """The host as requests name it, with a port that is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Allowed:
    """What somebody who runs this has opened beside the public internet.

    Entries are `host:port` and `host` (any port) as a URL writes them, or networks (10.1.0.0/16), for
    which the ports stay 80 and 443.
    """

    hosts: frozenset[tuple[str, int | None]] = frozenset()
    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    @classmethod
    def of(cls, entries: Iterable[str]) -> Allowed:
        """Read the entries; Invalid for one that is none of the three."""
        hosts: set[tuple[str, int | None]] = set()
        networks: list[IPv4Network | IPv6Network] = []
        for entry in entries:
            if "/" in entry:
                try:
                    networks.append(ip_network(entry))
                except ValueError:
                    raise Invalid(f'"{entry[:80]}" is not a network', hint="10.1.0.0/16") from None
                continue
            found = _AUTHORITY.fullmatch(entry.strip().lower())
            if found is None:
                raise Invalid(f'"{entry[:80]}" is not a host', hint="intranet.example:8080")
            hosts.add((_host(found[1], entry), int(found[2]) if found[2] else None))
        return cls(frozenset(hosts), tuple(networks))

    def names(self, target: Target) -> bool:
        """Whether the host itself was opened, whatever it resolves to."""
        return (target.host, target.port) in self.hosts or (target.host, None) in self.hosts


def url_error(url: str) -> UrlRefused | None:
    """What is wrong with how a URL is written, up to the first `{{`; whom it may call is judged when it is called."""
    beginning = re.split(r"\{[{%#]", url, maxsplit=1)[0]
    whole = beginning == url or re.match(r"[^/?#]*//[^/?#]+[/?#]", beginning) is not None
    try:
        if whole:
            read_target(beginning)
        elif beginning and not re.match(r"https?://", beginning, re.IGNORECASE):
            raise _refused(url, "is not http:// or https:// with a host, and no user name")
    except UrlRefused as error:
        return error
    return None


def parse_target(url: str, allowed: Allowed) -> Target:
    """The parts of a URL that may be called as far as can be seen, or UrlRefused."""
    target = read_target(url)
    if target.port not in PORTS.values() and not allowed.names(target):
        raise _refused(url, "has a port other than 80 and 443")
    return target


def read_target(url: str) -> Target:
    """The parts of a URL, read in the one way that no other reader could read otherwise, or UrlRefused."""
    if len(url) > LONGEST:
        raise _refused(url, f"is longer than {LONGEST:,} characters")
    if "\\" in url or any(c <= " " or "\x7f" <= c <= "\x9f" for c in url):
        raise _refused(url, "holds a space, a backslash or a control character")
    found = _URL.fullmatch(url)
    authority = _AUTHORITY.fullmatch(found[2]) if found else None
    if found is None or authority is None:
        raise _refused(url, "is not http:// or https:// with a host, and no user name")
    scheme = found[1].lower()
    host = _host(authority[1], url)
    port = int(authority[2]) if authority[2] else PORTS[scheme]
    path = found[3] or "/"
    path = quote(path if path.startswith("/") else f"/{path}", safe=_IN_PATH)
    return Target(scheme, host, port, path)


def _host(written: str, url: str) -> str:
    if written.startswith("["):
        try:
            return str(IPv6Address(written[1:-1]))
        except ValueError:
            raise _refused(url, "has no host that can be read") from None
    host = written
    if not host.isascii():
        import idna  # only for names that are not ASCII

        try:
            host = idna.encode(host, uts46=True, std3_rules=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            raise _refused(url, "has no host that can be read") from None
    host = host.lower().removesuffix(".")
    labels = host.split(".")
    if not all(map(_LABEL.fullmatch, labels)):
        raise _refused(url, "has no host that can be read")
    if _NUMBER.fullmatch(labels[-1]):
        # 2130706433, 0x7f.1 and 0177.0.0.1 are addresses to some readers and names to others.
        try:
            return str(IPv4Address(host))
        except ValueError:
            raise _refused(url, "writes an address in another way than 192.0.2.1") from None
    return host


def is_public(address: str) -> bool:
    """Whether an address is one of the public internet, and no other address in disguise."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False  # with a scope (fe80::1%eth0) too
    if isinstance(parsed, IPv4Address):
        return not any(parsed in net for net in _NEVER_4)
    return parsed in _GLOBAL_6 and not any(parsed in net for net in _NEVER_6)


def judge(target: Target, addresses: Iterable[str], allowed: Allowed) -> None:
    """UrlRefused unless every address of the host may be called: one bad one is a trick."""
    if allowed.names(target):
        return
    for address in addresses:
        if is_public(address):
            continue
        try:
            parsed = ip_address(address)
        except ValueError:
            raise _refused(target.host, "is not on the public internet") from None
        if not any(parsed.version == net.version and parsed in net for net in allowed.networks):
            raise _refused(target.host, "is not on the public internet")


def _refused(url: str, why: str) -> UrlRefused:
    shown = "".join(c if c.isprintable() else "·" for c in url[:100])
    return UrlRefused(f'"{shown}" {why}', hint="https://example.com/path", field="url")

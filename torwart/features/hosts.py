"""Reading a link's host: its registrable domain and what is odd about it."""

import ipaddress
import re
from functools import lru_cache
from typing import Final

from msgspec import Struct
from publicsuffixlist import PublicSuffixList

from torwart.features.brands import BRANDS, brand_in

_SUFFIXES: Final = PublicSuffixList(only_icann=True)

SHORTENERS: Final = frozenset(
    "bit.ly tinyurl.com t.co goo.gl ow.ly is.gd buff.ly cutt.ly rebrand.ly rb.gy s.id t.ly shorturl.at "
    "tiny.cc v.gd bl.ink lnkd.in shorte.st adf.ly qr.ae u.to short.gy soo.gd clck.ru vk.cc urlz.fr 2no.co "
    "tiny.pl kutt.it reurl.cc dub.sh surl.li n9.cl linktr.ee".split()
)
"""Domains that hide where a link leads."""

CHEAP_SUFFIXES: Final = frozenset(
    "top xyz icu cyou click shop buzz live vip club online site store fun monster rest quest sbs cfd bond "
    "lol wang work loan win bid men date racing stream download gdn review accountant cricket faith party "
    "science trade tk ml ga cf gq pw cc ws su".split()
)
"""Top-level domains whose share of abuse has long been far above the mean (cheap or free registration)."""


_AUTHORITY: Final = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*://)?([^/?#\\]*)")


_SHORTEST_NUMBER: Final = 8
"""Digits of a host written as one number (``http://3232235777``)."""


class Host(Struct, frozen=True):
    """What a host name says. ``domain`` is the registrable domain (``dhl.co.uk`` of ``a.dhl.co.uk``), or the host
    itself where there is none."""

    domain: str
    is_ip: bool
    is_punycode: bool
    is_shortener: bool
    is_cheap: bool
    depth: int
    hyphens: int
    digits: int
    imitates: str
    owner: str


def host_of(link: str) -> tuple[str, bool, int]:
    """The host of a URL in lower case, whether credentials stand before it, and the length of what follows it."""
    found = _AUTHORITY.match(link)
    authority = found.group(1) if found is not None else ""
    tail = len(link) - (found.end() if found is not None else 0)
    _, credentials, host = authority.rpartition("@")
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif ":" in host and host.count(":") == 1:
        host = host.partition(":")[0]
    return host.rstrip(".").lower(), bool(credentials), tail


@lru_cache(maxsize=1 << 16)
def domain_of(host: str) -> str:
    """The registrable domain of a host by the public suffix list, or the host itself where there is none."""
    try:
        return _SUFFIXES.privatesuffix(host) or host
    except (UnicodeError, ValueError):
        return host


@lru_cache(maxsize=1 << 16)
def website_domain(website: str | None) -> str:
    """The registrable domain of a sender's website, empty without one."""
    return domain_of(host_of(website)[0]) if website else ""


@lru_cache(maxsize=1 << 16)
def read_host(host: str) -> Host:
    """Everything about a host that does not depend on who sent the link."""
    domain = domain_of(host)
    is_ip = _is_ip(host)
    own = domain.split(".")
    is_cheap = own[-1] in CHEAP_SUFFIXES
    labels = host.split(".")
    imitated = owner = ""
    for label in labels[:-1] if not is_ip else ():
        for token in {label, *label.split("-")}:
            brand = brand_in(_ascii(token))
            if brand and (domain in BRANDS[brand] or (own[0] == brand and not is_cheap)):
                # The bare name under an ordinary suffix is taken for a country's site that the list does not have.
                owner = brand
            elif brand:
                imitated = imitated or brand
    return Host(
        domain=domain,
        is_ip=is_ip,
        is_punycode="xn--" in host or not host.isascii(),
        is_shortener=domain in SHORTENERS,
        is_cheap=is_cheap,
        depth=max(0, host.count(".") - domain.count(".")),
        hyphens=host.count("-"),
        digits=sum(c.isdigit() for c in host),
        imitates="" if owner else imitated,
        owner=owner,
    )


def _is_ip(host: str) -> bool:
    if ":" not in host and not host.replace(".", "").isdecimal():
        return False
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host.isdecimal() and len(host) >= _SHORTEST_NUMBER
    return True


def _ascii(label: str) -> str:
    """An ``xn--`` label decoded, so that look-alike letters are compared as they are seen."""
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except UnicodeError:
        return label

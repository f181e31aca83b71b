"""Where a message's links lead, and whether that is where its sender lives."""

from functools import lru_cache
from typing import Final

from torwart.entities import Message, Sender
from torwart.features.brands import OPENING, words_of
from torwart.features.feature import Feature
from torwart.features.hosts import Host, host_of, read_host, website_domain

_SHORTEST_NAME: Final = 4
"""Characters of a word that does not stand in a host by chance."""


_OTHER_HOST: Final = "Use a host without the name, which fewer people fall for"
_OWN_HOST: Final = "Register an ordinary domain, and a new one when it is known"
_FEWER: Final = "Use fewer or shorter links"


def _flag(name: str, meaning: str, gaming: str, monotone: int = 1) -> Feature:
    return Feature(
        name=name, group="links", unit="flag", missing=0.0, monotone=monotone, meaning=meaning, gaming=gaming
    )


def _number(name: str, unit: str, meaning: str) -> Feature:
    return Feature(name=name, group="links", unit=unit, missing=0.0, meaning=meaning, gaming=_FEWER)


FEATURES: Final = (
    _number("link_count", "count", "Links in text and buttons"),
    _number("link_domains", "count", "Distinct registrable domains"),
    _flag(
        "link_imitates_brand", "A host wears, or nearly spells, a well-known name that is not its owner", _OTHER_HOST
    ),
    _flag(
        "link_imitates_sender",
        "A host wears the sender's display name but is not on the sender's website",
        "Name the throw-away host as the website",
    ),
    _flag(
        "link_wears_name",
        "A host holds a word of the sender's name or of the message's opening, and more besides, and "
        "is not on the sender's website",
        _OTHER_HOST,
    ),
    _flag("link_ip_host", "A host is a bare address", _OWN_HOST),
    _flag("link_punycode", "A host has letters outside ASCII (look-alikes)", _OWN_HOST, 0),
    _flag("link_shortener", "A link shortener hides the destination", _OWN_HOST, 0),
    _flag("link_cheap_suffix", "A top-level domain known for abuse", "Pay for a dearer ending", 0),
    _flag("link_credentials", "Something before an @ pretends to be the host", _OWN_HOST),
    _flag(
        "link_foreign",
        "There are links and none leads to the sender's website (also where that is unknown)",
        "Name the throw-away host as the website, or add a harmless link to the named one",
    ),
    _number("link_depth", "count", "Most labels before a registrable domain"),
    _number("link_hyphens", "count", "Most hyphens in a host"),
    _number("link_digits", "count", "Most digits in a host"),
    _number("link_path_length", "characters", "Longest path, query and fragment"),
)


@lru_cache(maxsize=1 << 16)
def _letters(name: str) -> str:
    return "".join(c for c in name.lower() if c.isalnum())


def _wears(domain: str, words: list[str]) -> bool:
    """Whether the domain's own label holds one of ``words`` but is not put together from them alone."""
    label = domain.partition(".")[0].replace("-", "")
    rest = label
    for word in words:
        if len(word) >= _SHORTEST_NAME and word in rest:
            rest = rest.replace(word, "")
    if rest == label:
        return False
    for word in words:
        rest = rest.replace(word, "")
    return bool(rest)


def read(message: Message, sender: Sender) -> list[float]:
    """The features of :data:`FEATURES`, in order."""
    if not message.links:
        return [0.0] * len(FEATURES)
    website = website_domain(sender.website)
    name = _letters(sender.display_name or "")
    hosts: list[Host] = []
    credentials = False
    longest = 0
    for link in message.links:
        host, has_credentials, tail = host_of(link)
        hosts.append(read_host(host))
        credentials = credentials or has_credentials
        longest = max(longest, tail)
    domains = {host.domain for host in hosts}
    words = words_of(f"{sender.display_name or ''} {(message.header or message.body)[:OPENING]}")
    imitates_sender = len(name) >= _SHORTEST_NAME and any(
        name in host.domain.replace("-", "") and host.domain != website for host in hosts
    )
    return [
        float(len(message.links)),
        float(len(domains)),
        float(any(host.imitates for host in hosts)),
        float(imitates_sender and bool(website)),
        float(any(host.domain != website and not host.owner and _wears(host.domain, words) for host in hosts)),
        float(any(host.is_ip for host in hosts)),
        float(any(host.is_punycode for host in hosts)),
        float(any(host.is_shortener for host in hosts)),
        float(any(host.is_cheap for host in hosts)),
        float(credentials),
        float(website not in domains),
        float(max(host.depth for host in hosts)),
        float(max(host.hyphens for host in hosts)),
        float(max(host.digits for host in hosts)),
        float(longest),
    ]

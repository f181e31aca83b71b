"""Names that fraud borrows: widely known businesses and the domains that are really theirs.

The list is short on purpose. It is evidence that a name is *borrowed*, never that a sender is trusted; a business that
is not in it loses nothing, because a sender's own name and website are compared as well.
"""

import re
from functools import lru_cache
from typing import Final

BRANDS: Final[dict[str, frozenset[str]]] = {
    name: frozenset(domains.split())
    for name, domains in {
        "adidas": "adidas.com adidas.de",
        "airbnb": "airbnb.com airbnb.de",
        "aldi": "aldi.com aldi.de aldi-nord.de aldi-sued.de",
        "alibaba": "alibaba.com",
        "amazon": "amazon.com amazon.de amazon.co.uk amazon.fr amazon.es amazon.it amazon.in a.co",
        "americanexpress": "americanexpress.com",
        "apple": "apple.com icloud.com",
        "australiapost": "auspost.com.au",
        "auspost": "auspost.com.au",
        "barclays": "barclays.co.uk barclays.com",
        "binance": "binance.com",
        "booking": "booking.com",
        "britishairways": "britishairways.com ba.com",
        "canadapost": "canadapost.ca canadapost-postescanada.ca",
        "chase": "chase.com",
        "coinbase": "coinbase.com",
        "commerzbank": "commerzbank.de",
        "correos": "correos.es",
        "deutschebank": "deutsche-bank.de db.com",
        "deutschepost": "deutschepost.de",
        "dhl": "dhl.com dhl.de",
        "disney": "disney.com disneyplus.com",
        "dkb": "dkb.de",
        "easyjet": "easyjet.com",
        "ebay": "ebay.com ebay.de ebay.co.uk",
        "evri": "evri.com",
        "facebook": "facebook.com fb.com",
        "fedex": "fedex.com",
        "gls": "gls-group.com gls-group.eu gls-pakete.de",
        "google": "google.com google.de goo.gl",
        "hermes": "myhermes.de hermesworld.com",
        "hmrc": "gov.uk hmrc.gov.uk",
        "hsbc": "hsbc.com hsbc.co.uk",
        "ikea": "ikea.com",
        "instagram": "instagram.com",
        "klarna": "klarna.com",
        "lidl": "lidl.com lidl.de",
        "lloyds": "lloydsbank.com lloydsbank.co.uk",
        "lufthansa": "lufthansa.com",
        "mastercard": "mastercard.com",
        "microsoft": "microsoft.com live.com office.com",
        "monzo": "monzo.com",
        "netflix": "netflix.com",
        "nike": "nike.com",
        "paypal": "paypal.com paypal.me paypal.de",
        "postbank": "postbank.de",
        "revolut": "revolut.com",
        "royalmail": "royalmail.com",
        "ryanair": "ryanair.com",
        "santander": "santander.com santander.co.uk santander.de",
        "singpost": "singpost.com",
        "sparkasse": "sparkasse.de",
        "spotify": "spotify.com",
        "telekom": "telekom.de telekom.com",
        "telegram": "telegram.org t.me",
        "usps": "usps.com",
        "vodafone": "vodafone.com vodafone.de vodafone.co.uk",
        "volksbank": "vr.de volksbank.de",
        "walmart": "walmart.com",
        "wellsfargo": "wellsfargo.com",
        "whatsapp": "whatsapp.com wa.me",
        "zalando": "zalando.com zalando.de",
    }.items()
}
"""Name without spaces, lower case -> registrable domains that are its own."""

OPENING: Final = 40
"""Where a message says who writes: its first characters."""

_SHORTEST: Final = min(map(len, BRANDS))

_LOOK: Final = str.maketrans("01345678@$|!", "olaasgtbasll")


def skeleton(token: str) -> str:
    """A token as it looks: digits and symbols read as the letters they imitate, ``rn`` as ``m``, ``vv`` as ``w``."""
    return token.lower().translate(_LOOK).replace("rn", "m").replace("vv", "w")


_SKELETONS: Final[dict[str, str]] = {skeleton(name): name for name in BRANDS}
_INSIDE: Final = re.compile("|".join(sorted((look for look in _SKELETONS if len(look) >= 6), key=len, reverse=True)))
"""Names long enough that another word does not hold them by chance."""

_LONG_ENOUGH_TO_MISSPELL: Final = 6
_ORDINARY: Final = frozenset(
    "bookings cooking correo finance goggle goggles heroes herpes lloyd looking papal revolt "
    "revolute signpost telecom".split()
)
"""Words with a meaning of their own that miss a name by one letter."""

_LONGEST_WORD: Final = 40
_WORD: Final = re.compile(r"[^\W_]+")


def _one_letter_less(word: str) -> list[str]:
    return [word[:index] + word[index + 1 :] for index in range(len(word))]


_MISSPELLED: Final[dict[str, str]] = {
    variant: name
    for look, name in _SKELETONS.items()
    if len(look) >= _LONG_ENOUGH_TO_MISSPELL
    for variant in (look, *_one_letter_less(look))
}


@lru_cache(maxsize=1 << 16)
def brand_in(word: str) -> str:
    """The brand that one word or host label stands for, misses by one letter or wears inside it; else empty."""
    if len(word) < _SHORTEST or len(word) > _LONGEST_WORD or word.isdecimal():
        return ""
    look = skeleton(word)
    exact = _SKELETONS.get(look)
    if exact is not None:
        return exact
    if len(look) >= _LONG_ENOUGH_TO_MISSPELL and look not in _ORDINARY:
        # One letter more or less, or one replaced, leaves a common word after taking one letter from either.
        for variant in (look, *_one_letter_less(look)):
            near = _MISSPELLED.get(variant)
            if near is not None:
                return near
        inside = _INSIDE.search(look)
        if inside is not None:
            return _SKELETONS[str(inside.group())]
    return ""


def words_of(text: str) -> list[str]:
    """The words of a text in lower case: runs of letters and digits."""
    return _WORD.findall(text.lower())


def brand_claimed(text: str) -> str:
    """The brand that a name or the opening of a text claims, as a word or as two words together; else empty."""
    before = ""
    for word in words_of(text):
        brand = brand_in(word)
        if brand:
            return brand
        together = before + word
        if together in BRANDS:
            return str(together)
        before = word
    return ""

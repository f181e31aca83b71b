"""What is written: choosing families of templates, and making a message from one as its sender keeps sending it."""

from collections import defaultdict
from functools import lru_cache
from random import Random
from typing import Final

import msgspec
import numpy as np
import xxhash
from msgspec import Struct

from torwart.entities import Message, TemplateRef
from torwart.features.hosts import host_of
from torwart.payload.draft import Draft
from training.families import KINDS, Brand, Family
from training.templates import Library, fill
from training.world.disguise import disguise

HEADERS: Final = 0.25
FOOTERS: Final = 0.2
PICTURES: Final = 0.35
"""How many scripts have the sender's name above, its website below, (promotions and spam) a picture."""


class Script(Struct, frozen=True, kw_only=True):
    """One template as one sender keeps sending it: what stays the same from message to message.

    ``brand`` is the sender's own name, or the one that a fraud borrows. ``host`` is where links lead instead of what
    the template draws; ``disguise`` is the share of words whose letters are disguised, anew in every message.
    """

    family: Family
    template: str
    brand: Brand
    campaign_id: str
    category: str
    sender_kind: str
    strategy: str = ""
    host: str = ""
    disguise: float = 0.0
    header: str = ""
    footer: str = ""
    picture: str = ""

    @property
    def promotional(self) -> bool:
        """Whether it needs consent."""
        return self.family.text_class in ("promo", "spam")


class Texts:
    """The families and brands of one part of the library, by what the world asks for."""

    def __init__(self, library: Library) -> None:
        self._by_kind: dict[tuple[str, str], list[Family]] = defaultdict(list)
        for family in library.families:
            self._by_kind[family.language, family.kind].append(family)
        self._by_industry: dict[str, list[Brand]] = defaultdict(list)
        for brand in library.brands:
            self._by_industry[brand.industry].append(brand)
        self._senders = {family.id: library.senders(family) for family in library.families}
        self.languages = frozenset(family.language for family in library.families)

    def families(self, language: str, kind: str, industry: str = "") -> list[Family]:
        """The families of a kind that an industry sends; all of the kind where it has none of its own."""
        of_kind = self._by_kind.get((language, kind), [])
        return [family for family in of_kind if industry in family.industries] or of_kind

    def kinds(self, language: str, text_class: str) -> list[str]:
        """The kinds of a text class that there are families of."""
        return [kind for kind, class_ in KINDS.items() if class_ == text_class and self._by_kind.get((language, kind))]

    def brands(self, language: str, industry: str) -> list[Brand]:
        """The brands of an industry that write in a language."""
        language = language.partition("-")[0]
        return [brand for brand in self._by_industry.get(industry, []) if language in brand.languages]

    def borrowed(self, rng: Random, family: Family) -> Brand:
        """A brand that a fraud of this family may borrow, or nobody."""
        return rng.choice(self._senders[family.id])


def script_of(
    rng: Random,
    family: Family,
    brand: Brand,
    *,
    sender_id: str,
    campaign_id: str,
    sender_kind: str,
    category: str | None = None,
    strategy: str = "",
    host: str = "",
    disguise: float = 0.0,
) -> Script:
    """A script with what its sender decides once; ``category`` is what it is filed as, the family's unless given."""
    is_free = (family.category if category is None else category) == ""
    sells = family.text_class in ("promo", "spam")
    return Script(
        family=family,
        template=rng.choice(family.templates),
        brand=_sendable(brand, family),
        campaign_id=campaign_id,
        category=family.category if category is None else category,
        sender_kind=sender_kind,
        strategy=strategy,
        host=host,
        disguise=disguise,
        header=brand.name if not is_free and rng.random() < HEADERS else "",
        footer=brand.domain if not is_free and not host and rng.random() < FOOTERS else "",
        picture=_digest(sender_id, campaign_id) if sells and rng.random() < PICTURES else "",
    )


def drawn_host(script: Script, draws: np.random.Generator) -> str:
    """A host that the script's links could lead to; empty where its template has no link."""
    links = fill(script.family, script.template, script.brand, draws).links
    return host_of(links[0])[0] if links else ""


def compose(script: Script, sender_id: str, rng: Random, draws: np.random.Generator) -> Message:
    """One message of a script, slots filled with ``draws``, read by the code that reads the wire."""
    filled = fill(script.family, script.template, script.brand, draws)
    text, old = filled.text, host_of(filled.links[0])[0] if filled.links and script.host else ""
    if old:
        text = text.replace(old, script.host)
    if script.disguise:
        text = disguise(rng, text, script.disguise)
    is_free = script.category == ""
    plain_type = "interactive" if filled.buttons else "image" if script.picture else "text"
    draft = Draft(plain_type if is_free else "template")
    draft.header = script.header
    draft.footer = script.footer
    draft.add_body(text)
    for button in filled.buttons:
        url = button.url.replace(old, script.host) if old else button.url
        draft.add_button(button.type, button.text, url, button.phone_number)
    if script.picture:
        draft.add_handle("image", script.picture, "image/jpeg")
    if not is_free:
        draft.template = _filed(sender_id, script.family.id, script.template, script.family.language, script.category)
    return draft.finish()


@lru_cache(maxsize=1 << 14)
def _filed(sender_id: str, family_id: str, template: str, language: str, category: str) -> TemplateRef:
    """A template as its sender filed it."""
    number = xxhash.xxh3_64_intdigest(f"{sender_id}/{family_id}/{template}".encode()) >> 14
    return TemplateRef(
        id=str(number),
        name=f"message_{number % 1000}",
        language="en_IN" if language == "hi-Latn" else language,
        category=category,
    )


def _sendable(brand: Brand, family: Family) -> Brand:
    """``brand`` under an industry that the family names, for senders that borrow another industry's words."""
    if brand.industry in family.industries:
        return brand
    return msgspec.structs.replace(brand, industry=family.industries[0])


def _digest(*parts: str) -> str:
    return xxhash.xxh3_128_hexdigest("/".join(parts).encode()) * 2

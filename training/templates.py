"""The hand-written message templates of ``data/``: reading them, dividing them, filling them.

Families are divided between training the text classifier, the simulated world and judging, so that no part is ever
judged by its own words; brands say in their file which part they belong to.
"""

import re
from functools import cache
from pathlib import Path

import numpy as np
from msgspec import Struct

from torwart.entities import Button
from training.families import NOBODY, PARTS, SLOT, Brand, Family, TemplateError, read_brands, read_families
from training.slots import AT_STOP, Draw

DATA = Path(__file__).resolve().parent.parent / "data"
"""Where the project's own templates, brands and slot words are."""

_SLOT_AT_STOP = re.compile(SLOT.pattern + r"\.")


class Filled(Struct, frozen=True):
    """A message made from a template. ``links`` are those of the text and the buttons, in order, each once."""

    text: str
    links: tuple[str, ...]
    buttons: tuple[Button, ...]
    language: str
    brand: Brand


class Library(Struct, frozen=True):
    """All families and brands, or those of some parts."""

    families: tuple[Family, ...]
    brands: tuple[Brand, ...]

    def part(self, *names: str) -> "Library":
        """The families and brands of these parts; raises ValueError for a name that is not in ``PARTS``."""
        for name in names:
            if name not in PARTS:
                raise ValueError(f"There is no part {name!r}; the parts are {', '.join(PARTS)}.")
        return Library(
            families=tuple(family for family in self.families if family.part in names),
            brands=tuple(brand for brand in self.brands if brand.part in names),
        )

    def senders(self, family: Family) -> tuple[Brand, ...]:
        """The brands that may send ``family``: of its industries and language, else of its industries.

        Reads the whole list of brands: ask once a family, not once a message.
        """
        language = family.language.partition("-")[0]
        fitting = [brand for brand in self.brands if brand.industry in family.industries]
        local = [brand for brand in fitting if language in brand.languages]
        return tuple(local or fitting) + ((NOBODY,) if "none" in family.industries else ())


def load(folder: Path = DATA) -> Library:
    """Read ``templates/``, ``slots/`` and ``brands.toml`` below ``folder``.

    Raises TemplateError, naming file and family, for whatever is not as ``templates/README.md`` says.
    """
    languages = sorted(path.name for path in (folder / "templates").iterdir() if path.is_dir())
    families = [family for language in languages for family in read_families(folder, language)]
    seen: set[str] = set()
    for family in families:
        if family.id in seen:
            raise TemplateError(f"Family {family.id!r} is there twice; every id must be unique in the whole tree.")
        seen.add(family.id)
    return Library(families=tuple(families), brands=read_brands(folder / "brands.toml"))


def fill(family: Family, template: str, brand: Brand, rng: np.random.Generator) -> Filled:
    """Fill ``template`` of ``family`` as ``brand`` would send it, or its imitator where the family is spam or fraud.

    Deterministic by the state of ``rng``. Raises ValueError where brands of this industry do not send the family.
    """
    if brand.industry not in family.industries:
        raise ValueError(f"{family.id} is not sent by {brand.industry!r}, only by {', '.join(family.industries)}.")
    draw = Draw(rng, family.words, brand.name, brand.domain, hostile=family.text_class in ("spam", "fraud"))
    buttons = tuple([_button(_format(label).format_map(draw), kind, draw) for label, kind in family.buttons])
    if family.literal:
        return Filled(template, (), buttons, family.language, brand)
    text = _format(template).format_map(draw)
    linked = "{link}" in template or any(button.url for button in buttons)
    return Filled(text, (draw["link"],) if linked else (), buttons, family.language, brand)


@cache
def _format(template: str) -> str:
    """``template`` for ``format_map``: a date as "24.12." at a sentence's end brings the full stop along."""
    return _SLOT_AT_STOP.sub(rf"{{\1{AT_STOP}}}.", template)


def _button(label: str, kind: str, draw: Draw) -> Button:
    if kind == "URL":
        return Button(kind, label, url=draw.with_scheme())
    if kind == "PHONE_NUMBER":
        return Button(kind, label, phone_number=draw["phone"])
    return Button(kind, label)

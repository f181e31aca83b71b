"""Names that the world coins: of small businesses, of their websites, and the look-alikes of well-known ones."""

import tomllib
import unicodedata
from functools import cache
from pathlib import Path
from random import Random
from typing import Final

import xxhash

from training.families import PARTS, Brand

_PATTERNS: Final = Path(__file__).with_name("names.toml")
_ONSETS: Final = "b br d dr f fl g gr h j k kl l m n p r s st t tr v w z".split()
_VOWELS: Final = "a e i o u a e i o".split()
_CODAS: Final = "l n r s t m k nd rt x".split()
_SUFFIXES: Final = {
    "en": ("com", "co.uk"),
    "hi": ("in", "com"),
    "hi-Latn": ("in", "com"),
    "pt": ("com.br", "pt"),
    "tr": ("com.tr", "com"),
    "id": ("co.id", "id"),
    "zh": ("com.cn", "cn"),
    "th": ("co.th", "com"),
    "ar": ("ae", "com"),
    "ko": ("co.kr", "kr"),
    "bn": ("com.bd", "com"),
    "tl": ("com.ph", "ph"),
}


NAMESAKES: Final = tuple("Amazon Apple Barclays Chase Disney Hermes Lloyds Nike Santander Telegram".split())
"""Well-known names that a small business may bear with good reason: family names, places, common words."""


def local_business(rng: Random, industry: str, language: str, part: str, name: str = "") -> Brand:
    """A small business and a website of its name, which is coined as no other part of the templates can coin it, or is
    ``name``."""
    name = name or _coined(rng, part)
    patterns = _patterns()[language if language in _patterns() else "en"]
    display = rng.choice(patterns.get(industry, patterns["other"])).format(name)
    suffix = rng.choice(_SUFFIXES.get(language, (language, "com")))
    readable = _latin(display)
    stem = (
        readable if readable and rng.random() < 0.7 else f"{name.lower()}{rng.choice(('', '-online', '24', '-shop'))}"
    )
    return Brand(name=display, domain=f"{stem}.{suffix}", industry=industry, languages=(language,), part=part)


def lookalike(rng: Random, name: str) -> str:
    """How an impostor writes a well-known ``name``: an addition, a letter exchanged, or the name itself."""
    form = rng.random()
    if form < 0.35:
        return f"{name} {rng.choice(_ADDITIONS)}"
    if form < 0.65:
        places = [place for place, letter in enumerate(name) if letter.lower() in _TWINS]
        if places:
            place = rng.choice(places)
            return name[:place] + _TWINS[name[place].lower()] + name[place + 1 :]
    return name if form < 0.85 else name.upper()


_ADDITIONS: Final = ("Support", "Service", "Info", "Online", "24", "Team", "Security", "Official", "Express", "Help")
_TWINS: Final = {"a": "а", "e": "е", "o": "0", "i": "l", "l": "I", "s": "5", "p": "р", "c": "с"}


def _coined(rng: Random, part: str) -> str:
    """A proper name of two or three syllables; each belongs to one part by its hash."""
    while True:
        syllables = [rng.choice(_ONSETS) + rng.choice(_VOWELS) for _ in range(rng.choice((2, 2, 3)))]
        name = "".join(syllables) + (rng.choice(_CODAS) if rng.random() < 0.6 else "")
        if PARTS[xxhash.xxh3_64_intdigest(name.encode()) % len(PARTS)] == part:
            return name.capitalize()


def _latin(display: str) -> str:
    """``display`` as it would stand in a domain; empty where too little of it is in Latin letters."""
    folded = unicodedata.normalize("NFKD", display.lower().replace("ß", "ss")).encode("ascii", "ignore").decode()
    words = ["".join(letter for letter in word if letter.isalnum()) for word in folded.split()]
    stem = "-".join(word for word in words if word)
    return stem if len(stem) >= 0.7 * len(display) else ""


@cache
def _patterns() -> dict[str, dict[str, tuple[str, ...]]]:
    tree = tomllib.loads(_PATTERNS.read_text("utf-8"))
    return {language: {name: tuple(lines) for name, lines in lines.items()} for language, lines in tree.items()}

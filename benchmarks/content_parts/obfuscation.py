"""Six ways to disguise a text in Latin script, deterministic by seed and text: what a person still reads.

Words are changed, links, addresses and whatever holds a digit are not. Where there is any word to change, at least
one is.
"""

import re
from collections.abc import Callable
from typing import Final

import numpy as np
import xxhash

LOOK_ALIKES: Final = {
    "a": "а", "c": "с", "d": "ԁ", "e": "е", "h": "һ", "i": "і", "j": "ј", "k": "к", "l": "ӏ", "o": "оο", "p": "р",
    "q": "ԛ", "s": "ѕ", "u": "υ", "v": "ν", "w": "ԝ", "x": "х", "y": "у", "A": "АΑ", "B": "ВΒ", "C": "С", "E": "ЕΕ",
    "H": "НΗ", "I": "ІΙ", "J": "Ј", "K": "КΚ", "M": "МΜ", "N": "Ν", "O": "ОΟ", "P": "РΡ", "S": "Ѕ", "T": "ТΤ",
    "X": "ХΧ", "Y": "ҮΥ", "Z": "Ζ",
}  # fmt: skip
"""Cyrillic and Greek letters that look like a Latin one."""

INVISIBLE: Final = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
LEET: Final = {"a": "4", "e": "3", "i": "1", "o": "0", "s": "5", "t": "7"}
SEPARATORS: Final = " .-"
ACCENTED: Final = {
    "a": "àáâäãåāą", "c": "çćč", "e": "èéêëēę", "i": "ìíîïī", "l": "łĺ", "n": "ñńň", "o": "òóôöõøō", "r": "ŕř",
    "s": "śšş", "t": "ťţ", "u": "ùúûüūů", "y": "ýÿ", "z": "źžż",
}  # fmt: skip
MARKS: Final = "\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u030a\u030c\u0323\u0331\u0336"

LETTERS_CHANGED: Final = (0.15, 0.30)
"""Between which shares of the letters change, drawn for every text."""

MARKED: Final = 0.5
"""How many accents are combining marks where a letter with the accent exists."""

WORDS_HIDDEN_IN: Final = 0.5
WORDS_IN_LEET: Final = 0.4
WORDS_SPACED: Final = 0.3
SHORTEST_SPACED: Final = 4
LATIN_SHARE: Final = 0.8
"""How many of a text's letters must be Latin."""

_PROTECTED = re.compile(r"\d|@|://|www\.|\w\.\w", re.IGNORECASE)
_SPACE = re.compile(r"(\s+)")
_WORD = re.compile(r"[^\W\d_]{2,}")

Disguise = Callable[[list[str], np.random.Generator], list[str]]


def is_latin(text: str) -> bool:
    """Whether the text has letters and they are mostly Latin."""
    letters = [character for character in text if character.isalpha()]
    latin = sum(character < "\u0250" or "\u1e00" <= character <= "\u1eff" for character in letters)
    return bool(letters) and latin >= LATIN_SHARE * len(letters)


def disguised(text: str, kind: str, seed: int) -> str:
    """The text disguised in one of :data:`KINDS`; the same for the same text and seed."""
    rng = np.random.default_rng([seed, xxhash.xxh3_64_intdigest(text.encode("utf-8", "replace"))])
    pieces: list[str] = []
    places: list[int] = []
    for token in _SPACE.split(text):
        if _PROTECTED.search(token):
            pieces.append(token)
            continue
        end = 0
        for match in _WORD.finditer(token):
            pieces.append(token[end : match.start()])
            places.append(len(pieces))
            pieces.append(match.group())
            end = match.end()
        pieces.append(token[end:])
    words = KINDS[kind]([pieces[place] for place in places], rng)
    for place, word in zip(places, words, strict=True):
        pieces[place] = word
    return "".join(pieces)


def homoglyphs(words: list[str], rng: np.random.Generator) -> list[str]:
    """Some Latin letters become Cyrillic or Greek ones."""
    return _letters(words, rng, LOOK_ALIKES.get)


def zero_width(words: list[str], rng: np.random.Generator) -> list[str]:
    """Characters without width inside some words."""

    def hidden(word: str) -> str:
        for _ in range(int(rng.integers(1, 3))):
            place = int(rng.integers(1, len(word)))
            word = word[:place] + INVISIBLE[rng.integers(len(INVISIBLE))] + word[place:]
        return word

    return _some(words, rng, WORDS_HIDDEN_IN, lambda word: len(word) > 1, hidden)


def leet(words: list[str], rng: np.random.Generator) -> list[str]:
    """Digits for letters in some words."""
    return _some(
        words,
        rng,
        WORDS_IN_LEET,
        lambda word: any(letter in LEET for letter in word.lower()),
        lambda word: "".join(LEET.get(letter.lower(), letter) for letter in word),
    )


def spacing(words: list[str], rng: np.random.Generator) -> list[str]:
    """Some longer words pulled apart, each by one separator."""
    return _some(
        words,
        rng,
        WORDS_SPACED,
        lambda word: len(word) >= SHORTEST_SPACED,
        lambda word: SEPARATORS[rng.integers(len(SEPARATORS))].join(word),
    )


def diacritics(words: list[str], rng: np.random.Generator) -> list[str]:
    """Accented variants, or combining marks, on some letters."""

    def variants(letter: str) -> str | None:
        if not letter.isascii():
            return None
        known = ACCENTED.get(letter.lower(), "")
        return known if letter.islower() else known.upper()

    return _letters(words, rng, variants, MARKS)


def mixed(words: list[str], rng: np.random.Generator) -> list[str]:
    """Two ways at once; pulling apart comes last."""
    one, other = sorted(rng.choice(len(_SINGLE), size=2, replace=False))
    return _SINGLE[int(other)](_SINGLE[int(one)](words, rng), rng)


def _letters(
    words: list[str], rng: np.random.Generator, variants: Callable[[str], str | None], marks: str = ""
) -> list[str]:
    """Change a share of the letters, at least one: into a variant, or with one of ``marks`` behind it.

    Letters whose variants are None stay; those of an empty string can only take a mark.
    """
    changed = [list(word) for word in words]
    places = [(i, j) for i, word in enumerate(words) for j, letter in enumerate(word) if variants(letter) is not None]
    if not places:
        return words
    wished = round(float(rng.uniform(*LETTERS_CHANGED)) * sum(map(len, words)))
    for place in rng.choice(len(places), size=min(len(places), max(1, wished)), replace=False):
        i, j = places[place]
        choices = variants(words[i][j])
        if choices and not (marks and rng.random() < MARKED):
            changed[i][j] = choices[rng.integers(len(choices))]
        else:
            changed[i][j] += marks[rng.integers(len(marks))]
    return ["".join(word) for word in changed]


def _some(
    words: list[str],
    rng: np.random.Generator,
    share: float,
    fits: Callable[[str], bool],
    change: Callable[[str], str],
) -> list[str]:
    """Change a share of the words that fit, at least one."""
    fitting = [place for place, word in enumerate(words) if fits(word)]
    if not fitting:
        return words
    chosen = {place for place in fitting if rng.random() < share} or {fitting[int(rng.integers(len(fitting)))]}
    return [change(word) if place in chosen else word for place, word in enumerate(words)]


_SINGLE: Final[tuple[Disguise, ...]] = (homoglyphs, diacritics, zero_width, leet, spacing)

KINDS: Final[dict[str, Disguise]] = {
    "homoglyph": homoglyphs,
    "zero-width": zero_width,
    "leet": leet,
    "spacing": spacing,
    "diacritic": diacritics,
    "mixed": mixed,
}

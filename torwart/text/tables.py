"""One table of what is known about every character, for compiled code to look up.

The table is one int64 array, so that a kernel takes one argument for all of it: first a word of bits per code point
below :data:`LIMIT`, then a few small sections whose places are the ``…_AT`` constants.
"""

import unicodedata
from functools import cache

import numpy as np
from numpy.typing import NDArray

from torwart.compiled import compiled
from torwart.text import alphabets
from torwart.text import endings as e
from torwart.text import readings as r

LIMIT = 0x20000
"""Code points from here on are Han extensions, tags and variation selectors; they are known by their ranges."""

# The bits of a code point's word. "Target" is what it is written as: its lower-case compatibility form.
TARGET_MASK = (1 << 21) - 1
KIND_SHIFT = 21
TALLY_SHIFT = 25
UPPER_SHIFT = 27
SCRIPT_SHIFT = 28
LETTER_BIT = 1 << 31
DIGIT_BIT = 1 << 32
DECISIVE_BIT = 1 << 33
LOOK_ALIKE_SHIFT = 34
BASE_SHIFT = 41

LANGUAGES_LIMIT = 0x1F00
SLOTS = 4096

LANGUAGES_AT = LIMIT
IMITATED_AT = LANGUAGES_AT + LANGUAGES_LIMIT
FLAGS_AT = IMITATED_AT + 2 * 128
KEYS_AT = FLAGS_AT + 26 * 26
COMPOSED_AT = KEYS_AT + SLOTS
ENDINGS_AT = COMPOSED_AT + SLOTS
EXPANSIONS_AT = ENDINGS_AT + e.SLOTS


@cache
def tables() -> NDArray[np.int64]:
    """Build the table (about a fifth of a second), once for the process; read-only."""
    characters = [chr(code) for code in range(LIMIT)]
    targets = _each(characters, "NFKC", lower=True)
    bases = _each(characters, "NFD", lower=False)
    forms = [form.partition(" ")[0] if form else "" for form in map(unicodedata.decomposition, characters)]
    categories = list(map(unicodedata.category, characters))
    compositions = _compositions(characters)
    seconds = {pair[1] for pair in compositions} | {*range(0x1161, 0x1176), *range(0x11A8, 0x11C3)}
    words = np.arange(LIMIT, dtype=np.int64) | (np.arange(LIMIT, dtype=np.int64) << BASE_SHIFT)
    _add_scripts(words)
    expansions: list[int] = []
    for code, (character, category) in enumerate(zip(characters, categories, strict=True)):
        is_itself = category == "Lo" and not forms[code] and code not in seconds and character not in r.BLANKS
        if category in {"Cn", "Co"} or is_itself:
            if is_itself:
                words[code] |= LETTER_BIT
            continue
        target, kind, tally = r.reading(code, category, targets[code], forms[code], code in seconds)
        if kind == r.EXPANSION:
            place = EXPANSIONS_AT + len(expansions)
            expansions += [len(target), *map(ord, target)]
        else:
            place = ord(target)
        word = int(words[code]) & (7 << SCRIPT_SHIFT) | place | kind << KIND_SHIFT | tally << TALLY_SHIFT
        is_sign_of_script = category in {"Mc", "Mn"} and kind in {r.PLAIN, r.MARK} and word >> SCRIPT_SHIFT & 7
        if category[0] == "L" or is_sign_of_script:
            word |= LETTER_BIT
        if category == "Nd":
            word |= DIGIT_BIT
        if category == "Lu":
            word |= 1 << UPPER_SHIFT
        words[code] = word | r.base(code, category, bases[code], character) << BASE_SHIFT
    _add_look_alikes(words)
    sections = (_languages(), _imitated(), _flags(), *_slots(compositions), e.endings(), np.array(expansions))
    table = np.concatenate([words, *sections])
    table.setflags(write=False)
    return table


def _each(characters: list[str], form: str, *, lower: bool) -> list[str]:
    """Every character's normal form, all in one call; NUL, which separates them, stands for itself."""
    joined = unicodedata.normalize(form, "\0".join(["\1", *characters[1:]]))  # type: ignore[arg-type]
    forms = (joined.lower() if lower else joined).split("\0")
    return ["\0", *forms[1:]]


def _add_scripts(words: NDArray[np.int64]) -> None:
    for first, last, script in alphabets.SCRIPT_RANGES:
        words[first : last + 1] |= script << SCRIPT_SHIFT


def _add_look_alikes(words: NDArray[np.int64]) -> None:
    scripts = (words >> SCRIPT_SHIFT) & 7
    foreign = (scripts >= alphabets.CYRILLIC) & (scripts <= alphabets.OTHER_ALPHABET)
    words[foreign & ((words & LETTER_BIT) != 0)] |= DECISIVE_BIT
    for letters, latin in alphabets.LOOK_ALIKES:
        for letter, plain in zip(letters, latin, strict=True):
            words[ord(letter)] |= ord(plain) << LOOK_ALIKE_SHIFT
            if letter.lower() not in alphabets.DECISIVE_ANYWAY:
                words[[ord(letter), ord(letter.lower())]] &= ~DECISIVE_BIT
    for letters, latin in alphabets.LATIN_VARIANTS:
        for letter, plain in zip(letters, latin, strict=True):
            kept = int(words[ord(letter)]) & ~(TARGET_MASK | 3 << TALLY_SHIFT)
            words[ord(letter)] = kept | ord(plain) | r.CONFUSABLE << TALLY_SHIFT


def _compositions(characters: list[str]) -> dict[tuple[int, int], int]:
    """Letter and mark to the letter that carries it, lower case, in whichever order two marks come."""
    composed: dict[tuple[int, int], int] = {}
    for character in characters:
        form = unicodedata.decomposition(character)
        if not form or form[0] == "<" or unicodedata.normalize("NFC", character) != character:
            continue
        if character.lower() != character:
            continue
        first, second = (int(code, 16) for code in form.split())
        composed[first, second] = ord(character)
        parts = unicodedata.normalize("NFD", character)
        if len(parts) == 3:
            swapped = unicodedata.normalize("NFC", parts[0] + parts[2])
            if len(swapped) == 1:
                composed.setdefault((ord(swapped), ord(parts[1])), ord(character))
    return composed


def _slots(compositions: dict[tuple[int, int], int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """An open-addressing hash table from ``letter << 21 | mark`` to the composed letter; key 0 is free."""
    keys = np.zeros(SLOTS, dtype=np.int64)
    values = np.zeros(SLOTS, dtype=np.int64)
    for (first, second), character in compositions.items():
        slot = slot_of(first, second)
        while keys[slot]:
            slot = (slot + 1) % SLOTS
        keys[slot] = first << 21 | second
        values[slot] = character
    return keys, values


@compiled
def slot_of(letter: int, mark: int) -> int:
    """Where the search for a composition begins."""
    return (letter * 31 + mark * 131) % SLOTS


def _languages() -> NDArray[np.int64]:
    """Per code point one bit for each language that writes it; a–z belong to all but those that say otherwise."""
    masks = np.zeros(LANGUAGES_LIMIT, dtype=np.int64)
    masks[ord("a") : ord("z") + 1] = (1 << len(alphabets.LANGUAGE_LETTERS)) - 1
    for bit, (letters, foreign) in enumerate(alphabets.LANGUAGE_LETTERS):
        masks[[ord(letter) for letter in letters]] |= 1 << bit
        masks[[ord(letter) for letter in foreign]] &= ~(1 << bit)
    return masks


def _imitated() -> NDArray[np.int64]:
    """Two rows of 128: the Cyrillic and the Greek letter that an ASCII letter imitates, or 0."""
    rows = np.zeros((2, 128), dtype=np.int64)
    for row, script in enumerate((alphabets.CYRILLIC, alphabets.GREEK)):
        for latin, letter in zip(*alphabets.IMITATED[script], strict=True):
            rows[row, ord(latin)] = ord(letter)
    return rows.ravel()


def _flags() -> NDArray[np.int64]:
    """26 × 26: whether two regional indicators are a flag."""
    flags = np.zeros((26, 26), dtype=np.int64)
    for country in alphabets.COUNTRIES.split():
        flags[ord(country[0]) - 65, ord(country[1]) - 65] = 1
    return flags.ravel()

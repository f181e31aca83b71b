"""Text as a person reads it: one spelling for every look-alike, with a count of what had to be undone to get there.

Compatibility forms (full-width, mathematical letters, ligatures) become plain letters, upper case becomes lower case,
white space a single space; what cannot be seen is dropped. Then, only where a quick survey saw cause: spaced-out
words are joined, foreign look-alikes, accents that do not belong, leet and repeated letters are undone. A word of its
own script keeps its letters: nothing is transliterated, and ``ß``, ``ü``, ``ı`` and ``й`` stay themselves.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from torwart.compiled import compiled
from torwart.text.alphabets import CYRILLIC, LATIN, OTHER_ALPHABET
from torwart.text.folding import close_up, fold, is_alphabetic, word_of
from torwart.text.leet import letter_for, undo_leet
from torwart.text.readings import LONGEST_EXPANSION
from torwart.text.spacing import join_spaced, shorten_repeats
from torwart.text.spelling import undo_confusables, undo_diacritics
from torwart.text.tables import SCRIPT_SHIFT, tables

MAX_CHARACTERS = 16_384
"""Longer texts are read up to here, so that the time for one is bounded."""

UNDONE_KINDS = 7

_SPACED, _LATIN, _FOREIGN, _ACCENTED, _LEET, _REPEATED = 1, 2, 4, 8, 16, 32


class Undone(NamedTuple):
    """How many characters were undone, by kind of obfuscation."""

    invisible: int
    confusable: int
    diacritic: int
    leet: int
    spaced: int
    repeated: int
    emoji_letters: int

    @property
    def total(self) -> int:
        """Characters undone, of all kinds."""
        return sum(self)


class Normalised(NamedTuple):
    """A normalised text as code points, shape (n,), and what had to be undone."""

    codes: NDArray[np.uint32]
    undone: Undone

    @property
    def text(self) -> str:
        """The normalised text as a string."""
        return self.codes.tobytes().decode("utf-32-le")


def normalise(text: str) -> Normalised:
    """Normalise the first :data:`MAX_CHARACTERS` characters of any string, in time linear in their number.

    Never raises: lone surrogates become U+FFFD, control characters count as invisible.
    """
    codes, undone = _normalised(code_points(text), tables())
    return Normalised(codes.view(np.uint32), Undone(*undone.tolist()))


def code_points(text: str) -> NDArray[np.int32]:
    """The code points of the first :data:`MAX_CHARACTERS` characters, shape (n,), lone surrogates included."""
    return np.frombuffer(encoded(text), np.int32)[1:]


def encoded(text: str) -> bytes:
    """The code points as compiled code takes them the fastest: int32 after a byte order mark, which is one, too."""
    return text[:MAX_CHARACTERS].encode("utf-32", "surrogatepass")


@compiled
def _normalised(raw: NDArray[np.int32], table: NDArray[np.int64]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    undone = np.zeros(UNDONE_KINDS, dtype=np.int64)
    codes = np.empty(LONGEST_EXPANSION * len(raw), dtype=np.int32)
    n = normalise_into(codes, raw, table, undone)
    return codes[:n].copy(), undone


@compiled
def normalise_into(
    codes: NDArray[np.int32], raw: NDArray[np.int32], table: NDArray[np.int64], undone: NDArray[np.int64]
) -> int:
    """Normalise ``raw`` into ``codes``, add to ``undone``, and return the normalised length.

    ``codes`` holds at least ``LONGEST_EXPANSION * len(raw)``; ``undone`` has shape (7,), in the order of
    :class:`Undone`.
    """
    notes = np.empty(len(codes), dtype=np.int16)
    n = fold(raw, table, codes, notes, undone)
    seen = _survey(codes, n, table)
    if seen & _SPACED:
        n = join_spaced(codes, notes, n, table, undone)
    if seen & _FOREIGN and seen & _LATIN:
        undo_confusables(codes, notes, n, table, undone)
    if seen & _ACCENTED:
        undo_diacritics(codes, n, table, undone)
    if seen & _LEET:
        undo_leet(codes, notes, n, table, undone)
    if seen & _REPEATED:
        n = shorten_repeats(codes, n, table, undone)
    return close_up(codes, n)


@compiled
def _survey(codes: NDArray[np.int32], n: int, table: NDArray[np.int64]) -> int:
    """Which of the later passes could find something to do, as bits: most texts need none of them."""
    seen = 0
    was_letter = False
    was_leet = False
    for i in range(n):
        code = int(codes[i])
        if 97 <= code <= 122:
            is_letter = True
            seen |= _LATIN
        elif code < 128:
            is_letter = False
        else:
            word = word_of(table, code)
            is_letter = is_alphabetic(word)
            if is_letter:
                script = (word >> SCRIPT_SHIFT) & 7
                seen |= (_ACCENTED if script == LATIN else 0) | (
                    _FOREIGN if CYRILLIC <= script <= OTHER_ALPHABET else _LATIN
                )
        if is_letter:
            if was_leet:
                seen |= _LEET
            if i > 1 and codes[i - 1] == code and codes[i - 2] == code:
                seen |= _REPEATED
            if i > 3 and not was_letter and codes[i - 3] == codes[i - 1]:
                # Repeats may be in any text with a character set apart; a word pulled apart has two in a row.
                seen |= _REPEATED | (_SPACED if i > 5 and codes[i - 5] == codes[i - 1] else 0)
            was_leet = False
        else:
            was_leet = code > 32 and letter_for(code, 0, 0) != 0
            if was_leet and was_letter:
                seen |= _LEET
        was_letter = is_letter
    return seen

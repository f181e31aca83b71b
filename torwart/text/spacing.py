"""Words pulled apart (``f r e e``, ``f.r.e.e``) and letters repeated (``freeeee``)."""

import numpy as np
from numpy.typing import NDArray

from torwart.compiled import compiled
from torwart.text import tables as t
from torwart.text.folding import REPEATED, SPACED, is_alphabetic, word_of

FEWEST_LETTERS = 4
"""Fewer single letters in a row are an abbreviation (``z. B.``, ``U.S.A.``)."""

LONGEST_REPEAT = 3
"""A letter is written three times in a row inside some words (``Schifffahrt``), never four times."""


@compiled
def _is_letter(codes: NDArray[np.int32], n: int, table: NDArray[np.int64], i: int) -> bool:
    return 0 <= i < n and is_alphabetic(word_of(table, int(codes[i])))


@compiled
def _is_separator(code: int) -> bool:
    """Space, and the punctuation that is put between the letters of one word: . - _ * , / | ~ + · • ’ and the like."""
    if code >= 128:
        return code == 0xB7 or code == 0x2022 or code == 0x2219 or 0x2010 <= code <= 0x2015
    return code == 32 or 42 <= code <= 47 or code == 95 or code == 124 or code == 126


@compiled
def join_spaced(
    codes: NDArray[np.int32], notes: NDArray[np.int16], n: int, table: NDArray[np.int64], undone: NDArray[np.int64]
) -> int:
    """Join at least :data:`FEWEST_LETTERS` single letters that one and the same separator pulls apart.

    Returns the new length. Where words are set apart by a wider space or another character they stay apart.
    """
    kept = 0
    i = 0
    while i < n:
        run = 0
        if _is_letter(codes, n, table, i) and not _continues(codes, n, table, i - 1):
            run = 1
            separator = int(codes[i + 1]) if i + 1 < n else 0
            last = i
            if _is_separator(separator):
                while last + 2 < n and codes[last + 1] == separator and _is_letter(codes, n, table, last + 2):
                    last += 2
                    run += 1
                if _continues(codes, n, table, last + 1):  # the last "letter" begins a longer word
                    run -= 1
        if run >= FEWEST_LETTERS:
            for k in range(run):
                codes[kept] = codes[i + 2 * k]
                notes[kept] = notes[i + 2 * k]
                kept += 1
            undone[SPACED] += run - 1
            i += 2 * run - 1
        else:
            codes[kept] = codes[i]
            notes[kept] = notes[i]
            kept += 1
            i += 1
    return kept


@compiled
def _continues(codes: NDArray[np.int32], n: int, table: NDArray[np.int64], i: int) -> bool:
    """Whether the character at ``i`` would belong to a word that a letter beside it is part of."""
    return 0 <= i < n and word_of(table, int(codes[i])) & (t.LETTER_BIT | t.DIGIT_BIT) != 0


@compiled
def shorten_repeats(codes: NDArray[np.int32], n: int, table: NDArray[np.int64], undone: NDArray[np.int64]) -> int:
    """Leave two of a letter that is repeated more than a word can hold, and return the new length.

    More than three in a row always are; three at the end of a longer word are (``freee``), but not three inside
    (``Schifffahrt``), by themselves (``www``) or in a Roman numeral (``XIII``). ``x`` masks account numbers and is
    left alone.
    """
    kept = 0
    start = 0
    while start < n:
        code = codes[start]
        end = start + 1
        while end < n and codes[end] == code:
            end += 1
        length = end - start
        if length >= LONGEST_REPEAT and code != 120 and is_alphabetic(word_of(table, int(code))):
            ends_word = _is_letter(codes, n, table, start - 1) and not _continues(codes, n, table, end)
            if length > LONGEST_REPEAT or (ends_word and code != 105):
                undone[REPEATED] += length - 2
                length = 2
        for _ in range(length):
            codes[kept] = code
            kept += 1
        start = end
    return kept

"""Words spelled with letters of another alphabet or with accents that no language puts there."""

import numpy as np
from numpy.typing import NDArray

from torwart.compiled import compiled
from torwart.text import tables as t
from torwart.text.alphabets import CYRILLIC, GREEK, LATIN
from torwart.text.folding import CONFUSABLE, DIACRITIC, is_alphabetic, word_of


@compiled
def word_end(codes: NDArray[np.int32], n: int, table: NDArray[np.int64], start: int) -> int:
    """The end of the run of alphabetic letters that begins at ``start``; ``start`` itself where none does."""
    end = start
    while end < n and is_alphabetic(word_of(table, int(codes[end]))):
        end += 1
    return end


@compiled
def _imitated(table: NDArray[np.int64], script: int, code: int) -> int:
    """The letter of Cyrillic or Greek that an ASCII letter stands in for, or 0."""
    if code >= 128 or (script != CYRILLIC and script != GREEK):
        return 0
    return int(table[t.IMITATED_AT + (0 if script == CYRILLIC else 128) + code])


@compiled
def undo_confusables(
    codes: NDArray[np.int32], notes: NDArray[np.int16], n: int, table: NDArray[np.int64], undone: NDArray[np.int64]
) -> None:
    """Give every word that mixes alphabets back to the one whose letters the other cannot imitate.

    ``pаypаl`` with Cyrillic а is Latin, ``пpивeт`` with Latin p and e is Cyrillic; a word with letters of both that
    nothing imitates (``VIPклиент``) is left alone. A word wholly of look-alikes (``сосо``) is Latin only in a text
    that has Latin letters and no other sign of that alphabet.
    """
    latin_letters = 0
    decisive = np.zeros(8, dtype=np.int64)
    for i in range(n):
        word = word_of(table, int(codes[i]))
        script = (word >> t.SCRIPT_SHIFT) & 7
        latin_letters += script == LATIN
        decisive[script] += (word & t.DECISIVE_BIT) != 0
    start = 0
    while start < n:
        end = word_end(codes, n, table, start)
        if end > start:
            _undo_word(codes, notes, start, end, table, undone, latin_letters > 0, decisive)
        start = end + 1


@compiled
def _undo_word(
    codes: NDArray[np.int32],
    notes: NDArray[np.int16],
    start: int,
    end: int,
    table: NDArray[np.int64],
    undone: NDArray[np.int64],
    text_has_latin: bool,
    decisive: NDArray[np.int64],
) -> None:
    foreign = 0  # the script of the word's letters that are not Latin
    has_decisive = False
    all_alike = True
    latin = 0
    only_latin = 0  # Latin letters that imitate nothing
    other_alphabet_decides = False
    for i in range(start, end):
        word = word_of(table, int(codes[i]))
        script = (word >> t.SCRIPT_SHIFT) & 7
        if script != LATIN:
            foreign = script
            has_decisive |= (word & t.DECISIVE_BIT) != 0
            all_alike &= notes[i] & 127 != 0
            other_alphabet_decides |= decisive[script] > 0
    if foreign == 0:
        return
    for i in range(start, end):
        word = word_of(table, int(codes[i]))
        if (word >> t.SCRIPT_SHIFT) & 7 == LATIN:
            latin += 1
            only_latin += _imitated(table, foreign, int(codes[i])) == 0
    becomes_latin = not has_decisive and (latin > 0 or (text_has_latin and not other_alphabet_decides))
    # Among mostly Latin letters that imitate nothing, even a weak look-alike (п for n) is one.
    outnumbered = all_alike and only_latin > 0 and 2 * latin > end - start
    becomes_foreign = has_decisive and only_latin == 0 and latin > 0
    for i in range(start, end):
        code = int(codes[i])
        script = (word_of(table, code) >> t.SCRIPT_SHIFT) & 7
        if (becomes_latin or outnumbered) and script != LATIN:
            alike = int(notes[i]) & 127
            if alike:
                codes[i] = alike
                undone[CONFUSABLE] += 1
        elif becomes_foreign and script == LATIN:
            codes[i] = _imitated(table, foreign, code)
            undone[CONFUSABLE] += 1


@compiled
def undo_diacritics(codes: NDArray[np.int32], n: int, table: NDArray[np.int64], undone: NDArray[np.int64]) -> None:
    """Take the accents off every Latin word whose letters no single language writes together."""
    start = 0
    while start < n:
        end = word_end(codes, n, table, start)
        languages = -1
        for i in range(start, end):
            code = int(codes[i])
            if (word_of(table, code) >> t.SCRIPT_SHIFT) & 7 == LATIN:
                languages &= int(table[t.LANGUAGES_AT + code]) if code < t.LANGUAGES_LIMIT else 0
        if languages == 0:
            for i in range(start, end):
                code = int(codes[i])
                word = word_of(table, code)
                base = word >> t.BASE_SHIFT
                if code >= 128 and (word >> t.SCRIPT_SHIFT) & 7 == LATIN and base != code:
                    codes[i] = base
                    undone[DIACRITIC] += 1
        start = end + 1

"""Digits and symbols that stand for letters (``p4yp4l``, ``fr€e``), told from codes, sums and names of things."""

import numpy as np
from numpy.typing import NDArray

from torwart.compiled import compiled
from torwart.text.alphabets import LATIN
from torwart.text.folding import LEET, UPPER_NOTE, WIDE_SPACE, word_of
from torwart.text.tables import BASE_SHIFT, LETTER_BIT, SCRIPT_SHIFT

LONGEST_RUN = 2
"""More digits than this in a row are a number, unless other words vouch for as many more as they do."""

UNSURE, LIKELY, CERTAIN = 0, 1, 2
"""How surely the other words of a text are leet."""

TELLING = (2, 4)
"""So many characters undone in a text make it likely and certain that it is written in leet."""

MOST_DIGITS_A_LETTER = 4
"""In a text that is certainly leet: ``b1773``."""

LONGEST_WORD = 24
"""Longer runs of letters, digits and symbols are no words."""

MOST_CONSONANTS, MOST_VOWELS = 4, 3
"""More of them in a row cannot be spoken."""


@compiled
def _is_letter(code: int) -> bool:
    return 97 <= code <= 122


@compiled
def _plain(table: NDArray[np.int64], code: int) -> int:
    """A Latin letter without its marks (``ß`` as any consonant), or 0 for anything else."""
    if code < 128:
        return code if _is_letter(code) else 0
    word = word_of(table, code)
    if word & LETTER_BIT == 0 or (word >> SCRIPT_SHIFT) & 7 != LATIN:
        return 0
    base = word >> BASE_SHIFT
    return base if _is_letter(base) else 115


@compiled
def _is_vowel(code: int) -> bool:
    return code == 97 or code == 101 or code == 105 or code == 111 or code == 117 or code == 121


@compiled
def _is_l(before: int, after: int) -> bool:
    """Whether what may be an i or an l between two letters is an l: where only that can be spoken, or is commoner."""
    if before == 0 or before == 98 or before == 99 or before == 102 or before == 103 or before == 112:
        return _is_vowel(after)  # loan; black, club, flat, glad, please
    if not _is_vowel(before):
        return False
    if before == 101 and (after == 99 or after == 109 or after == 115 or after == 116 or after == 118):
        return False  # reich, heim, reise, zeit, receive
    return before == 105 or not (after == 108 or after == 110 or after == 114)  # mail, gain, fair


@compiled
def letter_for(code: int, before: int, after: int) -> int:
    """The letter that a digit or symbol stands for between two others, or 0 if it stands for none."""
    if code == 48:
        return 111  # 0: o
    if code == 49 or code == 124:  # 1 and |
        return 108 if _is_l(before, after) else 105
    if code == 51 or code == 0x20AC:
        return 101  # 3, €: e
    if code == 52 or code == 64:
        return 97  # 4, @: a
    if code == 53 or code == 36:
        return 115  # 5, $: s
    if code == 55:
        return 116  # 7: t
    if code == 56:  # 8: b, but "ate" between consonants (l8r, gr8fun)
        return 98 if before == 0 or _is_vowel(before) or _is_vowel(after) else 0
    if code == 57:
        return 103  # 9: g
    if code == 33:
        return 105  # !: i
    if code == 0xA2:
        return 99  # ¢: c
    if code == 0xA3:
        return 108  # £: l
    return 0


@compiled
def _letter_or_leet(table: NDArray[np.int64], code: int) -> int:
    """A Latin letter without its marks, the letter that a digit or symbol stands for by itself, or 0."""
    plain = _plain(table, code)
    return plain if plain else letter_for(code, 0, 0)


@compiled
def _separates(table: NDArray[np.int64], code: int) -> bool:
    """Whether a word ends here for the purpose of leet: at anything but a letter, a digit or a leet symbol."""
    if code < 128:
        return not (_is_letter(code) or 48 <= code <= 57 or letter_for(code, 0, 0) != 0)
    return letter_for(code, 0, 0) == 0 and word_of(table, code) & LETTER_BIT == 0


@compiled
def _is_address(codes: NDArray[np.int32], start: int, end: int) -> bool:
    """Whether a run without spaces is a link, a host or an e-mail address: what it says is what it is."""
    at = False
    for i in range(start, end):
        code = codes[i]
        if code == 47 or (code == 46 and start + 1 < i < end - 2 and (at or _is_letter(int(codes[i + 1])))):
            return True
        at |= code == 64 and i > start
    return False


@compiled
def _begins_word(first: int, second: int) -> bool:
    """Whether words begin with these letters: a vowel among them, an s or z first, or one of h l n r s w z second."""
    if _is_vowel(first) or _is_vowel(second) or first == 115 or first == 122:
        return True
    return second == 104 or second == 108 or second == 110 or (114 <= second <= 115) or second == 119 or second == 122


@compiled
def _is_readable(word: NDArray[np.int32], length: int) -> bool:
    """Whether letters can be spoken: a vowel, few consonants or vowels in a row, no impossible beginning."""
    if length > 1 and not _begins_word(int(word[0]), int(word[1])):
        return False
    consonants = 0
    vowels = 0
    any_vowel = False
    for i in range(length):
        if _is_vowel(int(word[i])):
            any_vowel = True
            vowels += 1
            consonants = 0
        else:
            consonants += 1
            vowels = 0
        if consonants > MOST_CONSONANTS or vowels > MOST_VOWELS:
            return False
    return any_vowel


@compiled
def _has_vowel(codes: NDArray[np.int32], table: NDArray[np.int64], start: int, end: int) -> bool:
    vowels = 0
    for i in range(start, end):
        vowels += _is_vowel(_plain(table, int(codes[i])))
    return vowels > 0


@compiled
def _is_enough(letters: int, changed: int, vouched: int) -> bool:
    """Whether a word has letters enough beside the digits and symbols that would be changed."""
    if vouched == CERTAIN:
        return changed <= MOST_DIGITS_A_LETTER * letters
    if vouched == LIKELY:
        return letters >= 2 and changed <= letters + 1
    return letters >= 3 and changed <= letters


@compiled
def _reading(
    codes: NDArray[np.int32],
    notes: NDArray[np.int16],
    table: NDArray[np.int64],
    start: int,
    end: int,
    word: NDArray[np.int32],
    shouting: bool,
    vouched: int,
) -> int:
    """How many characters of ``codes[start:end]`` stand for letters, 0 if it is no leet; its reading goes to ``word``.

    Leet has a letter on both sides of a short run of digits or symbols, more letters than digits, and a result that
    can be spoken. Codes fail this: their runs are long or at an end, upper case changes within them (``aB3dE9k``), they
    are upper case in a text that is not (``AB1CDE``), or nothing can be spoken. Two letters (``y0u``), digits at an
    end (``1s``, ``r3p17``) or more of them than letters are leet only where other words of the text vouch for it; one
    letter (``d3``, ``b1773``) only where they leave no doubt.
    """
    letters = 0
    upper = 0
    digits = 0
    symbols = 0
    inner = 0
    run = 0
    for i in range(start, end):
        code = int(codes[i])
        plain = _plain(table, code)
        if plain:
            if run > 1 and run == letters + digits + symbols and not vouched:
                return 0  # begins with a number
            letters += 1
            upper += notes[i] >= UPPER_NOTE
            run = 0
            word[i - start] = plain
            continue
        before = int(word[i - start - 1]) if i > start else 0
        after = _letter_or_leet(table, int(codes[i + 1])) if i + 1 < end else 0
        stands_for = letter_for(code, before, after)
        run += 1
        if stands_for == 0 or run > LONGEST_RUN + vouched:
            return 0
        if run == 2 and code != codes[i - 1] and not vouched:
            return 0
        if 48 <= code <= 57:
            digits += 1
        else:
            symbols += 1
            # What also is punctuation, or joins a name to its bank, is a letter only beside what is no word without it.
            is_punctuation = code == 33 or code == 64 or code == 124
            follows = is_punctuation and (i == start or _has_vowel(codes, table, start, i))
            if follows and _has_vowel(codes, table, i + 1, end):
                return 0
        inner += i - run >= start and i + 1 < end
        word[i - start] = stands_for
    changed = digits + symbols
    if changed == 0 or (run > 1 and not vouched) or not _is_enough(letters, changed, vouched):
        return 0
    if upper > 1:
        if upper < letters or not (shouting or vouched) or inner < changed or letters < 3:
            return 0
    elif upper == 1 and notes[start] < UPPER_NOTE:
        return 0
    if inner == 0 and not vouched and not (symbols == 1 and digits == 0):
        return 0
    return changed if _is_readable(word, end - start) else 0


@compiled
def _shouts(codes: NDArray[np.int32], notes: NDArray[np.int16], n: int) -> bool:
    """Whether most letters are upper case, in words without digits: a code says nothing about the text around it."""
    letters = upper = 0
    start = 0
    while start < n:
        stop = start
        word_letters = word_upper = digits = 0
        while stop < n and codes[stop] != 32 and codes[stop] != WIDE_SPACE:
            word_letters += _is_letter(int(codes[stop]))
            word_upper += notes[stop] >= UPPER_NOTE
            digits += 48 <= codes[stop] <= 57
            stop += 1
        if digits == 0:
            letters += word_letters
            upper += word_upper
        start = stop + 1
    return 2 * upper > letters


@compiled
def undo_leet(
    codes: NDArray[np.int32], notes: NDArray[np.int16], n: int, table: NDArray[np.int64], undone: NDArray[np.int64]
) -> None:
    """Write letters for the digits and symbols that stand for them: first the plain cases, then what they vouch for.

    Two characters undone vouch for the others, and so do two words that would be leet if anything vouched for them;
    four undone leave no doubt.
    """
    word = np.empty(n, dtype=np.int32)
    shouting = _shouts(codes, notes, n)
    likely = 0
    for vouched in (UNSURE, LIKELY, CERTAIN):
        if vouched and undone[LEET] + (likely if vouched == LIKELY else 0) < TELLING[vouched - 1]:
            return
        start = 0
        while start < n:
            stop = start
            signs = False  # most runs are letters alone: nothing to undo
            while stop < n and codes[stop] != 32 and codes[stop] != WIDE_SPACE:
                code = int(codes[stop])
                signs |= not _is_letter(code) and letter_for(code, 0, 0) != 0
                stop += 1
            if signs and not _is_address(codes, start, stop):
                likely += _undo_run(codes, notes, start, stop, word, table, undone, shouting, vouched)
            start = stop + 1


@compiled
def _undo_run(
    codes: NDArray[np.int32],
    notes: NDArray[np.int16],
    start: int,
    stop: int,
    word: NDArray[np.int32],
    table: NDArray[np.int64],
    undone: NDArray[np.int64],
    shouting: bool,
    vouched: int,
) -> int:
    """Undo leet in every word of a run without spaces; return how many words would be leet if others vouched."""
    likely = 0
    shortest = 2 if vouched == CERTAIN else 3
    while start < stop:
        end = start
        while end < stop and not _separates(table, int(codes[end])):
            end += 1
        last = end
        while last > start and codes[last - 1] == 33:  # exclamation marks at the end are just that
            last -= 1
        if shortest <= last - start <= LONGEST_WORD:
            changed = _reading(codes, notes, table, start, last, word, shouting, vouched)
            if changed:
                undone[LEET] += changed
                for i in range(start, last):
                    if _plain(table, int(codes[i])) == 0:
                        codes[i] = word[i - start]
            elif not vouched and _has_inner_digit(codes, table, start, last):
                likely += _reading(codes, notes, table, start, last, word, shouting, LIKELY) > 0
        start = end + 1
    return likely


@compiled
def _has_inner_digit(codes: NDArray[np.int32], table: NDArray[np.int64], start: int, end: int) -> bool:
    """Whether a digit stands between letters."""
    seen = 0  # 1 after a letter, 2 after a digit behind one
    for i in range(start, end):
        if _plain(table, int(codes[i])):
            if seen == 2:
                return True
            seen = 1
        elif seen and 48 <= codes[i] <= 57:
            seen = 2
    return False

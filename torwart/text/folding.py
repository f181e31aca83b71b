"""First pass over a text: what every character is written as, and what was between characters and not to be seen."""

import numpy as np
from numpy.typing import NDArray

from torwart.compiled import compiled
from torwart.text import readings as r
from torwart.text import tables as t
from torwart.text.alphabets import COMMON, DENSE, LATIN, OTHER_ALPHABET, RIGHT_TO_LEFT

# Places in the array that counts what was undone, in the order of ``Undone``.
INVISIBLE, CONFUSABLE, DIACRITIC, LEET, SPACED, REPEATED, EMOJI_LETTERS = range(7)

# A character's note: its Latin look-alike in the low seven bits, and whether it was upper case.
UPPER_NOTE = 128
WIDE_SPACE = 10
"""A run of several spaces, or one with a line break: the end of a word even in ``f r e e``. Later folded to a space."""


@compiled
def word_of(table: NDArray[np.int64], code: int) -> int:
    """The table's bits for a code point of any size."""
    if code < t.LIMIT:
        return int(table[code])
    if 0xE0000 <= code <= 0xE007F:
        return code | r.INVISIBLE << t.KIND_SHIFT
    if 0xE0100 <= code <= 0xE01EF:
        return code | r.SELECTOR << t.KIND_SHIFT
    if code < 0x32000:
        return code | DENSE << t.SCRIPT_SHIFT | t.LETTER_BIT | code << t.BASE_SHIFT
    return code | code << t.BASE_SHIFT


@compiled
def composed(table: NDArray[np.int64], letter: int, mark: int) -> int:
    """The letter that carries the mark, or 0 if there is no such character."""
    if 0x1100 <= letter <= 0x1112 and 0x1161 <= mark <= 0x1175:
        return 0xAC00 + ((letter - 0x1100) * 21 + mark - 0x1161) * 28
    if 0xAC00 <= letter <= 0xD7A3 and 0x11A8 <= mark <= 0x11C2 and (letter - 0xAC00) % 28 == 0:
        return letter + mark - 0x11A7
    slot = t.slot_of(letter, mark)
    key = letter << 21 | mark
    while table[t.KEYS_AT + slot] != 0:
        if table[t.KEYS_AT + slot] == key:
            return int(table[t.COMPOSED_AT + slot])
        slot = (slot + 1) % t.SLOTS
    return 0


@compiled
def is_alphabetic(word: int) -> bool:
    """Whether a table word is a letter of Latin, Cyrillic, Greek or another alphabet that look-alikes come from."""
    script = (word >> t.SCRIPT_SHIFT) & 7
    return word & t.LETTER_BIT != 0 and LATIN <= script <= OTHER_ALPHABET


@compiled
def _flags_only(raw: NDArray[np.int32], table: NDArray[np.int64], start: int, end: int) -> bool:
    """Whether a run of regional indicators is flags of countries, two by two."""
    if (end - start) % 2:
        return False
    for i in range(start, end, 2):
        if table[t.FLAGS_AT + (int(raw[i]) - 0x1F1E6) * 26 + int(raw[i + 1]) - 0x1F1E6] == 0:
            return False
    return True


@compiled
def fold(
    raw: NDArray[np.int32],
    table: NDArray[np.int64],
    codes: NDArray[np.int32],
    notes: NDArray[np.int16],
    undone: NDArray[np.int64],
) -> int:
    """Write the folded text to ``codes`` and ``notes``, add to ``undone``, and return the folded text's length.

    ``codes`` and ``notes`` hold at least ``LONGEST_EXPANSION * len(raw)`` characters.
    """
    n = 0
    visible = 0  # the word of the last visible character, before folding
    visible_code = 0
    directions = 0
    full_width = 0
    right_to_left = False
    dense = False
    i = 0
    while i < len(raw):
        code = int(raw[i])
        word = word_of(table, code)
        i += 1
        kind = (word >> t.KIND_SHIFT) & 15
        if kind == r.PLAIN:
            target = word & t.TARGET_MASK
            codes[n] = target
            notes[n] = (word >> t.LOOK_ALIKE_SHIFT) & 127 | ((word >> t.UPPER_SHIFT) & 1) << 7
            n += 1
            visible = word
            visible_code = code
            if code >= 128:
                script = (word >> t.SCRIPT_SHIFT) & 7
                right_to_left |= script == RIGHT_TO_LEFT
                dense |= script == DENSE
                tally = (word >> t.TALLY_SHIFT) & 3
                if tally == r.CONFUSABLE:
                    undone[CONFUSABLE] += 1
                elif tally == r.EMOJI_LETTER:
                    undone[EMOJI_LETTERS] += 1
                elif tally == r.FULL_WIDTH:
                    full_width += 1
        elif kind == r.SPACE:
            if n and (codes[n - 1] == 32 or codes[n - 1] == WIDE_SPACE):
                codes[n - 1] = WIDE_SPACE
            elif n:
                codes[n] = word & t.TARGET_MASK
                notes[n] = 0
                n += 1
            visible = word
            visible_code = code
        elif kind == r.JOINER:
            undone[INVISIBLE] += 0 < visible_code < 128 or is_alphabetic(visible)
        elif kind == r.SELECTOR:
            undone[INVISIBLE] += is_alphabetic(visible)
        elif kind == r.DIRECTION:
            directions += 1
        elif kind == r.INVISIBLE:
            # The flags of England, Scotland and Wales are a black flag followed by tags.
            undone[INVISIBLE] += code < 0xE0000 or visible_code != 0x1F3F4
        elif kind == r.MARK:
            previous = int(codes[n - 1]) if n else 0
            whole = composed(table, previous, code) if n else 0
            bearer = word_of(table, previous)
            if whole:
                codes[n - 1] = whole
                notes[n - 1] = notes[n - 1] & UPPER_NOTE | (word_of(table, whole) >> t.LOOK_ALIKE_SHIFT) & 127
            elif (word >> t.SCRIPT_SHIFT) & 7 != COMMON or not (is_alphabetic(bearer) or previous < 128):
                codes[n] = code
                notes[n] = 0
                n += 1
            else:
                undone[DIACRITIC] += is_alphabetic(bearer)
        elif kind == r.EXPANSION:
            place = word & t.TARGET_MASK
            for k in range(int(table[place])):
                codes[n] = table[place + 1 + k]
                notes[n] = 0
                n += 1
            undone[EMOJI_LETTERS] += (word >> t.TALLY_SHIFT) & 3 == r.EMOJI_LETTER
            visible = word
            visible_code = code
        else:  # regional indicators: flags stay, the rest are letters
            end = i
            while end < len(raw) and 0x1F1E6 <= raw[end] <= 0x1F1FF:
                end += 1
            are_flags = _flags_only(raw, table, i - 1, end)
            for k in range(i - 1, end):
                codes[n] = raw[k] if are_flags else 97 + int(raw[k]) - 0x1F1E6
                notes[n] = 0
                n += 1
            undone[EMOJI_LETTERS] += 0 if are_flags else end - i + 1
            visible = word
            visible_code = code
            i = end
    if not right_to_left:
        undone[INVISIBLE] += directions
    if not dense:
        undone[CONFUSABLE] += full_width
    return n


@compiled
def close_up(codes: NDArray[np.int32], n: int) -> int:
    """Fold what is left of wide spaces to single ones, strip both ends, and return the length."""
    kept = 0
    after_space = True  # a space at the beginning is left out like a second one
    for i in range(n):
        code = codes[i]
        is_space = code == WIDE_SPACE or code == 32
        codes[kept] = 32 if is_space else code
        kept += not (is_space and after_space)
        after_space = is_space
    return kept - int(kept > 0 and after_space)

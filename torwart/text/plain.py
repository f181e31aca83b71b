"""The text as the n-grams read it, derived from a normalised one.

* Digits become ``0`` and runs of more than six are cut to six, so that codes and sums generalise.
* Latin, Greek and Arabic letters lose their marks: senders leave them out as often as not.
* A link loses its scheme, ``www.``, query and fragment, keeps host and path, and is marked as a link.
"""

import numpy as np
from numpy.typing import NDArray

from torwart.compiled import compiled
from torwart.text import tables as t
from torwart.text.alphabets import DENSE
from torwart.text.folding import word_of
from torwart.text.normalise import normalise_into
from torwart.text.readings import LONGEST_EXPANSION

LONGEST_DIGIT_RUN = 6

# What a character of the plain text is. A gap says whether the word before it was a link.
GAP, LINK_GAP, SIGN, WORD_CHARACTER, DENSE_CHARACTER = range(5)


@compiled
def _link_prefix(codes: NDArray[np.int32], start: int, end: int) -> int:
    """How many characters of a run without spaces are ``http://``, ``https://`` or ``www.``, together."""
    i = start
    if end - i > 7 and codes[i] == 104 and codes[i + 1] == 116 and codes[i + 2] == 116 and codes[i + 3] == 112:
        k = i + 5 if codes[i + 4] == 115 else i + 4
        if k + 2 < end and codes[k] == 58 and codes[k + 1] == 47 and codes[k + 2] == 47:
            i = k + 3
    if end - i > 4 and codes[i] == 119 and codes[i + 1] == 119 and codes[i + 2] == 119 and codes[i + 3] == 46:
        i += 4
    return i - start


@compiled
def _has_path(codes: NDArray[np.int32], start: int, end: int) -> bool:
    """Whether a run without spaces is a host with a path: a dot between characters, a letter after it, then a slash."""
    dotted = False
    for i in range(start + 1, end):
        if codes[i] == 46 and i + 1 < end and 97 <= codes[i + 1] <= 122:
            dotted = True
        elif codes[i] == 47:
            return dotted
    return False


@compiled
def plain_into(
    plain: NDArray[np.int32],
    kinds: NDArray[np.int8],
    codes: NDArray[np.int32],
    n: int,
    table: NDArray[np.int64],
) -> int:
    """Write the plain text, one space before, between and after words, and what each character is; return the length.

    ``plain`` and ``kinds`` hold at least ``n + 2`` characters.
    """
    plain[0] = 32
    kinds[0] = GAP
    length = 1
    start = 0
    while start < n:
        end = start
        slash = False
        while end < n and codes[end] != 32:
            slash |= codes[end] == 47
            end += 1
        prefix = _link_prefix(codes, start, end)
        is_link = prefix > 0 or (slash and _has_path(codes, start, end))
        begin = length
        digits = 0
        for i in range(start + prefix, end):
            code = int(codes[i])
            if is_link and (code == 63 or code == 35):
                break
            word = word_of(table, code)
            base = word >> t.BASE_SHIFT
            digits = digits + 1 if word & t.DIGIT_BIT else 0
            if base == 0 or digits > LONGEST_DIGIT_RUN:
                continue
            plain[length] = base
            if (word >> t.SCRIPT_SHIFT) & 7 == DENSE:
                kinds[length] = DENSE_CHARACTER
            else:
                kinds[length] = WORD_CHARACTER if word & (t.LETTER_BIT | t.DIGIT_BIT) else SIGN
            length += 1
        if length > begin:
            plain[length] = 32
            kinds[length] = LINK_GAP if is_link else GAP
            length += 1
        start = end + 1
    return length


@compiled
def plain_text(
    raw: NDArray[np.int32], table: NDArray[np.int64], undone: NDArray[np.int64]
) -> tuple[NDArray[np.int32], NDArray[np.int8], int, NDArray[np.int32]]:
    """Normalise, then make plain: the plain text, its kinds, its length, and the normalised text."""
    codes = np.empty(LONGEST_EXPANSION * len(raw), dtype=np.int32)
    n = normalise_into(codes, raw, table, undone)
    plain = np.empty(n + 2, dtype=np.int32)
    kinds = np.empty(n + 2, dtype=np.int8)
    return plain, kinds, plain_into(plain, kinds, codes, n, table), codes[:n].copy()

"""The text as the n-grams read it, derived from a normalised one.

* Digits become ``0`` and runs of more than six are cut to six, so that codes and sums generalise.
* Latin, Greek and Arabic letters lose their marks: senders leave them out as often as not.
* A link is a word of its own and keeps its host alone: paths are random, :mod:`torwart.text.shape` says what they
  look like.
"""

import numpy as np
from numpy.typing import NDArray

from torwart.compiled import compiled
from torwart.text import links as k
from torwart.text import tables as t
from torwart.text.alphabets import DENSE
from torwart.text.folding import word_of

LONGEST_DIGIT_RUN = 6

# What a character of the plain text is. A gap says whether the word before it was a link.
GAP, LINK_GAP, SIGN, WORD_CHARACTER, DENSE_CHARACTER = range(5)


@compiled
def _gap(plain: NDArray[np.int32], kinds: NDArray[np.int8], length: int, kind: int) -> int:
    """End the word before, if there is one; return the new length."""
    if kinds[length - 1] <= LINK_GAP:
        return length
    plain[length] = 32
    kinds[length] = kind
    return length + 1


@compiled
def plain_into(
    plain: NDArray[np.int32],
    kinds: NDArray[np.int8],
    codes: NDArray[np.int32],
    n: int,
    table: NDArray[np.int64],
    links: NDArray[np.int32],
    n_links: int,
) -> int:
    """Write the plain text, one space before, between and after words, and what each character is; return the length.

    ``links`` is as :func:`torwart.text.links.find_links` fills it. ``plain`` and ``kinds`` hold at least ``n + 2``
    characters, and one more a link.
    """
    plain[0] = 32
    kinds[0] = GAP
    length = 1
    link = 0
    until = n  # where the host ends in which ``i`` lies
    digits = 0
    i = 0
    while i < n:
        if link < n_links and i == links[link, k.BEGIN]:
            length = _gap(plain, kinds, length, GAP)
            i = int(links[link, k.HOST])
            until = int(links[link, k.HOST_END])
            digits = 0
        code = int(codes[i])
        if code == 32:
            length = _gap(plain, kinds, length, GAP)
            digits = 0
        else:
            word = word_of(table, code)
            base = word >> t.BASE_SHIFT
            digits = digits + 1 if word & t.DIGIT_BIT else 0
            if base != 0 and digits <= LONGEST_DIGIT_RUN:
                plain[length] = base
                if (word >> t.SCRIPT_SHIFT) & 7 == DENSE:
                    kinds[length] = DENSE_CHARACTER
                else:
                    kinds[length] = WORD_CHARACTER if word & (t.LETTER_BIT | t.DIGIT_BIT) else SIGN
                length += 1
        i += 1
        if i == until and link < n_links:
            length = _gap(plain, kinds, length, LINK_GAP)
            i = int(links[link, k.END])
            link += 1
            until = n
    return _gap(plain, kinds, length, GAP)

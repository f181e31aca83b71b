"""Signs of style in a text as it came, before anything is normalised."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from torwart.compiled import compiled


class Marks(NamedTuple):
    """How many characters of each kind a text has. ``capitals`` and ``letters`` (cased ones, capitals included) are
    those of the Latin, Greek and Cyrillic scripts."""

    lines: int
    capitals: int
    letters: int
    digits: int
    emoji: int
    exclamations: int
    currency: int


N_MARKS: Final = len(Marks._fields)

# Places of the counts, for compiled code.
LINES, CAPITALS, LETTERS, DIGITS, EMOJI, EXCLAMATIONS, CURRENCY = range(N_MARKS)


@compiled
def count_marks(raw: NDArray[np.int32], out: NDArray[np.float64]) -> None:
    """Count into ``out`` (N_MARKS,), in the order of :class:`Marks`."""
    out[:] = 0.0
    for code in raw:
        if code == 10:
            out[LINES] += 1
        elif 65 <= code <= 90 or 0xC0 <= code <= 0xDE or 0x391 <= code <= 0x3A9 or 0x410 <= code <= 0x42F:
            out[CAPITALS] += 1
            out[LETTERS] += 1
        elif 97 <= code <= 122 or 0xDF <= code <= 0xFF or 0x3B1 <= code <= 0x3C9 or 0x430 <= code <= 0x44F:
            out[LETTERS] += 1
        elif 48 <= code <= 57:
            out[DIGITS] += 1
        elif code >= 0x1F000 or 0x2600 <= code <= 0x27BF:
            out[EMOJI] += 1
        elif code in (33, 63, 0xA1, 0xBF, 0xFF01, 0xFF1F):
            out[EXCLAMATIONS] += 1
        elif code in (36, 0xA3, 0xA5) or 0x20A0 <= code <= 0x20CF:
            out[CURRENCY] += 1

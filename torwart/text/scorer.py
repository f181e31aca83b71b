"""One compiled pass from characters to logits, of the whole text and of its worst segment.

Weights are 8-bit integers with one scale: an eighth of the bytes of floats, for a table that does not fit the nearest
caches, and sums of them are exact, in whatever order they are added and subtracted.
"""

import numpy as np
from numpy.typing import NDArray

from torwart.compiled import compiled
from torwart.text.marks import N_MARKS
from torwart.text.ngrams import MOST_IN_PIECE, N_BUCKETS, PIECE, next_piece
from torwart.text.normalise import UNDONE_KINDS
from torwart.text.reading import read_text
from torwart.text.shape import VALUE

WINDOW = 100
"""Characters in a window, at least; a text no longer than that is its own worst segment."""

STRIDE = 50
"""Characters between the beginnings of two windows, at least."""

Seven = tuple[int, int, int, int, int, int, int]
"""As many counts as there are of what was undone, and of marks."""


@compiled
def read(
    logits: NDArray[np.float64],
    text: bytes,
    table: NDArray[np.int64],
    weights: NDArray[np.int8],
    scale: float,
    bias: NDArray[np.float64],
) -> tuple[NDArray[np.uint32], Seven, Seven]:
    """Read one text: return it normalised, what was undone, and its marks.

    Fills ``logits`` (2, 4): the whole text's, then the worst segment's. ``text`` is as
    :func:`torwart.text.normalise.encoded` gives it, ``weights`` has shape (N_COLUMNS, 4), in units of ``scale``.
    """
    raw = np.frombuffer(text, np.int32)[1:]
    undone, marks = np.zeros(UNDONE_KINDS, dtype=np.int64), np.zeros(N_MARKS)
    plain, kinds, length, codes, shapes = read_text(raw, table, undone, marks)
    # The shape is the whole text's, whichever window is read.
    base = bias.copy()
    for shape in shapes:
        for c in range(4):
            base[c] += VALUE * scale * weights[N_BUCKETS + shape, c]
    # Per piece where it ends, how many features there were up to there, and the sum of their weights.
    most = length // 2 + length // PIECE + 2
    ends = np.zeros(most, dtype=np.int64)
    sums = np.zeros((most, 5), dtype=np.int64)
    pieces = _running_sums(plain, kinds, length, weights, ends, sums)
    _logits(logits[0], sums, 0, pieces, scale, base)
    logits[1] = logits[0]
    if ends[pieces] > WINDOW:
        _worst_window(logits[1], pieces, ends, sums, scale, base)
    return codes.view(np.uint32), _seven(undone), _seven(marks)


@compiled
def _seven(counts: NDArray[np.int64] | NDArray[np.float64]) -> Seven:
    """Counts as a tuple, which reaches Python sooner than an array does."""
    return (
        int(counts[0]),
        int(counts[1]),
        int(counts[2]),
        int(counts[3]),
        int(counts[4]),
        int(counts[5]),
        int(counts[6]),
    )


@compiled
def _running_sums(
    plain: NDArray[np.int32],
    kinds: NDArray[np.int8],
    length: int,
    weights: NDArray[np.int8],
    ends: NDArray[np.int64],
    sums: NDArray[np.int64],
) -> int:
    """Fill ``ends`` and ``sums`` (four classes and the number of features) piece by piece; return how many pieces."""
    buckets = np.empty(MOST_IN_PIECE, dtype=np.int64)
    cursor = np.zeros(4, dtype=np.int64)
    wanted = promo = spam = fraud = total = 0
    pieces = 0
    count = next_piece(plain, kinds, length, cursor, buckets)
    while count >= 0:
        for i in range(count):
            bucket = buckets[i]
            wanted += weights[bucket, 0]
            promo += weights[bucket, 1]
            spam += weights[bucket, 2]
            fraud += weights[bucket, 3]
        total += count
        pieces += 1
        ends[pieces] = cursor[0]
        sums[pieces, 0] = wanted
        sums[pieces, 1] = promo
        sums[pieces, 2] = spam
        sums[pieces, 3] = fraud
        sums[pieces, 4] = total
        count = next_piece(plain, kinds, length, cursor, buckets)
    return pieces


@compiled
def _logits(
    logits: NDArray[np.float64],
    sums: NDArray[np.int64],
    first: int,
    last: int,
    scale: float,
    bias: NDArray[np.float64],
) -> None:
    """The logits of the pieces from ``first`` up to ``last``."""
    value = scale / np.sqrt(max(sums[last, 4] - sums[first, 4], 1))
    for k in range(4):
        logits[k] = bias[k] + value * (sums[last, k] - sums[first, k])


@compiled
def _worst_window(
    worst: NDArray[np.float64],
    pieces: int,
    ends: NDArray[np.int64],
    sums: NDArray[np.int64],
    scale: float,
    bias: NDArray[np.float64],
) -> None:
    """Write to ``worst`` the logits of the window with the highest odds of spam or fraud."""
    logits = np.empty(4)
    highest = -1.0
    first = 0
    last = 0
    while last < pieces:
        while last < pieces and ends[last] - ends[first] < WINDOW:
            last += 1
        while ends[last] - ends[first] < WINDOW:  # the last window reaches back instead
            first -= 1
        _logits(logits, sums, first, last, scale, bias)
        top = max(logits[0], logits[1], logits[2], logits[3])
        bad = np.exp(logits[2] - top) + np.exp(logits[3] - top)
        share = bad / (bad + np.exp(logits[0] - top) + np.exp(logits[1] - top))
        if share > highest:
            highest = share
            worst[:] = logits
        begin = ends[first] + STRIDE
        while ends[first] < begin and first < last:
            first += 1

"""What a text is made of, hashed: n-grams of characters inside words, words, and pairs of words.

Features are read from a text made plain (:mod:`torwart.text.plain`). Words are what spaces separate. Character n-grams
have 3 to 5 characters and include the space on either side of a word; in dense scripts (Han, Kana, Hangul, Thai …)
also 1 and 2. Words and pairs skip punctuation and count twice, for there are few of them beside the n-grams; a word
that is a link adds one feature that says so. A feature's value is how often it occurs, divided by the square root of
how many features the text has: so the sum over a part of a text is a difference of running sums, and a window costs
next to nothing. After the n-grams' columns come those of the text's shape (:mod:`torwart.text.shape`).
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from torwart.compiled import compiled
from torwart.text.marks import N_MARKS
from torwart.text.normalise import UNDONE_KINDS, code_points
from torwart.text.plain import DENSE_CHARACTER, LINK_GAP, WORD_CHARACTER
from torwart.text.reading import read_text
from torwart.text.shape import N_SHAPES, VALUE
from torwart.text.tables import tables

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

N_BUCKETS = 2**20
"""N-grams are hashed into this many columns: the texts of 47 languages have 1.5 million different ones."""

N_COLUMNS = N_BUCKETS + N_SHAPES
"""Columns of a text's features: the buckets, then the shapes."""

SCHEME = 4
"""Version of everything between a text and its features; weights fitted under one mean nothing under another."""

SHORTEST, LONGEST = 3, 5
LONGEST_WORD = 40
"""Longer "words" (sentences in dense scripts, random tokens) are no word features."""

PIECE = 24
"""Features are taken in pieces of at most this many starting positions: words, or parts of long ones."""

MOST_IN_PIECE = LONGEST * PIECE + 5

_MULTIPLIER = 0x5851F42D4C957F2D
_WORD_SEED, _PAIR_SEED, _LINK_SEED = 0x1111, 0x2222, 0x3333


@compiled
def _bucket(hashed: int) -> int:
    return (hashed >> 37) & (N_BUCKETS - 1)


@compiled
def _word_hash(plain: NDArray[np.int32], kinds: NDArray[np.int8], begin: int, end: int) -> int:
    """The hash of a word without its punctuation; 0 for one that is punctuation alone or too long."""
    hashed = _WORD_SEED
    characters = 0
    for i in range(begin, end):
        if kinds[i] >= WORD_CHARACTER:
            hashed = (hashed ^ plain[i]) * _MULTIPLIER
            characters += 1
    return hashed if 0 < characters <= LONGEST_WORD else 0


@compiled
def next_piece(
    plain: NDArray[np.int32],
    kinds: NDArray[np.int8],
    length: int,
    cursor: NDArray[np.int64],
    buckets: NDArray[np.int64],
) -> int:
    """Write the buckets of the next piece's features to ``buckets`` and return how many, or -1 at the text's end.

    ``cursor`` has shape (4,) and begins as zeros: where the piece starts, where its word starts, the hash of the word
    before, where the gap after its word is. Afterwards ``cursor[0]`` is where the piece ended. ``buckets`` holds
    :data:`MOST_IN_PIECE`.
    """
    start = int(cursor[0])
    if start + 1 >= length:
        return -1
    begin = max(int(cursor[1]), 1)
    end = int(cursor[3])
    if end <= start:
        end = start + 1
        while kinds[end] > LINK_GAP:
            end += 1
        cursor[3] = end
    stop = min(start + PIECE, end)
    count = 0
    for i in range(start, stop):
        hashed = 0
        shortest = 0 if kinds[i] == DENSE_CHARACTER else SHORTEST - 1
        for k in range(min(LONGEST, end + 1 - i)):
            hashed = (hashed ^ plain[i + k]) * _MULTIPLIER
            if k >= shortest:
                buckets[count] = _bucket(hashed)
                count += 1
    if stop == end:
        word = _word_hash(plain, kinds, begin, end)
        if word:
            buckets[count] = buckets[count + 1] = _bucket(word)
            pair = _bucket(((cursor[2] ^ _PAIR_SEED) * _MULTIPLIER ^ word) * _MULTIPLIER)
            buckets[count + 2] = buckets[count + 3] = pair
            count += 4
            cursor[2] = word
        if kinds[end] == LINK_GAP:
            buckets[count] = _bucket(_LINK_SEED * _MULTIPLIER)
            count += 1
        cursor[1] = end + 1
    cursor[0] = stop
    return count


def hashed(texts: Sequence[str]) -> "csr_matrix":
    """Features of each text for training, shape (len(texts), N_COLUMNS), float64.

    Needs SciPy, which scoring does not.
    """
    from scipy.sparse import csr_matrix

    rows = [_features(code_points(text), tables()) for text in texts]
    ends = np.cumsum([0, *(len(columns) for columns, _ in rows)])
    matrix = csr_matrix(
        (
            np.concatenate([values for _, values in rows] or [np.empty(0)]),
            np.concatenate([columns for columns, _ in rows] or [np.empty(0, dtype=np.int32)]),
            ends,
        ),
        shape=(len(texts), N_COLUMNS),
    )
    matrix.sum_duplicates()
    return matrix


@compiled
def _features(raw: NDArray[np.int32], table: NDArray[np.int64]) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """The columns of all features of one text, in order of appearance, repeats included, and their values."""
    undone, marks = np.zeros(UNDONE_KINDS, dtype=np.int64), np.zeros(N_MARKS)
    plain, kinds, length, _, shapes = read_text(raw, table, undone, marks)
    columns = np.empty((LONGEST + 4) * length + len(shapes), dtype=np.int32)
    piece = np.empty(MOST_IN_PIECE, dtype=np.int64)
    cursor = np.zeros(4, dtype=np.int64)
    total = 0
    count = next_piece(plain, kinds, length, cursor, piece)
    while count >= 0:
        columns[total : total + count] = piece[:count]
        total += count
        count = next_piece(plain, kinds, length, cursor, piece)
    all_ = total + len(shapes)
    columns[total:all_] = N_BUCKETS + shapes
    values = np.full(all_, VALUE)
    values[:total] = 1 / np.sqrt(max(total, 1))
    return columns[:all_].copy(), values

"""One text read: normalised, made plain, and described by its shape."""

import numpy as np
from numpy.typing import NDArray

from torwart.compiled import compiled
from torwart.text.links import LINK_FIELDS, MOST_LINKS, find_links
from torwart.text.marks import count_marks
from torwart.text.normalise import normalise_into
from torwart.text.plain import plain_into
from torwart.text.readings import LONGEST_EXPANSION
from torwart.text.shape import MOST_SHAPES, shapes_of


@compiled
def read_text(
    raw: NDArray[np.int32], table: NDArray[np.int64], undone: NDArray[np.int64], marks: NDArray[np.float64]
) -> tuple[NDArray[np.int32], NDArray[np.int8], int, NDArray[np.int32], NDArray[np.int64]]:
    """The plain text, its characters' kinds, its length, the normalised text, and the columns of its shapes.

    Adds to ``undone`` (UNDONE_KINDS,) and fills ``marks`` (N_MARKS,).
    """
    count_marks(raw, marks)
    codes = np.empty(LONGEST_EXPANSION * len(raw), dtype=np.int32)
    n = normalise_into(codes, raw, table, undone)
    links = np.empty((MOST_LINKS, LINK_FIELDS), dtype=np.int32)
    n_links = find_links(codes, n, table, links)
    plain = np.empty(n + 2 + 2 * MOST_LINKS, dtype=np.int32)
    kinds = np.empty(len(plain), dtype=np.int8)
    length = plain_into(plain, kinds, codes, n, table, links, n_links)
    shapes = np.empty(MOST_SHAPES, dtype=np.int64)
    n_shapes = shapes_of(codes, n, links, n_links, marks, shapes)
    return plain, kinds, length, codes[:n].copy(), shapes[:n_shapes]

"""Hash tables of records for compiled code: open addressing over one structured array.

A record's ``key`` field is its 64-bit key; 0 marks an empty place. The capacity is a power of two. Keys are already
hashes, so their low bits choose the place.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import DTypeLike, NDArray

from torwart.compiled import compiled

Table = NDArray[np.void]

Record = Any
"""One place of a table, or a fold row, as compiled code sees it: its fields are attributes."""

FULLEST: Final = 0.6
"""A table grows before more than this share of its places is taken; beyond it, probing gets long."""

ALWAYS: Final = -(2**62)
"""Before any time (µs), with room to subtract a lifetime: what was touched since then is everything."""


def empty(dtype: DTypeLike, capacity: int) -> Table:
    """A table of zeroed records; ``capacity`` must be a power of two."""
    return np.zeros(capacity, dtype=dtype)


@compiled
def find(table: Table, key: int) -> int:
    """The place of ``key``, or -1."""
    mask = np.uint64(table.size - 1)
    place = np.uint64(key) & mask
    while table[place].key != np.uint64(0):
        if table[place].key == key:
            return np.int64(place)  # type: ignore[return-value]
        place = (place + np.uint64(1)) & mask
    return -1


@compiled
def claim(table: Table, key: int) -> tuple[int, bool]:
    """The place of ``key``, taken for it if it had none, and whether it is new."""
    mask = np.uint64(table.size - 1)
    place = np.uint64(key) & mask
    while table[place].key != np.uint64(0):
        if table[place].key == key:
            return np.int64(place), False  # type: ignore[return-value]
        place = (place + np.uint64(1)) & mask
    table[place].key = key
    return np.int64(place), True  # type: ignore[return-value]


@compiled
def rebuild(old: Table, new: Table, touched_since: int) -> int:
    """Copy the records touched at or after ``touched_since`` (µs) into the empty table ``new``; how many there are."""
    count = 0
    for index in range(old.size):
        if old[index].key == np.uint64(0) or old[index].touched < touched_since:
            continue
        place, _ = claim(new, old[index].key)
        new[place] = old[index]
        count += 1
    return count


def occupied(table: Table) -> Table:
    """A copy of the records alone, shape (n,), in the table's order."""
    records: Table = table[table["key"] != 0]
    return records


@compiled
def forget(table: Table, touched_since: int, blank: Table) -> int:
    """Clear the records not touched since a time (µs) and close the gaps in place (Knuth, TAOCP 3, 6.4, algorithm R).

    ``blank`` holds one zeroed record. Returns how many were cleared.
    """
    mask = np.uint64(table.size - 1)
    cleared = 0
    for start in range(table.size):
        # What moves into a gap may itself have to go.
        while table[start].key != np.uint64(0) and table[start].touched < touched_since:
            cleared += 1
            gap = np.uint64(start)
            place = (gap + np.uint64(1)) & mask
            while table[place].key != np.uint64(0):
                home = table[place].key & mask
                if ((place - home) & mask) >= ((place - gap) & mask):
                    table[gap] = table[place]
                    gap = place
                place = (place + np.uint64(1)) & mask
            table[gap] = blank[0]
    return cleared


def capacity_for(count: int) -> int:
    """The smallest capacity that holds ``count`` records without being fuller than :data:`FULLEST`."""
    capacity = 1024
    while count > FULLEST * capacity:
        capacity *= 2
    return capacity


def with_room(table: Table, count: int, more: int) -> Table:
    """The table itself if it, holding ``count`` records, has room for ``more``, else a larger copy."""
    if count + more <= FULLEST * table.size:
        return table
    larger = empty(table.dtype, max(2 * table.size, capacity_for(count + more)))
    rebuild(table, larger, ALWAYS)
    return larger

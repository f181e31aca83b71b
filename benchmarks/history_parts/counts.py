"""The fourteen counts that every side computes, and Torwart's way to compute them: its rings, in a loop of their own.

A sender's messages, replies, reports and blocks before each message, over the last hour, day, week or month. The
windows are Torwart's: whole buckets of time, of which the current one is the last. Everything counts from when it
arrived, so that no side needs a second time.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from torwart.compiled import compiled
from torwart.features.rows import BLOCK, MESSAGE, REPLY, REPORT
from torwart.features.tables import Table, claim, empty, with_room
from torwart.features.windows import (
    DAY,
    HOUR,
    MINUTE,
    N_RESOLUTIONS,
    N_WINDOWS,
    RING_LENGTH,
    WINDOWS,
    add,
    totals,
    turn,
)

KINDS: Final = (MESSAGE, REPLY, REPORT, BLOCK)
NAMES: Final = ("messages", "replies", "reports", "blocks")
WIDTHS: Final = (10 * MINUTE, HOUR, DAY, DAY)
SPANS: Final = (6, 24, 7, 30)
"""The width of a window's buckets in µs, and how many there are; in the order of ``WINDOWS``."""

COUNTS: Final = tuple((kind, window) for kind in range(4) for window in range(4) if window > 0 or kind in (0, 2))
"""Kind and window of each of the fourteen."""

COLUMNS: Final = tuple(f"{NAMES[kind]}_{WINDOWS[window]}" for kind, window in COUNTS)

_RECORD: Final = np.dtype(
    [
        ("key", "<u8"),
        ("touched", "<i8"),
        ("heads", "<i8", (N_RESOLUTIONS,)),
        ("rings", "<i4", (len(KINDS), RING_LENGTH)),
    ]
)
_AT_ONCE: Final = 4096
_COUNTER: Final = np.array([KINDS.index(kind) if kind in KINDS else -1 for kind in range(max(KINDS) + 1)])
_COUNTS: Final = np.array(COUNTS)

Counts = NDArray[np.int32]


class Events(NamedTuple):
    """What the counts need of a log, in its order, shape (n,): the senders' keys, the kinds, the arrivals in µs."""

    sender: NDArray[np.uint64]
    kind: NDArray[np.uint8]
    arrived: NDArray[np.int64]


@compiled
def _count(
    senders: Table, used: int, events: Events, first: int, end: int, out: Counts, filled: int
) -> tuple[int, int]:
    """Count before each message of ``events[first:end]`` into the next row of ``out``; how many senders there are in
    the table, and rows in ``out``."""
    found = np.zeros((len(KINDS), N_WINDOWS), dtype=np.int64)
    for index in range(first, end):
        place, new = claim(senders, events.sender[index])
        used += new
        rings, heads, at = senders[place].rings, senders[place].heads, events.arrived[index]
        if events.kind[index] == MESSAGE:
            totals(rings, heads, at, found)
            for column in range(len(_COUNTS)):
                out[filled, column] = found[_COUNTS[column, 0], _COUNTS[column, 1]]
            filled += 1
        turn(rings, heads, at)
        add(rings, heads, _COUNTER[events.kind[index]], at, 1)
    return used, filled


def torwart(events: Events) -> Counts:
    """The counts of each message, shape (n_messages, 14), in the log's order."""
    out = np.empty((int((events.kind == MESSAGE).sum()), len(COUNTS)), dtype=np.int32)
    senders = empty(_RECORD, 1024)
    used = filled = 0
    for first in range(0, len(events.kind), _AT_ONCE):
        end = min(first + _AT_ONCE, len(events.kind))
        senders = with_room(senders, used, end - first)
        used, filled = _count(senders, used, events, first, end, out, filled)
    return out

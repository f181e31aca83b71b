"""Moving windows in bounded memory: the counters that the folds share.

A ring keeps one number per bucket of time at three resolutions: 6 buckets of 10 minutes, 24 of one hour, 30 of one
day. A window is the current bucket and the ones before it, so it reaches back between (window - bucket) and the whole
window: 50-60 min, 23-24 h, 6-7 days, 29-30 days. The error is the same online and offline because both run this code.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from torwart.compiled import compiled

MINUTE: Final = 60_000_000
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

RING_LENGTH: Final = 60
N_RESOLUTIONS: Final = 3
_START: Final = np.array([0, 6, 30], dtype=np.int64)
_SIZE: Final = np.array([6, 24, 30], dtype=np.int64)
_WIDTH: Final = np.array([10 * MINUTE, HOUR, DAY], dtype=np.int64)

# The four windows: the resolution each is read at and how many buckets it spans.
HOUR_1: Final = 0
HOURS_24: Final = 1
DAYS_7: Final = 2
DAYS_30: Final = 3
N_WINDOWS: Final = 4
WINDOWS: Final = ("1h", "24h", "7d", "30d")
"""What they are called."""
_RESOLUTION: Final = np.array([0, 1, 2, 2], dtype=np.int64)
_SPAN: Final = np.array([6, 24, 7, 30], dtype=np.int64)

Counters = NDArray[np.int32]
Heads = NDArray[np.int64]


@compiled
def turn(rings: Counters, heads: Heads, at: int) -> None:
    """Move the rings forward to time ``at`` (µs), clearing the buckets that come round again; never backward."""
    for resolution in range(N_RESOLUTIONS):
        size = _SIZE[resolution]
        index = at // _WIDTH[resolution]
        behind = index - heads[resolution]
        if behind <= 0:
            continue
        for step in range(min(behind, size)):
            slot = _START[resolution] + (index - step) % size
            for counter in range(rings.shape[0]):
                rings[counter, slot] = 0
        heads[resolution] = index


@compiled
def add(rings: Counters, heads: Heads, counter: int, at: int, amount: int) -> None:
    """Add ``amount`` to ``counter`` at time ``at`` (µs), in every resolution whose ring still reaches back to it."""
    for resolution in range(N_RESOLUTIONS):
        size = _SIZE[resolution]
        index = at // _WIDTH[resolution]
        if heads[resolution] - size < index <= heads[resolution]:
            rings[counter, _START[resolution] + index % size] += amount


@compiled
def move(rings: Counters, heads: Heads, counter: int, before: int, now: int) -> None:
    """Count something once, at its latest time: take it from ``before`` (µs, negative if never) and put it at ``now``.

    With one call per sighting, a window's total is the exact number of distinct things seen in it (to its bucket).
    """
    if before >= 0:
        add(rings, heads, counter, before, -1)
    add(rings, heads, counter, now, 1)


@compiled
def totals(rings: Counters, heads: Heads, now: int, out: NDArray[np.int64]) -> None:
    """Every counter's :func:`total` over all four windows, ``out`` (n_counters, 4).

    Whole rings are summed, which has a fixed length and so compiles to vector instructions, and the buckets outside
    the window, mostly none, are taken off again.
    """
    for counter in range(rings.shape[0]):
        ring = rings[counter]
        hour = day = month = np.int32(0)
        for slot in range(6):
            hour += ring[slot]
        for slot in range(6, 30):
            day += ring[slot]
        for slot in range(30, RING_LENGTH):
            month += ring[slot]
        out[counter, HOUR_1] = hour
        out[counter, HOURS_24] = day
        out[counter, DAYS_7] = 0
        out[counter, DAYS_30] = month
    for resolution in range(N_RESOLUTIONS):
        window = resolution if resolution < 2 else DAYS_30
        index = now // _WIDTH[resolution]
        head = heads[resolution]
        oldest = head - _SIZE[resolution] + 1
        if head != index:
            _take_off(rings, out, resolution, window, oldest, min(index - _SIZE[resolution], head))
            _take_off(rings, out, resolution, window, max(index + 1, oldest), head)
        if resolution == 2:
            for counter in range(rings.shape[0]):
                for bucket in range(max(index - _SPAN[DAYS_7] + 1, oldest), min(index, head) + 1):
                    out[counter, DAYS_7] += rings[counter, _START[2] + bucket % _SIZE[2]]


@compiled
def _take_off(rings: Counters, out: NDArray[np.int64], resolution: int, window: int, first: int, last: int) -> None:
    """Take the buckets from ``first`` to ``last`` off the counters' totals."""
    for bucket in range(first, last + 1):
        slot = _START[resolution] + bucket % _SIZE[resolution]
        for counter in range(rings.shape[0]):
            out[counter, window] -= rings[counter, slot]


@compiled
def total(rings: Counters, heads: Heads, counter: int, window: int, now: int) -> int:
    """The sum of ``counter`` over ``window`` ending at ``now`` (µs); reads without turning the ring."""
    resolution = _RESOLUTION[window]
    size = _SIZE[resolution]
    index = now // _WIDTH[resolution]
    head = heads[resolution]
    result = 0
    for step in range(_SPAN[window]):
        bucket = index - step
        if head - size < bucket <= head:
            result += rings[counter, _START[resolution] + bucket % size]
    return result

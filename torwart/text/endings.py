"""Which endings of host names exist."""

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from publicsuffixlist import PSLFILE

from torwart.compiled import compiled

SLOTS = 8192

_MULTIPLIER = 0x5851F42D4C957F2D


@cache
def endings() -> NDArray[np.int64]:
    """The hashes of all top-level domains of the public suffix list, shape (8192,), in open addressing; 0 is free."""
    listed = Path(PSLFILE).read_text(encoding="utf-8").partition("===END ICANN DOMAINS===")[0].splitlines()
    slots = np.zeros(SLOTS, dtype=np.int64)
    for ending in listed:
        if ending and "." not in ending and "/" not in ending:
            name = ending.encode("idna").decode("ascii")
            hashed = int(label_hash(np.array([ord(letter) for letter in name], dtype=np.int32), 0, len(name)))
            slot = hashed % SLOTS
            while slots[slot]:
                slot = (slot + 1) % SLOTS
            slots[slot] = hashed
    slots.setflags(write=False)
    return slots


@compiled
def label_hash(codes: NDArray[np.int32], begin: int, end: int) -> int:
    """A non-negative number for the characters from ``begin`` to ``end``, never 0."""
    hashed = 0x1111
    for i in range(begin, end):
        hashed = (hashed ^ codes[i]) * _MULTIPLIER
    return (hashed >> 13 & 0x3FFFFFFFFFFF) | 1

"""Fold rows: the few numbers of an event that the folds read, in a fixed layout.

A row is a pure function of the event (and, for feedback on a message, of that message's own row): it is computed once,
when the event is written, and stored beside it, so that a restart and an offline pass read arrays instead of texts.
"""

import struct
from typing import Final

import numpy as np
import xxhash
from numpy.typing import NDArray

from torwart.events import KIND_NUMBER

N_CAMPAIGN_KEYS: Final = 7
"""Three MinHash bands of the text, the structure, the link's registrable domain, the medium, the sender's template; 0
where there is none."""

TEMPLATE_KEY: Final = 6
"""Which of the campaign keys is the template's."""

ROW: Final = np.dtype(
    [
        ("received_at", "<i8"),
        ("at", "<i8"),
        ("sender", "<u8"),
        ("recipient", "<u8"),
        ("pair", "<u8"),
        ("campaigns", "<u8", (N_CAMPAIGN_KEYS,)),
        ("kind", "<u4"),
        ("flags", "<u4"),
    ]
)
"""Times in µs since 1970; keys are 64-bit hashes, 0 where the event has none."""

_LAYOUT: Final = struct.Struct(f"<qqQQQ{N_CAMPAIGN_KEYS}QII")

NO_CAMPAIGNS: Final = (0,) * N_CAMPAIGN_KEYS

# Meanings of the flag bits, by kind of event.
LET_THROUGH: Final = 1
"""message, review: the recipient gets it."""
RECORDED_CONSENT: Final = 2
"""message: the messenger's own record says that the recipient opted in …"""
CLAIMED_CONSENT: Final = 4
"""… or the sender's word alone does."""
PROMOTION: Final = 8
"""message: filed as a promotion."""
STOPPED: Final = 1
"""preference: the recipient said stop (otherwise resume)."""
RANK_SHIFT: Final = 8
"""sender: verification rank + 1 in bits 8-11 (0: unknown)."""

MESSAGE: Final = KIND_NUMBER["message"]
SENDER: Final = KIND_NUMBER["sender"]
REPLY: Final = KIND_NUMBER["reply"]
REPORT: Final = KIND_NUMBER["report"]
BLOCK: Final = KIND_NUMBER["block"]
UNBLOCK: Final = KIND_NUMBER["unblock"]
PREFERENCE: Final = KIND_NUMBER["preference"]
REVIEW: Final = KIND_NUMBER["review"]

Rows = NDArray[np.void]


def key_of(*parts: str) -> int:
    """A 64-bit key for a tuple of strings; never 0, which means *none*."""
    return xxhash.xxh3_64_intdigest("\x1f".join(parts).encode("utf-8", "surrogatepass")) or 1


def id_key(identifier: str) -> int:
    """The key of one id, 0 for an empty one."""
    return key_of(identifier) if identifier else 0


def pair_key(sender_id: str, recipient_id: str) -> int:
    """The key of a sender and a recipient together, 0 unless both are known."""
    return key_of(sender_id, recipient_id) if sender_id and recipient_id else 0


def pack(
    kind: int,
    received_at_us: int,
    at_us: int,
    sender_id: str,
    recipient_id: str,
    *,
    campaigns: tuple[int, ...] = NO_CAMPAIGNS,
    flags: int = 0,
) -> bytes:
    """One row as bytes. The event's own time is clamped to its arrival."""
    return _LAYOUT.pack(
        received_at_us,
        min(at_us, received_at_us),
        id_key(sender_id),
        id_key(recipient_id),
        pair_key(sender_id, recipient_id),
        *campaigns,
        kind,
        flags,
    )


def unpack(data: bytes) -> Rows:
    """Rows from the concatenation of their bytes: a read-only array of dtype :data:`ROW`.

    Raises ``ValueError`` when the length is not a multiple of a row's.
    """
    return np.frombuffer(data, dtype=ROW)


def let_through(data: bytes, is_let_through: bool) -> bytes:
    """The row of a message as it is once decided on; flags are a row's last four bytes."""
    flags = int.from_bytes(data[-4:], "little")
    flags = flags | LET_THROUGH if is_let_through else flags & ~LET_THROUGH
    return data[:-4] + flags.to_bytes(4, "little")


def campaigns_in(data: bytes) -> tuple[int, ...]:
    """The campaign keys of one row, for feedback that names its message."""
    return _LAYOUT.unpack(data)[5 : 5 + N_CAMPAIGN_KEYS]

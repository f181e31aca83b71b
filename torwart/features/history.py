"""What a sender has done and how people answered: counts over moving windows and rates that few events cannot sway."""

from typing import Final

import numpy as np

from torwart.beta import BLOCK_PRIOR, OPT_OUT_PRIOR, REPLY_PRIOR, REPORT_PRIOR, lower_bound, shrunk_rate
from torwart.compiled import compiled
from torwart.features.feature import Feature
from torwart.features.tables import Table
from torwart.features.windows import (
    DAY,
    DAYS_7,
    DAYS_30,
    HOUR,
    HOUR_1,
    HOURS_24,
    N_RESOLUTIONS,
    RING_LENGTH,
    total,
)

# The counters of a sender's ring.
ATTEMPTED: Final = 0
DELIVERED: Final = 1
RECIPIENTS: Final = 2
FIRST_CONTACTS: Final = 3
REPLIES: Final = 4
REPORTERS: Final = 5
BLOCKS: Final = 6
OPT_OUTS: Final = 7
N_COUNTERS: Final = 8

SENDER: Final = np.dtype(
    [
        ("key", "<u8"),
        ("touched", "<i8"),
        ("first_seen", "<i8"),
        ("last_message", "<i8"),
        ("verification_changed", "<i8"),
        ("heads", "<i8", (N_RESOLUTIONS,)),
        ("rings", "<i4", (N_COUNTERS, RING_LENGTH)),
        ("rank", "<i4"),
        ("unused", "<i4"),
    ]
)
"""The fold's state of one sender: 1,992 bytes."""

SENDER_LIFETIME_US: Final = 400 * DAY
"""A sender that nothing happened to for this long is forgotten."""


def _count(name: str, window: str, meaning: str, monotone: int = 0) -> Feature:
    return Feature(name=name, group="history", unit="log1p count", window=window, monotone=monotone, meaning=meaning)


def _rate(name: str, window: str, monotone: int, meaning: str) -> Feature:
    return Feature(name=name, group="history", unit="rate", window=window, monotone=monotone, meaning=meaning)


FEATURES: Final = (
    Feature(
        name="history_missing",
        group="history",
        unit="flag",
        missing=1.0,
        meaning="No history is kept for this deployment or this call; every other history feature is missing",
    ),
    _count("attempted_1h", "1h", "Messages the sender tried to send"),
    _count("attempted_24h", "24h", "Messages the sender tried to send"),
    _count("attempted_7d", "7d", "Messages the sender tried to send"),
    _count("attempted_30d", "30d", "Messages the sender tried to send"),
    _count("recipients_24h", "24h", "Distinct people who were let have a message"),
    _count("recipients_7d", "7d", "Distinct people who were let have a message"),
    _count("recipients_30d", "30d", "Distinct people who were let have a message"),
    _rate("first_contact_share_24h", "24h", 0, "Share of attempts that were the first message to that person"),
    _rate("first_contact_share_7d", "7d", 0, "Share of attempts that were the first message to that person"),
    Feature(
        name="burst",
        group="history",
        unit="log ratio",
        window="1h",
        meaning="Attempts in the last hour against the mean hour of the last 7 days (both plus one)",
    ),
    _count("reporters_24h", "24h", "Distinct people who reported the sender", 1),
    _count("reporters_7d", "7d", "Distinct people who reported the sender", 1),
    _count("reporters_30d", "30d", "Distinct people who reported the sender", 1),
    _rate("report_rate_24h", "24h", 1, "Reporters by recipients, shrunk towards 0.5 %"),
    _rate("report_rate_7d", "7d", 1, "Reporters by recipients, shrunk towards 0.5 %"),
    _rate("report_rate_30d", "30d", 1, "Reporters by recipients, shrunk towards 0.5 %"),
    _rate("report_rate_lower_7d", "7d", 1, "Lower bound (95 %, one-sided) of the report rate"),
    _rate("report_rate_lower_30d", "30d", 1, "Lower bound (95 %, one-sided) of the report rate"),
    _rate("block_rate_7d", "7d", 1, "Blocks by recipients, shrunk towards 2 %"),
    _rate("block_rate_30d", "30d", 1, "Blocks by recipients, shrunk towards 2 %"),
    _rate("opt_out_rate_30d", "30d", 1, "Stops by recipients, shrunk towards 1 %"),
    _rate("reply_rate_7d", "7d", -1, "Replies by recipients, shrunk towards 10 %"),
    _rate("reply_rate_30d", "30d", -1, "Replies by recipients, shrunk towards 10 %"),
    Feature(
        name="known_days", group="history", unit="log1p days", meaning="Since the sender was first seen in the log"
    ),
    Feature(name="silence", group="history", unit="log1p hours", meaning="Since the sender's last message"),
    Feature(
        name="verification_changed_days",
        group="history",
        unit="log1p days",
        meaning="Since the sender's verification status last changed",
    ),
)


@compiled
def read(senders: Table, place: int, now: int, out: np.ndarray, start: int) -> None:
    """Fill the features of a sender into ``out[start:]`` as of ``now`` (µs); ``place`` is -1 for one never seen."""
    attempted_1h = _total(senders, place, ATTEMPTED, HOUR_1, now)
    attempted_24h = _total(senders, place, ATTEMPTED, HOURS_24, now)
    attempted_7d = _total(senders, place, ATTEMPTED, DAYS_7, now)
    recipients_24h = _total(senders, place, RECIPIENTS, HOURS_24, now)
    recipients_7d = _total(senders, place, RECIPIENTS, DAYS_7, now)
    recipients_30d = _total(senders, place, RECIPIENTS, DAYS_30, now)
    reporters_24h = _total(senders, place, REPORTERS, HOURS_24, now)
    reporters_7d = _total(senders, place, REPORTERS, DAYS_7, now)
    reporters_30d = _total(senders, place, REPORTERS, DAYS_30, now)
    blocks_7d = _total(senders, place, BLOCKS, DAYS_7, now)
    blocks_30d = _total(senders, place, BLOCKS, DAYS_30, now)
    out[start] = 0.0
    out[start + 1] = np.log1p(attempted_1h)
    out[start + 2] = np.log1p(attempted_24h)
    out[start + 3] = np.log1p(attempted_7d)
    out[start + 4] = np.log1p(_total(senders, place, ATTEMPTED, DAYS_30, now))
    out[start + 5] = np.log1p(recipients_24h)
    out[start + 6] = np.log1p(recipients_7d)
    out[start + 7] = np.log1p(recipients_30d)
    out[start + 8] = _share(_total(senders, place, FIRST_CONTACTS, HOURS_24, now), attempted_24h)
    out[start + 9] = _share(_total(senders, place, FIRST_CONTACTS, DAYS_7, now), attempted_7d)
    out[start + 10] = np.log((attempted_1h + 1.0) / (attempted_7d / 168.0 + 1.0))
    out[start + 11] = np.log1p(reporters_24h)
    out[start + 12] = np.log1p(reporters_7d)
    out[start + 13] = np.log1p(reporters_30d)
    out[start + 14] = shrunk_rate(reporters_24h, recipients_24h, *REPORT_PRIOR)
    out[start + 15] = shrunk_rate(reporters_7d, recipients_7d, *REPORT_PRIOR)
    out[start + 16] = shrunk_rate(reporters_30d, recipients_30d, *REPORT_PRIOR)
    out[start + 17] = lower_bound(reporters_7d, recipients_7d, *REPORT_PRIOR)
    out[start + 18] = lower_bound(reporters_30d, recipients_30d, *REPORT_PRIOR)
    out[start + 19] = shrunk_rate(blocks_7d, recipients_7d, *BLOCK_PRIOR)
    out[start + 20] = shrunk_rate(blocks_30d, recipients_30d, *BLOCK_PRIOR)
    out[start + 21] = shrunk_rate(_total(senders, place, OPT_OUTS, DAYS_30, now), recipients_30d, *OPT_OUT_PRIOR)
    out[start + 22] = shrunk_rate(_total(senders, place, REPLIES, DAYS_7, now), recipients_7d, *REPLY_PRIOR)
    out[start + 23] = shrunk_rate(_total(senders, place, REPLIES, DAYS_30, now), recipients_30d, *REPLY_PRIOR)
    out[start + 24] = 0.0
    out[start + 25] = np.nan
    out[start + 26] = np.nan
    if place >= 0:
        sender = senders[place]
        out[start + 24] = np.log1p(max(0, now - sender.first_seen) / DAY)
        if sender.last_message >= 0:
            out[start + 25] = np.log1p(max(0, now - sender.last_message) / HOUR)
        if sender.verification_changed >= 0:
            out[start + 26] = np.log1p(max(0, now - sender.verification_changed) / DAY)


@compiled
def _total(senders: Table, place: int, counter: int, window: int, now: int) -> int:
    return total(senders[place].rings, senders[place].heads, counter, window, now) if place >= 0 else 0


@compiled
def _share(part: int, whole: int) -> float:
    return part / whole if whole > 0 else np.nan

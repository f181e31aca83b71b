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
    N_WINDOWS,
    RING_LENGTH,
    WINDOWS,
    totals,
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
        ("messages", "<i8"),
        ("recorded", "<i8"),
        ("claimed", "<i8"),
        ("promotions", "<i8"),
        ("asked_for", "<i8"),
    ]
)
"""The fold's state of one sender: 2,032 bytes."""

SENDER_LIFETIME_US: Final = 400 * DAY
"""A sender that nothing happened to for this long is forgotten."""


_SPLIT: Final = "Spread the traffic over many accounts; each starts without a past"
_QUIET: Final = "Write to people who do not press the button, or to fewer people"
_OWN_PEOPLE: Final = (
    "Write to accomplices who count as recipients and never complain; it takes hundreds to hide one complaint"
)
_ACCOMPLICES: Final = "Let accomplices answer; each answer needs a person who got a message"
_FAMILIAR: Final = "Write to accomplices again and again, so that strangers are a small share"


def _counts(name: str, meaning: str, gaming: str, monotone: int = 0) -> tuple[Feature, ...]:
    return tuple(
        Feature(
            name=f"{name}_{window}",
            group="history",
            unit="log1p count",
            window=window,
            monotone=monotone,
            meaning=meaning,
            gaming=gaming,
        )
        for window in WINDOWS
    )


def _rates(name: str, windows: tuple[str, ...], monotone: int, meaning: str, gaming: str) -> tuple[Feature, ...]:
    return tuple(
        Feature(
            name=f"{name}_{window}",
            group="history",
            unit="rate",
            window=window,
            monotone=monotone,
            meaning=meaning,
            gaming=gaming,
        )
        for window in windows
    )


def _time(name: str, unit: str, meaning: str, gaming: str) -> Feature:
    return Feature(name=name, group="history", unit=unit, meaning=meaning, gaming=gaming)


FEATURES: Final = (
    Feature(
        name="history_missing",
        group="history",
        unit="flag",
        missing=1.0,
        meaning="No history is kept for this deployment or this call; every other history feature is missing",
        gaming="Nothing a sender does changes it",
    ),
    *_counts("delivered", "Messages of the sender that were let through, released ones included", _SPLIT),
    *_counts("recipients", "Distinct people who were let have a message", _SPLIT),
    *_counts("reporters", "Distinct people who reported the sender", _QUIET, 1),
    *_rates(
        "first_contact_share",
        ("24h", "7d"),
        0,
        "Share of attempts that were the first message to that person",
        _FAMILIAR,
    ),
    Feature(
        name="burst",
        group="history",
        unit="log ratio",
        window="1h",
        meaning="Messages let through in the last hour against the mean hour of the last 7 days (both plus one)",
        gaming="Send evenly, which gives people the time to report",
    ),
    *_rates("report_rate", ("24h", "7d", "30d"), 1, "Reporters by recipients, shrunk towards 0.5 %", _OWN_PEOPLE),
    *_rates("report_rate_lower", ("7d", "30d"), 1, "Lower bound (95 %, one-sided) of the report rate", _OWN_PEOPLE),
    *_rates("block_rate", ("24h", "7d", "30d"), 1, "Blocks by recipients, shrunk towards 2 %", _OWN_PEOPLE),
    *_rates("opt_out_rate", ("30d",), 1, "Stops by recipients, shrunk towards 1 %", _OWN_PEOPLE),
    *_rates("reply_rate", ("7d", "30d"), -1, "Replies by recipients, shrunk towards 10 %", _ACCOMPLICES),
    _time("known_days", "log1p days", "Since the sender was first seen in the log", "Wait, or buy an old account"),
    _time("silence", "log1p hours", "Since the sender's last message", "Never pause"),
    _time(
        "verification_changed_days",
        "log1p days",
        "Since the sender's verification status last changed",
        "Get verified and wait before the first bad message",
    ),
    Feature(
        name="recorded_consent_share",
        group="history",
        unit="rate",
        meaning="Share of attempts to people whose opt-in the messenger recorded, of all that are known; where it is "
        "high, the lack of one says more",
        gaming="Have no consent recorded at all, which leaves every promotion without one",
    ),
    Feature(
        name="claimed_consent_share",
        group="history",
        unit="rate",
        meaning="Share of attempts to people who opted in by the sender's word, of all that are known; where it is "
        "high, the lack of such a word says more",
        gaming="Claim consent for everybody or for nobody",
    ),
    Feature(
        name="promotion_consent_share",
        group="history",
        unit="rate",
        meaning="Share of attempts to send a promotion (filed as MARKETING) that went to people who opted in, by the "
        "messenger's record or the sender's word, of all that are known",
        gaming="File promotions as something else, or claim consent for everybody",
    ),
)


@compiled
def read(senders: Table, place: int, now: int, out: np.ndarray, start: int) -> None:
    """Fill the features of a sender into ``out[start:]`` as of ``now`` (µs); ``place`` is -1 for one never seen."""
    counts = np.zeros((N_COUNTERS, N_WINDOWS), dtype=np.int64)
    if place >= 0:
        totals(senders[place].rings, senders[place].heads, now, counts)
    attempted, delivered = counts[ATTEMPTED], counts[DELIVERED]
    recipients, reporters = counts[RECIPIENTS], counts[REPORTERS]
    out[start] = 0.0
    for window in range(N_WINDOWS):
        out[start + 1 + window] = np.log1p(delivered[window])
        out[start + 5 + window] = np.log1p(recipients[window])
        out[start + 9 + window] = np.log1p(reporters[window])
    out[start + 13] = _share(counts[FIRST_CONTACTS, HOURS_24], attempted[HOURS_24])
    out[start + 14] = _share(counts[FIRST_CONTACTS, DAYS_7], attempted[DAYS_7])
    out[start + 15] = np.log((delivered[HOUR_1] + 1.0) / (delivered[DAYS_7] / 168.0 + 1.0))
    for index, window in enumerate((HOURS_24, DAYS_7, DAYS_30)):
        out[start + 16 + index] = shrunk_rate(reporters[window], recipients[window], *REPORT_PRIOR)
        out[start + 21 + index] = shrunk_rate(counts[BLOCKS, window], recipients[window], *BLOCK_PRIOR)
    for index, window in enumerate((DAYS_7, DAYS_30)):
        out[start + 19 + index] = lower_bound(reporters[window], recipients[window], *REPORT_PRIOR)
        out[start + 25 + index] = shrunk_rate(counts[REPLIES, window], recipients[window], *REPLY_PRIOR)
    out[start + 24] = shrunk_rate(counts[OPT_OUTS, DAYS_30], recipients[DAYS_30], *OPT_OUT_PRIOR)
    out[start + 27] = 0.0
    out[start + 28] = np.nan
    out[start + 29] = np.nan
    out[start + 30] = np.nan
    out[start + 31] = np.nan
    out[start + 32] = np.nan
    if place >= 0:
        sender = senders[place]
        out[start + 27] = np.log1p(max(0, now - sender.first_seen) / DAY)
        if sender.last_message >= 0:
            out[start + 28] = np.log1p(max(0, now - sender.last_message) / HOUR)
        if sender.verification_changed >= 0:
            out[start + 29] = np.log1p(max(0, now - sender.verification_changed) / DAY)
        out[start + 30] = _share(sender.recorded, sender.messages)
        out[start + 31] = _share(sender.claimed, sender.messages)
        out[start + 32] = _share(sender.asked_for, sender.promotions)


@compiled
def _share(part: int, whole: int) -> float:
    return part / whole if whole > 0 else np.nan

"""What is known of messages like this one, whoever sends them: a campaign is a set of messages that share a key."""

import math
from typing import Final

import numpy as np

from torwart.beta import REPORT_PRIOR, lower_bound, shrunk_rate
from torwart.compiled import compiled
from torwart.features.feature import Feature
from torwart.features.tables import Table, find
from torwart.features.windows import DAY

N_SENDER_WORDS: Final = 2
N_RECIPIENT_WORDS: Final = 8

CAMPAIGN: Final = np.dtype(
    [
        ("key", "<u8"),
        ("touched", "<i8"),
        ("messages_1d", "<f8"),
        ("messages_7d", "<f8"),
        ("reports_7d", "<f8"),
        ("senders", "<u8", (N_SENDER_WORDS,)),
        ("recipients", "<u8", (N_RECIPIENT_WORDS,)),
    ]
)
"""The fold's state of one campaign key: 120 bytes. Counts decay with time constants of 1 and 7 days; senders and
recipients are bitmaps for linear counting."""

CAMPAIGN_LIFETIME_US: Final = 14 * DAY
"""A campaign key that no message carried for this long is forgotten."""

FEATURES: Final = (
    Feature(
        name="campaign_messages_1d",
        group="campaign",
        unit="log1p count",
        window="decay 1d",
        meaning="Messages that shared a key with this one, exponentially forgotten; the largest over the keys",
    ),
    Feature(
        name="campaign_messages_7d",
        group="campaign",
        unit="log1p count",
        window="decay 7d",
        meaning="Messages that shared a key with this one, exponentially forgotten; the largest over the keys",
    ),
    Feature(
        name="campaign_senders",
        group="campaign",
        unit="log1p count",
        meaning="Distinct senders of a key, estimated (128-bit linear counting); the largest over the keys",
    ),
    Feature(
        name="campaign_recipients",
        group="campaign",
        unit="log1p count",
        meaning="Distinct recipients of a key, estimated (512-bit linear counting); the largest over the keys",
    ),
    Feature(
        name="campaign_report_rate",
        group="campaign",
        unit="rate",
        window="decay 7d",
        monotone=1,
        meaning="Reporters by messages of a key, shrunk towards 0.5 %; the largest over the keys",
    ),
    Feature(
        name="campaign_report_rate_lower",
        group="campaign",
        unit="rate",
        window="decay 7d",
        monotone=1,
        meaning="Lower bound (95 %, one-sided) of a key's report rate; the largest over the keys",
    ),
)


@compiled
def decay(value: float, elapsed: int, constant: int) -> float:
    """``value`` after ``elapsed`` µs with a time ``constant`` in µs."""
    return value * math.exp(-max(0, elapsed) / constant)


@compiled
def mark(bitmap: np.ndarray, key: int) -> None:
    """Set the bit of ``key`` (a hash) in a bitmap of 64-bit words."""
    bit = (np.uint64(key) >> np.uint64(20)) % np.uint64(64 * bitmap.size)
    bitmap[bit >> np.uint64(6)] |= np.uint64(1) << (bit & np.uint64(63))


@compiled
def distinct(bitmap: np.ndarray) -> float:
    """Linear counting (Whang et al. 1990): how many distinct keys set these bits; at most m·ln m for m bits."""
    size = 64 * bitmap.size
    ones = 0
    for word in bitmap:
        rest = word
        while rest != np.uint64(0):
            rest &= rest - np.uint64(1)
            ones += 1
    return -size * math.log(max(1, size - ones) / size)


@compiled
def read(campaigns: Table, keys: np.ndarray, now: int, out: np.ndarray, start: int) -> None:
    """Fill the features of a message with these ``keys`` (0: none) into ``out[start:]`` as of ``now`` (µs)."""
    for index in range(4):
        out[start + index] = 0.0
    out[start + 4] = shrunk_rate(0.0, 0.0, *REPORT_PRIOR)
    out[start + 5] = lower_bound(0.0, 0.0, *REPORT_PRIOR)
    for key in keys:
        place = find(campaigns, key) if key != np.uint64(0) else -1
        if place < 0:
            continue
        campaign = campaigns[place]
        elapsed = now - campaign.touched
        messages = decay(campaign.messages_7d, elapsed, 7 * DAY)
        reports = decay(campaign.reports_7d, elapsed, 7 * DAY)
        out[start] = max(out[start], np.log1p(decay(campaign.messages_1d, elapsed, DAY)))
        out[start + 1] = max(out[start + 1], np.log1p(messages))
        out[start + 2] = max(out[start + 2], np.log1p(distinct(campaign.senders)))
        out[start + 3] = max(out[start + 3], np.log1p(distinct(campaign.recipients)))
        out[start + 4] = max(out[start + 4], shrunk_rate(reports, messages, *REPORT_PRIOR))
        out[start + 5] = max(out[start + 5], lower_bound(reports, messages, *REPORT_PRIOR))

"""What has come to this recipient of late, from all senders, and how often they press *report*."""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from torwart.compiled import compiled
from torwart.features.feature import Feature
from torwart.features.tables import Table, claim
from torwart.features.windows import DAY

RECIPIENT: Final = np.dtype(
    [
        ("key", "<u8"),
        ("touched", "<i8"),
        ("messages_1d", "<f8"),
        ("messages_7d", "<f8"),
        ("strangers_7d", "<f8"),
        ("reports_28d", "<f8"),
    ]
)
"""The fold's state of one recipient: 48 bytes. Counts decay with time constants of 1, 7 and 28 days."""

RECIPIENT_LIFETIME_US: Final = 60 * DAY
"""A recipient to whom nothing happened for this long is forgotten."""


def _count(name: str, window: str, meaning: str, gaming: str) -> Feature:
    return Feature(name=name, group="recipient", unit="log1p count", window=window, meaning=meaning, gaming=gaming)


FEATURES: Final = (
    _count(
        "recipient_messages_1d",
        "decay 1d",
        "Messages tried to this recipient, by all senders, exponentially forgotten",
        "Choose people whom other businesses write to as often as its honest peers' customers",
    ),
    _count(
        "recipient_messages_7d",
        "decay 7d",
        "Messages tried to this recipient, by all senders, exponentially forgotten",
        "Choose people whom other businesses write to as often as its honest peers' customers",
    ),
    _count(
        "recipient_strangers_7d",
        "decay 7d",
        "First messages that senders tried to this recipient, exponentially forgotten",
        "Choose people whom no other stranger writes to, and write to nobody through two accounts",
    ),
    _count(
        "recipient_reports_28d",
        "decay 28d",
        "Senders this recipient reported, exponentially forgotten",
        "Know who reports; a sender is never told",
    ),
)


@compiled
def _decay(elapsed: int) -> tuple[float, float, float]:
    """What is left of a count after ``elapsed`` µs, for time constants of 1, 7 and 28 days."""
    month = math.exp(-max(0, elapsed) / (28 * DAY))
    week = month * month
    week *= week
    squared = week * week
    return squared * squared * squared * week, week, month


@compiled
def read(recipients: Table, place: int, now: int, out: np.ndarray, start: int) -> None:
    """Fill the features of a recipient into ``out[start:]`` as of ``now`` (µs); ``place`` is -1 for one never seen."""
    for index in range(4):
        out[start + index] = 0.0
    if place >= 0:
        record = recipients[place]
        day, week, month = _decay(now - record.touched)
        out[start] = np.log1p(record.messages_1d * day)
        out[start + 1] = np.log1p(record.messages_7d * week)
        out[start + 2] = np.log1p(record.strangers_7d * week)
        out[start + 3] = np.log1p(record.reports_28d * month)


@compiled
def advance(
    recipients: Table, counts: NDArray[np.int64], key: int, is_message: bool, is_stranger: bool, now: int
) -> None:
    """Count a message to the recipient with this ``key``, or a report by them; ``counts[0]`` grows with a new one."""
    place, new = claim(recipients, key)
    record = recipients[place]
    if new:
        counts[0] += 1
        record.touched = now
    day, week, month = _decay(now - record.touched)
    record.messages_1d *= day
    record.messages_7d *= week
    record.strangers_7d *= week
    record.reports_28d *= month
    record.touched = max(record.touched, now)
    if is_message:
        record.messages_1d += 1.0
        record.messages_7d += 1.0
        record.strangers_7d += is_stranger
    else:
        record.reports_28d += 1.0

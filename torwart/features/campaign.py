"""What is known of messages like this one, whoever sends them: a campaign is a set of messages that share a key."""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from torwart.beta import REPORT_PRIOR, lower_bound, shrunk_rate
from torwart.compiled import compiled
from torwart.features.feature import Feature
from torwart.features.rows import TEMPLATE_KEY
from torwart.features.tables import Table, claim, find
from torwart.features.windows import DAY, HOUR

N_SENDER_WORDS: Final = 2
N_RECIPIENT_WORDS: Final = 8

CAMPAIGN: Final = np.dtype(
    [
        ("key", "<u8"),
        ("touched", "<i8"),
        ("first_seen", "<i8"),
        ("messages_1h", "<f8"),
        ("messages_1d", "<f8"),
        ("messages_7d", "<f8"),
        ("reports_7d", "<f8"),
        ("senders", "<u8", (N_SENDER_WORDS,)),
        ("recipients", "<u8", (N_RECIPIENT_WORDS,)),
    ]
)
"""The fold's state of one campaign key: 136 bytes. Counts decay with time constants of an hour, a day and a week;
senders and recipients are bitmaps for linear counting."""

CAMPAIGN_LIFETIME_US: Final = 14 * DAY
"""A campaign key that no message carried for this long is forgotten."""

_VARY: Final = "Vary wording, structure, links and pictures from message to message, all at once"
_SPREAD: Final = f"{_VARY}: each key is shared by whatever stays the same"
_CALM: Final = (
    f"{_VARY}, so that reports of one message do not count for the next; that costs a host and a text each time"
)
_NEW_TEMPLATE: Final = "File a new template for every few messages; each has to be approved, and starts without a past"


def _count(name: str, window: str, meaning: str, gaming: str) -> Feature:
    return Feature(name=name, group="campaign", unit="log1p count", window=window, meaning=meaning, gaming=gaming)


def _rate(name: str, meaning: str, gaming: str) -> Feature:
    return Feature(
        name=name, group="campaign", unit="rate", window="decay 7d", monotone=1, meaning=meaning, gaming=gaming
    )


_LARGEST: Final = "exponentially forgotten; the largest over the keys"

FEATURES: Final = (
    _count("campaign_messages_1h", "decay 1h", f"Messages that shared a key with this one, {_LARGEST}", _SPREAD),
    _count("campaign_messages_1d", "decay 1d", f"Messages that shared a key with this one, {_LARGEST}", _SPREAD),
    _count("campaign_messages_7d", "decay 7d", f"Messages that shared a key with this one, {_LARGEST}", _SPREAD),
    _count(
        "campaign_senders",
        "",
        "Distinct senders of a key, estimated (128-bit linear counting, error about 10 % up to 150, at most 620); the "
        "largest over the keys",
        f"{_VARY} from account to account",
    ),
    _count(
        "campaign_recipients",
        "",
        "Distinct recipients of a key, estimated (512-bit linear counting, error about 6 % up to 800, at most 3,190); "
        "the largest over the keys",
        _SPREAD,
    ),
    Feature(
        name="campaign_age",
        group="campaign",
        unit="log1p hours",
        meaning="Since a key of this message was first seen; 0 for a message like no other, the largest over the keys",
        gaming="Send a harmless message that shares a key days before the bad ones; its key must not change afterwards",
    ),
    _rate(
        "campaign_report_rate", "Reporters by messages of a key, shrunk towards 0.5 %; the largest over the keys", _CALM
    ),
    _rate(
        "campaign_report_rate_lower",
        "Lower bound (95 %, one-sided) of a key's report rate; the largest over the keys",
        _CALM,
    ),
    _count(
        "template_messages_7d", "decay 7d", "Messages of the sender's template, exponentially forgotten", _NEW_TEMPLATE
    ),
    _rate(
        "template_report_rate", "Reporters by messages of the sender's template, shrunk towards 0.5 %", _NEW_TEMPLATE
    ),
    _rate("template_report_rate_lower", "Lower bound (95 %, one-sided) of the template's report rate", _NEW_TEMPLATE),
)

N_SHARED: Final = 8
"""How many of :data:`FEATURES`, from the front, are the largest over the keys; the rest are the template's alone."""

_COUNTS: Final = 6
"""The first features, 0 for a key that nobody carried."""


@compiled
def decay(elapsed: int) -> tuple[float, float, float]:
    """What is left of a count after ``elapsed`` µs, for time constants of an hour, a day and a week.

    One exponential for all: a day's is the seventh power of a week's, an hour's the 24th of a day's.
    """
    week = math.exp(-max(0, elapsed) / (7 * DAY))
    squared = week * week
    day = squared * squared * squared * week
    power = day * day * day
    power *= power
    power *= power
    return power * power, day, week


@compiled
def mark(bitmap: np.ndarray, key: int) -> None:
    """Set the bit of ``key`` (a hash) in a bitmap of 64-bit words."""
    bit = (np.uint64(key) >> np.uint64(20)) % np.uint64(64 * bitmap.size)
    bitmap[bit >> np.uint64(6)] |= np.uint64(1) << (bit & np.uint64(63))


@compiled
def marks(bitmap: np.ndarray) -> int:
    """How many bits are set (Warren 2013, Hacker's Delight, 5-1)."""
    ones = np.uint64(0)
    for word in bitmap:
        bits = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
        bits = (bits & np.uint64(0x3333333333333333)) + ((bits >> np.uint64(2)) & np.uint64(0x3333333333333333))
        bits = (bits + (bits >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
        ones += (bits * np.uint64(0x0101010101010101)) >> np.uint64(56)
    return int(ones)


@compiled
def distinct(ones: float, size: int) -> float:
    """Linear counting (Whang et al. 1990): how many distinct keys set ``ones`` of ``size`` bits; at most
    size·ln size."""
    return -size * math.log(max(1.0, size - ones) / size)


@compiled
def read(campaigns: Table, keys: np.ndarray, now: int, out: np.ndarray, start: int) -> None:
    """Fill the features of a message with these ``keys`` (0: none) into ``out[start:]`` as of ``now`` (µs)."""
    begin(out, start)
    for index in range(keys.size):
        raise_to(campaigns, keys[index], index, now, out, start)
    finish(out, start)


@compiled
def begin(out: np.ndarray, start: int) -> None:
    """What is known of a message that has no keys: plain counts in place of the features, see :func:`finish`."""
    for index in range(_COUNTS):
        out[start + index] = 0.0
    out[start + _COUNTS] = shrunk_rate(0.0, 0.0, *REPORT_PRIOR)
    out[start + _COUNTS + 1] = lower_bound(0.0, 0.0, *REPORT_PRIOR)
    out[start + N_SHARED] = 0.0
    out[start + N_SHARED + 1] = out[start + _COUNTS]
    out[start + N_SHARED + 2] = out[start + _COUNTS + 1]


@compiled
def raise_to(campaigns: Table, key: int, index: int, now: int, out: np.ndarray, start: int) -> None:
    """Raise the counts and rates in ``out[start:]`` to those of one key, number ``index`` of the message's."""
    place = find(campaigns, key) if key != np.uint64(0) else -1
    if place < 0:
        return
    campaign = campaigns[place]
    hour, day, week = decay(now - campaign.touched)
    messages = campaign.messages_7d * week
    reports = campaign.reports_7d * week
    rate = shrunk_rate(reports, messages, *REPORT_PRIOR)
    lower = lower_bound(reports, messages, *REPORT_PRIOR)
    out[start] = max(out[start], campaign.messages_1h * hour)
    out[start + 1] = max(out[start + 1], campaign.messages_1d * day)
    out[start + 2] = max(out[start + 2], messages)
    out[start + 3] = max(out[start + 3], marks(campaign.senders))
    out[start + 4] = max(out[start + 4], marks(campaign.recipients))
    out[start + 5] = max(out[start + 5], max(0, now - campaign.first_seen) / HOUR)
    out[start + 6] = max(out[start + 6], rate)
    out[start + 7] = max(out[start + 7], lower)
    if index == TEMPLATE_KEY:
        out[start + N_SHARED] = messages
        out[start + N_SHARED + 1] = rate
        out[start + N_SHARED + 2] = lower


@compiled
def finish(out: np.ndarray, start: int) -> None:
    """Turn the largest counts into features: logarithms once, not once a key."""
    out[start + 3] = distinct(out[start + 3], 64 * N_SENDER_WORDS)
    out[start + 4] = distinct(out[start + 4], 64 * N_RECIPIENT_WORDS)
    for index in range(_COUNTS):
        out[start + index] = np.log1p(out[start + index])
    out[start + N_SHARED] = np.log1p(out[start + N_SHARED])


@compiled
def advance(
    campaigns: Table, counts: NDArray[np.int64], key: int, sender: int, recipient: int, is_message: bool, now: int
) -> None:
    """Count a message, or a report of one, for one of its keys; ``counts[0]`` grows with a new key."""
    if is_message:
        place, new = claim(campaigns, key)
        record = campaigns[place]
        if new:
            counts[0] += 1
            record.touched = now
            record.first_seen = now
        _age(campaigns, place, now)
        record.messages_1h += 1.0
        record.messages_1d += 1.0
        record.messages_7d += 1.0
        mark(record.senders, sender)
        mark(record.recipients, recipient)
    else:
        place = find(campaigns, key)
        if place >= 0:
            _age(campaigns, place, now)
            campaigns[place].reports_7d += 1.0


@compiled
def _age(campaigns: Table, place: int, now: int) -> None:
    record = campaigns[place]
    hour, day, week = decay(now - record.touched)
    record.messages_1h *= hour
    record.messages_1d *= day
    record.messages_7d *= week
    record.reports_7d *= week
    record.touched = max(record.touched, now)

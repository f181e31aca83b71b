"""What has passed between this sender and this recipient, and what the recipient agreed to."""

from typing import Final

import numpy as np

from torwart.compiled import compiled
from torwart.entities import Case, ConsentSource, ConsentState, Context
from torwart.features.feature import Feature
from torwart.features.rows import CLAIMED_CONSENT, PROMOTION, RECORDED_CONSENT
from torwart.features.tables import Table
from torwart.features.windows import DAY, HOUR

SERVICE_WINDOW_US: Final = 24 * HOUR
"""After a person wrote to a business, replies are expected for this long."""

NEVER: Final = -1

BLOCKED: Final = 1
STOPPED: Final = 2
REPORTED: Final = 4
EVER_BLOCKED: Final = 8
EVER_STOPPED: Final = 16
"""Flags of a pair. The last two stay when a block or stop is taken back, so that pressing again does not count a second
time against the sender."""

PAIR: Final = np.dtype(
    [
        ("key", "<u8"),
        ("touched", "<i8"),
        ("last_message", "<i8"),
        ("last_delivered", "<i8"),
        ("last_reply", "<i8"),
        ("last_report", "<i8"),
        ("messages", "<u4"),
        ("flags", "<u4"),
    ]
)
"""The fold's state of one sender and recipient: 56 bytes. Times in µs, :data:`NEVER` where it has not happened."""

PAIR_LIFETIME_US: Final = 60 * DAY
"""A pair that nothing happened to for this long is forgotten."""

OPTED_OUT_RANK: Final = 0
UNKNOWN_RANK: Final = 1
CLAIMED_RANK: Final = 2
RECORDED_RANK: Final = 3

FEATURES: Final = (
    Feature(
        name="consent_rank",
        group="relationship",
        unit="rank",
        missing=UNKNOWN_RANK,
        monotone=-1,
        meaning="0 opted out, 1 unknown, 2 opted in by the sender's word, 3 opted in by the messenger's record",
        gaming="Claim consent that was never given (worth one rank); the messenger's record cannot be forged",
    ),
    Feature(
        name="consent_days",
        group="relationship",
        unit="days",
        meaning="Age of the consent",
        gaming="Claim any date; only the messenger's record is dated by others",
    ),
    Feature(
        name="in_service_window",
        group="relationship",
        unit="flag",
        missing=0.0,
        monotone=-1,
        meaning="The recipient wrote to the sender within the last 24 hours",
        gaming="Bring people to write first",
    ),
    Feature(
        name="spoke_before",
        group="relationship",
        unit="flag",
        missing=0.0,
        monotone=-1,
        meaning="The recipient has written to the sender within the pair's memory of 60 days",
        gaming="Bring people to write first",
    ),
    Feature(
        name="pair_messages",
        group="relationship",
        unit="log1p count",
        meaning="Messages to this recipient so far",
        gaming="Send harmless messages to the same people first",
    ),
    Feature(
        name="pair_silence",
        group="relationship",
        unit="log1p hours",
        meaning="Since the last message to them",
        gaming="Choose the time of the next message",
    ),
    Feature(
        name="pair_blocked",
        group="relationship",
        unit="flag",
        missing=0.0,
        monotone=1,
        meaning="The recipient blocks this sender",
        gaming="Write from another account",
    ),
    Feature(
        name="pair_stopped",
        group="relationship",
        unit="flag",
        missing=0.0,
        monotone=1,
        meaning="The recipient said stop to this sender's marketing",
        gaming="Write from another account",
    ),
    Feature(
        name="pair_reported",
        group="relationship",
        unit="flag",
        missing=0.0,
        monotone=1,
        meaning="The recipient reported this sender before",
        gaming="Write from another account",
    ),
)

N_FROM_CONTEXT: Final = 2
"""How many of :data:`FEATURES`, from the front, :func:`consent_features` fills; the fold fills the rest."""


def consent_features(context: Context, category: str, now_us: int) -> tuple[float, float]:
    """``consent_rank`` and ``consent_days`` from what is known of consent to messages of this ``category``."""
    consent = context.consent
    if consent is None or consent.state is ConsentState.UNKNOWN or not consent.covers(category):
        return float(UNKNOWN_RANK), np.nan
    days = np.nan if consent.at_us is None else max(0, now_us - consent.at_us) / DAY
    if consent.state is ConsentState.OPTED_OUT:
        return float(OPTED_OUT_RANK), days
    rank = RECORDED_RANK if consent.source is ConsentSource.MESSENGER else CLAIMED_RANK
    return float(rank), days


_CONSENT_FLAGS: Final = (0, 0, CLAIMED_CONSENT, RECORDED_CONSENT)
"""By rank."""


def consent_flag(case: Case) -> int:
    """``RECORDED_CONSENT`` or ``CLAIMED_CONSENT`` for the message's fold row, or 0."""
    rank, _ = consent_features(case.context, case.message.category, 0)
    return _CONSENT_FLAGS[int(rank)]


def message_flags(case: Case) -> int:
    """The flags of a message's fold row, before it is decided on."""
    return consent_flag(case) | (PROMOTION if case.message.category == "MARKETING" else 0)


@compiled
def read(pairs: Table, place: int, now: int, last_user_message: int, out: np.ndarray, start: int) -> None:
    """Fill the fold's features of a pair into ``out[start:]``; ``place`` is -1 for a pair never seen.

    ``last_user_message`` (µs, or -1) is the caller's own knowledge; the later of it and the log's counts.
    """
    last_reply = last_user_message
    if place >= 0:
        last_reply = max(last_reply, pairs[place].last_reply)
    out[start] = 1.0 if last_reply >= 0 and now - last_reply <= SERVICE_WINDOW_US else 0.0
    out[start + 1] = 1.0 if last_reply >= 0 else 0.0
    out[start + 2] = 0.0
    out[start + 3] = np.nan
    flags = 0
    if place >= 0:
        pair = pairs[place]
        out[start + 2] = np.log1p(pair.messages)
        if pair.last_message >= 0:
            out[start + 3] = np.log1p(max(0, now - pair.last_message) / HOUR)
        flags = pair.flags
    out[start + 4] = 1.0 if flags & BLOCKED else 0.0
    out[start + 5] = 1.0 if flags & STOPPED else 0.0
    out[start + 6] = 1.0 if flags & REPORTED else 0.0

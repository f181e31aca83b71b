"""A made-up log of 30 days as fold rows, by seed: what the timings of the history features run on.

Senders are as unequal as Zipf's law says. A sender writes to the same people three times on average, from a few
templates; most keys of a message are its sender's own, some are shared by senders that work together, and a
structure is shared by many. One row in ten is an answer to an earlier message: a reply, a report or a block.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from torwart.features.rows import BLOCK, LET_THROUGH, MESSAGE, REPLY, REPORT, ROW, Rows
from torwart.features.windows import DAY, HOUR

START_US: Final = 1_780_000_000_000_000
SPAN_US: Final = 30 * DAY
SENDERS_A_MESSAGE: Final = 0.005

_ANSWERS_A_MESSAGE: Final = 1 / 9
_ANSWERS: Final = ((REPLY, 0.6, HOUR), (REPORT, 0.1, 10 * HOUR), (BLOCK, 0.3, 10 * HOUR))
"""Kind, share and median delay of the answers."""
_DELAY_SIGMA: Final = 1.5
_LATE: Final = 0.05
_LATENESS_US: Final = 6 * HOUR
"""A part of the answers arrives later than it happened, this much on average."""

_MESSAGES_A_PAIR: Final = 3
_MESSAGES_A_PERSON: Final = 50
_MOST_TEMPLATES: Final = 8
_STRUCTURES: Final = 300
_LET_THROUGH: Final = 0.98
_OWN_TEXT: Final = 0.15
"""The share of messages whose text differs from its template's in one MinHash band."""

Numbers = NDArray[np.int64]
Keys = NDArray[np.uint64]


class MadeUp(NamedTuple):
    """A log: its rows (dtype ``ROW``, shape (n,)), in order of arrival, no two at one time; of each the numbers of its
    sender, its recipient and the message that it is or answers, shape (n,)."""

    rows: Rows
    sender: Numbers
    recipient: Numbers
    message: Numbers


def made_up(messages: int, senders: int, seed: int) -> MadeUp:
    """A log of so many messages from so many senders (some may stay silent), and the answers to them."""
    rng = np.random.default_rng(seed)
    sent = np.sort(rng.integers(0, SPAN_US, messages))
    sender = _zipf(rng, senders, messages)
    people = max(1, messages // _MESSAGES_A_PERSON)
    audience = 1 + np.bincount(sender, minlength=senders)[sender] // _MESSAGES_A_PAIR
    recipient = (_key(sender, rng.integers(0, audience)) % np.uint64(people)).astype(np.int64)
    campaigns = _campaigns(rng, sender)
    answered, kind, happened, arrived = _answers(rng, sent)
    about = np.concatenate([np.arange(messages), answered])
    received = np.concatenate([sent, arrived])
    order = np.argsort(received, kind="stable")
    about = about[order]
    rows = np.zeros(len(order), dtype=ROW)
    # One µs more a row, so that the order of time is the order of the log.
    rows["received_at"] = START_US + received[order] + np.arange(len(order))
    rows["at"] = START_US + np.concatenate([sent, happened])[order]
    rows["sender"] = _key(sender, 1)[about]
    rows["recipient"] = _key(recipient, 2)[about]
    rows["pair"] = _key(sender, 3, recipient)[about]
    rows["campaigns"] = campaigns[about]
    rows["kind"] = np.concatenate([np.full(messages, MESSAGE), kind])[order]
    rows["flags"] = np.where((rows["kind"] == MESSAGE) & (rng.random(len(order)) < _LET_THROUGH), LET_THROUGH, 0)
    return MadeUp(rows, sender[about], recipient[about], about)


def _zipf(rng: np.random.Generator, senders: int, n: int) -> Numbers:
    weights = np.cumsum(1.0 / np.arange(1, senders + 1))
    drawn: Numbers = np.searchsorted(weights, rng.random(n) * weights[-1], side="right").astype(np.int64)
    return drawn


def _campaigns(rng: np.random.Generator, sender: Numbers) -> Keys:
    """The keys of each message, shape (n, N_CAMPAIGN_KEYS), in the order that ``rows`` gives."""
    n = len(sender)
    template = np.minimum(rng.geometric(0.5, n), _MOST_TEMPLATES)
    # Of 50 senders one works with nine others, from the same texts and links.
    author = np.where(sender % 50 == 49, -1 - sender // 500, sender)
    text = _key(author, 4, template)
    bands = [
        np.where(rng.random(n) < _OWN_TEXT, _key(np.arange(n), 5 + band), text + np.uint64(band)) for band in range(3)
    ]
    structure = _key((text % np.uint64(_STRUCTURES)).astype(np.int64), 8)
    link = np.where(text % np.uint64(10) < 6, _key(author, 9), np.uint64(0))
    medium = np.where(text % np.uint64(7) == 0, _key(author, 10, template), np.uint64(0))
    return np.stack([*bands, structure, link, medium, _key(sender, 11, template)], axis=1)


def _answers(rng: np.random.Generator, sent: Numbers) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """Which message each answer is to, its kind, when it happened and when it arrived; all before the log ends."""
    n = int(len(sent) * _ANSWERS_A_MESSAGE)
    answered = rng.integers(0, len(sent), n)
    kinds, shares, delays = zip(*_ANSWERS, strict=True)
    which = rng.choice(len(kinds), n, p=shares)
    delay = np.array(delays)[which] * rng.lognormal(0.0, _DELAY_SIGMA, n)
    happened = _within(rng, sent[answered], delay)
    lateness = np.where(rng.random(n) < _LATE, rng.exponential(_LATENESS_US, n), 0.0)
    return answered, np.array(kinds)[which], happened, _within(rng, happened, lateness)


def _within(rng: np.random.Generator, before: Numbers, delay: NDArray[np.float64]) -> Numbers:
    """``before`` plus ``delay``, or any time up to the log's end where that would be beyond it."""
    left = SPAN_US - before
    return before + np.where(delay < left, delay, rng.random(len(before)) * left).astype(np.int64)


def _key(*parts: Numbers | int) -> Keys:
    """A 64-bit key for each tuple of numbers (Steele et al. 2014, SplitMix64's finaliser after each)."""
    key: Keys = np.zeros(1, dtype=np.uint64)
    for part in parts:
        key = np.asarray(part, dtype=np.int64).astype(np.uint64) + key + np.uint64(0x9E3779B97F4A7C15)
        key = (key ^ (key >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        key = (key ^ (key >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        key = key ^ (key >> np.uint64(31))
    return key

"""The folds themselves: what each event changes, and what a message's features are, one kind of key at a time.

The state in memory (:mod:`torwart.features.state`) applies all of them to one event after the other; a job that has
the log sorted by key (:mod:`torwart.features.keyed`) applies one of them to the events of a key. What a later fold
must know of an earlier one's state is in the *effects* of an event.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from torwart.compiled import compiled
from torwart.features import campaign, history, recipient, relationship
from torwart.features.rows import (
    BLOCK,
    CLAIMED_CONSENT,
    LET_THROUGH,
    MESSAGE,
    PREFERENCE,
    PROMOTION,
    RANK_SHIFT,
    RECORDED_CONSENT,
    REPLY,
    REPORT,
    REVIEW,
    SENDER,
    STOPPED,
    UNBLOCK,
    Rows,
)
from torwart.features.tables import Record, Table, claim, find
from torwart.features.windows import add, move, turn

SENT: Final = 1
"""Effect: a message from a known sender to a known recipient."""
TO_STRANGER: Final = 2
"""Effect: … and the first one between them."""
REPORTED: Final = 4
"""Effect: a person reported a sender that wrote to them, for the first time."""

PAIR_START: Final = 0
HISTORY_START: Final = len(relationship.FEATURES) - relationship.N_FROM_CONTEXT
RECIPIENT_START: Final = HISTORY_START + len(history.FEATURES)
CAMPAIGN_START: Final = RECIPIENT_START + len(recipient.FEATURES)
N_FOLDED: Final = CAMPAIGN_START + len(campaign.FEATURES)
"""Where each fold's features begin among the folded ones, and how many there are."""


@compiled
def advance_sender(senders: Table, pairs: Table, counts: NDArray[np.int64], rows: Rows, index: int) -> int:
    """Apply ``rows[index]`` to its sender and pair and return its effects.

    The tables must have room; ``counts`` (2,) holds how many records each has.
    """
    row = rows[index]
    if row.sender == np.uint64(0):
        return 0
    place, new = claim(senders, row.sender)
    sender = senders[place]
    if new:
        counts[0] += 1
        sender.first_seen = row.received_at
        sender.last_message = relationship.NEVER
        sender.verification_changed = relationship.NEVER
    sender.touched = row.received_at
    turn(sender.rings, sender.heads, row.at)
    if row.kind == SENDER:
        rank = (row.flags >> RANK_SHIFT) & 15
        if sender.rank != rank:
            if sender.rank != 0:
                sender.verification_changed = row.at
            sender.rank = rank
    if row.pair == np.uint64(0):
        return 0
    place, new = claim(pairs, row.pair)
    pair = pairs[place]
    if new:
        counts[1] += 1
        pair.last_message = relationship.NEVER
        pair.last_delivered = relationship.NEVER
        pair.last_reply = relationship.NEVER
        pair.last_report = relationship.NEVER
    pair.touched = row.received_at
    effects = 0
    if row.kind == MESSAGE:
        effects = _message(sender, pair, row)
    if row.kind == MESSAGE or row.kind == REVIEW:
        if row.flags & LET_THROUGH:
            _delivery(sender, pair, row)
    elif row.kind == REPLY:
        add(sender.rings, sender.heads, history.REPLIES, row.at, 1)
        pair.last_reply = max(pair.last_reply, row.at)
    elif row.kind == REPORT:
        effects = _report(sender, pair, row)
    elif row.kind == BLOCK:
        _count_once(sender, pair, history.BLOCKS, relationship.EVER_BLOCKED, row.at)
        pair.flags |= relationship.BLOCKED
    elif row.kind == UNBLOCK:
        pair.flags &= ~np.uint32(relationship.BLOCKED)
    elif row.kind == PREFERENCE and row.flags & STOPPED:
        _count_once(sender, pair, history.OPT_OUTS, relationship.EVER_STOPPED, row.at)
        pair.flags |= relationship.STOPPED
    elif row.kind == PREFERENCE:
        pair.flags &= ~np.uint32(relationship.STOPPED)
    return effects


@compiled
def _message(sender: Record, pair: Record, row: Record) -> int:
    """Count an attempt; returns its effects."""
    effects = SENT
    add(sender.rings, sender.heads, history.ATTEMPTED, row.at, 1)
    sender.messages += 1
    if row.flags & RECORDED_CONSENT:
        sender.recorded += 1
    elif row.flags & CLAIMED_CONSENT:
        sender.claimed += 1
    if row.flags & PROMOTION:
        sender.promotions += 1
        if row.flags & (RECORDED_CONSENT | CLAIMED_CONSENT):
            sender.asked_for += 1
    if pair.messages == 0:
        effects |= TO_STRANGER
        add(sender.rings, sender.heads, history.FIRST_CONTACTS, row.at, 1)
    pair.messages += 1
    pair.last_message = max(pair.last_message, row.at)
    sender.last_message = max(sender.last_message, row.at)
    return effects


@compiled
def _delivery(sender: Record, pair: Record, row: Record) -> None:
    """Count a message that was let through, and the person who gets it once a window."""
    add(sender.rings, sender.heads, history.DELIVERED, row.at, 1)
    if row.at > pair.last_delivered:
        move(sender.rings, sender.heads, history.RECIPIENTS, pair.last_delivered, row.at)
        pair.last_delivered = row.at


@compiled
def _report(sender: Record, pair: Record, row: Record) -> int:
    """Count a report, the person once a window; returns its effects.

    Only those count against a sender whom it has written to: a rate needs its numerator in its denominator.
    """
    effects = 0
    if pair.messages > 0:
        if pair.last_report < 0:
            effects = REPORTED
        if row.at > pair.last_report:
            move(sender.rings, sender.heads, history.REPORTERS, pair.last_report, row.at)
            pair.last_report = row.at
    pair.flags |= relationship.REPORTED
    return effects


@compiled
def _count_once(sender: Record, pair: Record, counter: int, mark: int, at: int) -> None:
    """Count what a person did to a sender that has written to them, the first time alone."""
    if pair.messages > 0 and not pair.flags & mark:
        add(sender.rings, sender.heads, counter, at, 1)
        pair.flags |= np.uint32(mark)


@compiled
def advance_recipient(recipients: Table, counts: NDArray[np.int64], rows: Rows, index: int, effects: int) -> None:
    """Apply ``rows[index]``, which had these effects, to its recipient."""
    if effects:
        row = rows[index]
        recipient.advance(
            recipients, counts, row.recipient, effects & SENT != 0, effects & TO_STRANGER != 0, row.received_at
        )


@compiled
def advance_campaigns(campaigns: Table, counts: NDArray[np.int64], rows: Rows, index: int, effects: int) -> None:
    """Apply ``rows[index]``, which had these effects, to the campaign keys that it carries."""
    if effects:
        row = rows[index]
        for key in row.campaigns:
            if key != np.uint64(0):
                campaign.advance(
                    campaigns, counts, key, row.sender, row.recipient, effects & SENT != 0, row.received_at
                )


@compiled
def read_sender(
    senders: Table, pairs: Table, rows: Rows, index: int, last_user_message: int, out: NDArray[np.float64]
) -> None:
    """Fill the features of the message ``rows[index]`` that its sender and its pair know, as of its arrival."""
    row = rows[index]
    pair = find(pairs, row.pair) if row.pair != np.uint64(0) else -1
    sender = find(senders, row.sender) if row.sender != np.uint64(0) else -1
    relationship.read(pairs, pair, row.received_at, last_user_message, out, PAIR_START)
    history.read(senders, sender, row.received_at, out, HISTORY_START)


@compiled
def read_recipient(recipients: Table, rows: Rows, index: int, out: NDArray[np.float64]) -> None:
    """Fill the features of the message ``rows[index]`` that its recipient's record knows."""
    row = rows[index]
    place = find(recipients, row.recipient) if row.recipient != np.uint64(0) else -1
    recipient.read(recipients, place, row.received_at, out, RECIPIENT_START)


@compiled
def read_campaigns(campaigns: Table, rows: Rows, index: int, out: NDArray[np.float64]) -> None:
    """Fill the features of the message ``rows[index]`` that its campaign keys know."""
    campaign.read(campaigns, rows[index].campaigns, rows[index].received_at, out, CAMPAIGN_START)

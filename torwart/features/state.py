"""The folds' state for all keys, in memory: what every worker, notebook and offline pass holds.

``advance`` applies rows of the log in order of ``seq``; ``read`` gives the features of a message as of what has been
applied. Both run the same compiled code everywhere, so that online equals offline by construction.
"""

from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from torwart.compiled import compiled
from torwart.features import campaign, history, relationship
from torwart.features.catalogue import N_FOLDED
from torwart.features.rows import (
    BLOCK,
    LET_THROUGH,
    MESSAGE,
    PREFERENCE,
    RANK_SHIFT,
    REPLY,
    REPORT,
    REVIEW,
    ROW,
    SENDER,
    STOPPED,
    UNBLOCK,
    Rows,
)
from torwart.features.tables import FULLEST, Table, capacity_for, claim, empty, find, rebuild
from torwart.features.windows import DAY, DAYS_7, add, move, total, turn

SWEEP_EVERY: Final = 1 << 18
"""Keys that have expired are forgotten after every so many applied rows: by position in the log, so that every
reader of the log forgets them at the same place."""

_HISTORY_START: Final = len(relationship.FEATURES) - relationship.N_FROM_CONTEXT
_CAMPAIGN_START: Final = _HISTORY_START + len(history.FEATURES)
_CHUNK: Final = 4096
_N_CAMPAIGN_KEYS: Final = ROW["campaigns"].shape[0]


class Feedback(Struct, frozen=True):
    """What seven days of recipients' feedback on a sender come to: exact distinct counts."""

    recipients: int
    reporters: int
    blocks: int


@compiled
def _advance(
    senders: Table, pairs: Table, campaigns: Table, counts: NDArray[np.int64], rows: Rows, first: int, end: int
) -> None:
    """Apply ``rows[first:end]``; the tables must have room, ``counts`` (3,) holds how many records each has."""
    for index in range(first, end):
        row = rows[index]
        if row.sender == np.uint64(0):
            continue
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
            continue
        place, new = claim(pairs, row.pair)
        pair = pairs[place]
        if new:
            counts[1] += 1
            pair.last_message = relationship.NEVER
            pair.last_delivered = relationship.NEVER
            pair.last_reply = relationship.NEVER
            pair.last_report = relationship.NEVER
        pair.touched = row.received_at
        if row.kind == MESSAGE:
            add(sender.rings, sender.heads, history.ATTEMPTED, row.at, 1)
            if pair.messages == 0:
                add(sender.rings, sender.heads, history.FIRST_CONTACTS, row.at, 1)
            pair.messages += 1
            pair.last_message = max(pair.last_message, row.at)
            sender.last_message = max(sender.last_message, row.at)
        if (row.kind == MESSAGE or row.kind == REVIEW) and row.flags & LET_THROUGH:
            add(sender.rings, sender.heads, history.DELIVERED, row.at, 1)
            if row.at > pair.last_delivered:
                move(sender.rings, sender.heads, history.RECIPIENTS, pair.last_delivered, row.at)
                pair.last_delivered = row.at
        elif row.kind == REPLY:
            add(sender.rings, sender.heads, history.REPLIES, row.at, 1)
            pair.last_reply = max(pair.last_reply, row.at)
        elif row.kind == REPORT:
            # Only those count against a sender whom it has written to: a rate needs its numerator in its denominator.
            if pair.messages > 0:
                if pair.last_report < 0:
                    _report_campaigns(campaigns, row.campaigns, row.received_at)
                if row.at > pair.last_report:
                    move(sender.rings, sender.heads, history.REPORTERS, pair.last_report, row.at)
                    pair.last_report = row.at
            pair.flags |= relationship.REPORTED
        elif row.kind == BLOCK:
            if pair.messages > 0 and not pair.flags & relationship.EVER_BLOCKED:
                add(sender.rings, sender.heads, history.BLOCKS, row.at, 1)
                pair.flags |= relationship.EVER_BLOCKED
            pair.flags |= relationship.BLOCKED
        elif row.kind == UNBLOCK:
            pair.flags &= ~np.uint32(relationship.BLOCKED)
        elif row.kind == PREFERENCE:
            if row.flags & STOPPED:
                if pair.messages > 0 and not pair.flags & relationship.EVER_STOPPED:
                    add(sender.rings, sender.heads, history.OPT_OUTS, row.at, 1)
                    pair.flags |= relationship.EVER_STOPPED
                pair.flags |= relationship.STOPPED
            else:
                pair.flags &= ~np.uint32(relationship.STOPPED)
        if row.kind == MESSAGE:
            _message_campaigns(campaigns, counts, row.campaigns, row.sender, row.recipient, row.received_at)


@compiled
def _message_campaigns(
    campaigns: Table, counts: NDArray[np.int64], keys: NDArray[np.uint64], sender: int, recipient: int, now: int
) -> None:
    for key in keys:
        if key == np.uint64(0):
            continue
        place, new = claim(campaigns, key)
        record = campaigns[place]
        if new:
            counts[2] += 1
            record.touched = now
        _age(campaigns, place, now)
        record.messages_1d += 1.0
        record.messages_7d += 1.0
        campaign.mark(record.senders, sender)
        campaign.mark(record.recipients, recipient)


@compiled
def _report_campaigns(campaigns: Table, keys: NDArray[np.uint64], now: int) -> None:
    for key in keys:
        place = find(campaigns, key) if key != np.uint64(0) else -1
        if place >= 0:
            _age(campaigns, place, now)
            campaigns[place].reports_7d += 1.0


@compiled
def _age(campaigns: Table, place: int, now: int) -> None:
    record = campaigns[place]
    elapsed = now - record.touched
    record.messages_1d = campaign.decay(record.messages_1d, elapsed, DAY)
    record.messages_7d = campaign.decay(record.messages_7d, elapsed, 7 * DAY)
    record.reports_7d = campaign.decay(record.reports_7d, elapsed, 7 * DAY)
    record.touched = max(record.touched, now)


@compiled
def _read(
    senders: Table, pairs: Table, campaigns: Table, rows: Rows, last_user_message: int, out: NDArray[np.float64]
) -> None:
    """Fill ``out`` (N_FOLDED,) with the features of the message ``rows[0]`` as of its arrival."""
    row = rows[0]
    pair = find(pairs, row.pair) if row.pair != np.uint64(0) else -1
    sender = find(senders, row.sender) if row.sender != np.uint64(0) else -1
    relationship.read(pairs, pair, row.received_at, last_user_message, out, 0)
    history.read(senders, sender, row.received_at, out, _HISTORY_START)
    campaign.read(campaigns, row.campaigns, row.received_at, out, _CAMPAIGN_START)


@compiled
def _feedback(senders: Table, key: np.uint64, now: int, out: NDArray[np.int64]) -> None:
    place = find(senders, key)  # type: ignore[arg-type]
    out[:] = 0
    if place >= 0:
        sender = senders[place]
        out[0] = total(sender.rings, sender.heads, history.RECIPIENTS, DAYS_7, now)
        out[1] = total(sender.rings, sender.heads, history.REPORTERS, DAYS_7, now)
        out[2] = total(sender.rings, sender.heads, history.BLOCKS, DAYS_7, now)


class FoldState:
    """Everything the history features remember, as three hash tables of fixed-size records."""

    def __init__(self) -> None:
        self._senders = empty(history.SENDER, 1024)
        self._pairs = empty(relationship.PAIR, 1024)
        self._campaigns = empty(campaign.CAMPAIGN, 1024)
        self._counts = np.zeros(3, dtype=np.int64)
        self._out = np.zeros(N_FOLDED)
        self._feedback_out = np.zeros(3, dtype=np.int64)
        self._room = 0
        self.applied = 0
        """How many rows have been applied since the log's beginning."""

    def advance(self, rows: Rows) -> None:
        """Apply ``rows`` (dtype ``rows.ROW``, shape (n,)), which must follow the rows applied so far without a gap."""
        first = 0
        while first < len(rows):
            end = min(len(rows), first + _CHUNK, first + SWEEP_EVERY - self.applied % SWEEP_EVERY)
            if self._room < end - first:
                self._make_room(end - first)
            self._room -= end - first
            _advance(self._senders, self._pairs, self._campaigns, self._counts, rows, first, end)
            self.applied += end - first
            if self.applied % SWEEP_EVERY == 0:
                self._forget(int(rows[end - 1]["received_at"]))
            first = end

    def read(self, row: Rows, last_user_message_us: int = -1) -> NDArray[np.float64]:
        """The folded features of one message: its row, shape (1,), in; shape (N_FOLDED,) out, valid until the next
        call. ``last_user_message_us`` is what the caller knows of the recipient's last message to the sender."""
        _read(self._senders, self._pairs, self._campaigns, row, last_user_message_us, self._out)
        return self._out

    def feedback(self, sender_key: int, now_us: int) -> Feedback:
        """The last seven days of feedback on the sender with this key (``rows.id_key``)."""
        _feedback(self._senders, np.uint64(sender_key), now_us, self._feedback_out)
        recipients, reporters, blocks = self._feedback_out
        return Feedback(int(recipients), int(reporters), int(blocks))

    def _make_room(self, n_rows: int) -> None:
        """Make the tables large enough for ``n_rows`` more rows, whatever they hold, and note how many fit now."""
        senders, pairs, campaigns = (int(count) for count in self._counts)
        self._senders = _roomy(self._senders, senders, n_rows)
        self._pairs = _roomy(self._pairs, pairs, n_rows)
        self._campaigns = _roomy(self._campaigns, campaigns, n_rows * _N_CAMPAIGN_KEYS)
        self._room = min(
            int(FULLEST * self._senders.size) - senders,
            int(FULLEST * self._pairs.size) - pairs,
            (int(FULLEST * self._campaigns.size) - campaigns) // _N_CAMPAIGN_KEYS,
        )

    def _forget(self, now_us: int) -> None:
        self._room = 0
        self._senders, self._counts[0] = _rebuilt(self._senders, now_us - history.SENDER_LIFETIME_US)
        self._pairs, self._counts[1] = _rebuilt(self._pairs, now_us - relationship.PAIR_LIFETIME_US)
        self._campaigns, self._counts[2] = _rebuilt(self._campaigns, now_us - campaign.CAMPAIGN_LIFETIME_US)


def _roomy(table: Table, count: int, more: int) -> Table:
    """The table itself if it has room for ``more`` records, else a larger copy."""
    if count + more <= FULLEST * table.size:
        return table
    larger = empty(table.dtype, max(2 * table.size, capacity_for(count + more)))
    rebuild(table, larger, np.iinfo(np.int64).min)
    return larger


def _rebuilt(table: Table, touched_since: int) -> tuple[Table, int]:
    """A copy of the table without the records last touched before a time, and how many are left."""
    fresh = empty(table.dtype, table.size)
    return fresh, rebuild(table, fresh, touched_since)

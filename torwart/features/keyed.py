"""One fold over a log sorted by key: what a distributed job runs, partition by partition.

:class:`~torwart.features.state.FoldState` holds every key's state; here only the keys of one partition are held, and
of those no more than memory allows: rows come sorted by (key, seq), so the keys before the current one are done with.

What the state in memory forgets at fixed places of the log (every ``SWEEP_EVERY`` rows) is forgotten here, too: a key
whose last row lies before such a place by more than its lifetime begins a new *life*, under another number, of which
the fold knows nothing.
"""

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from torwart.compiled import compiled
from torwart.features import campaign, history, recipient, relationship
from torwart.features.folds import (
    CAMPAIGN_START,
    N_FOLDED,
    RECIPIENT_START,
    SENT,
    advance_recipient,
    advance_sender,
    read_recipient,
    read_sender,
)
from torwart.features.rows import MESSAGE, Rows
from torwart.features.state import SWEEP_EVERY
from torwart.features.tables import ALWAYS, Table, empty, with_room

KEPT: Final = 1 << 16
"""Records of keys that are done with are dropped once there are more than this."""

_AT_ONCE: Final = 4096

Effects = NDArray[np.int64]
Floats = NDArray[np.float64]


class Sweeps:
    """When the log was swept: the arrival of every ``SWEEP_EVERY``-th row, in order of ``seq``."""

    def __init__(self, received_at_us: Iterable[int]) -> None:
        self._at = np.array([ALWAYS, *received_at_us], dtype=np.int64)

    def before(self, seq: NDArray[np.int64]) -> NDArray[np.int64]:
        """When the log was last swept before each of these rows, ``ALWAYS`` for never; shape (n,)."""
        swept: NDArray[np.int64] = self._at[(seq - 1) // SWEEP_EVERY]
        return swept


class Lives:
    """Tells the lives of keys apart: rows must come in order of ``seq`` for each key."""

    def __init__(self, lifetime_us: int) -> None:
        self._lifetime_us = lifetime_us
        self._seen: dict[int, tuple[int, int]] = {}

    def numbered(
        self,
        keys: NDArray[np.uint64],
        received_at_us: NDArray[np.int64],
        swept_us: NDArray[np.int64],
        touches: NDArray[np.bool_],
    ) -> NDArray[np.uint64]:
        """The keys (n,), each with its life mixed in; 0 stays 0.

        ``swept_us`` (n,) comes from :class:`Sweeps`; ``touches`` (n,) says which rows change what is known of the key.
        """
        numbered = keys.copy()
        seen = self._seen
        rows = zip(keys.tolist(), received_at_us.tolist(), swept_us.tolist(), touches.tolist(), strict=True)
        for place, (key, now, swept, is_touched) in enumerate(rows):
            if key == 0:
                continue
            touched, life = seen.get(key, (now, 0))
            if touched < swept - self._lifetime_us:
                life += 1
            if is_touched:
                seen[key] = now, life
            if life:
                numbered[place] = np.uint64((key + life * 0x9E3779B97F4A7C15) % 2**64 or 1)
        return numbered

    def forget(self) -> None:
        """Nothing will be asked of the keys so far."""
        self._seen.clear()


@compiled
def _senders(
    senders: Table,
    pairs: Table,
    counts: NDArray[np.int64],
    rows: Rows,
    last_user_message: NDArray[np.int64],
    effects: Effects,
    out: Floats,
) -> None:
    for index in range(rows.size):
        if rows[index].kind == MESSAGE:
            read_sender(senders, pairs, rows, index, last_user_message[index], out[index])
        effects[index] = advance_sender(senders, pairs, counts, rows, index)


@compiled
def _recipients(recipients: Table, counts: NDArray[np.int64], rows: Rows, effects: Effects, out: Floats) -> None:
    for index in range(rows.size):
        if rows[index].kind == MESSAGE:
            read_recipient(recipients, rows, index, out[index])
        advance_recipient(recipients, counts, rows, index, effects[index])


@compiled
def _campaigns(
    campaigns: Table,
    counts: NDArray[np.int64],
    rows: Rows,
    keys: NDArray[np.uint64],
    places: NDArray[np.int64],
    effects: Effects,
    out: Floats,
) -> None:
    for index in range(rows.size):
        row = rows[index]
        if row.kind == MESSAGE:
            campaign.begin(out[index], 0)
            campaign.raise_to(campaigns, keys[index], places[index], row.received_at, out[index], 0)
        if effects[index]:
            campaign.advance(
                campaigns, counts, keys[index], row.sender, row.recipient, effects[index] & SENT != 0, row.received_at
            )


class SenderPass:
    """Senders and their pairs: the events of a sender follow each other in order of ``seq``."""

    columns: Final = slice(0, RECIPIENT_START)
    """Which of the folded features it fills."""

    def __init__(self, sweeps: Sweeps) -> None:
        self._sweeps = sweeps
        self._sender_lives = Lives(history.SENDER_LIFETIME_US)
        self._pair_lives = Lives(relationship.PAIR_LIFETIME_US)
        self._reset()
        self._last = 0

    def _reset(self) -> None:
        self._senders, self._pairs = empty(history.SENDER, 1024), empty(relationship.PAIR, 1024)
        self._counts = np.zeros(2, dtype=np.int64)
        self._sender_lives.forget()
        self._pair_lives.forget()

    def fold(
        self, rows: Rows, seq: NDArray[np.int64], last_user_message_us: NDArray[np.int64]
    ) -> tuple[Effects, Floats]:
        """Read, then apply the next rows; ``last_user_message_us`` (n,) is -1 where nothing was known.

        Returns the effects (n,) of each row, and the features (n, N_FOLDED) of those that are messages, in
        :attr:`columns`; the rest is arbitrary.
        """
        effects = np.zeros(len(rows), dtype=np.int64)
        out = np.empty((len(rows), N_FOLDED))
        for part in _parts(rows["sender"]):
            if self._counts.sum() > KEPT and rows["sender"][part.start] != self._last:
                self._reset()
            own = rows[part].copy()
            swept = self._sweeps.before(seq[part])
            every = np.ones(len(own), dtype=np.bool_)
            own["sender"] = self._sender_lives.numbered(own["sender"], own["received_at"], swept, every)
            own["pair"] = self._pair_lives.numbered(own["pair"], own["received_at"], swept, every)
            senders, pairs = self._counts.tolist()
            self._senders = with_room(self._senders, senders, len(own))
            self._pairs = with_room(self._pairs, pairs, len(own))
            _senders(
                self._senders, self._pairs, self._counts, own, last_user_message_us[part], effects[part], out[part]
            )
            self._last = int(rows["sender"][part.stop - 1])
        return effects, out


class RecipientPass:
    """Recipients: the events of a recipient follow each other in order of ``seq``."""

    columns: Final = slice(RECIPIENT_START, CAMPAIGN_START)
    """Which of the folded features it fills."""

    def __init__(self, sweeps: Sweeps) -> None:
        self._sweeps = sweeps
        self._lives = Lives(recipient.RECIPIENT_LIFETIME_US)
        self._reset()
        self._last = 0

    def _reset(self) -> None:
        self._table = empty(recipient.RECIPIENT, 1024)
        self._counts = np.zeros(1, dtype=np.int64)
        self._lives.forget()

    def fold(self, rows: Rows, seq: NDArray[np.int64], effects: Effects) -> Floats:
        """Read, then apply the next rows, all of which are messages or have effects; as :meth:`SenderPass.fold`."""
        out = np.empty((len(rows), N_FOLDED))
        for part in _parts(rows["recipient"]):
            if self._counts[0] > KEPT and rows["recipient"][part.start] != self._last:
                self._reset()
            own = rows[part].copy()
            swept = self._sweeps.before(seq[part])
            own["recipient"] = self._lives.numbered(own["recipient"], own["received_at"], swept, effects[part] != 0)
            self._table = with_room(self._table, int(self._counts[0]), len(own))
            _recipients(self._table, self._counts, own, effects[part], out[part])
            self._last = int(rows["recipient"][part.stop - 1])
        return out


class CampaignPass:
    """Campaign keys: the events that carry a key follow each other in order of ``seq``."""

    def __init__(self, sweeps: Sweeps) -> None:
        self._sweeps = sweeps
        self._lives = Lives(campaign.CAMPAIGN_LIFETIME_US)
        self._reset()
        self._last = 0

    def _reset(self) -> None:
        self._table = empty(campaign.CAMPAIGN, 1024)
        self._counts = np.zeros(1, dtype=np.int64)
        self._lives.forget()

    def fold(
        self,
        rows: Rows,
        seq: NDArray[np.int64],
        effects: Effects,
        keys: NDArray[np.uint64],
        places: NDArray[np.int64],
    ) -> Floats:
        """Read, then apply the next rows for one key each: ``keys`` (n,), and which of the row's it is, ``places``.

        Returns for each message what its key knows, shape (n, n_campaign_features), before
        :func:`torwart.features.campaign.finish`: the maximum over a message's keys is still to be taken.
        """
        out = np.empty((len(rows), len(campaign.FEATURES)))
        for part in _parts(keys):
            if self._counts[0] > KEPT and keys[part.start] != self._last:
                self._reset()
            own = rows[part]
            swept = self._sweeps.before(seq[part])
            lives = self._lives.numbered(keys[part], own["received_at"], swept, effects[part] != 0)
            self._table = with_room(self._table, int(self._counts[0]), len(own))
            _campaigns(self._table, self._counts, own, lives, places[part], effects[part], out[part])
            self._last = int(keys[part.stop - 1])
        return out


def _parts(keys: NDArray[np.uint64]) -> Iterator[slice]:
    """Slices of whole keys in order: the first key by itself, which may go on from before, then some at a time."""
    first = 0
    for end in [*(np.flatnonzero(keys[1:] != keys[:-1]) + 1).tolist(), len(keys)]:
        if first < end and (first == 0 or end - first >= _AT_ONCE or end == len(keys)):
            yield slice(first, end)
            first = end

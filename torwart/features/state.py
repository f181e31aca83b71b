"""The folds' state for all keys, in memory: what every worker, notebook and offline pass holds.

``advance`` applies rows of the log in order of ``seq``; ``read`` gives the features of a message as of what has been
applied. Both run the same compiled code everywhere, so that online equals offline by construction.
"""

from collections.abc import Iterable
from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from torwart.compiled import compiled
from torwart.features import campaign, history, recipient, relationship
from torwart.features.folds import (
    N_FOLDED,
    advance_campaigns,
    advance_recipient,
    advance_sender,
    read_campaigns,
    read_recipient,
    read_sender,
)
from torwart.features.rows import MESSAGE, N_CAMPAIGN_KEYS, Rows
from torwart.features.tables import (
    ALWAYS,
    FULLEST,
    Table,
    capacity_for,
    empty,
    find,
    forget,
    occupied,
    rebuild,
    with_room,
)
from torwart.features.windows import DAYS_7, total

SWEEP_EVERY: Final = 1 << 18
"""Keys that have expired are forgotten after every so many applied rows: by position in the log, so that every
reader of the log forgets them at the same place."""

_CHUNK: Final = 4096

KINDS: Final = (
    ("senders", history.SENDER, history.SENDER_LIFETIME_US, 1),
    ("pairs", relationship.PAIR, relationship.PAIR_LIFETIME_US, 1),
    ("recipients", recipient.RECIPIENT, recipient.RECIPIENT_LIFETIME_US, 1),
    ("campaigns", campaign.CAMPAIGN, campaign.CAMPAIGN_LIFETIME_US, N_CAMPAIGN_KEYS),
)
"""A table for each kind of key: its name, its records, how long a quiet key is remembered (µs), and how many new
records a row can bring."""


class Feedback(Struct, frozen=True):
    """What seven days of recipients' feedback on a sender come to: exact distinct counts."""

    recipients: int
    reporters: int
    blocks: int


@compiled
def _advance(
    senders: Table,
    pairs: Table,
    recipients: Table,
    campaigns: Table,
    counts: NDArray[np.int64],
    rows: Rows,
    first: int,
    end: int,
) -> None:
    """Apply ``rows[first:end]``; the tables must have room, ``counts`` (4,) holds how many records each has."""
    for index in range(first, end):
        effects = advance_sender(senders, pairs, counts[:2], rows, index)
        advance_recipient(recipients, counts[2:3], rows, index, effects)
        advance_campaigns(campaigns, counts[3:], rows, index, effects)


@compiled
def _read(
    senders: Table,
    pairs: Table,
    recipients: Table,
    campaigns: Table,
    rows: Rows,
    index: int,
    last_user_message: int,
    out: NDArray[np.float64],
) -> None:
    """Fill ``out`` (N_FOLDED,) with the features of the message ``rows[index]`` as of its arrival."""
    read_sender(senders, pairs, rows, index, last_user_message, out)
    read_recipient(recipients, rows, index, out)
    read_campaigns(campaigns, rows, index, out)


@compiled
def _fold(
    senders: Table,
    pairs: Table,
    recipients: Table,
    campaigns: Table,
    counts: NDArray[np.int64],
    rows: Rows,
    first: int,
    end: int,
    last_user_message: NDArray[np.int64],
    out: NDArray[np.float64],
    filled: int,
) -> int:
    """Read each message of ``rows[first:end]`` into the next row of ``out``, then apply it; return how many are."""
    for index in range(first, end):
        if rows[index].kind == MESSAGE:
            _read(senders, pairs, recipients, campaigns, rows, index, last_user_message[filled], out[filled])
            filled += 1
        _advance(senders, pairs, recipients, campaigns, counts, rows, index, index + 1)
    return filled


@compiled
def _feedback(senders: Table, key: np.uint64, now: int, out: NDArray[np.int64]) -> None:
    place = find(senders, key)  # type: ignore[arg-type]
    out[:] = 0
    if place >= 0:
        sender = senders[place]
        out[0] = total(sender.rings, sender.heads, history.RECIPIENTS, DAYS_7, now)
        out[1] = total(sender.rings, sender.heads, history.REPORTERS, DAYS_7, now)
        out[2] = total(sender.rings, sender.heads, history.BLOCKS, DAYS_7, now)


@compiled
def _refused_since(pairs: Table, key: np.uint64) -> int:
    place = find(pairs, key)  # type: ignore[arg-type]
    if place < 0 or pairs[place].last_message <= pairs[place].last_delivered:
        return relationship.NEVER
    return int(pairs[place].last_message)


class FoldState:
    """Everything the history features remember, as hash tables of fixed-size records."""

    def __init__(self) -> None:
        self._tables = _tables(empty(dtype, 1024) for _, dtype, _, _ in KINDS)
        self._counts = np.zeros(len(KINDS), dtype=np.int64)
        self._out = np.zeros(N_FOLDED)
        self._feedback_out = np.zeros(3, dtype=np.int64)
        self._room = 0
        self.applied = 0
        """How many rows have been applied since the log's beginning: the ``seq`` of the last one."""

    def advance(self, rows: Rows) -> None:
        """Apply ``rows`` (dtype ``rows.ROW``, shape (n,)), which must follow the rows applied so far without a gap."""
        first = 0
        while first < len(rows):
            end = self._next(rows, first)
            _advance(*self._tables, self._counts, rows, first, end)
            self._applied(rows, first, end)
            first = end

    def fold(self, rows: Rows, last_user_message_us: NDArray[np.int64]) -> NDArray[np.float64]:
        """Apply ``rows`` as :meth:`advance` does, and read each message among them just before it is applied.

        ``last_user_message_us`` (n_messages,) int64 is what the callers knew, -1 for nothing. Returns the messages'
        folded features, shape (n_messages, N_FOLDED).
        """
        out = np.empty((int((rows["kind"] == MESSAGE).sum()), N_FOLDED))
        if len(last_user_message_us) != len(out):
            raise ValueError(f"There are {len(out)} messages, but {len(last_user_message_us)} times of last messages.")
        first = filled = 0
        while first < len(rows):
            end = self._next(rows, first)
            filled = _fold(*self._tables, self._counts, rows, first, end, last_user_message_us, out, filled)
            self._applied(rows, first, end)
            first = end
        return out

    def read(self, row: Rows, last_user_message_us: int = -1) -> NDArray[np.float64]:
        """The folded features of one message: its row, shape (1,), in; shape (N_FOLDED,) out, valid until the next
        call. ``last_user_message_us`` is what the caller knows of the recipient's last message to the sender."""
        senders, pairs, recipients, campaigns = self._tables
        _read(senders, pairs, recipients, campaigns, row, 0, last_user_message_us, self._out)
        return self._out

    def feedback(self, sender_key: int, now_us: int) -> Feedback:
        """The last seven days of feedback on the sender with this key (``rows.id_key``)."""
        _feedback(self._tables[0], np.uint64(sender_key), now_us, self._feedback_out)
        recipients, reporters, blocks = self._feedback_out
        return Feedback(int(recipients), int(reporters), int(blocks))

    def waited_us(self, pair_key: int, now_us: int) -> int:
        """How long ago (µs) the sender last tried to write to this person, if that was not let through; else -1."""
        since = int(_refused_since(self._tables[1], np.uint64(pair_key)))
        return -1 if since == relationship.NEVER else max(0, now_us - since)

    def arrays(self) -> dict[str, NDArray[np.void]]:
        """The records of each table, shape (n,), by its name; with :attr:`applied` they are the whole state."""
        return {name: occupied(table) for (name, *_), table in zip(KINDS, self._tables, strict=True)}

    @classmethod
    def from_arrays(cls, arrays: dict[str, NDArray[np.void]], applied: int) -> "FoldState":
        """The state that :meth:`arrays` came from. Raises ValueError where a table is missing or of another form."""
        tables = []
        for name, dtype, _, _ in KINDS:
            records = arrays.get(name)
            if records is None or records.dtype != dtype or records.ndim != 1:
                raise ValueError(f"The state's table of {name} is missing or of another form.")
            tables.append(empty(dtype, capacity_for(len(records))))
            rebuild(records, tables[-1], ALWAYS)
        state = cls()
        state._tables = _tables(tables)
        state._counts = np.array([(table["key"] != 0).sum() for table in tables], dtype=np.int64)
        state.applied = applied
        return state

    def _next(self, rows: Rows, first: int) -> int:
        """Up to where rows can be applied in one go; the tables have room for them then."""
        end = min(len(rows), first + _CHUNK, first + SWEEP_EVERY - self.applied % SWEEP_EVERY)
        if self._room < end - first:
            self._make_room(end - first)
        return end

    def _applied(self, rows: Rows, first: int, end: int) -> None:
        self._room -= end - first
        self.applied += end - first
        if self.applied % SWEEP_EVERY == 0:
            self._forget(int(rows[end - 1]["received_at"]))

    def _make_room(self, n_rows: int) -> None:
        """Make the tables large enough for ``n_rows`` more rows, whatever they hold, and note how many fit now."""
        counts = self._counts.tolist()
        most = [most for _, _, _, most in KINDS]
        self._tables = _tables(map(with_room, self._tables, counts, [n_rows * n for n in most]))
        room = zip(self._tables, counts, most, strict=True)
        self._room = min((int(FULLEST * table.size) - count) // n for table, count, n in room)

    def _forget(self, now_us: int) -> None:
        for place, (_, dtype, lifetime_us, _) in enumerate(KINDS):
            self._counts[place] -= forget(self._tables[place], now_us - lifetime_us, empty(dtype, 1))
        self._room = 0


def _tables(tables: Iterable[Table]) -> tuple[Table, Table, Table, Table]:
    senders, pairs, recipients, campaigns = tables
    return senders, pairs, recipients, campaigns

"""Feature tables: every message of a log as the model would have seen it, computed in one streaming pass.

The log is read once, in its order, through the functions of ``torwart.features`` that the server calls. A message's
features are what was known before it was applied, so nothing of its own fate can leak into them.
"""

from collections.abc import Container, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from msgspec import Struct
from numpy.typing import NDArray
from tqdm.auto import tqdm

from torwart.entities import Case
from torwart.events import MessageScored, Record, decode_body
from torwart.features.catalogue import N_OWN, NAMES
from torwart.features.rows import ROW, Rows, unpack
from torwart.features.state import FoldState
from torwart.features.vector import Prepared, prepare
from torwart.text.classifier import TextClassifier
from training.log import WrongRows, count_records, read_log
from training.rows import FileError

SCHEMA: Final = pa.schema(
    [
        ("seq", pa.int64()),
        ("message_id", pa.string()),
        ("sender_id", pa.string()),
        ("recipient_id", pa.string()),
        ("received_at", pa.timestamp("us", tz="UTC")),
        *((name, pa.float64()) for name in NAMES),
    ]
)
"""The columns of a feature table: which message, and its features in the catalogue's order, NaN where missing."""

_AT_ONCE: Final = 8192
_EVIDENCE_KEPT: Final = 1 << 16


class Summary(Struct, frozen=True):
    """What a feature table came to: events read, messages written, rows of the log that were wrong."""

    events: int
    messages: int
    wrong: int
    features: int = len(NAMES)


class Chunk(NamedTuple):
    """Consecutive messages of a log: their records, cases, and features (n, len(NAMES)) as of just before each."""

    records: list[Record]
    cases: list[Case]
    matrix: NDArray[np.float64]


class Preparer:
    """Prepares messages of a log, remembering what the text classifier made of a text that was seen before."""

    def __init__(self, text: TextClassifier) -> None:
        self._evidence = lru_cache(_EVIDENCE_KEPT)(text.evidence)

    def __call__(self, case: Case, received_at_us: int) -> Prepared:
        """What the case says by itself."""
        evidence = None if case.message.text_withheld else self._evidence(case.message.text)
        return prepare(case, evidence, received_at_us)


def chunks(
    folder: Path, text: TextClassifier, wanted: Container[str] | None = None, wrong: WrongRows | None = None
) -> Iterator[Chunk]:
    """The messages of the log in ``folder`` (those whose id is ``wanted``, by default all), some thousand at a time.

    The folds see every event. Rows that cannot be read raise :class:`~training.log.LogError`, or are left out and
    added to ``wrong``; they keep their place in the log, so that everything is forgotten where it always is.
    """
    prepared = Preparer(text)
    state = FoldState()
    received_us = 0
    waiting: list[Record] = []
    for record in tqdm(read_log(folder, wrong), "Reading events", count_records(folder), unit="events", disable=None):
        waiting.append(record)
        if len(waiting) == _AT_ONCE:
            yield _chunk(state, waiting, received_us, prepared, wanted)
            received_us = record.received_at_us
            waiting = []
    if waiting:
        yield _chunk(state, waiting, received_us, prepared, wanted)


def write_features(folder: Path, text: TextClassifier, out: Path, wrong: WrongRows) -> Summary:
    """Write the feature table of the log in ``folder`` to the Parquet file ``out``, whole or not at all.

    Wrong rows of the log are left out and added to ``wrong``. Memory is bounded by the folds' state and one chunk.
    Raises :class:`~training.log.LogError` and :class:`~training.rows.FileError`.
    """
    check_target(out)
    unfinished = out.with_name(f".{out.name}.unfinished")
    messages = 0
    try:
        with pq.ParquetWriter(unfinished, SCHEMA, compression="zstd") as writer:
            for chunk in chunks(folder, text, wrong=wrong):
                writer.write_table(table_of(chunk))
                messages += len(chunk.records)
        unfinished.replace(out)
    finally:
        unfinished.unlink(missing_ok=True)
    return Summary(events=count_records(folder) - wrong.count, messages=messages, wrong=wrong.count)


def check_target(out: Path) -> None:
    """Raise :class:`~training.rows.FileError` where no feature table can be written to ``out``."""
    if out.suffix.lower() != ".parquet":
        raise FileError(f"{out} must end in .parquet: feature tables are written as Parquet.")
    if not out.parent.is_dir():
        raise FileError(f"There is no folder {out.parent} to write {out.name} to.")


def table_of(chunk: Chunk) -> pa.Table:
    """A chunk with the columns of :data:`SCHEMA`."""
    records = chunk.records
    received = pa.array([record.received_at_us for record in records], pa.int64())
    return pa.Table.from_arrays(
        [
            pa.array([record.seq for record in records], pa.int64()),
            pa.array([record.message_id for record in records], pa.string()),
            pa.array([record.sender_id for record in records], pa.string()),
            pa.array([record.recipient_id for record in records], pa.string()),
            received.cast(SCHEMA.field("received_at").type),
            *(pa.array(column) for column in chunk.matrix.T),
        ],
        schema=SCHEMA,
    )


def last_message_us(prepared: Prepared | None) -> int:
    """When the recipient last wrote to the sender, as far as the caller knew; -1 where it did not say."""
    return -1 if prepared is None else prepared.last_user_message_us


def _chunk(
    state: FoldState, records: list[Record], received_us: int, prepared_of: Preparer, wanted: Container[str] | None
) -> Chunk:
    """The messages among ``records``, which follow what ``state`` has applied; ``received_us``: the last arrival."""
    kept: list[Record] = []
    cases: list[Case] = []
    own: list[list[float]] = []
    last: list[int] = []
    chosen: list[bool] = []
    for record in records:
        if record.kind != "message":
            continue
        prepared = None
        if wanted is None or record.message_id in wanted:
            body = decode_body(record.body)
            assert isinstance(body, MessageScored)
            prepared = prepared_of(body.case, record.received_at_us)
            kept.append(record)
            cases.append(body.case)
            own.append(prepared.own)
        chosen.append(prepared is not None)
        last.append(last_message_us(prepared))
    folded = state.fold(_rows(records, state.applied, received_us), np.array(last, dtype=np.int64))
    matrix = np.empty((len(kept), len(NAMES)))
    if kept:
        matrix[:, :N_OWN] = own
        matrix[:, N_OWN:] = folded[np.array(chosen)]
    return Chunk(kept, cases, matrix)


def _rows(records: list[Record], applied: int, received_us: int) -> Rows:
    """The fold rows of consecutive records; where a record was left out, a row of no kind keeps its place."""
    rows = unpack(b"".join(record.fold for record in records))
    seq = np.array([record.seq for record in records], dtype=np.int64)
    if seq[-1] - applied == len(rows):
        return rows
    full = np.zeros(int(seq[-1]) - applied, dtype=ROW)
    places = seq - applied - 1
    full[places] = rows
    arrivals = np.full(len(full), received_us, dtype=np.int64)
    arrivals[places] = rows["received_at"]
    full["received_at"] = np.maximum.accumulate(arrivals)
    return full

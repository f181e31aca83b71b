"""The log of a serving database as a folder of Parquet files, brought up to date with every run.

The database is only read, in short transactions while servers write: a long one would keep their write-ahead log from
starting over. Nothing of ``serving`` is imported; what is known of its database stands in the constants below.
"""

import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

import msgspec
from tqdm.auto import tqdm

from torwart.events import KINDS, Record
from training.log import LogError, LogWriter

DATABASE: Final = "torwart.db"
"""The file in the data folder: ``serving.service.DATABASE``."""

# The layout of table ``log`` and of the fold rows in it: must equal ``serving.log.SCHEMA_VERSION`` (a test compares
# them). Raise the two together, once what is read here fits the new version.
DATABASE_VERSION: Final = 3

_LOCK: Final = ".export.lock"
_ROWS_A_READ: Final = 2_000
_COLUMNS: Final = "seq, kind, received_at, at, sender_id, recipient_id, message_id, fold, body"
_KIND_OF: Final = dict(enumerate(KINDS, start=1))


class Exported(msgspec.Struct, frozen=True, kw_only=True):
    """What an export came to: ``records`` of the log in the folder, and how many of them this run ``added``."""

    records: int
    added: int


def export_log(data: Path, out: Path) -> Exported:
    """Bring the log in ``out`` up to what the database in ``data`` holds at the call; begins it if there is none.

    Killed at any moment, ``out`` is a finished log of the first records, or nothing yet, and the next call goes on from
    there. Memory is bounded by :data:`training.log.ROWS_A_PART` records. Raises :class:`~training.log.LogError` for a
    database that is missing, none, damaged, or of another version, and for an ``out`` that cannot be gone on with,
    holds another database's log, or is being exported to by another process.
    """
    with _database(data) as database:
        (last,) = database.execute("SELECT coalesce(max(seq), 0) FROM log").fetchone()
        with _alone(out):
            log = LogWriter(out, resume=True)
            _check_origin(log, database, data, out)
            before = log.records
            records = _records(database, before, last)
            with log:
                for record in tqdm(records, "Exporting", last - before, unit="events", disable=None):
                    log.append(record)
    return Exported(records=log.records, added=log.records - before)


@contextmanager
def _database(data: Path) -> Iterator[sqlite3.Connection]:
    """The serving database, to read from; its errors become sentences."""
    path = data / DATABASE
    if not path.is_file():
        raise LogError(f"There is no {DATABASE} in {data}; name the folder that `torwart serve --data` was given.")
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None)) as database:
            (version,) = database.execute("PRAGMA user_version").fetchone()
            if version != DATABASE_VERSION:
                raise LogError(
                    f"{path} has schema version {version}, but this program reads version {DATABASE_VERSION}; "
                    "export with the Torwart that wrote it."
                )
            yield database
    except sqlite3.Error as error:
        raise LogError(f"{path} cannot be read as a Torwart database: {error}.") from error


@contextmanager
def _alone(out: Path) -> Iterator[None]:
    """Keeps other exports out of a folder; the lock ends with the process, however that ends."""
    out.mkdir(parents=True, exist_ok=True)
    with (out / _LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LogError(f"Another export to {out} is running; wait until it has ended.") from None
        yield


def _check_origin(log: LogWriter, database: sqlite3.Connection, data: Path, out: Path) -> None:
    """Whether the log was exported from this database: then the database has its last record, too."""
    if log.last is None:
        return
    rows = database.execute(f"SELECT {_COLUMNS} FROM log WHERE seq = ?", (log.last.seq,)).fetchall()
    if [_record(row) for row in rows] != [log.last]:
        raise LogError(
            f"{out} holds another log: its last record, {log.last.seq}, is not that of {data / DATABASE}; "
            "name the folder that this database was exported to before, or a new one."
        )


def _records(database: sqlite3.Connection, after: int, last: int) -> Iterator[Record]:
    """The records with ``after`` < ``seq`` <= ``last``, in order."""
    statement = f"SELECT {_COLUMNS} FROM log WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT {_ROWS_A_READ}"
    while rows := database.execute(statement, (after, last)).fetchall():
        yield from map(_record, rows)
        after = rows[-1][0]


def _record(row: tuple[Any, ...]) -> Record:
    seq, kind, *rest = row
    if kind not in _KIND_OF:
        raise LogError(f"Record {seq} is of kind number {kind}, which this program does not know.")
    return Record(seq, _KIND_OF[kind], *rest)

"""The durable event log in SQLite, and the tables of what is currently so.

One connection a process, used by one thread. A transaction takes the write lock at once (``BEGIN IMMEDIATE``), so that
``seq`` is the order of commit across processes. A commit survives the end of the process; :meth:`Log.sync` makes it
survive the end of power, off the event loop and outside the lock (see docs/decisions).
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from importlib import resources
from pathlib import Path
from typing import Any, Final

from torwart.events import KIND_NUMBER, KINDS, Record

SCHEMA_VERSION: Final = 3
BUSY_TIMEOUT_S: Final = 0.5
"""How long a transaction waits for another process's before the log counts as out of reach."""

_CHECKPOINT_PAGES: Final = 4_000
_COLUMNS: Final = "seq, kind, received_at, at, sender_id, recipient_id, message_id, fold, body"
_MESSAGE: Final = KIND_NUMBER["message"]

LogUnreachableError = sqlite3.Error
"""What any method raises when the database cannot be read or written (disk full, locked, damaged, gone)."""


class LogFileError(ValueError):
    """The database file exists but is not one that this version can use."""


def _record(row: tuple[Any, ...]) -> Record:
    seq, kind, *rest = row
    return Record(seq, KINDS[kind - 1], *rest)


class Log:
    """The log's file. Raises :class:`LogFileError` when it belongs to another version or is no database."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            self._db = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, cached_statements=64)
            self._prepare()
        except sqlite3.OperationalError as error:
            raise LogFileError(f"{path} cannot be opened as Torwart's database: {error}") from error
        except sqlite3.DatabaseError as error:
            raise LogFileError(f"{path} is not a Torwart database: {error}") from error
        self._wal = os.open(f"{path}-wal", os.O_RDWR)
        _sync_folder(path.parent)

    def _prepare(self) -> None:
        db = self._db
        db.execute("PRAGMA journal_mode = WAL")
        # Commits are not synced one by one: `sync` does that for those that promise to survive a power cut.
        db.execute("PRAGMA synchronous = NORMAL")
        # Checkpoints run in a thread of their own (`checkpoint`), never inside a commit.
        db.execute("PRAGMA wal_autocheckpoint = 0")
        db.execute("PRAGMA cache_size = -65536")
        db.execute("BEGIN IMMEDIATE")
        try:
            (version,) = db.execute("PRAGMA user_version").fetchone()
            if version == 0:
                for statement in resources.files("serving").joinpath("schema.sql").read_text("utf-8").split(";\n"):
                    db.execute(statement)
                db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            elif version == SCHEMA_VERSION:
                db.execute("SELECT count(*) FROM (SELECT 1 FROM log LIMIT 1)")
            else:
                raise LogFileError(
                    f"{self.path} has schema version {version}, this Torwart reads {SCHEMA_VERSION}; "
                    "use the Torwart that wrote it, or another folder (--data DIR)"
                )
            db.execute("COMMIT")
        except BaseException:
            db.execute("ROLLBACK")
            raise
        # A first write makes sure that the write-ahead log's file exists.
        self.try_to_write()

    def begin(self) -> None:
        """Take the write lock; waits at most :data:`BUSY_TIMEOUT_S`."""
        self._db.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        """Make everything since :meth:`begin` part of the log."""
        self._db.execute("COMMIT")

    def rollback(self) -> None:
        """Forget everything since :meth:`begin`; harmless outside a transaction."""
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")

    def try_to_write(self) -> None:
        """Write something that changes nothing; raises what writing would raise."""
        self._db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    def wait(self, patient: bool) -> None:
        """Whether to wait for another process's transaction; whoever knows that the log is out of reach need not."""
        self._db.execute(f"PRAGMA busy_timeout = {int(BUSY_TIMEOUT_S * 1000) if patient else 0}")

    def sync(self) -> None:
        """Return once everything committed before the call is on the disk. Any thread may call it."""
        os.fdatasync(self._wal)

    def data_version(self) -> int:
        """A number that changes when another process has committed."""
        return int(self._db.execute("PRAGMA data_version").fetchone()[0])

    def last(self) -> tuple[int, int]:
        """The last ``seq`` and its ``received_at``; zeros for an empty log."""
        row = self._db.execute("SELECT seq, received_at FROM log ORDER BY seq DESC LIMIT 1").fetchone()
        return row or (0, 0)

    def append(self, records: Iterable[Record]) -> None:
        """Write records, whose ``seq`` must follow the last one's, inside a transaction."""
        self._db.executemany(
            f"INSERT INTO log ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    record.seq,
                    KIND_NUMBER[record.kind],
                    record.received_at_us,
                    record.at_us,
                    record.sender_id,
                    record.recipient_id,
                    record.message_id,
                    record.fold,
                    record.body,
                )
                for record in records
            ],
        )

    def after(self, seq: int) -> Iterator[Record]:
        """The records with a greater ``seq``, in order."""
        rows = self._db.execute(f"SELECT {_COLUMNS} FROM log WHERE seq > ? ORDER BY seq", (seq,))
        return map(_record, rows)

    def folds_after(self, seq: int, limit: int) -> list[tuple[int, bytes]]:
        """``seq`` and fold row of up to ``limit`` records with a greater ``seq``, in order."""
        return self._db.execute("SELECT seq, fold FROM log WHERE seq > ? ORDER BY seq LIMIT ?", (seq, limit)).fetchall()

    def record(self, seq: int) -> Record | None:
        """One record."""
        row = self._db.execute(f"SELECT {_COLUMNS} FROM log WHERE seq = ?", (seq,)).fetchone()
        return _record(row) if row else None

    def messages(self, message_ids: Sequence[str]) -> dict[str, Record]:
        """The message events with these ids, as far as they exist."""
        marks = ", ".join("?" * len(message_ids))
        rows = self._db.execute(
            f"SELECT {_COLUMNS} FROM log WHERE kind = {_MESSAGE} AND message_id IN ({marks})", message_ids
        )
        return {row[6]: _record(row) for row in rows}

    def execute(self, statement: str, values: Sequence[object] = ()) -> sqlite3.Cursor:
        """One statement on the tables of what is currently so."""
        return self._db.execute(statement, values)

    def close(self) -> None:
        """Write everything into the main file as far as others allow, and let go of it."""
        self._db.close()
        os.close(self._wal)


def checkpoint(path: Path) -> None:
    """Move committed pages from the write-ahead log into the main file; blocks no writer for longer than a moment.

    Opens a connection of its own: call it from a thread. The write-ahead log starts over once it has grown large.
    """
    db = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
    try:
        _, pages, _ = db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        if pages > _CHECKPOINT_PAGES:
            db.execute("PRAGMA wal_checkpoint(RESTART)")
    finally:
        db.close()


def _sync_folder(folder: Path) -> None:
    """Make the names of new files survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

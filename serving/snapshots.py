"""Snapshots of the folds' state beside the database: taken by a process of their own, read when a worker starts."""

import fcntl
import logging
import os
import sqlite3
import sys
from pathlib import Path
from typing import Final

from serving.log import Log
from torwart.features.rows import unpack
from torwart.features.snapshot import SnapshotError, read_about, read_snapshot, write_snapshot
from torwart.features.state import FoldState

_LOGGER = logging.getLogger("torwart.snapshots")

EVERY: Final = 1 << 18
"""A running service takes a snapshot whenever the log has grown by so many events."""

AT_ONCE: Final = 100_000
"""Fold rows read together."""

_NICENESS: Final = 10


def path_of(database: Path) -> Path:
    """Where the snapshot of a database lies."""
    return database.with_suffix(".state.npz")


def resumed(log: Log) -> FoldState:
    """The state as of the latest snapshot that fits the log, or an empty one."""
    path = path_of(log.path)
    if not path.exists():
        return FoldState()
    try:
        state, about = read_snapshot(path)
    except SnapshotError as error:
        _LOGGER.warning("%s", error)
        return FoldState()
    record = log.record(about.seq)
    if record is None or record.fold != about.last_row:
        _LOGGER.warning("%s is a snapshot of another log; this one is replayed instead", path)
        return FoldState()
    return state


def replay(log: Log, state: FoldState) -> bytes:
    """Apply what the log holds beyond ``state``; returns the last row applied, empty if there was none."""
    last = b""
    while rows := log.folds_after(state.applied, AT_ONCE):
        state.advance(unpack(b"".join(fold for _, fold in rows)))
        last = rows[-1][1]
    return last


def take(database: Path, *, at_least: int = 1) -> int:
    """Write a snapshot of all that the database's log holds, unless the last one lacks fewer than ``at_least`` events
    or another process is at it; returns up to which ``seq`` the snapshot is, 0 if there is none.

    Raises ``sqlite3.Error``, ``LogFileError`` and ``OSError``.
    """
    path = path_of(database)
    with path.with_name(f".{path.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return _seq_of(path)
        log = Log(database)
        try:
            if log.last()[0] < _seq_of(path) + at_least:
                return _seq_of(path)
            state = resumed(log)
            if last_row := replay(log, state):
                write_snapshot(path, state, last_row)
        finally:
            log.close()
    return _seq_of(path)


def _seq_of(path: Path) -> int:
    try:
        return read_about(path).seq
    except SnapshotError:
        return 0


def main() -> None:
    """Take a snapshot of the database named on the command line, out of the way of whoever serves."""
    os.nice(_NICENESS)
    try:
        take(Path(sys.argv[1]), at_least=EVERY // 2)
    except (sqlite3.Error, ValueError, OSError) as error:
        sys.exit(f"no snapshot was taken: {error}")


if __name__ == "__main__":
    main()

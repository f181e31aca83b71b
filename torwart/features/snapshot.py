"""The folds' state in a file, so that a restart replays the tail of the log and not the whole of it.

A file of arrays that cannot execute code. It is derived and may be deleted at any time: whatever does not fit is
refused with a sentence, and the log is replayed instead.
"""

import os
import zipfile
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from msgspec import Struct

from torwart.features.catalogue import catalogue_hash
from torwart.features.state import FoldState

FORMAT: Final = 1
"""Raised when the folds make something else of the same rows, though the catalogue stays the same."""

_ABOUT: Final = "about"


class SnapshotError(ValueError):
    """A file that is no snapshot, is damaged, or belongs to other folds."""


class About(Struct, frozen=True):
    """What a snapshot is of: the rows up to ``seq``, the last of which is ``last_row``; under which folds."""

    seq: int
    last_row: bytes
    format: int
    catalogue_hash: str


def write_snapshot(path: Path, state: FoldState, last_row: bytes) -> None:
    """Write the state to ``path``, whole or not at all. ``last_row`` is the last row that was applied: it tells one
    log from another. Raises ``OSError``."""
    about = About(seq=state.applied, last_row=last_row, format=FORMAT, catalogue_hash=catalogue_hash())
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        with unfinished.open("wb") as stream:
            np.savez(
                stream,
                allow_pickle=False,
                **{_ABOUT: np.frombuffer(msgspec.json.encode(about), dtype=np.uint8)},
                **state.arrays(),
            )
            stream.flush()
            os.fsync(stream.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def read_about(path: Path) -> About:
    """What the snapshot at ``path`` is of; its arrays are not read. Raises :class:`SnapshotError`."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return _about(path, arrays)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise _damaged(path, error) from error


def read_snapshot(path: Path) -> tuple[FoldState, About]:
    """The state in the file at ``path``, and what it is of. Raises :class:`SnapshotError`."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            about = _about(path, arrays)
            tables = {name: arrays[name] for name in arrays.files if name != _ABOUT}
        return FoldState.from_arrays(tables, about.seq), about
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise _damaged(path, error) from error


def _about(path: Path, arrays: "np.lib.npyio.NpzFile") -> About:
    about = msgspec.json.decode(arrays[_ABOUT].tobytes(), type=About)
    if (about.format, about.catalogue_hash) != (FORMAT, catalogue_hash()):
        raise SnapshotError(f"{path} is a snapshot of other folds than this Torwart's; the log is replayed instead.")
    return about


def _damaged(path: Path, error: Exception) -> SnapshotError:
    if isinstance(error, SnapshotError):
        return error
    return SnapshotError(f"{path} is no snapshot of the folds' state, or a damaged one: {error}")

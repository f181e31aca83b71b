"""A state read back is the state that was written; anything else is refused."""

from pathlib import Path

import numpy as np
import pytest

from torwart.features import snapshot
from torwart.features.rows import LET_THROUGH, MESSAGE, REPORT, Rows, pack, unpack
from torwart.features.snapshot import SnapshotError, read_about, read_snapshot, write_snapshot
from torwart.features.state import FoldState
from torwart.features.windows import HOUR

NOW = 1_780_000_000_000_000


def rows(first: int, end: int) -> Rows:
    packed = []
    for number in range(first, end):
        at = NOW + number * HOUR // 50
        ids = f"biz{number % 37}", f"u{number % 211}"
        keys = tuple(number % (5 + place) + 1 for place in range(7))
        kind = REPORT if number % 9 == 0 else MESSAGE
        packed.append(pack(kind, at, at - number % 1000, *ids, campaigns=keys, flags=LET_THROUGH))
    return unpack(b"".join(packed))


def test_going_on_from_a_snapshot_is_going_on(tmp_path: Path) -> None:
    state, path = FoldState(), tmp_path / "state.npz"
    state.advance(rows(0, 5000))
    write_snapshot(path, state, rows(4999, 5000).tobytes())
    read, about = read_snapshot(path)
    assert (about.seq, about.last_row) == (5000, rows(4999, 5000).tobytes())
    assert read_about(path) == about
    rest = rows(5000, 9000)
    last = np.full((rest["kind"] == MESSAGE).sum(), -1)
    np.testing.assert_array_equal(read.fold(rest, last), state.fold(rest, last))
    assert read.applied == state.applied == 9000


@pytest.mark.parametrize("cut", [0, 10, 1000, -1])
def test_a_damaged_file_is_refused(tmp_path: Path, cut: int) -> None:
    state, path = FoldState(), tmp_path / "state.npz"
    state.advance(rows(0, 500))
    write_snapshot(path, state, b"")
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(SnapshotError, match=r"no snapshot of the folds' state, or a damaged one"):
        read_snapshot(path)


def test_a_flipped_bit_is_noticed(tmp_path: Path) -> None:
    state, path = FoldState(), tmp_path / "state.npz"
    state.advance(rows(0, 500))
    write_snapshot(path, state, b"")
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(SnapshotError):
        read_snapshot(path)


def test_a_snapshot_of_other_folds_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "state.npz"
    write_snapshot(path, FoldState(), b"")
    monkeypatch.setattr(snapshot, "catalogue_hash", lambda: "another")
    with pytest.raises(SnapshotError, match="other folds"):
        read_snapshot(path)


def test_what_could_not_be_written_leaves_the_last_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state, path = FoldState(), tmp_path / "state.npz"
    write_snapshot(path, state, b"first")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError, match="No space left"):
        write_snapshot(path, state, b"second")
    assert read_about(path).last_row == b"first"
    assert list(tmp_path.iterdir()) == [path]

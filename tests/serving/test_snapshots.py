"""A worker that starts from a snapshot knows what one knows that replays the whole log."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from serving import snapshots
from serving.log import Log
from serving.snapshots import path_of, resumed, take
from serving.worker import Worker
from torwart.entities import Case, Message, Sender
from torwart.events import MessageScored, Reported
from torwart.features.records import record_of
from torwart.features.rows import id_key

NOW = 1_780_000_000_000_000


def grow(database: Path, first: int, end: int, sender: str = "biz") -> None:
    log = Log(database)
    log.begin()
    records = []
    for seq in range(first, end):
        at = NOW + seq * 1_000_000
        person = f"u{seq}"
        case = Case(
            message_id=f"{sender}{seq}",
            sent_at_us=at,
            sender=Sender(id=sender),
            recipient_id=person,
            message=Message(type="text", body="Hi"),
        )
        body = Reported(sender, f"u{seq - 1}") if seq % 3 == 0 else MessageScored(case)
        records.append(record_of(body, seq=seq, received_at_us=at, at_us=at))
    log.append(records)
    log.commit()
    log.close()


def feedback(database: Path) -> tuple[int, int]:
    worker = Worker(Log(database))
    found = worker.memory.state.feedback(id_key("biz"), NOW + 10**9)
    worker.log.close()
    assert worker.memory.seq == worker.memory.state.applied
    return found.recipients, found.reporters


def test_a_start_from_a_snapshot_and_the_tail_equals_a_replay(tmp_path: Path) -> None:
    database = tmp_path / "torwart.db"
    grow(database, 1, 400)
    assert take(database) == 399
    grow(database, 400, 500)
    started = feedback(database)
    path_of(database).unlink()
    assert started == feedback(database)
    assert started[1] > 100


def test_a_snapshot_is_really_what_a_start_begins_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = tmp_path / "torwart.db"
    grow(database, 1, 400)
    take(database)
    asked = []
    monkeypatch.setattr(Log, "folds_after", lambda _, seq, __: asked.append(seq) or [])
    feedback(database)
    assert asked == [399]


def test_a_snapshot_of_another_log_or_of_a_future_is_not_used(tmp_path: Path) -> None:
    one, other = tmp_path / "one" / "torwart.db", tmp_path / "other" / "torwart.db"
    grow(one, 1, 300)
    take(one)
    grow(other, 1, 400, sender="rival")
    path_of(one).rename(path_of(other))
    log = Log(other)
    assert resumed(log).applied == 0
    log.close()
    assert take(other) == 399
    path_of(other).rename(path_of(one))
    assert feedback(one)[0] > 0


def test_a_damaged_snapshot_is_replaced(tmp_path: Path) -> None:
    database = tmp_path / "torwart.db"
    grow(database, 1, 300)
    path_of(database).write_bytes(b"PK rubbish")
    assert feedback(database)[0] > 0
    assert take(database) == 299


def test_nothing_is_done_while_too_little_is_new_or_another_is_at_it(tmp_path: Path) -> None:
    database = tmp_path / "torwart.db"
    grow(database, 1, 300)
    assert take(database, at_least=1000) == 0
    take(database)
    before = path_of(database).stat().st_mtime_ns
    assert take(database) == 299
    assert path_of(database).stat().st_mtime_ns == before


def test_the_program_of_its_own_takes_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = tmp_path / "torwart.db"
    grow(database, 1, 300)
    monkeypatch.setattr(sys, "argv", ["snapshots", str(database)])
    monkeypatch.setattr(os, "nice", lambda _: 0)
    monkeypatch.setattr(snapshots, "EVERY", 100)
    snapshots.main()
    assert path_of(database).exists()
    done = subprocess.run(
        [sys.executable, "-m", "serving.snapshots", str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "no snapshot was taken" in done.stderr

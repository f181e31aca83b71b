import sqlite3
from pathlib import Path

import pytest

from serving.log import Log, LogFileError, checkpoint
from torwart.events import Reported
from torwart.features.records import record_of


def write(log: Log, *seqs: int) -> None:
    log.begin()
    log.append([record_of(Reported("b", "u", f"m{seq}"), seq=seq, received_at_us=seq, at_us=seq) for seq in seqs])
    log.commit()


def test_what_is_committed_is_read_in_order_by_another(tmp_path: Path) -> None:
    one, two = Log(tmp_path / "db"), Log(tmp_path / "db")
    before = two.data_version()
    write(one, 1, 2, 3)
    assert two.data_version() != before
    assert [record.seq for record in two.after(1)] == [2, 3]
    assert two.last() == (3, 3)
    found = two.record(2)
    assert found is not None
    assert (found.kind, found.sender_id, found.message_id) == ("report", "b", "m2")
    assert [seq for seq, _ in two.folds_after(0, 2)] == [1, 2]


def test_what_is_rolled_back_never_was(tmp_path: Path) -> None:
    log = Log(tmp_path / "db")
    log.begin()
    log.append([record_of(Reported("b", "u"), seq=1, received_at_us=1, at_us=1)])
    log.rollback()
    log.rollback()
    assert log.last() == (0, 0)


def test_a_place_in_the_log_is_taken_once(tmp_path: Path) -> None:
    log = Log(tmp_path / "db")
    write(log, 1)
    with pytest.raises(sqlite3.IntegrityError):
        write(log, 1)


def test_only_one_writes_at_a_time(tmp_path: Path) -> None:
    one, two = Log(tmp_path / "db"), Log(tmp_path / "db")
    two.execute("PRAGMA busy_timeout = 50")
    one.begin()
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        two.begin()
    one.rollback()
    two.begin()


def test_checkpoints_lose_nothing(tmp_path: Path) -> None:
    log = Log(tmp_path / "db")
    write(log, *range(1, 500))
    checkpoint(tmp_path / "db")
    log.sync()
    write(log, 500)
    log.close()
    assert Log(tmp_path / "db").last() == (500, 500)


def test_a_file_that_is_no_database_or_of_another_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("certainly not a database, but long enough to be taken for one" * 20)
    with pytest.raises(LogFileError, match="not a Torwart database"):
        Log(tmp_path / "text")
    future = sqlite3.connect(tmp_path / "future")
    future.execute("PRAGMA user_version = 99")
    future.commit()
    future.close()
    with pytest.raises(LogFileError, match="schema version 99"):
        Log(tmp_path / "future")

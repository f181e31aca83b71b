"""The server's own database, exported: everything once, in order, whatever comes in between."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner

from serving.log import SCHEMA_VERSION, Log, checkpoint
from serving.service import DATABASE as SERVED
from torwart.cli import main
from torwart.entities import Case, Message, Sender
from torwart.events import Body, Delivered, MessageScored, Record, Replied, SenderChanged
from torwart.features.records import record_of
from training import log as offline
from training.export import DATABASE, DATABASE_VERSION, Exported, export_log
from training.log import LogError, LogWriter, WrongRows, count_records, read_log

NOON = 1_767_614_400_000_000  # 2026-01-05T12:00Z
HOUR = 3_600_000_000

EXPORT = """
import os, sys
from pathlib import Path
from training import log
from training.export import export_log

data, out, rows, renames, signal = sys.argv[1:]
log.ROWS_A_PART = int(rows)
left = int(renames)

def watch(event, details):
    global left
    if event == "os.rename" and str(details[0]).endswith(".unfinished"):
        if left == 0:
            os.kill(os.getpid(), int(signal))
        left -= 1

sys.addaudithook(watch)
export_log(Path(data), Path(out))
"""
"""An export in a process of its own, which sends itself a signal before it gives one of its files its name."""

SHORT_OF_SPACE = """
import resource, sys
from torwart.cli import main
import training.export

resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))
main(sys.argv[1:])
"""


def body_of(seq: int) -> Body:
    sender = Sender(id=f"biz_{seq % 3}", display_name="Zoë & Söhne")
    message = Message(type="text", body=f"Grüße 👋\nमिलते हैं {random.Random(seq).random()}")
    kinds: list[Body] = [
        SenderChanged(sender),
        MessageScored(Case(message_id=f"m{seq}", sent_at_us=NOON, sender=sender, recipient_id="u", message=message)),
        Delivered(f"m{seq - 1}"),
        Replied("biz_1", "u", f"m{seq - 2}"),
    ]
    return kinds[seq % 4]


def record(seq: int, body: Body | None = None) -> Record:
    at_us = NOON + seq * HOUR // 4
    return record_of(body or body_of(seq), seq=seq, received_at_us=at_us, at_us=at_us - 7)


def fill(data: Path, *seqs: int) -> list[Record]:
    """Append to the database in ``data``, as a server does; returns the whole log."""
    log = Log(data / DATABASE)
    log.begin()
    log.append([record(seq) for seq in seqs])
    log.commit()
    records = list(log.after(0))
    log.close()
    return records


def files(out: Path) -> dict[str, bytes]:
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*.*") if path.is_file()}


def process(
    data: Path, out: Path, rows: int = 40, renames: int = -1, sent: signal.Signals = signal.SIGKILL
) -> subprocess.Popen[bytes]:
    arguments = [str(data), str(out), str(rows), str(renames), str(int(sent))]
    return subprocess.Popen([sys.executable, "-c", EXPORT, *arguments], cwd=Path(__file__).parents[2])


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offline, "ROWS_A_PART", 40)


def test_what_is_known_of_the_servers_database_is_so() -> None:
    assert (DATABASE, DATABASE_VERSION) == (SERVED, SCHEMA_VERSION)


@pytest.mark.usefixtures("small_parts")
def test_every_record_is_exported_as_it_is_and_only_once(tmp_path: Path) -> None:
    out = tmp_path / "new" / "out"
    records = fill(tmp_path, *range(1, 301))
    assert export_log(tmp_path, out) == Exported(records=300, added=300)
    assert list(read_log(out)) == records
    before = files(out)
    assert len([name for name in before if name.endswith(".parquet")]) > 300 // 40
    assert export_log(tmp_path, out) == Exported(records=300, added=0)
    assert files(out) == before
    records = fill(tmp_path, 301, 302, 303)
    assert export_log(tmp_path, out) == Exported(records=303, added=3)
    assert list(read_log(out)) == records
    after = files(out)
    assert {name: after[name] for name in before if name != "schema.json"} == {
        name: content for name, content in before.items() if name != "schema.json"
    }
    assert len(after) == len(before) + 1


def test_an_empty_database_makes_an_empty_log(tmp_path: Path) -> None:
    fill(tmp_path)
    assert export_log(tmp_path, tmp_path / "out") == Exported(records=0, added=0)
    assert list(read_log(tmp_path / "out")) == []
    records = fill(tmp_path, 1, 2)
    assert export_log(tmp_path, tmp_path / "out") == Exported(records=2, added=2)
    assert list(read_log(tmp_path / "out")) == records


@pytest.mark.parametrize("renames", range(6))
def test_killed_before_any_of_its_files_has_its_name_it_goes_on_from_the_last_one(tmp_path: Path, renames: int) -> None:
    fill(tmp_path, *range(1, 81))
    out = tmp_path / "out"
    killed = process(tmp_path, out, renames=renames)
    assert killed.wait(60) == -signal.SIGKILL
    if renames == 0:
        with pytest.raises(LogError, match="no finished event log"):
            list(read_log(out))
    else:
        had = list(read_log(out))
        assert had == [record(seq) for seq in range(1, len(had) + 1)]
        # The manifest, then a part and the manifest, again and again; days have parts of their own.
        assert (len(had) > 0) == (renames >= 3)
    records = fill(tmp_path, *range(81, 101))
    export_log(tmp_path, out)
    assert list(read_log(out)) == records
    assert not list(out.rglob("*.unfinished"))


def test_killed_at_odd_moments_it_always_is_a_log(tmp_path: Path) -> None:
    records = fill(tmp_path, *range(1, 1_001))
    out, had, kills = tmp_path / "out", 0, 0
    fill(tmp_path / "first", 1)
    export_log(tmp_path / "first", out)
    while had < len(records):
        at_work = process(tmp_path, out, rows=5)
        while at_work.poll() is None and count_records(out) < had + 50:
            found = list(read_log(out))
            assert len(found) >= had
        at_work.kill()
        kills += at_work.wait() == -signal.SIGKILL
        found = list(read_log(out))
        assert found == records[: len(found)]
        had = len(found)
    assert kills > 1


def test_what_a_killed_export_left_is_replaced_even_if_the_database_lost_it_too(tmp_path: Path) -> None:
    out, data = tmp_path / "out", tmp_path / "data"
    fill(data, 1)
    export_log(data, out)
    manifest = (out / "schema.json").read_bytes()
    fill(tmp_path / "lost", *range(1, 20))
    export_log(tmp_path / "lost", out)
    (out / "schema.json").write_bytes(manifest)
    assert len(list(out.rglob("part-00001.parquet"))) == 1
    assert [found.seq for found in read_log(out)] == [1]
    log = Log(data / DATABASE)
    log.begin()
    later = NOON + 1_000 * HOUR
    log.append([record_of(Delivered("m"), seq=2, received_at_us=later, at_us=later)])
    log.commit()
    export_log(data, out)
    assert list(read_log(out)) == list(log.after(0))


def test_a_server_may_write_meanwhile(tmp_path: Path) -> None:
    fill(tmp_path, 1)
    stop = threading.Event()

    def serve() -> None:
        seq = 2
        while not stop.is_set():
            fill(tmp_path, *range(seq, seq + 50))
            checkpoint(tmp_path / DATABASE)
            seq += 50

    server = threading.Thread(target=serve)
    server.start()
    sizes = [export_log(tmp_path, tmp_path / "out").records for _ in range(10)]
    stop.set()
    server.join()
    assert sizes == sorted(sizes)
    assert sizes[-1] > sizes[0]
    records = fill(tmp_path)
    assert export_log(tmp_path, tmp_path / "out").records == len(records)
    assert list(read_log(tmp_path / "out")) == records


def test_two_at_once_are_refused(tmp_path: Path) -> None:
    records = fill(tmp_path, *range(1, 101))
    out = tmp_path / "out"
    first = process(tmp_path, out, renames=2, sent=signal.SIGSTOP)
    _, status = os.waitpid(first.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status)
    with pytest.raises(LogError, match=r"Another export to .*out is running"):
        export_log(tmp_path, out)
    first.send_signal(signal.SIGCONT)
    assert first.wait(60) == 0
    assert export_log(tmp_path, out) == Exported(records=100, added=0)
    assert list(read_log(out)) == records


def test_a_folder_with_another_log_is_refused_and_left_alone(tmp_path: Path) -> None:
    fill(tmp_path / "one", *range(1, 11))
    fill(tmp_path / "long", *range(1, 12))
    other = Log(tmp_path / "two" / DATABASE)
    other.begin()
    other.append([*map(record, range(1, 10)), record(10, Delivered("another"))])
    other.commit()
    export_log(tmp_path / "one", tmp_path / "out")
    export_log(tmp_path / "long", tmp_path / "longer")
    for data, out in (("two", "out"), ("one", "longer")):
        before = files(tmp_path / out)
        with pytest.raises(LogError, match="holds another log: its last record"):
            export_log(tmp_path / data, tmp_path / out)
        assert files(tmp_path / out) == before


def test_a_folder_where_another_log_is_being_written_is_refused(tmp_path: Path) -> None:
    fill(tmp_path, 1)
    with LogWriter(tmp_path / "out") as writer:
        with pytest.raises(LogError, match=r"already holds a log \(events\)"):
            export_log(tmp_path, tmp_path / "out")
        writer.append(record(1))
    assert count_records(tmp_path / "out") == 1


def test_a_database_that_cannot_be_read_is_said_clearly_and_nothing_is_made(tmp_path: Path) -> None:
    def refused(match: str) -> None:
        with pytest.raises(LogError, match=match):
            export_log(tmp_path / "data", tmp_path / "out")
        assert not (tmp_path / "out").exists()

    refused(rf"There is no {DATABASE} in .*data; name the folder")
    (tmp_path / "data").mkdir()
    refused(rf"There is no {DATABASE} in")
    path = tmp_path / "data" / DATABASE
    path.write_text("certainly not a database, but long enough to be taken for one" * 20)
    refused("not a database")
    path.unlink()
    database = sqlite3.connect(path, isolation_level=None)
    refused(f"schema version 0, but this program reads version {DATABASE_VERSION}")
    database.execute("PRAGMA user_version = 99")
    refused("schema version 99")
    database.execute(f"PRAGMA user_version = {DATABASE_VERSION}")
    refused("no such table: log")


def test_rows_that_nobody_can_read_are_copied_and_named_on_reading(tmp_path: Path) -> None:
    fill(tmp_path, *range(1, 11))
    database = sqlite3.connect(tmp_path / DATABASE)
    database.execute("UPDATE log SET body = ? WHERE seq = 4", (b'{"type":"gossip"}',))
    database.commit()
    export_log(tmp_path, tmp_path / "out")
    wrong = WrongRows()
    assert [found.seq for found in read_log(tmp_path / "out", wrong)] == [1, 2, 3, *range(5, 11)]
    assert [(row.row, "gossip" in row.problem) for row in wrong.named] == [(3, True)]


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize(
    ("change", "value", "problem"),
    [
        ("body = ?", b"\xff\xfe", "One of the records 48 to 87 does not fit"),
        ("fold = ?", b"short", "One of the records 48 to 87 does not fit"),
        ("kind = ?", 99, "Record 70 is of kind number 99"),
        ("seq = ?", 1_000, "Record 71 was appended after record 69"),
    ],
)
def test_what_no_column_can_hold_ends_the_export_behind_what_was_right(
    tmp_path: Path, change: str, value: object, problem: str
) -> None:
    records = fill(tmp_path, *range(1, 101))
    database = sqlite3.connect(tmp_path / DATABASE)
    database.execute(f"UPDATE log SET {change} WHERE seq = 70", (value,))
    database.commit()
    with pytest.raises(LogError, match=problem):
        export_log(tmp_path, tmp_path / "out")
    assert list(read_log(tmp_path / "out")) == records[:47]


def test_no_space_left_is_one_line_and_leaves_what_was_there(tmp_path: Path) -> None:
    fill(tmp_path, *range(1, 11))
    out = tmp_path / "out"
    arguments = ["export", "--data", str(tmp_path), "--out", str(out)]
    assert CliRunner().invoke(main, arguments).exit_code == 0
    before = list(read_log(out))
    log = Log(tmp_path / DATABASE)
    log.begin()
    noise = random.Random(1)
    log.append([record(seq, Delivered(noise.randbytes(1_000).hex())) for seq in range(11, 61)])
    log.commit()
    done = subprocess.run(
        [sys.executable, "-B", "-c", SHORT_OF_SPACE, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == 1, done.stderr
    assert done.stderr.startswith(f"error: {out / 'events'}")
    assert "part-00001.parquet cannot be written: " in done.stderr
    assert done.stderr.count("\n") == 1
    assert list(read_log(out)) == before
    assert CliRunner().invoke(main, arguments).exit_code == 0
    assert list(read_log(out)) == list(log.after(0))


def test_the_command_says_what_it_did(tmp_path: Path) -> None:
    data = tmp_path / "50 % of #1?mode=rw"
    fill(data, *range(1, 4))
    arguments = ["export", "--data", str(data), "--out", str(tmp_path / "out")]
    said = CliRunner().invoke(main, arguments)
    assert (said.exit_code, said.stdout) == (0, f"{tmp_path / 'out'}: 3 events, 3 of them new.\n")
    assert json.loads(CliRunner().invoke(main, [*arguments, "--json"]).stdout) == {"records": 3, "added": 0}
    nowhere = CliRunner().invoke(main, ["export", "--data", str(tmp_path / "nowhere"), "--out", str(tmp_path / "out")])
    assert nowhere.exit_code == 1
    assert nowhere.stderr.startswith(f"error: There is no {DATABASE} in ")
    assert CliRunner().invoke(main, ["export"]).exit_code == 2

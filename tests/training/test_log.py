import json
import shutil
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from torwart.entities import Case, Message, Sender
from torwart.events import SCHEMA_VERSION, Body, Delivered, MessageScored, Record, Replied, Reported, SenderChanged
from torwart.features.records import record_of
from torwart.features.rows import N_CAMPAIGN_KEYS
from training import log
from training.log import LogError, LogWriter, WrongRows, read_log
from training.truth import Truth, TruthWriter, read_truth

NOON = 1_767_614_400_000_000  # 2026-01-05T12:00Z
HOUR = 3_600_000_000


def bodies(count: int) -> list[Body]:
    sender = Sender(id="biz_1", display_name="Zoë & Söhne")
    message = Message(type="text", body="Grüße 👋\nमिलते हैं")
    cycle: list[Body] = [
        SenderChanged(sender),
        MessageScored(Case(message_id="m1", sent_at_us=NOON, sender=sender, recipient_id="u_1", message=message)),
        Delivered("m1"),
        Replied("biz_1", "u_1"),
        Reported("biz_1", "u_1", "m1", "SPAM"),
    ]
    return [cycle[place % len(cycle)] for place in range(count)]


def records(count: int, every_us: int = HOUR) -> list[Record]:
    return [
        record_of(
            body,
            seq=place + 1,
            received_at_us=NOON + place * every_us,
            at_us=NOON + place * every_us - 7,
            campaigns=(*range(1, N_CAMPAIGN_KEYS), 2**64 - 1),
        )
        for place, body in enumerate(bodies(count))
    ]


def write(folder: Path, rows: list[Record]) -> None:
    with LogWriter(folder) as writer:
        for row in rows:
            writer.append(row)


def parts(folder: Path) -> list[Path]:
    return sorted(folder.glob("events/day=*/part-*.parquet"))


def rewrite(path: Path, column: str, row: int, value: object) -> None:
    table = pq.read_table(path, partitioning=None)
    rows = table.to_pylist()
    rows[row][column] = value
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), path)


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "ROWS_A_PART", 7)


@pytest.mark.usefixtures("small_parts")
def test_what_is_written_is_read_in_order(tmp_path: Path) -> None:
    rows = records(60)
    write(tmp_path / "log", rows)
    assert list(read_log(tmp_path / "log")) == rows
    assert log.count_records(tmp_path / "log") == 60


@pytest.mark.usefixtures("small_parts")
def test_files_lie_by_day_of_arrival_and_hold_the_records_fields(tmp_path: Path) -> None:
    rows = records(30)
    write(tmp_path, rows)
    for path in parts(tmp_path):
        table = pq.read_table(path, partitioning=None)
        assert table.schema.names == [name.removesuffix("_us") for name in Record.__struct_fields__]
        days = {str(value.date()) for value in table.column("received_at").to_pylist()}
        assert days == {path.parent.name.removeprefix("day=")}
        assert table.num_rows <= 7
    assert not list(tmp_path.rglob("*.unfinished"))


def test_an_empty_log_is_a_log(tmp_path: Path) -> None:
    write(tmp_path, [])
    assert list(read_log(tmp_path)) == []


def test_a_folder_that_holds_a_log_is_refused(tmp_path: Path) -> None:
    write(tmp_path, records(3))
    with pytest.raises(LogError, match="already holds a log"):
        LogWriter(tmp_path)


def test_a_log_broken_off_is_no_log(tmp_path: Path) -> None:
    def broken_off() -> None:
        with LogWriter(tmp_path) as writer:
            writer.append(records(1)[0])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken_off()
    with pytest.raises(LogError, match="no finished event log"):
        list(read_log(tmp_path))


def test_records_must_follow_each_other(tmp_path: Path) -> None:
    first, second, third = records(3)
    with LogWriter(tmp_path) as writer:
        writer.append(first)
        with pytest.raises(LogError, match="Record 3 was appended after record 1"):
            writer.append(third)
        with pytest.raises(LogError, match="arrived before"):
            writer.append(msgspec.structs.replace(second, received_at_us=first.received_at_us - 1))
        writer.append(second)


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("place", [0, 1, -1])
def test_a_missing_file_is_a_gap(tmp_path: Path, place: int) -> None:
    write(tmp_path, records(30))
    parts(tmp_path)[place].unlink()
    with pytest.raises(LogError, match=r"missing|should hold 30 records"):
        list(read_log(tmp_path))


@pytest.mark.usefixtures("small_parts")
def test_a_file_that_is_there_twice_is_a_repetition(tmp_path: Path) -> None:
    write(tmp_path, records(30))
    shutil.copy(parts(tmp_path)[0], parts(tmp_path)[-1].parent / "part-00000.parquet")
    with pytest.raises(LogError, match="record 1 is there twice"):
        list(read_log(tmp_path))


def resume(folder: Path, rows: list[Record]) -> None:
    with LogWriter(folder, resume=True) as writer:
        for row in rows:
            writer.append(row)


@pytest.mark.usefixtures("small_parts")
def test_a_log_is_gone_on_with_wherever_it_ended(tmp_path: Path) -> None:
    rows = records(60)
    resume(tmp_path, [])
    assert list(read_log(tmp_path)) == []
    resume(tmp_path, rows[:20])
    before = {path: path.read_bytes() for path in parts(tmp_path)}
    assert list(read_log(tmp_path)) == rows[:20]
    with LogWriter(tmp_path, resume=True) as writer:
        assert writer.last == rows[19]
        writer.append(rows[20])
        with pytest.raises(LogError, match="Record 23 was appended after record 21"):
            writer.append(rows[22])
        assert writer.records == 21
    resume(tmp_path, rows[21:])
    assert list(read_log(tmp_path)) == rows
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.usefixtures("small_parts")
def test_what_a_new_writer_finished_can_be_gone_on_with(tmp_path: Path) -> None:
    rows = records(30)
    write(tmp_path, rows[:10])
    resume(tmp_path, rows[10:])
    assert list(read_log(tmp_path)) == rows


@pytest.mark.usefixtures("small_parts")
def test_gone_on_with_and_broken_off_it_is_a_log_of_what_came_before(tmp_path: Path) -> None:
    rows = records(30, every_us=1_000)

    def broken_off() -> None:
        with LogWriter(tmp_path, resume=True) as writer:
            for row in rows:
                writer.append(row)
                # A part is written when the row after it comes.
                assert list(read_log(tmp_path)) == rows[: (row.seq - 1) // 7 * 7]
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken_off()
    assert list(read_log(tmp_path)) == rows[:28]
    resume(tmp_path, rows[28:])
    assert list(read_log(tmp_path)) == rows


@pytest.mark.usefixtures("small_parts")
def test_parts_beyond_the_manifest_are_not_read_and_are_removed(tmp_path: Path) -> None:
    rows = records(30)
    resume(tmp_path, rows[:7])
    manifest = (tmp_path / "schema.json").read_bytes()
    resume(tmp_path, rows[7:])
    (tmp_path / "schema.json").write_bytes(manifest)
    (parts(tmp_path)[-1].parent / ".part-00009.parquet.unfinished").touch()
    assert len(parts(tmp_path)) > 2
    assert list(read_log(tmp_path)) == rows[:7]
    resume(tmp_path, [])
    assert len(parts(tmp_path)) == 1
    assert not list(tmp_path.rglob("*.unfinished"))
    assert list(read_log(tmp_path)) == rows[:7]


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("place", [0, -1])
def test_a_log_that_lacks_a_part_is_not_gone_on_with(tmp_path: Path, place: int) -> None:
    resume(tmp_path, records(30))
    parts(tmp_path)[place].unlink()
    before = parts(tmp_path)
    with pytest.raises(LogError, match=rf"should hold {len(before) + 1} parts .*; {len(before)} are there"):
        LogWriter(tmp_path, resume=True)
    assert parts(tmp_path) == before


def test_a_log_whose_end_is_not_as_its_manifest_says_is_not_gone_on_with(tmp_path: Path) -> None:
    write(tmp_path, records(3))
    manifest = tmp_path / "schema.json"
    manifest.write_text(manifest.read_text().replace('"records": 3', '"records": 4'))
    with pytest.raises(LogError, match=r"should hold 4 records .* but ends at record 3"):
        LogWriter(tmp_path, resume=True)
    rewrite(parts(tmp_path)[0], "body", 2, None)
    with pytest.raises(LogError, match=r"part-00000\.parquet does not end with a whole record"):
        LogWriter(tmp_path, resume=True)


@pytest.mark.usefixtures("small_parts")
def test_parts_are_in_the_order_of_their_numbers_however_many_there_are(tmp_path: Path) -> None:
    rows = records(12, every_us=1_000)
    write(tmp_path, rows)
    for path, name in zip(parts(tmp_path), ("part-99999.parquet", "part-100000.parquet"), strict=True):
        path.rename(path.with_name(name))
    assert list(read_log(tmp_path)) == rows


def test_other_versions_and_damaged_manifests_are_refused(tmp_path: Path) -> None:
    write(tmp_path, records(3))
    manifest = tmp_path / "schema.json"
    manifest.write_text(json.dumps({"schema_version": 99, "records": 3}))
    with pytest.raises(LogError, match=f"schema version 99; this program reads version {SCHEMA_VERSION}"):
        list(read_log(tmp_path))
    manifest.write_text("{")
    with pytest.raises(LogError, match="damaged"):
        list(read_log(tmp_path))


def test_missing_folders_are_named(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="There is no folder"):
        list(read_log(tmp_path / "nowhere"))
    with pytest.raises(LogError, match="no finished event log"):
        list(read_log(tmp_path))


@pytest.mark.parametrize(
    ("column", "value", "problem"),
    [
        ("kind", "gossip", "no kind of event"),
        ("kind", "read", "the body is a delivery, not a read"),
        ("body", "{", "not JSON"),
        ("body", '{"type":"delivery"}', "the body is wrong"),
        ("sender_id", None, "sender_id is missing"),
        ("seq", None, "seq is missing"),
        ("received_at", NOON - 9 * HOUR, "before the row above it"),
        ("at", NOON + 9 * HOUR, "before it happened"),
    ],
)
def test_a_wrong_row_is_named_and_may_be_left_out(tmp_path: Path, column: str, value: object, problem: str) -> None:
    rows = records(8, every_us=1000)
    write(tmp_path, rows)
    rewrite(parts(tmp_path)[0], column, 2, value)
    with pytest.raises(LogError, match=rf"day=2026-01-05/part-00000\.parquet, row 2: .*{problem}"):
        list(read_log(tmp_path))
    wrong = WrongRows()
    assert list(read_log(tmp_path, wrong)) == rows[:2] + rows[3:]
    assert wrong.count == 1
    assert wrong.named[0].row == 2


def test_every_wrong_row_is_counted_and_the_first_are_named(tmp_path: Path) -> None:
    write(tmp_path, records(60, every_us=1000))
    path = parts(tmp_path)[0]
    table = pq.read_table(path, partitioning=None)
    empty = pa.array(["{}"] * 60, pa.string())
    pq.write_table(table.set_column(table.schema.get_field_index("body"), table.schema.field("body"), empty), path)
    wrong = WrongRows()
    assert list(read_log(tmp_path, wrong)) == []
    assert wrong.count == 60
    assert [row.row for row in wrong.named] == list(range(log.NAMED_ROWS))


def test_a_file_with_other_columns_is_refused(tmp_path: Path) -> None:
    write(tmp_path, records(3))
    path = parts(tmp_path)[0]
    pq.write_table(pq.read_table(path, partitioning=None).drop_columns(["fold"]), path)
    with pytest.raises(LogError, match="other columns"):
        list(read_log(tmp_path))
    path.write_bytes(b"PAR1 not really")
    with pytest.raises(LogError, match="cannot be read"):
        list(read_log(tmp_path))


def truth(number: int) -> Truth:
    return Truth(
        message_id=f"m{number}",
        label="wanted",
        text_class="promo",
        kind="promotion",
        family="de-promotion-sale",
        brand="Zoë",
        language="de",
        strategy="",
        campaign_id="c1",
        sender_kind="business",
        opted_in=number % 2 == 0,
    )


@pytest.mark.usefixtures("small_parts")
def test_truth_is_read_as_it_was_written(tmp_path: Path) -> None:
    rows = [truth(number) for number in range(20)]
    with TruthWriter(tmp_path) as writer:
        for row in rows:
            writer.append(row)
    frame = read_truth(tmp_path)
    assert frame.to_dict("records") == [msgspec.to_builtins(row) for row in rows]
    assert frame["opted_in"].dtype == bool
    with pytest.raises(LogError, match="exists already"):
        TruthWriter(tmp_path)


def test_truth_broken_off_leaves_nothing(tmp_path: Path) -> None:
    def broken_off() -> None:
        with TruthWriter(tmp_path) as writer:
            writer.append(truth(1))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken_off()
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(LogError, match="missing"):
        read_truth(tmp_path)

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from training.rows import FileError, InputRow, read_rows


def rows_of(path: Path) -> list[InputRow]:
    return list(read_rows(path))


def test_csv_with_quotes_line_breaks_and_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text('message_id,text\nm1,"One, two\nthree"\n\nm2,\n', "utf-8-sig")
    first, second = rows_of(path)
    assert dict(first.cells) == {"message_id": "m1", "text": "One, two\nthree"}
    assert dict(second.cells) == {"message_id": "m2", "text": None}
    assert second.place == path.stat().st_size


def test_a_wrong_csv_row_does_not_stop_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text("message_id,text\nm1,a,b\nm2,hello\n", "utf-8")
    first, second = rows_of(path)
    assert "3 cells" in first.problem
    assert second.cells["text"] == "hello"


def test_jsonl_keeps_types_and_passes_on_wrong_lines(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_bytes(b'{"message": {"type": "text"}}\n\nnot json\n[1]\n\xff\n{"text": "x"}')
    found = rows_of(path)
    assert found[0].cells["message"] == {"type": "text"}
    assert [bool(row.problem) for row in found] == [False, True, True, True, False]


def test_parquet(tmp_path: Path) -> None:
    path = tmp_path / "in.parquet"
    pq.write_table(pa.table({"text": ["a", None], "sender.id": ["s", "t"]}), path)
    assert [dict(row.cells) for row in rows_of(path)] == [
        {"text": "a", "sender.id": "s"},
        {"text": None, "sender.id": "t"},
    ]


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("in.csv", None, "There is no file"),
        ("in.csv", b"", "is empty"),
        ("in.txt", b"text\nhello\n", "must end in"),
        ("in.csv", b"text\n\xff\xfe\n", "not in UTF-8"),
        ("in.csv", b"text,text\na,b\n", "names a column twice"),
        ("in.csv", b'"text\nhello\n', "no CSV file"),
        ("in.parquet", b"text\nhello\n", "no Parquet file"),
    ],
)
def test_a_bad_file_is_refused_with_a_sentence(
    tmp_path: Path, name: str, content: bytes | None, complaint: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(FileError, match=complaint):
        rows_of(path)

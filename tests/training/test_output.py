import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from training.output import OutputFile
from training.rows import FileError, read_rows

SCHEMA = pa.schema([("row", pa.int64()), ("score", pa.float64()), ("error", pa.string())])
ROWS = [{"row": 1, "score": 0.25, "error": None}, {"row": 2, "score": None, "error": 'no "text", here'}]


@pytest.mark.parametrize("name", ["out.csv", "out.jsonl", "out.parquet"])
def test_what_is_written_is_read_back(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with OutputFile(path, SCHEMA) as output:
        output.write(ROWS[:1])
        output.write(ROWS[1:])
    found = [dict(row.cells) for row in read_rows(path)]
    if name == "out.csv":
        assert found == [{"row": "1", "score": "0.25", "error": None}, {"row": "2", "score": None, **found[1]}]
        assert found[1]["error"] == ROWS[1]["error"]
    else:
        assert found == ROWS
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_parquet_file_has_the_schema_even_when_a_column_is_all_missing(tmp_path: Path) -> None:
    path = tmp_path / "out.parquet"
    with OutputFile(path, SCHEMA) as output:
        output.write(ROWS[:1])
    assert pq.read_schema(path).equals(SCHEMA)


def test_after_an_error_the_old_file_is_still_there(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.write_text("old")

    def interrupted() -> None:
        with OutputFile(path, SCHEMA) as output:
            output.write(ROWS)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert path.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["out.jsonl"]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="no folder"), OutputFile(tmp_path / "gone" / "out.csv", SCHEMA):
        pass


def test_json_lines_are_plain_json(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    with OutputFile(path, SCHEMA) as output:
        output.write(ROWS)
    assert [json.loads(line) for line in path.read_text("utf-8").splitlines()] == ROWS

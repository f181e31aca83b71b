"""Feature tables: no leakage, wrong rows named, nothing half written."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from torwart.cli import main
from torwart.features.catalogue import CATALOGUE, NAMES
from torwart.model.artifact import load
from torwart.text.classifier import TextClassifier
from training.catalogue_page import described, page
from training.feature_table import write_features
from training.log import LogError, LogWriter, WrongRows, read_log
from training.rows import FileError


@pytest.fixture(scope="module")
def text(model_folder: Path) -> TextClassifier:
    return load(model_folder).text


@pytest.fixture(scope="module")
def whole(log_folder: Path, text: TextClassifier, tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    out = tmp_path_factory.mktemp("features") / "table.parquet"
    summary = write_features(log_folder, text, out, WrongRows())
    table = pd.read_parquet(out)
    assert (len(table), len(table.columns)) == (summary.messages, 5 + len(NAMES))
    return table


def cut(log: Path, folder: Path, seq: int) -> Path:
    """The log up to a ``seq``."""
    with LogWriter(folder) as writer:
        for record in read_log(log):
            if record.seq > seq:
                break
            writer.append(record)
    return folder


@pytest.mark.parametrize("share", [0.1, 0.5, 0.77, 0.99])
def test_what_happens_later_changes_nothing_before(
    share: float, log_folder: Path, text: TextClassifier, whole: pd.DataFrame, tmp_path: Path
) -> None:
    seq = int(whole["seq"].max() * share)
    write_features(cut(log_folder, tmp_path / "cut", seq), text, tmp_path / "table.parquet", WrongRows())
    table = pd.read_parquet(tmp_path / "table.parquet")
    assert len(table) > 0
    pd.testing.assert_frame_equal(table, whole[whole["seq"] <= seq], check_exact=True)


def with_wrong_row(log: Path, folder: Path) -> tuple[Path, int]:
    """A copy of the log in which the body of one message is no JSON; its ``seq``."""
    cut(log, folder, 10**9)
    part = sorted((folder / "events").rglob("part-*.parquet"))[0]
    table = pq.read_table(part, partitioning=None)
    place = table.column("kind").to_pylist().index("message")
    bodies = table.column("body").to_pylist()
    bodies[place] = "{"
    pq.write_table(table.set_column(8, table.schema.field("body"), pa.array(bodies)), part)
    return folder, table.column("seq")[place].as_py()


def test_a_wrong_row_is_named_counted_and_keeps_its_place(
    log_folder: Path, model_folder: Path, whole: pd.DataFrame, tmp_path: Path
) -> None:
    log, seq = with_wrong_row(log_folder, tmp_path / "wrong")
    out = tmp_path / "table.parquet"
    arguments = ["features", "--events", str(log), "--out", str(out), "--model", str(model_folder), "--json"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 3
    assert json.loads(result.stdout) == {
        "events": sum(1 for _ in read_log(log_folder)) - 1,
        "messages": len(whole) - 1,
        "wrong": 1,
        "features": len(NAMES),
    }
    assert "the body is not JSON" in result.stderr
    table = pd.read_parquet(out)
    assert seq not in set(table["seq"])
    assert table["seq"].is_monotonic_increasing


def test_nothing_half_written_is_left(log_folder: Path, text: TextClassifier, tmp_path: Path) -> None:
    log, _ = with_wrong_row(log_folder, tmp_path / "wrong")
    (log / "schema.json").write_text("{}")
    with pytest.raises(LogError):
        write_features(log, text, tmp_path / "table.parquet", WrongRows())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["wrong"]


@pytest.mark.parametrize(("name", "message"), [("table.csv", "must end in .parquet"), ("no/t.parquet", "no folder")])
def test_a_place_where_no_table_can_be_written(
    name: str, message: str, log_folder: Path, text: TextClassifier, tmp_path: Path
) -> None:
    with pytest.raises(FileError, match=message):
        write_features(log_folder, text, tmp_path / name, WrongRows())


def test_every_feature_is_described_and_the_page_is_what_the_command_prints() -> None:
    shown = CliRunner().invoke(main, ["features", "--describe"])
    assert (shown.exit_code, shown.output) == (0, page())
    assert Path("docs/features.md").read_text("utf-8") == page()
    as_json = json.loads(CliRunner().invoke(main, ["features", "--describe", "--json"]).output)
    assert as_json == json.loads(json.dumps(described()))
    assert [feature["name"] for feature in as_json["features"]] == list(NAMES)
    for feature in CATALOGUE:
        assert all((feature.unit, feature.meaning, feature.gaming))
        assert not feature.meaning.endswith(".")
        assert not feature.gaming.endswith(".")
        assert np.isnan(feature.missing) or np.isfinite(feature.missing)


def test_what_the_command_needs_is_said() -> None:
    result = CliRunner().invoke(main, ["features"])
    assert result.exit_code == 2
    assert "Name --events and --out, or --describe" in result.output

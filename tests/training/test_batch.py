import json
from pathlib import Path

import pandas as pd
import pytest

from torwart import Detector
from training import batch
from training.batch import SCHEMA, score_file
from training.rows import FileError, read_rows

PHISHING = "DHL: pay the customs fee of 1.99 EUR at https://dhl-parcel-fee.top/pay"
REQUESTS = [
    {"message_id": "m1", "text": "Your parcel arrives today"},
    {"message_id": "m2", "sender": {"id": "s", "verification_status": "not_verified"}, "text": PHISHING},
    {"message_id": "m3", "message": {"type": "text", "text": "not an object"}},
    {"message_id": "m4", "sender": {"id": "s"}},
    {"message_id": "m5", "message": None},
]


@pytest.fixture(scope="module")
def detector(model_folder: Path) -> Detector:
    return Detector.load(model_folder)


@pytest.fixture
def requests(tmp_path: Path) -> Path:
    path = tmp_path / "in.jsonl"
    path.write_text("\n".join(map(json.dumps, REQUESTS)) + "\nbroken\n", "utf-8")
    return path


@pytest.mark.parametrize("ending", [".csv", ".jsonl", ".parquet"])
@pytest.mark.parametrize("at_once", [1, 2, 2_000])
def test_every_row_has_its_line_and_wrong_ones_their_problem(
    detector: Detector,
    requests: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    ending: str,
    at_once: int,
) -> None:
    monkeypatch.setattr(batch, "ROWS_AT_ONCE", at_once)
    target = requests.with_name(f"out{ending}")
    summary = score_file(detector, requests, target)
    found = [row.cells for row in read_rows(target)]
    assert list(found[0]) == SCHEMA.names
    assert [int(row["row"]) for row in found] == [1, 2, 3, 4, 5, 6]
    assert [row["message_id"] for row in found] == ["m1", "m2", "m3", "m4", "m5", None]
    assert [bool(row["error"]) for row in found] == [False, False, True, True, False, True]
    assert (summary.rows, summary.wrong, sum(summary.actions.values())) == (6, 3, 3)
    for row in found:
        if not row["error"]:
            assert float(row["wanted"]) + float(row["unsolicited"]) + float(row["fraud"]) == pytest.approx(1.0)
            assert float(row["score"]) == pytest.approx(1.0 - float(row["wanted"]))
    errors = capsys.readouterr().err
    assert [f"row {number}: " in errors for number in (2, 3, 4, 6)] == [False, True, True, True]


def test_equals_the_detector(detector: Detector, tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"text": ["Hello", PHISHING], "sender.id": ["a", "b"], "sender.verification_status": ["verified", None]}
    )
    frame.to_csv(tmp_path / "in.csv", index=False)
    score_file(detector, tmp_path / "in.csv", tmp_path / "out.parquet")
    found = pd.read_parquet(tmp_path / "out.parquet")
    pd.testing.assert_series_equal(found["score"], detector.score(frame)["score"])


@pytest.mark.parametrize(("name", "content"), [("in.csv", "when,who\n1,2\n"), ("in.csv", "text\n")])
def test_a_table_without_messages_is_refused_and_nothing_written(
    detector: Detector, tmp_path: Path, name: str, content: str
) -> None:
    (tmp_path / name).write_text(content, "utf-8")
    with pytest.raises(FileError):
        score_file(detector, tmp_path / name, tmp_path / "out.csv")
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_the_output_needs_a_known_ending(detector: Detector, requests: Path) -> None:
    with pytest.raises(FileError, match="must end in"):
        score_file(detector, requests, requests.with_name("out.xlsx"))

import json
from pathlib import Path

import joblib
import numpy as np
import pytest

from torwart import Detector
from torwart.model.artifact import verify
from training.dataset import LabelError, fingerprint, read_dataset
from training.evaluation import LENIENT, STRICT
from training.loop.guarded import GuardedSeries
from training.options import CHAMPION
from training.recipe import FLATTERED, LAST_PART, OutputError, Trained, commands_for, judge, train
from training.samples import Samples
from training.templates import load
from training.world.rates import RATES, load_rates
from training.world.series import Series
from training.world.simulate import simulate


def test_the_folder_is_a_whole_model(trained: tuple[Path, Trained], log_folder: Path) -> None:
    folder, result = trained
    manifest = verify(folder)
    assert manifest.training.data["events"] == fingerprint(log_folder)
    assert manifest.training.seed == 1
    assert {STRICT, LENIENT} <= manifest.thresholds.keys()
    assert manifest.thresholds[STRICT] >= manifest.thresholds[LENIENT]
    assert manifest.metrics["events"]["messages"] == result.events.messages
    assert sum(entry.bytes for entry in manifest.files.values()) < 10_000_000


def test_the_pipeline_for_notebooks_has_the_same_numbers(model_folder: Path, log_folder: Path) -> None:
    detector = Detector.load(model_folder)
    pipeline = joblib.load(model_folder / "pipeline.joblib")
    matrix = read_dataset(log_folder, detector.text).rows.matrix[:500]
    for name, head in (("unwanted", detector.model.unwanted), ("fraud", detector.model.fraud)):
        expected = pipeline[name].decision_function(matrix)
        np.testing.assert_allclose(head.trees.log_odds_many(matrix), expected, atol=1e-9)
    texts = ["Ihr Paket kommt heute", "FREE spins, click here!!!"]
    np.testing.assert_allclose(detector.text.predict_proba(texts), pipeline["text"].predict_proba(texts), atol=1e-6)


def test_scores_are_probabilities_of_the_right_size(trained: tuple[Path, Trained]) -> None:
    events = trained[1].events
    full = events.modes[0]
    assert full.average_precision is not None
    assert full.average_precision > 5 * (events.unsolicited + events.fraud) / events.messages
    assert full.false_positives.lenient.rate < 0.1


def test_a_log_that_made_the_model_judges_it_by_its_last_part_only(
    trained: tuple[Path, Trained], log_folder: Path, tmp_path: Path
) -> None:
    folder, result = trained
    report, pictures = judge(Detector.load(folder).model, log_folder, tmp_path / "plots")
    assert (report.messages, report.wanted) == (result.events.messages, result.events.wanted)
    # The shipped text classifier has learned from the templates of this log; the one that was judged had not.
    assert result.events.part == LAST_PART
    assert report.part == LAST_PART + FLATTERED
    assert [path.name for path in pictures] == ["false_positives.png", "recall.png", "calibration.png"]
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in pictures)


def test_the_card_leads_with_false_positives_and_says_simulated(model_folder: Path) -> None:
    card = (model_folder / "README.md").read_text("utf-8")
    assert "simulated" in card
    assert "senders whose earlier messages were fitted on" in card
    assert "torwart train --events data --out model --seed 1" in card
    assert card.index("False positives first") < card.index("What it catches") < card.index("What it is not good at")


def test_the_run_is_in_the_local_store(trained: tuple[Path, Trained]) -> None:
    import mlflow

    folder, result = trained
    client = mlflow.MlflowClient(tracking_uri=f"sqlite:///{folder.parent / 'mlflow.db'}")
    run = client.get_run(result.run_id)
    assert run.info.status == "FINISHED"
    assert run.data.params["seed"] == "1"
    assert run.data.metrics["everything_known.average_precision"] == result.events.modes[0].average_precision
    assert (folder.parent / "mlruns" / result.run_id / "artifacts" / "model" / "manifest.json").is_file()


def test_the_commands_begin_with_the_simulation(log_folder: Path, tmp_path: Path) -> None:
    first, second = commands_for(log_folder, Path("models/new"), 3)
    assert first == f"torwart simulate --out {log_folder} --days 8 --recipients 700 --seed 4"
    assert second == f"torwart train --events {log_folder} --out models/new --seed 3"
    assert len(commands_for(tmp_path, Path("models/new"), 3)) == 1
    series = Series(
        rates=load_rates(), library=load(), days=1, recipients=30, seed=4, part="judge", worlds=2, vary=RATES
    )
    simulate(tmp_path, series)
    first, _ = commands_for(tmp_path, Path("models/new"), 3)
    assert (
        first == f"torwart simulate --out {tmp_path} --days 1 --recipients 30 --seed 4 --part judge --worlds 2 --vary"
    )


def test_the_commands_begin_with_those_of_the_guard(tmp_path: Path) -> None:
    series = GuardedSeries(rates=load_rates(), library=load(), days=1, recipients=30, seed=4, model=CHAMPION)
    simulate(tmp_path, series)
    *before, simulated, trained = commands_for(tmp_path, Path("models/new"), 3)
    assert tuple(before) == series.guard.commands
    assert simulated == f"torwart simulate --out {tmp_path} --days 1 --recipients 30 --seed 4 --guard {CHAMPION}"
    assert trained == f"torwart train --events {tmp_path} --out models/new --seed 3"


def test_a_model_is_never_written_over_something(log_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "keep.txt").write_text("mine")
    with pytest.raises(OutputError, match="not an empty folder"):
        train(log_folder, tmp_path, seed=1, commands=())


def test_texts_that_were_trained_on_may_not_write_the_events(
    log_folder: Path, model_folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from training import recipe

    world = load().part("world")
    flattering = Samples(["x"], ["wanted"], [family.id for family in world.families], ["templates"], np.ones(1))
    monkeypatch.setattr(recipe, "text_samples", lambda *_: flattering)
    monkeypatch.setattr(recipe, "fit_witness", lambda _: Detector.load(model_folder).text)
    with pytest.raises(LabelError, match="trained the text classifier"):
        train(log_folder, tmp_path / "new", seed=1, commands=())
    assert not (tmp_path / "new").exists()


def test_the_metrics_survive_as_json(model_folder: Path) -> None:
    manifest = json.loads((model_folder / "manifest.json").read_text("utf-8"))
    assert len(manifest["metrics"]["events"]["modes"]) == 4
    assert manifest["metrics"]["events"]["simulated"] is True

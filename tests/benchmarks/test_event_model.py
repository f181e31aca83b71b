"""The event classifier's benchmark: its figures by hand, its fits without what must be gone, and all of it on a small
log."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from benchmarks import event_model as program
from benchmarks.content_parts.figures import recall_at
from benchmarks.content_parts.left_out import LeftOut
from benchmarks.content_parts.split import rows_of, some
from benchmarks.content_parts.systems import Torwart
from benchmarks.event_model_parts import speed, texts, worlds
from benchmarks.event_model_parts.ablation import Ablation, Line
from benchmarks.event_model_parts.fitting import alone, fitted, last_part, unseen, without
from benchmarks.event_model_parts.ranking import Estimate, Ranking, bootstrap, draws, estimate
from benchmarks.event_model_parts.verdicts import verdicts
from benchmarks.event_model_parts.worlds import World
from torwart.features.catalogue import GROUPS, MISSING, columns_of
from torwart.model.artifact import Model
from torwart.model.manifest import Training, new_manifest
from training import event_model
from training.corpora import About, Corpus
from training.dataset import Dataset, read_dataset
from training.event_model import FALSE_POSITIVE_RATES, parts_of
from training.intervals import rate_of
from training.masks import MODES, at_random
from training.samples import Samples, text_samples
from training.templates import load
from training.world.given import library_of

ROOT = Path(__file__).resolve().parents[2]
SMALL = World(days=8, recipients=500)
TREES = 10
ONE_TEXT_OF = 40

RNG = np.random.default_rng(3)
UNWANTED = RNG.random(3000) < 0.1
SCORE = np.round(RNG.normal(size=3000) + 1.5 * UNWANTED, 2)  # rounded, so that some are tied
TIMES = RNG.integers(0, 4, 3000)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return worlds.play(tmp_path_factory.mktemp("world") / "log", SMALL)


@pytest.fixture(scope="module")
def model(log: Path) -> Model:
    """A model of few texts and trees."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(event_model.HYPERPARAMETERS, "max_iter", TREES)
        filled = text_samples(load().part("text"), 1)
        reader = Torwart()
        reader.fit(some(filled, np.arange(len(filled.texts)) % ONE_TEXT_OF == 0))
        heads = fitted(read_dataset(log, reader.classifier))
    manifest = new_manifest(
        name="small",
        version="1",
        created_at=datetime.now(UTC),
        thresholds=heads.thresholds,
        training=Training(commands=(), data={}, rows=0, seed=1, packages={}),
        metrics={},
    )
    return Model(manifest=manifest, text=reader.classifier, unwanted=heads.unwanted, fraud=heads.fraud)


@pytest.fixture(scope="module")
def data(log: Path, model: Model) -> Dataset:
    return read_dataset(log, model.text)


def test_figures_are_those_of_messages_repeated_as_often_as_they_count() -> None:
    found = Ranking(SCORE, UNWANTED).figures(TIMES.astype(float))
    repeated, unwanted = np.repeat(SCORE, TIMES), np.repeat(UNWANTED, TIMES)
    recalls = [recall_at(repeated, unwanted, rate)[0] for rate in FALSE_POSITIVE_RATES]
    assert found == pytest.approx([*recalls, average_precision_score(unwanted, repeated)])
    assert 0 < found[0] < found[1] < 1


def test_one_score_for_all_catches_nothing_and_one_outcome_has_no_figures() -> None:
    assert Ranking(np.ones(10), np.arange(10) < 3).figures(np.ones(10)) == pytest.approx([0, 0, 0.3])
    assert np.isnan(Ranking(SCORE, UNWANTED).figures(UNWANTED.astype(float))).all()


def test_senders_are_drawn_whole_and_intervals_hold_the_figure() -> None:
    senders = np.array([f"biz_{number % 60}" for number in range(3000)], dtype=object)
    drawn = draws(senders, seed=1, replicates=200)
    weights = drawn.weights(7)
    for name in ("biz_0", "biz_59"):
        assert len(set(weights[senders == name].tolist())) == 1
    assert drawn.counts.sum(axis=1).tolist() == [60] * 200
    figures, replicates = bootstrap(SCORE, UNWANTED, drawn)
    for value, column in zip(figures, replicates.T, strict=True):
        found = estimate(value, column)
        assert found.low < found.value < found.high


def test_a_group_that_is_gone_does_not_come_back_when_rows_are_masked(data: Dataset) -> None:
    for group in set(GROUPS) - {"campaign"}:
        changed = without(data, [group])
        rest = [column for other in GROUPS if other != group for column in columns_of(other)]
        np.testing.assert_array_equal(changed.rows.matrix[:, rest], data.rows.matrix[:, rest])
        masked = at_random(changed.rows, np.random.default_rng(1))[:, columns_of(group)]
        np.testing.assert_array_equal(masked, np.broadcast_to(MISSING[columns_of(group)], masked.shape))


def test_a_group_alone_is_everything_without_all_others(data: Dataset) -> None:
    changed = alone(data, "links").rows.matrix
    kept = columns_of("links")
    np.testing.assert_array_equal(changed[:, kept], data.rows.matrix[:, kept])
    gone = [column for group in GROUPS if group != "links" for column in columns_of(group)]
    np.testing.assert_array_equal(changed[:, gone], np.broadcast_to(MISSING[gone], (len(data), len(gone))))


@pytest.mark.parametrize("share", [0.001, 0.2, 0.9])
def test_hidden_messages_are_in_no_part_that_a_model_is_made_of(data: Dataset, share: float) -> None:
    hidden = np.random.default_rng(5).random(len(data)) < share
    chosen = unseen(data, hidden)
    of_model = chosen.about["message_id"].iloc[: parts_of(len(chosen)).calibrate.stop]
    earlier = parts_of(len(data)).calibrate.stop
    expected = data.about["message_id"].iloc[:earlier][~hidden[:earlier]]
    assert of_model.tolist() == expected.tolist()[: len(of_model)]
    assert len(expected) - len(of_model) <= 1
    assert len(chosen.rows) == len(chosen.about) == len(chosen.unwanted)


def corpus(name: str, texts: list[tuple[str, str, str]], *, personal: bool = False) -> Corpus:
    bodies, labels, languages = zip(*texts, strict=True)
    return Corpus(name, About(personal=personal), bodies, labels, languages)


def test_only_languages_with_all_that_is_needed_are_sent_and_no_private_chat(tmp_path: Path) -> None:
    complete = [("Your code is 1", "wanted", "en"), ("Half price", "promo", "en"), ("Pay now, ann", "fraud", "en")]
    given = [
        corpus("business", [*complete, ("Jetzt zahlen", "fraud", "de")]),
        corpus("chat", [("See you at 8", "wanted", "en"), ("Win a car", "spam", "en")], personal=True),
    ]
    library = library_of(worlds.write_texts(tmp_path / "texts.csv", given), "judge")
    sent = {family.templates[0] for family in library.families}
    assert sent == {"Your code is 1", "Half price", "Pay now, ann", "Win a car"}
    assert {family.language for family in library.families} == {"en"}


def test_texts_that_the_model_learned_from_are_not_by_other_hands(model: Model, tmp_path: Path) -> None:
    for name in ("seen", "new"):
        (tmp_path / f"{name}.csv").write_text("text,label\nHello,ham\n", "utf-8")
    training = msgspec.structs.replace(
        model.manifest.training, data={**model.manifest.training.data, "corpus seen": "0" * 64}
    )
    learned = msgspec.structs.replace(model, manifest=msgspec.structs.replace(model.manifest, training=training))
    names = {one.name for one in worlds.strangers(learned, tmp_path)}
    assert names == {"de", "en", "new"}


def test_a_corpus_left_out_is_judged_at_its_own_wanted_texts() -> None:
    wanted = [f"Your appointment on day {number} is confirmed" for number in range(200)]
    fraud = [f"Account {number} suspended, verify your card at once" for number in range(200)]
    learned = [text for number in range(100) for text in (wanted[number], fraud[number])]
    train_on = Samples(learned, ["wanted", "fraud"] * 100, ["a"] * 200, ["b"] * 200, np.ones(200))
    bodies, labels = [*wanted[100:], *fraud[100:]], ["wanted"] * 100 + ["fraud"] * 100
    rows = rows_of(bodies, labels, "thai_sms", [""] * 200, ["en"] * 200)
    found = texts.judged(LeftOut("Thai", rows, train_on, wanted[:1], 0))
    assert found.wanted.n == found.recall.n == 100
    assert found.wanted.events <= 1
    assert found.recall == rate_of(100, 100)


def line(recall: float, lost: Estimate | None = None) -> Line:
    figure = Estimate(recall, recall, recall)
    return Line(name="group", strict=figure, lenient=figure, pr_auc=figure, lost=lost)


def test_verdicts_hold_where_their_figures_do() -> None:
    content, real = Estimate(0.5, 0.4, 0.6), rate_of(54, 100)
    given = Ablation(
        wanted=1,
        unwanted=1,
        senders=1,
        everything=line(0.9),
        alone={"history": line(0.61), "content": line(0.4)},
        without={
            "content": line(0.8, Estimate(0.1, 0.05, 0.2)),
            "history": line(0.8, Estimate(0.1, -0.01, 0.2)),
            "relationship": line(0.8, Estimate(0.1, 0.0, 0.2)),
        },
        content_on_texts=content,
    )
    corpora = [texts.LeftOutCorpus(name="one", personal=False, wanted=rate_of(1, 100), recall=real)]
    assert [one.holds for one in verdicts(given, corpora)] == [False, True, False, False, True, False]
    assert len(verdicts(given, [])) == 4


def test_all_tables_of_a_small_log(
    log: Path, model: Model, data: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setitem(event_model.HYPERPARAMETERS, "max_iter", TREES)
    monkeypatch.setattr(speed, "MESSAGES", 20)
    monkeypatch.setattr(speed, "REPEATS", 1)
    results = program.measure(log, model, World(days=4, recipients=150), None, tmp_path)
    judged = last_part(data)
    groups = results["groups"]
    assert (groups.wanted, groups.unwanted) == (int((~judged.unwanted).sum()), int(judged.unwanted.sum()))
    assert set(groups.alone) == set(groups.without) == set(GROUPS)
    alone_values = [one.pr_auc.value for one in groups.alone.values()]
    assert np.median(alone_values) < groups.everything.pr_auc.value < 1
    names = set(data.about["strategy"]) - {""}
    assert {one.strategy for one in results["strategies"]} == names
    spam = judged.about["strategy"][judged.unwanted]
    assert {one.strategy: one.strict.n for one in results["strategies"]} == {
        name: int((spam == name).sum()) for name in names
    }
    by = {name: [one.calibration.n for one in lines] for name, lines in results["circumstances"].items()}
    assert by.pop("mode") == [len(judged)] * len(MODES)
    assert {name: sum(counts) for name, counts in by.items()} == dict.fromkeys(
        ("sender", "size", "verification"), len(judged)
    )
    assert [one.calibration.n > 0 for one in results["worlds"]] == [True] * 3
    assert results["speed"].difference <= 1e-6
    printed = capsys.readouterr().out
    for number in range(1, 7):
        assert f"({number})" in printed
    assert "Not rigged?" in printed
    assert msgspec.json.decode(msgspec.json.encode(results))["environment"]["world"]["simulated"] is True


@pytest.mark.parametrize(
    ("options", "sentence"),
    [(["--model", "nowhere"], "nowhere"), (["--days", "0"], "give a whole number above 0, not '0'")],
)
def test_wrong_options_are_one_sentence(options: list[str], sentence: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.event_model", *options],
        cwd=ROOT,
        env={**os.environ},
        capture_output=True,
        text=True,
    )
    assert done.returncode == program.MISUSED
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr

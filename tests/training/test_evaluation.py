from pathlib import Path

import numpy as np
import pytest

from torwart import Detector
from torwart.model.artifact import Model
from training.dataset import Dataset, read_dataset
from training.evaluation import LENIENT, STRICT, EventReport, evaluate
from training.masks import MODES
from training.report import event_report


@pytest.fixture(scope="module")
def model(model_folder: Path) -> Model:
    return Detector.load(model_folder).model


@pytest.fixture(scope="module")
def data(log_folder: Path, model: Model) -> Dataset:
    return read_dataset(log_folder, model.text)


@pytest.fixture(scope="module")
def report(model: Model, data: Dataset) -> EventReport:
    known = frozenset(data.about["sender_id"].iloc[: len(data) // 2])
    return evaluate(
        model.unwanted, model.fraud, model.manifest.thresholds, data, part="the whole log", known_senders=known
    )


def test_counts_add_up(report: EventReport, data: Dataset) -> None:
    assert report.messages == len(data) == report.wanted + report.unsolicited + report.fraud
    for by in ("all", "kind", "language", "sender seen"):
        assert sum(one.strict.n for one in report.false_positives if one.by == by) == report.wanted, by
    for by in ("all", "label", "kind", "language", "sender seen"):
        assert sum(one.strict.n for one in report.recall if one.by == by) == report.messages - report.wanted, by
    assert [one.n for one in report.actions] == [report.wanted, report.unsolicited, report.fraud]
    assert all(sum(rate.events for rate in one.by_action.values()) == one.n for one in report.actions)


def test_a_slice_counts_what_a_person_would_count(report: EventReport, data: Dataset, model: Model) -> None:
    score = model.unwanted.predict(data.rows.matrix)
    kind = (data.about["kind"] == "delivery").to_numpy() & ~data.unwanted
    found = next(one for one in report.false_positives if (one.by, one.value) == ("kind", "delivery"))
    assert found.lenient.events == int((score[kind] >= model.manifest.thresholds[LENIENT]).sum())
    assert found.strict.events == int((score[kind] >= model.manifest.thresholds[STRICT]).sum())


def test_promotions_that_were_agreed_to_are_a_kind_of_their_own(report: EventReport) -> None:
    kinds = {one.value for one in report.false_positives if one.by == "kind"}
    assert "promotion, opted in" in kinds
    assert "promotion" not in kinds


def test_every_mode_is_reported(report: EventReport) -> None:
    assert tuple(one.mode for one in report.modes) == MODES
    precision = [one.average_precision for one in report.modes]
    assert None not in precision
    assert len(set(precision)) == len(MODES)


def test_the_text_leads_with_false_positives(report: EventReport) -> None:
    text = event_report(report)
    assert text.index("False positives") < text.index("Recall") < text.index("Calibration") < text.index("Modes")
    assert "simulated" in text.splitlines()[1]


def test_a_model_without_operating_points_is_refused(model: Model, data: Dataset) -> None:
    with pytest.raises(ValueError, match=r"no threshold fpr_0\.001"):
        evaluate(model.unwanted, model.fraud, {"text": 0.5}, data, part="")


def test_nothing_to_judge_is_refused(model: Model, data: Dataset) -> None:
    with pytest.raises(ValueError, match="not a single"):
        evaluate(model.unwanted, model.fraud, model.manifest.thresholds, data.part(slice(0, 0)), part="")


def test_only_wanted_messages_still_give_figures(model: Model, data: Dataset) -> None:
    first_unwanted = int(np.argmax(data.unwanted))
    some = data.part(slice(0, first_unwanted))
    report = evaluate(model.unwanted, model.fraud, model.manifest.thresholds, some, part="the beginning")
    assert report.recall == ()
    assert report.modes[0].average_precision is None
    assert "Recall" in event_report(report)

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from torwart.features.catalogue import MONOTONE, NAMES, POSITION
from training.dataset import Dataset
from training.event_model import FALSE_POSITIVE_RATES, DataError, fit, parts_of
from training.masks import Rows

RELEVANT = ("reporters_7d", "verification_rank", "worst_fraud")


def dataset(n: int = 6_000, seed: int = 1, unwanted_share: float = 0.25) -> Dataset:
    """Rows in which more reports and less verification make a message likelier unwanted, and the text says fraud."""
    rng = np.random.default_rng(seed)
    matrix = np.zeros((n, len(NAMES)))
    matrix[:, POSITION["reporters_7d"]] = rng.exponential(1.0, n)
    matrix[:, POSITION["verification_rank"]] = rng.integers(0, 5, n)
    matrix[:, POSITION["worst_fraud"]] = rng.normal(size=n)
    matrix[:, POSITION["verification_changed_days"]] = np.nan
    raw = 1.5 * matrix[:, POSITION["reporters_7d"]] - matrix[:, POSITION["verification_rank"]] + rng.logistic(size=n)
    unwanted = raw > np.quantile(raw, 1 - unwanted_share)
    fraud = unwanted & (matrix[:, POSITION["worst_fraud"]] + 0.3 * rng.normal(size=n) > 0)
    return Dataset(
        rows=Rows(matrix, np.zeros(n, dtype=bool), np.full(n, np.nan)),
        unwanted=unwanted,
        fraud=fraud,
        received_at_us=np.arange(n, dtype=np.int64),
        about=pd.DataFrame({"sender_id": ["s"] * n}),
        simulated=True,
    )


def test_the_parts_follow_one_another() -> None:
    parts = parts_of(1_001)
    bounds = [parts.fit, parts.stop, parts.calibrate, parts.test]
    assert bounds[0].start == 0
    assert bounds[-1].stop == 1_001
    assert all(before.stop == after.start for before, after in pairwise(bounds))


def test_both_heads_learn_and_the_thresholds_keep_their_promise() -> None:
    data = dataset()
    model = fit(data, seed=1)
    score = model.unwanted.predict(data.rows.matrix)
    fraud = model.fraud.predict(data.rows.matrix)
    test = model.parts.test
    assert score[test][data.unwanted[test]].mean() > 0.3 + score[test][~data.unwanted[test]].mean()
    among = data.unwanted[test]
    assert fraud[test][among & data.fraud[test]].mean() > 0.3 + fraud[test][among & ~data.fraud[test]].mean()
    wanted = score[model.parts.calibrate][~data.unwanted[model.parts.calibrate]]
    for rate in FALSE_POSITIVE_RATES:
        assert (wanted >= model.thresholds[f"fpr_{rate:g}"]).mean() <= rate
    assert model.thresholds["fpr_0.001"] >= model.thresholds["fpr_0.01"]


def test_the_same_seed_gives_the_same_model() -> None:
    data = dataset(2_000)
    first, second, other = (fit(data, seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first.unwanted.predict(data.rows.matrix), second.unwanted.predict(data.rows.matrix))
    assert first.thresholds == second.thresholds
    assert first.thresholds != other.thresholds


def test_no_feature_moves_the_score_against_its_direction() -> None:
    data = dataset()
    model = fit(data, seed=1)
    rows = data.rows.matrix[:300]
    before = model.unwanted.predict(rows)
    for column in np.flatnonzero(MONOTONE):
        more = rows.copy()
        more[:, column] += 0.7
        change = (model.unwanted.predict(more) - before) * MONOTONE[column]
        assert change.min() >= -1e-12, NAMES[column]


def test_the_future_does_not_matter_to_fitting_and_calibration() -> None:
    data = dataset(3_000)
    later = dataset(3_000)
    later.rows.matrix[parts_of(3_000).test] = 0.0
    np.testing.assert_array_equal(
        fit(data, seed=1).unwanted.predict(data.rows.matrix), fit(later, seed=1).unwanted.predict(data.rows.matrix)
    )


def test_too_few_messages_of_a_kind_are_named() -> None:
    data = dataset(400, unwanted_share=0.01)
    with pytest.raises(DataError, match="too few messages"):
        fit(data, seed=1)

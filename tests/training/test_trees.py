import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier

from torwart.model.pair import Pair
from training.trees import from_boosting

N_FEATURES = 12


def data(seed: int, *, missing: float = 0.15) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(3000, N_FEATURES))
    x[:, 3] = rng.integers(0, 5, size=len(x))
    y = (x[:, 0] - 0.5 * x[:, 3] + x[:, 1] * x[:, 2] + rng.normal(size=len(x)) > 0).astype(np.int64)
    x[rng.random(x.shape) < missing] = np.nan
    return x, y


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"max_leaf_nodes": 5, "learning_rate": 0.5},
        {"monotonic_cst": [1, 0, 0, -1] + [0] * (N_FEATURES - 4)},
        {"max_iter": 3, "max_leaf_nodes": 2},
        {"class_weight": "balanced", "max_features": 0.5},
    ],
)
def test_gives_the_log_odds_of_scikit_learn(settings: dict[str, object]) -> None:
    x, y = data(1)
    model = HistGradientBoostingClassifier(random_state=0, **{"max_iter": 40, **settings}).fit(x, y)
    trees = from_boosting(model, N_FEATURES)
    unseen, _ = data(2, missing=0.3)
    unseen[0] = np.nan
    unseen[1], unseen[2] = np.inf, -np.inf
    expected = model.decision_function(unseen)
    assert np.abs(trees.log_odds_many(unseen) - expected).max() <= 1e-6


def test_a_feature_that_was_never_missing_in_training_may_be_missing_later() -> None:
    x, y = data(3, missing=0.0)
    model = HistGradientBoostingClassifier(max_iter=20, random_state=0).fit(x, y)
    unseen, _ = data(4, missing=0.5)
    trees = from_boosting(model, N_FEATURES)
    assert np.abs(trees.log_odds_many(unseen) - model.decision_function(unseen)).max() <= 1e-6


def test_an_inner_node_is_worth_the_mean_of_the_training_rows_below_it() -> None:
    x, y = data(5)
    model = HistGradientBoostingClassifier(max_iter=1, max_leaf_nodes=8, early_stopping=False).fit(x, y)
    trees = from_boosting(model, N_FEATURES)
    assert trees.expected == pytest.approx(trees.log_odds_many(x).mean(), abs=1e-9)


def test_credit_and_expectation_add_up_to_the_log_odds() -> None:
    x, y = data(6)
    trees = from_boosting(HistGradientBoostingClassifier(max_iter=60, random_state=0).fit(x, y), N_FEATURES)
    pair = Pair.of(trees, trees)
    groups = (np.arange(N_FEATURES) // 3).astype(np.int32)
    for row in x[:200]:
        credit = np.full(4, 99.0)
        log_odds, again = pair.contributions(row, groups, credit)
        assert log_odds == again == trees.log_odds_many([row])
        assert trees.expected + credit.sum() == pytest.approx(log_odds, abs=1e-9)


def test_a_feature_without_influence_gets_no_credit() -> None:
    x, y = data(8, missing=0.0)
    x[:, 11] = 1.0
    trees = from_boosting(HistGradientBoostingClassifier(max_iter=30, random_state=0).fit(x, y), N_FEATURES)
    credit = np.empty(N_FEATURES)
    Pair.of(trees, trees).contributions(x[0], np.arange(N_FEATURES, dtype=np.int32), credit)
    assert credit[11] == 0.0
    assert credit[0] != 0.0


def test_refuses_what_it_cannot_run() -> None:
    x, y = data(9, missing=0.0)
    with pytest.raises(ValueError, match="not fitted"):
        from_boosting(HistGradientBoostingClassifier(), N_FEATURES)
    small = HistGradientBoostingClassifier(max_iter=2)
    with pytest.raises(ValueError, match="fitted on 12 features; 13 are needed"):
        from_boosting(small.fit(x, y), N_FEATURES + 1)
    with pytest.raises(ValueError, match="3 classes"):
        from_boosting(small.fit(x, y + (x[:, 1] > 1)), N_FEATURES)
    y = (x[:, 3] % 2).astype(np.int64)
    categorical = HistGradientBoostingClassifier(max_iter=2, categorical_features=[3]).fit(x, y)
    with pytest.raises(ValueError, match="categorical splits"):
        from_boosting(categorical, N_FEATURES)

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.calibration import fit_line, log_odds, measure, sigmoid


@given(st.floats(1e-8, 1 - 1e-8))
def test_log_odds_and_back(probability: float) -> None:
    assert sigmoid(log_odds(np.array([probability])))[0] == pytest.approx(probability, rel=1e-6)


@pytest.mark.parametrize(("slope", "intercept"), [(0.5, 1.0), (2.0, -3.0), (1.0, 0.0)])
def test_finds_the_line_that_made_the_outcomes(slope: float, intercept: float) -> None:
    rng = np.random.default_rng(3)
    raw = rng.normal(size=60_000) * 2
    outcome = rng.random(len(raw)) < sigmoid(slope * raw + intercept)
    line = fit_line(raw, outcome)
    assert line.slope == pytest.approx(slope, rel=0.05)
    assert line.intercept == pytest.approx(intercept, abs=0.06)


def test_the_slope_stays_positive_against_the_data() -> None:
    raw = np.linspace(-3, 3, 200)
    line = fit_line(raw, raw < 0)
    assert line.slope > 0
    assert np.isfinite(line.intercept)


def test_separable_data_stay_finite() -> None:
    raw = np.linspace(-3, 3, 200)
    line = fit_line(raw, raw > 0)
    assert np.isfinite([line.slope, line.intercept]).all()


@pytest.mark.parametrize("outcome", [np.zeros(5, dtype=bool), np.ones(5, dtype=bool)])
def test_refuses_one_outcome(outcome: np.ndarray) -> None:
    with pytest.raises(ValueError, match="both outcomes"):
        fit_line(np.arange(5.0), outcome)


def test_honest_probabilities_measure_as_such() -> None:
    rng = np.random.default_rng(5)
    probability = rng.beta(0.5, 3.0, size=50_000)
    outcome = rng.random(len(probability)) < probability
    figures = measure(probability, outcome, threshold=0.5)
    assert figures.slope == pytest.approx(1.0, abs=0.05)
    assert figures.intercept == pytest.approx(0.0, abs=0.05)
    assert figures.brier_skill is not None
    assert 0.2 < figures.brier_skill < 1.0
    assert figures.predicted_above is not None
    assert figures.above.rate == pytest.approx(figures.predicted_above, abs=0.03)


def test_exaggerated_probabilities_show() -> None:
    rng = np.random.default_rng(5)
    honest = rng.beta(0.5, 3.0, size=50_000)
    outcome = rng.random(len(honest)) < honest
    figures = measure(sigmoid(2.0 * log_odds(honest)), outcome, threshold=0.5)
    assert figures.slope == pytest.approx(0.5, abs=0.05)


def test_one_outcome_has_no_slope() -> None:
    figures = measure(np.array([0.1, 0.2]), np.array([False, False]), threshold=0.5)
    assert (figures.slope, figures.brier_skill, figures.predicted_above) == (None, None, None)
    assert figures.above.n == 0

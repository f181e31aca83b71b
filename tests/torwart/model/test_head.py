import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from torwart.features.catalogue import NAMES
from torwart.model.artifact import Model
from torwart.model.head import Head
from torwart.model.pair import Pair

numbers = st.floats(-1e6, 1e6)


@given(numbers, numbers, st.floats(1e-3, 1e3), numbers)
def test_a_probability_never_falls_where_the_log_odds_rise(
    model: Model, low: float, high: float, slope: float, intercept: float
) -> None:
    head = Head(model.unwanted.trees, slope, intercept)
    first, second = sorted((low, high))
    assert 0.0 <= head.probability(first) <= head.probability(second) <= 1.0


def test_calibrates_by_slope_and_intercept(model: Model) -> None:
    head = Head(model.unwanted.trees, 2.0, -1.0)
    assert head.probability(0.75) == pytest.approx(1.0 / (1.0 + math.exp(-0.5)))
    assert Head(model.unwanted.trees).probability(0.0) == 0.5


def test_many_rows_get_what_one_row_gets(model: Model) -> None:
    rows = np.random.default_rng(0).normal(size=(50, len(NAMES)))
    pair = Pair.of(model.unwanted.trees, model.fraud.trees)
    one_by_one = [model.unwanted.probability(pair.log_odds(row)[0]) for row in rows]
    assert model.unwanted.predict(rows) == pytest.approx(one_by_one, abs=1e-12)


@pytest.mark.parametrize(("slope", "intercept"), [(0.0, 0.0), (-1.0, 0.0), (math.nan, 0.0), (1.0, math.inf)])
def test_refuses_a_calibration_that_is_not_monotone(model: Model, slope: float, intercept: float) -> None:
    with pytest.raises(ValueError, match="positive slope and a finite intercept"):
        Head(model.unwanted.trees, slope, intercept)


def test_arrays_make_the_same_head_again(model: Model) -> None:
    again = Head.from_arrays(model.fraud.arrays(), len(NAMES))
    assert (again.slope, again.intercept) == (model.fraud.slope, model.fraud.intercept)
    assert (again.trees.walk.nodes == model.fraud.trees.walk.nodes).all()


def test_refuses_arrays_of_another_head(model: Model) -> None:
    arrays = model.fraud.arrays()
    with pytest.raises(ValueError, match="there are 3"):
        Head.from_arrays(arrays, 3)
    with pytest.raises(ValueError, match="slope is missing"):
        Head.from_arrays({name: array for name, array in arrays.items() if name != "slope"}, len(NAMES))
    with pytest.raises(ValueError, match="intercept is missing or not one number"):
        Head.from_arrays(arrays | {"intercept": np.array(["0"])}, len(NAMES))

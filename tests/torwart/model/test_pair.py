import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from torwart.model.pair import Pair
from torwart.model.trees import Trees

from .test_trees import N_FEATURES, grown, values, walked


@given(st.integers(0, 2**32), st.integers(0, 12), st.integers(0, 12), values)
@settings(max_examples=200, deadline=None)
def test_a_pair_says_what_each_says_alone_and_credits_the_first(
    seed: int, splits: int, more: int, x: NDArray[np.float64]
) -> None:
    arrays = grown(seed, 3, splits)
    first, second = Trees.from_arrays(arrays), Trees.from_arrays(grown(seed + 1, 9, more))
    pair = Pair.of(first, second)
    alone = first.log_odds_many([x])[0], second.log_odds_many([x])[0]
    credit = np.full(N_FEATURES, np.nan)
    assert pair.log_odds(x) == alone
    assert pair.contributions(x, np.arange(N_FEATURES, dtype=np.int32), credit) == alone
    assert credit == pytest.approx(walked(arrays, x)[1], abs=1e-12)


def test_a_pair_shares_its_thresholds() -> None:
    first, second = Trees.from_arrays(grown(1, 3, 4)), Trees.from_arrays(grown(2, 3, 4))
    pair = Pair.of(first, second)
    for feature in range(N_FEATURES):
        together, *each = (
            set(cuts.thresholds[cuts.starts[feature] : cuts.starts[feature + 1]])
            for cuts in (pair.cuts, first.cuts, second.cuts)
        )
        assert together == each[0] | each[1]


def test_a_row_or_trees_that_do_not_fit_are_refused() -> None:
    trees = Trees.from_arrays(grown(1, 3, 4))
    pair = Pair.of(trees, trees)
    with pytest.raises(ValueError, match="what fits is"):
        pair.log_odds(np.zeros(N_FEATURES + 1))
    with pytest.raises(ValueError, match="what fits is"):
        pair.contributions(np.zeros(N_FEATURES), np.zeros(1, dtype=np.int32), np.zeros(1))
    wider = Trees.from_arrays(grown(1, 3, 4) | {"n_features": np.int32(N_FEATURES + 1)})
    with pytest.raises(ValueError, match="on 4 and on 5 features"):
        Pair.of(trees, wider)

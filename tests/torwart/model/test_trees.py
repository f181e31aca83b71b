import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from torwart.model.trees import LEAF, MAX_DEPTH, Trees

N_FEATURES = 4

Arrays = dict[str, Any]


def grown(seed: int, n_trees: int, n_splits: int) -> Arrays:
    """Random trees: each split turns a random leaf into an inner node."""
    rng = np.random.default_rng(seed)
    left: list[int] = []
    roots = []
    for _ in range(n_trees):
        roots.append(len(left))
        leaves = [len(left)]
        left.append(LEAF)
        for _ in range(n_splits):
            place = leaves.pop(rng.integers(len(leaves)))
            left[place] = len(left)
            leaves += [len(left), len(left) + 1]
            left += [LEAF, LEAF]
    size = len(left)
    return {
        "feature": rng.integers(0, N_FEATURES, size).astype(np.int16),
        "threshold": rng.integers(-3, 4, size).astype(np.float64),
        "left": np.array(left, dtype=np.int32),
        "missing_left": rng.random(size) < 0.5,
        "value": rng.normal(size=size),
        "roots": np.array(roots, dtype=np.int32),
        "baseline": np.float64(rng.normal()),
        "n_features": np.int32(N_FEATURES),
    }


def walked(arrays: Arrays, x: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
    """The log-odds and each feature's credit, the slow way."""
    total = float(arrays["baseline"])
    credit = np.zeros(N_FEATURES)
    for root in arrays["roots"]:
        place = root
        while arrays["left"][place] != LEAF:
            feature = arrays["feature"][place]
            value = x[feature]
            left = arrays["missing_left"][place] if math.isnan(value) else value <= arrays["threshold"][place]
            child = arrays["left"][place] + (0 if left else 1)
            credit[feature] += arrays["value"][child] - arrays["value"][place]
            place = child
        total += arrays["value"][place]
    return total, credit


values = st.lists(
    st.one_of(st.integers(-4, 4).map(float), st.just(math.nan), st.just(math.inf), st.just(-math.inf)),
    min_size=N_FEATURES,
    max_size=N_FEATURES,
).map(np.array)


@given(st.integers(0, 2**32), st.integers(0, 19), st.integers(0, 12), values)
@settings(max_examples=200, deadline=None)
def test_walks_every_tree_as_one_would_by_hand(seed: int, n_trees: int, n_splits: int, x: NDArray[np.float64]) -> None:
    arrays = grown(seed, max(1, n_trees), n_splits)
    trees = Trees.from_arrays(arrays)
    log_odds, by_feature = walked(arrays, x)
    assert trees.log_odds_many([x, x]) == pytest.approx([log_odds, log_odds], abs=1e-12)
    assert trees.expected + by_feature.sum() == pytest.approx(log_odds, abs=1e-9)


@given(st.integers(0, 2**32), values)
@settings(max_examples=20, deadline=None)
def test_arrays_make_the_same_trees_again(seed: int, x: NDArray[np.float64]) -> None:
    trees = Trees.from_arrays(grown(seed, 5, 6))
    again = Trees.from_arrays(trees.arrays())
    assert again.log_odds_many([x]) == trees.log_odds_many([x])
    assert (again.walk.nodes == trees.walk.nodes).all()


def test_no_trees_at_all_say_the_baseline() -> None:
    arrays = grown(1, 1, 0) | {"roots": np.array([], dtype=np.int32)}
    assert Trees.from_arrays(arrays).log_odds_many(np.zeros((1, N_FEATURES))) == float(arrays["baseline"])


def changed(name: str, place: int, value: float) -> Arrays:
    arrays = grown(3, 3, 4)
    arrays[name] = arrays[name].copy()
    arrays[name][place] = value
    return arrays


SIZE = 27


def chain(depth: int) -> Arrays:
    """One tree whose every left child is split again."""
    size = 2 * depth + 1
    left = np.full(size, LEAF, dtype=np.int32)
    places = np.concatenate([[0], np.arange(1, size - 2, 2)])
    left[places] = np.arange(1, size, 2)
    return grown(0, 1, depth) | {"left": left}


def test_accepts_the_deepest_tree_allowed() -> None:
    arrays = chain(MAX_DEPTH)
    log_odds, _ = walked(arrays, np.zeros(N_FEATURES))
    assert Trees.from_arrays(arrays).log_odds_many(np.zeros((1, N_FEATURES))) == pytest.approx(log_odds)


def many_cuts() -> Arrays:
    arrays = grown(0, 8200, 8)
    size = len(arrays["left"])
    return arrays | {"feature": np.zeros(size, dtype=np.int16), "threshold": np.arange(size, dtype=np.float64)}


@pytest.mark.parametrize(
    ("arrays", "complaint"),
    [
        (changed("left", 0, 0), "stand after it"),
        (changed("left", 0, SIZE), "stand after it"),
        (changed("left", 0, SIZE - 1), "stand after it"),
        (changed("left", 0, -2), "stand after it"),
        (changed("left", 1, 2**31 - 1), "stand after it"),
        (changed("feature", 0, N_FEATURES), "feature must lie between 0 and 3"),
        (changed("feature", 0, -1), "feature must lie between 0 and 3"),
        (changed("threshold", 0, math.nan), "threshold must be a number"),
        (changed("value", 5, math.nan), "value must be a number"),
        (changed("value", 5, math.inf), "value must be a number"),
        (changed("roots", 1, SIZE), "Every root"),
        (changed("roots", 1, -1), "Every root"),
        (chain(MAX_DEPTH + 1), f"deeper than {MAX_DEPTH}"),
        (many_cuts(), "has 65600 thresholds; there may be 32767"),
        (grown(3, 3, 4) | {"baseline": np.float64("nan")}, "baseline must be a number"),
        (grown(3, 3, 4) | {"baseline": np.zeros(2)}, "baseline must be one number"),
        (grown(3, 3, 4) | {"value": np.zeros(3)}, "'value' has shape"),
        (grown(3, 3, 4) | {"left": np.zeros((3, 9), dtype=np.int32)}, "one dimension"),
        (grown(3, 3, 4) | {"left": np.zeros(0, dtype=np.int32)}, "There must be 1 to"),
        (grown(3, 3, 4) | {"n_features": np.int32(0)}, "features, not 0"),
        (grown(3, 3, 4) | {"feature": np.zeros(SIZE)}, "'feature' of the trees is of type float64"),
        (grown(3, 3, 4) | {"left": np.array(["x"] * SIZE)}, "'left' of the trees is of type"),
        (grown(3, 3, 4) | {"roots": np.zeros(10_001, dtype=np.int32)}, "at most 10000 trees"),
        ({name: array for name, array in grown(3, 3, 4).items() if name != "left"}, "'left' of the trees is missing"),
    ],
)
def test_refuses_arrays_that_would_lead_astray(arrays: Arrays, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        Trees.from_arrays(arrays)


def test_numbers_too_large_for_their_field_are_not_cut_short() -> None:
    arrays = grown(3, 3, 4) | {"feature": np.full(SIZE, 65_536 + 1, dtype=np.int64)}
    with pytest.raises(ValueError, match="'feature'"):
        Trees.from_arrays(arrays)


def test_rows_of_another_shape_are_refused() -> None:
    trees = Trees.from_arrays(grown(3, 3, 4))
    with pytest.raises(ValueError, match="what fits is"):
        trees.log_odds_many(np.zeros((2, 5)))


def test_trees_cannot_be_changed() -> None:
    trees = Trees.from_arrays(grown(3, 3, 4))
    with pytest.raises(ValueError, match="read-only"):
        trees.walk.values[0] = 1.0
    with pytest.raises(AttributeError):
        trees.walk = trees.walk  # type: ignore[misc]

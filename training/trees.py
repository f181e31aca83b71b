"""From scikit-learn's fitted gradient boosting to the trees that the core runs."""

from collections import deque

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier

from torwart.model.trees import LEAF, Trees


def from_boosting(model: HistGradientBoostingClassifier, n_features: int) -> Trees:
    """The trees of a fitted binary ``HistGradientBoostingClassifier``, with the same log-odds.

    Raises ``ValueError`` for a model that is not fitted, has more than two classes, was fitted on another number of
    features than ``n_features``, or has categorical splits.
    """
    if not hasattr(model, "_predictors"):
        raise ValueError("The classifier is not fitted; call fit first.")
    if len(model.classes_) != 2:
        raise ValueError(f"The classifier tells {len(model.classes_)} classes apart; only two are supported.")
    if model.n_features_in_ != n_features:
        raise ValueError(f"The classifier was fitted on {model.n_features_in_} features; {n_features} are needed.")
    parts = []
    roots = []
    offset = 0
    for (predictor,) in model._predictors:
        part = _tree(predictor.nodes, offset)
        parts.append(part)
        roots.append(offset)
        offset += len(part["left"])
    names = ("feature", "threshold", "left", "missing_left", "value")
    return Trees.from_arrays(
        {name: np.concatenate([part[name] for part in parts]) for name in names}
        | {
            "roots": np.array(roots, dtype=np.int32),
            "baseline": np.float64(model._baseline_prediction.item()),
            "n_features": np.int32(n_features),
        }
    )


def _tree(nodes: NDArray[np.void], offset: int) -> dict[str, NDArray[np.generic]]:
    """One tree with its nodes in breadth-first order from ``offset`` on, so that siblings stand side by side."""
    if nodes["is_categorical"].any():
        raise ValueError("The classifier has categorical splits, which the core does not run; encode them as numbers.")
    order = []
    left = []
    waiting = deque([0])
    taken = 1
    while waiting:
        place = waiting.popleft()
        order.append(place)
        if nodes[place]["is_leaf"]:
            left.append(LEAF)
            continue
        left.append(offset + taken)
        taken += 2
        waiting.extend((int(nodes[place]["left"]), int(nodes[place]["right"])))
    ordered = nodes[order]
    return {
        "feature": ordered["feature_idx"].astype(np.int16),
        "threshold": ordered["num_threshold"].astype(np.float64),
        "left": np.array(left, dtype=np.int32),
        "missing_left": ordered["missing_go_to_left"].astype(np.bool_),
        "value": _values(nodes)[order],
    }


def _values(nodes: NDArray[np.void]) -> NDArray[np.float64]:
    """What each node is worth: a leaf its value, an inner node the mean of its children weighted by training rows.

    In scikit-learn a child's place is after its parent's, so one pass from the end meets children first.
    """
    values = nodes["value"].astype(np.float64)
    counts = nodes["count"].astype(np.float64)
    for place in range(len(nodes) - 1, -1, -1):
        if not nodes[place]["is_leaf"]:
            children = [int(nodes[place]["left"]), int(nodes[place]["right"])]
            values[place] = np.average(values[children], weights=counts[children])
    return values

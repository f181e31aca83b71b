from collections.abc import Mapping
from datetime import UTC, datetime

import numpy as np
import pytest
from numpy.typing import ArrayLike

from torwart.features.catalogue import NAMES, POSITION
from torwart.model.artifact import Model
from torwart.model.head import Head
from torwart.model.manifest import Training, new_manifest
from torwart.model.trees import LEAF, Trees
from torwart.text.classifier import TextClassifier
from torwart.text.ngrams import N_COLUMNS


def stumps(effects: Mapping[str, tuple[float, float, float]], baseline: float) -> Trees:
    """One tree a feature: (threshold, value at or below it, value above it or missing)."""
    arrays: dict[str, list[float]] = {name: [] for name in ("feature", "threshold", "left", "missing_left", "value")}
    for name, (threshold, low, high) in effects.items():
        place = len(arrays["left"])
        arrays["feature"] += [POSITION[name], 0, 0]
        arrays["threshold"] += [threshold, 0.0, 0.0]
        arrays["left"] += [place + 1, LEAF, LEAF]
        arrays["missing_left"] += [False, False, False]
        arrays["value"] += [(low + high) / 2, low, high]
    typed: dict[str, ArrayLike] = {
        "feature": np.array(arrays["feature"], dtype=np.int16),
        "threshold": np.array(arrays["threshold"], dtype=np.float64),
        "left": np.array(arrays["left"], dtype=np.int32),
        "missing_left": np.array(arrays["missing_left"], dtype=np.bool_),
        "value": np.array(arrays["value"], dtype=np.float64),
        "roots": np.arange(0, len(arrays["left"]), 3, dtype=np.int32),
        "baseline": np.float64(baseline),
        "n_features": np.int32(len(NAMES)),
    }
    return Trees.from_arrays(typed)


@pytest.fixture(scope="session")
def model() -> Model:
    """A model small enough to reason about: what each feature does to the score is written here."""
    unwanted = stumps(
        {
            "verification_rank": (2.5, 1.0, -1.0),
            "consent_rank": (1.5, 0.8, -0.8),
            "link_imitates_brand": (0.5, -0.3, 3.0),
            "reporters_7d": (np.log1p(3.5), -0.2, 2.0),
            "history_missing": (0.5, -0.1, 0.1),
        },
        baseline=-2.0,
    )
    fraud = stumps({"link_imitates_brand": (0.5, -1.0, 2.0)}, baseline=-1.0)
    rng = np.random.default_rng(7)
    weights = np.zeros((N_COLUMNS, 4), dtype=np.int8)
    weights[::16] = rng.normal(scale=500, size=weights[::16].shape)
    manifest = new_manifest(
        name="torwart",
        version="7",
        created_at=datetime(2026, 1, 5, tzinfo=UTC),
        thresholds={"text": 0.5},
        training=Training(commands=("torwart train",), data={"events": "0" * 64}, rows=10, seed=1, packages={}),
        metrics={"false_positive_rate": 0.001},
    )
    return Model(
        manifest=manifest,
        text=TextClassifier(weights, 1e-3, np.array([1.0, 0.0, 0.0, 0.0]), 0.5),
        unwanted=Head(unwanted, slope=1.5, intercept=-0.2),
        fraud=Head(fraud, slope=0.8, intercept=0.1),
    )

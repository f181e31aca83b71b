"""One event classifier: trees, and the calibration that makes a probability of their log-odds."""

import math
from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from msgspec import Struct
from numpy.typing import ArrayLike, NDArray

from torwart.model.trees import Trees


class Head(Struct, frozen=True, eq=False):
    """P = sigmoid(slope · log-odds + intercept), Platt's calibration. ``slope`` is positive, so that a probability
    never falls where the log-odds rise: what is monotone before calibration is so after it."""

    trees: Trees
    slope: float = 1.0
    intercept: float = 0.0

    def __post_init__(self) -> None:
        if not (math.isfinite(self.slope) and self.slope > 0.0 and math.isfinite(self.intercept)):
            raise ValueError(
                f"A calibration needs a positive slope and a finite intercept, not {self.slope} and {self.intercept}."
            )

    def probability(self, log_odds: float) -> float:
        """The calibrated probability of one row whose trees say ``log_odds``."""
        calibrated = self.slope * log_odds + self.intercept
        if calibrated >= 0.0:
            return 1.0 / (1.0 + math.exp(-calibrated))
        odds = math.exp(calibrated)
        return odds / (1.0 + odds)

    def predict(self, rows: ArrayLike) -> NDArray[np.float64]:
        """The calibrated probabilities of many rows: shape (n, n_features) in, (n,) out."""
        calibrated = self.slope * self.trees.log_odds_many(rows) + self.intercept
        result: NDArray[np.float64] = np.exp(-np.logaddexp(0.0, -calibrated))
        return result

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The trees and the calibration as plain arrays, the inverse of :meth:`from_arrays`."""
        return self.trees.arrays() | {"slope": np.array(self.slope), "intercept": np.array(self.intercept)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], n_features: int) -> Self:
        """Raises ``ValueError`` for missing or senseless arrays, and for trees of another number of features."""
        trees = Trees.from_arrays(arrays)
        if trees.n_features != n_features:
            raise ValueError(f"The trees were fitted on {trees.n_features} features; there are {n_features}.")
        numbers = {}
        for name in ("slope", "intercept"):
            if name not in arrays or arrays[name].shape != () or arrays[name].dtype.kind != "f":
                raise ValueError(f"The calibration's {name} is missing or not one number.")
            numbers[name] = float(arrays[name])
        return cls(trees=trees, **numbers)

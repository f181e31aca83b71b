"""The event classifier: two gradient-boosted heads, fitted on the past, calibrated on later, judged on still later."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier

from torwart.features.catalogue import MONOTONE, NAMES
from torwart.model.head import Head
from training.calibration import fit_line
from training.dataset import Dataset
from training.masks import at_random
from training.trees import from_boosting

FIT_UNTIL: Final = 0.60
STOP_UNTIL: Final = 0.70
CALIBRATE_UNTIL: Final = 0.85
"""Shares of the rows, in order of the log: fitted on, watched for when to stop, calibrated on; the rest judges."""

FALSE_POSITIVE_RATES: Final = (0.001, 0.01)
"""Operating points: thresholds are set on the calibration part so that at most this share of wanted messages passes."""

FEWEST: Final = 3
"""Rows of either outcome that a part must hold for a head to be fitted or calibrated."""

HYPERPARAMETERS: Final = {
    "learning_rate": 0.08,
    "max_iter": 500,
    "max_leaf_nodes": 31,
    "max_depth": 6,
    "min_samples_leaf": 20,
    "l2_regularization": 5.0,
    "max_features": 0.5,
    "n_iter_no_change": 15,
}
"""At most 500 trees of 31 leaves and 6 steps bound the time of serving. With 150, where no head had stopped by itself,
the unwanted head caught 67 % and not 74 % of what is sent under guard, at one false positive in 10,000; trees of 63
leaves and 10 steps, or of 31 and 8, caught no more at one in 100,000. Half of the features a split keeps one signal
from ruling."""

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class DataError(ValueError):
    """Data that a model cannot be made of; the message says what is missing and what would help."""


@dataclass(frozen=True)
class Parts:
    """Rows by use, as positions in the dataset, each part later than the one before."""

    fit: slice
    stop: slice
    calibrate: slice
    test: slice


@dataclass(frozen=True)
class EventModel:
    """Both heads as the core runs them and as scikit-learn fitted them, and the scores at or above which at most a
    share of wanted messages lies (on calibration data)."""

    unwanted: Head
    fraud: Head
    boosting: dict[str, HistGradientBoostingClassifier]
    thresholds: dict[str, float]
    parts: Parts


def parts_of(n: int) -> Parts:
    """Divide ``n`` rows, in order of the log, by :data:`FIT_UNTIL`, :data:`STOP_UNTIL`, :data:`CALIBRATE_UNTIL`."""
    first, second, third = (int(n * share) for share in (FIT_UNTIL, STOP_UNTIL, CALIBRATE_UNTIL))
    return Parts(slice(0, first), slice(first, second), slice(second, third), slice(third, n))


def fit(data: Dataset, seed: int) -> EventModel:
    """Fit both heads on ``data``, whose rows are in order of the log; the same seed gives the same model.

    Each part loses groups of features at random by draws of its own, so that every mode is learned and calibrated and
    no part tells another anything. Raises :class:`DataError` when a part holds too few rows of one kind.
    """
    parts = parts_of(len(data))
    masked = {
        name: at_random(data.rows.part(rows), np.random.default_rng([seed, number]))
        for number, (name, rows) in enumerate(_named(parts))
    }
    everything = {name: np.ones(rows.stop - rows.start, dtype=bool) for name, rows in _named(parts)}
    unwanted = {name: data.unwanted[rows] for name, rows in _named(parts)}
    fraud = {name: data.fraud[rows] for name, rows in _named(parts)}
    head, boosting = _fit_head("unwanted among all messages", masked, unwanted, everything, seed)
    fraud_head, fraud_boosting = _fit_head("fraud among unwanted messages", masked, fraud, unwanted, seed + 1)
    scores = head.predict(data.rows.matrix[parts.calibrate])
    return EventModel(
        unwanted=head,
        fraud=fraud_head,
        boosting={"unwanted": boosting, "fraud": fraud_boosting},
        thresholds=_thresholds(scores[~unwanted["calibrate"]]),
        parts=parts,
    )


def _named(parts: Parts) -> tuple[tuple[str, slice], ...]:
    return ("fit", parts.fit), ("stop", parts.stop), ("calibrate", parts.calibrate)


def _fit_head(
    name: str, rows: dict[str, Floats], outcome: dict[str, Flags], chosen: dict[str, Flags], seed: int
) -> tuple[Head, HistGradientBoostingClassifier]:
    for part, flags in outcome.items():
        among = flags[chosen[part]]
        fewest = min(int(among.sum()), int((~among).sum()))
        if fewest < FEWEST:
            raise DataError(
                f"There are too few messages to tell {name}: the part to {part} holds {int(among.sum())} of "
                f"{len(among)}, and {FEWEST} on either side are needed. Use events of more days or recipients."
            )
    boosting = HistGradientBoostingClassifier(
        **HYPERPARAMETERS, early_stopping=True, monotonic_cst=MONOTONE, random_state=seed
    )
    boosting.fit(
        _binnable(rows["fit"][chosen["fit"]]),
        outcome["fit"][chosen["fit"]],
        X_val=rows["stop"][chosen["stop"]],
        y_val=outcome["stop"][chosen["stop"]],
    )
    raw = boosting.decision_function(rows["calibrate"][chosen["calibrate"]])
    line = fit_line(raw, outcome["calibrate"][chosen["calibrate"]])
    return Head(from_boosting(boosting, len(NAMES)), line.slope, line.intercept), boosting


def _binnable(matrix: Floats) -> Floats:
    """The same rows, a copy, with zeros in columns that hold no number at all: scikit-learn cannot divide such a column
    into bins, and never splits on a constant one."""
    return np.where(np.isnan(matrix).all(axis=0), 0.0, matrix)


def _thresholds(wanted_scores: Floats) -> dict[str, float]:
    """For each operating point the least score above all but that share of ``wanted_scores`` (n,)."""
    ordered = np.sort(wanted_scores)[::-1]
    found = {}
    for rate in FALSE_POSITIVE_RATES:
        allowed = int(rate * len(ordered))
        found[f"fpr_{rate:g}"] = float(np.nextafter(ordered[allowed], 2.0))
    return found

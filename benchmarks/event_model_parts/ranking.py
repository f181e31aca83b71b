"""How well scores rank unwanted messages above wanted ones, and how sure one can be of it: senders are drawn anew."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from training.event_model import FALSE_POSITIVE_RATES
from training.intervals import CONFIDENCE

REPLICATES: Final = 1000
"""Resamples of a bootstrap."""

FIGURES: Final = (*(f"recall_{rate:g}" for rate in FALSE_POSITIVE_RATES), "pr_auc")
"""What is measured, in order: recall at exact shares of these wanted messages, and the area under precision-recall."""

STRICT_RECALL, LENIENT_RECALL, PR_AUC = range(len(FIGURES))

_ROUNDING: Final = 1e-9

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Estimate(Struct, frozen=True):
    """A figure with the middle 95 % of its bootstrap."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Draws:
    """Senders drawn with replacement: ``place`` (n,) is each message's sender, ``counts`` (replicates, senders) how
    often a sender was drawn. Drawn once, so that whatever is measured on the same messages can be compared in pairs."""

    place: NDArray[np.intp]
    counts: NDArray[np.int64]

    def weights(self, replicate: int) -> Floats:
        """How often each message counts, shape (n,)."""
        weights: Floats = self.counts[replicate][self.place].astype(np.float64)
        return weights


def draws(senders: NDArray[np.object_], seed: int, replicates: int = REPLICATES) -> Draws:
    """Draws of the distinct ``senders`` (n,), as many as there are."""
    names, place = np.unique(senders.astype(str), return_inverse=True)
    counts = np.random.default_rng(seed).multinomial(len(names), np.full(len(names), 1 / len(names)), size=replicates)
    return Draws(place, counts)


class Ranking:
    """Messages with ``score`` (n,) and whether they are ``unwanted`` (n,), sorted once, for many weights."""

    def __init__(self, score: Floats, unwanted: Flags) -> None:
        self._order = np.argsort(-score, kind="stable")
        self._unwanted = unwanted[self._order]
        self._ends = np.flatnonzero(np.append(np.diff(score[self._order]) < 0, True))

    def figures(self, weights: Floats) -> Floats:
        """:data:`FIGURES` where each message counts ``weights`` (n,) times; NaN where one outcome is absent.

        Messages of one score are flagged together or not at all, so a score of few values catches nothing at a false
        positive rate that it cannot reach. The area is the average precision, as scikit-learn's
        ``average_precision_score`` computes it.
        """
        ordered = weights[self._order]
        caught = np.cumsum(ordered * self._unwanted)[self._ends]
        flagged = np.cumsum(ordered * ~self._unwanted)[self._ends]
        if caught[-1] == 0 or flagged[-1] == 0:
            return np.full(len(FIGURES), np.nan)
        at_end = np.append(0.0, caught)
        within = [np.searchsorted(flagged, rate * flagged[-1] + _ROUNDING, "right") for rate in FALSE_POSITIVE_RATES]
        seen = caught + flagged
        precision = np.divide(caught, seen, out=np.zeros(len(seen)), where=seen > 0)
        area = float(np.sum(np.diff(at_end) * precision))
        found: Floats = np.array([*at_end[within], area]) / caught[-1]
        return found


def bootstrap(score: Floats, unwanted: Flags, drawn: Draws) -> tuple[Floats, Floats]:
    """:data:`FIGURES` of all messages once, shape (3,), and of every draw, shape (replicates, 3)."""
    ranked = Ranking(score, unwanted)
    found = [ranked.figures(drawn.weights(replicate)) for replicate in range(len(drawn.counts))]
    return ranked.figures(np.ones(len(score))), np.array(found)


def estimate(value: float, replicates: Floats) -> Estimate:
    """A figure and the interval of its draws, those without any unwanted or wanted message left out."""
    tail = (1 - CONFIDENCE) / 2
    low, high = np.nanquantile(replicates, [tail, 1 - tail])
    return Estimate(float(value), float(low), float(high))

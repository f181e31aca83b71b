"""Thresholds and figures, computed in one way for all systems: a text is flagged if its score is at or above one."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.intervals import Rate, rate_of

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

REPLICATES: Final = 1000
"""Resamples of a bootstrap."""

_ROUNDING: Final = 1e-9


def threshold_for(wanted: Floats, rate: float) -> float:
    """The lowest threshold that flags at most ``rate`` of these scores of wanted texts, of which there is at least one.

    Where scores are tied at the limit, all of them stay below it.
    """
    if len(wanted) == 0:
        raise ValueError("A threshold needs the score of at least one wanted text.")
    allowed = int(rate * len(wanted) + _ROUNDING)
    if allowed >= len(wanted):
        return -np.inf
    return float(np.nextafter(np.sort(wanted)[::-1][allowed], np.inf))


def flagged(scores: Floats, threshold: float) -> Rate:
    """How many of the scores lie at or above the threshold; scores that are not a number do not count."""
    scores = scores[~np.isnan(scores)]
    return rate_of(int((scores >= threshold).sum()), len(scores))


def mcc(flags: Flags, is_spam: Flags, weights: Floats | None = None) -> Floats:
    """Matthews' correlation coefficient, shape (r,), for ``weights`` of shape (r, n), by default once with ones; 0
    where it is not defined."""
    weights = np.ones((1, len(flags))) if weights is None else weights
    tp, fp = weights @ (flags & is_spam), weights @ (flags & ~is_spam)
    fn, tn = weights @ (~flags & is_spam), weights @ (~flags & ~is_spam)
    scale = np.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))
    result: Floats = np.where(scale > 0, (tp * tn - fp * fn) / np.where(scale > 0, scale, 1.0), 0.0)
    return result


def best_threshold(scores: Floats, is_spam: Flags) -> float:
    """The threshold with the highest :func:`mcc` on these texts, half way to the next lower score."""
    order = np.argsort(-scores, kind="stable")
    tp, fp = np.cumsum(is_spam[order]).astype(np.float64), np.cumsum(~is_spam[order]).astype(np.float64)
    p, n = tp[-1], fp[-1]
    scale = np.sqrt((tp + fp) * p * (n - fp + p - tp) * n)
    value = np.where(scale > 0, (tp * (n - fp) - fp * (p - tp)) / np.where(scale > 0, scale, 1.0), 0.0)
    ends = np.append(np.diff(scores[order]) < 0, True)
    last = int(np.where(ends, value, -np.inf).argmax())
    lower = scores[order[min(last + 1, len(order) - 1)]]
    return float((scores[order[last]] + lower) / 2)


def recall_at(scores: Floats, is_spam: Flags, rate: float, weights: Floats | None = None) -> Floats:
    """Recall, shape (r,), at the lowest threshold that flags at most ``rate`` of the texts that are no spam.

    ``weights`` (r, n) say how often each text counts, by default once with ones. Texts of one score are flagged
    together or not at all.
    """
    order = np.argsort(-scores, kind="stable")
    weights = np.ones((1, len(scores))) if weights is None else weights
    ordered, spam = weights[:, order], is_spam[order]
    ends = np.flatnonzero(np.append(np.diff(scores[order]) < 0, True))
    wanted = np.cumsum(ordered * ~spam, axis=1)
    caught = np.cumsum(ordered * spam, axis=1)
    within = (wanted[:, ends] <= rate * wanted[:, -1:] + _ROUNDING).sum(axis=1)
    at_end = np.concatenate([np.zeros((len(weights), 1)), caught[:, ends]], axis=1)
    result: Floats = at_end[np.arange(len(weights)), within] / np.maximum(caught[:, -1], _ROUNDING)
    return result


def resamples(clusters: NDArray[np.int64], seed: int, replicates: int = REPLICATES) -> Floats:
    """Weights of rows, shape (replicates, n), for a bootstrap that draws whole clusters."""
    _, place = np.unique(clusters, return_inverse=True)
    n = int(place.max()) + 1
    drawn = np.random.default_rng(seed).multinomial(n, np.full(n, 1.0 / n), size=replicates)
    weights: Floats = drawn[:, place].astype(np.float64)
    return weights


def interval(replicates: Floats) -> tuple[float, float]:
    """The middle 95 % of a bootstrap."""
    low, high = np.quantile(replicates, [0.025, 0.975])
    return float(low), float(high)

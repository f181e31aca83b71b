"""Whether a probability means what it says, and the curve that makes it so."""

from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from training.intervals import Rate, rate_of

_LEAST_SLOPE: Final = 0.05
_STEPS: Final = 50
_RIDGE: Final = 1e-6
_EDGE: Final = 1e-9

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Line(Struct, frozen=True):
    """A logistic curve over log-odds: P = sigmoid(slope · log-odds + intercept), slope > 0."""

    slope: float
    intercept: float


class Calibration(Struct, frozen=True):
    """How well probabilities fit what happened.

    ``slope`` and ``intercept`` are those of the recalibrating line (1 and 0 when perfect; ``None`` where one outcome is
    absent); ``brier_skill`` is 1 − Brier / Brier of always saying the base rate; ``above`` is the observed rate of the
    rows at or above the threshold, ``predicted_above`` their mean probability.
    """

    n: int
    base_rate: float
    slope: float | None
    intercept: float | None
    brier_skill: float | None
    above: Rate
    predicted_above: float | None


def log_odds(probability: Floats) -> Floats:
    """Logit of probabilities, shape kept, clipped so that 0 and 1 stay finite."""
    clipped = np.clip(probability, _EDGE, 1.0 - _EDGE)
    return np.log(clipped) - np.log1p(-clipped)


def sigmoid(values: Floats) -> Floats:
    """The inverse of :func:`log_odds`."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * values)))


def fit_line(raw: Floats, outcome: Flags) -> Line:
    """Platt scaling (Platt, 1999, with his smoothed targets) of log-odds ``raw`` (n,) against ``outcome`` (n,).

    The slope is kept positive, so that the calibrated score is monotone in the raw one. Raises ``ValueError`` when
    one of the two outcomes is absent.
    """
    positives = int(outcome.sum())
    negatives = len(outcome) - positives
    if positives == 0 or negatives == 0:
        raise ValueError(f"Calibration needs both outcomes; there are {positives} positive of {len(outcome)} rows.")
    target = np.where(outcome, (positives + 1.0) / (positives + 2.0), 1.0 / (negatives + 2.0))
    slope, intercept = _newton(raw, target)
    if slope < _LEAST_SLOPE:
        shift = float(log_odds(np.array([positives / len(outcome)]))[0] - _LEAST_SLOPE * raw.mean())
        return Line(slope=_LEAST_SLOPE, intercept=shift)
    return Line(slope=slope, intercept=intercept)


def _newton(raw: Floats, target: Floats) -> tuple[float, float]:
    """Maximum likelihood of a logistic line by damped Newton steps; a tiny ridge keeps separable data finite."""
    design = np.column_stack([raw, np.ones(len(raw))])
    weights = np.array([1.0, 0.0])
    ridge = _RIDGE * np.eye(2)
    loss = _loss(design @ weights, target)
    for _ in range(_STEPS):
        fitted = sigmoid(design @ weights)
        gradient = design.T @ (fitted - target) / len(raw)
        hessian = (design * (fitted * (1.0 - fitted))[:, None]).T @ design / len(raw) + ridge
        step = np.linalg.solve(hessian, gradient)
        size = 1.0
        while size > 1e-4 and _loss(design @ (weights - size * step), target) > loss:
            size /= 2
        weights = weights - size * step
        new_loss = _loss(design @ weights, target)
        if abs(loss - new_loss) < 1e-12:
            break
        loss = new_loss
    return float(weights[0]), float(weights[1])


def _loss(logits: Floats, target: Floats) -> float:
    return float(np.mean(np.logaddexp(0.0, logits) - target * logits))


def measure(probability: Floats, outcome: Flags, threshold: float) -> Calibration:
    """Calibration of ``probability`` (n,) against ``outcome`` (n,), overall and at or above ``threshold``."""
    chosen = probability >= threshold
    above = rate_of(int(outcome[chosen].sum()), int(chosen.sum()))
    base = float(outcome.mean()) if len(outcome) else 0.0
    slope = intercept = skill = None
    if 0.0 < base < 1.0:
        slope, intercept = _newton(log_odds(probability), outcome.astype(np.float64))
        skill = 1.0 - float(np.mean((probability - outcome) ** 2)) / (base * (1.0 - base))
    return Calibration(
        n=len(outcome),
        base_rate=base,
        slope=slope,
        intercept=intercept,
        brier_skill=skill,
        above=above,
        predicted_above=float(probability[chosen].mean()) if chosen.any() else None,
    )

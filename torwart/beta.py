"""Rates that few events cannot sway: a Beta prior says what is believed before anything was seen."""

import math
from typing import Final

from torwart.compiled import compiled

# Priors (events, non-events) of a sender nobody has seen. Means 0.5 %, 2 %, 1 % and 10 %.
REPORT_PRIOR: Final = (0.5, 99.5)
BLOCK_PRIOR: Final = (1.0, 49.0)
OPT_OUT_PRIOR: Final = (0.5, 49.5)
REPLY_PRIOR: Final = (1.0, 9.0)

LOWER_Z: Final = 1.645
"""Normal quantile of the one-sided 95 % lower bound."""


@compiled
def shrunk_rate(events: float, exposure: float, prior_events: float, prior_rest: float) -> float:
    """Posterior mean of a rate under a Beta prior; at most 1."""
    return min(1.0, (events + prior_events) / (exposure + prior_events + prior_rest))


@compiled
def lower_bound(events: float, exposure: float, prior_events: float, prior_rest: float) -> float:
    """One-sided 95 % lower bound of a rate: normal approximation of the Beta posterior, at least 0.

    The approximation needs no special function in compiled code; for very few events it lies below the exact bound,
    which errs on the side of the sender.
    """
    size = exposure + prior_events + prior_rest
    mean = min(1.0, (events + prior_events) / size)
    return max(0.0, mean - LOWER_Z * math.sqrt(mean * (1.0 - mean) / (size + 1.0)))

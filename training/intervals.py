"""How sure one can be of a rate."""

from msgspec import Struct
from scipy.special import betaincinv

CONFIDENCE = 0.95


class Rate(Struct, frozen=True):
    """``events`` of ``n``, as a share, with its exact two-sided 95 % interval; all NaN-free: an empty rate is 0 in
    [0, 1]."""

    events: int
    n: int
    rate: float
    low: float
    high: float


def rate_of(events: int, n: int) -> Rate:
    """The rate and its Clopper-Pearson interval (Clopper & Pearson, 1934), which never claims too much, also at 0.

    Raises ``ValueError`` unless 0 <= events <= n.
    """
    if not 0 <= events <= n:
        raise ValueError(f"A rate needs 0 <= events <= n; there are {events} events of {n}.")
    tail = (1.0 - CONFIDENCE) / 2
    low = float(betaincinv(events, n - events + 1, tail)) if events > 0 else 0.0
    high = float(betaincinv(events + 1, n - events, 1.0 - tail)) if events < n else 1.0
    return Rate(events=int(events), n=int(n), rate=events / n if n else 0.0, low=low, high=high)

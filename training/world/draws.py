"""Random draws that ``random.Random`` does not have, and streams of it that do not disturb each other."""

import math
from random import Random


def stream(seed: int, *names: str | int) -> Random:
    """A source of random numbers of its own for whatever ``names`` name: the same seed and names give the same one,
    so that what one agent draws never moves another."""
    return Random("/".join(map(str, (seed, *names))))


def poisson(rng: Random, mean: float) -> int:
    """A Poisson count: by Knuth's products for small means, by the rounded normal beyond 30."""
    if mean <= 0.0:
        return 0
    if mean > 30.0:
        return max(0, round(rng.gauss(mean, math.sqrt(mean))))
    limit = math.exp(-mean)
    count = 0
    product = rng.random()
    while product > limit:
        count += 1
        product *= rng.random()
    return count


def log_normal(rng: Random, median: float, sigma: float) -> float:
    """A log-normal draw by its median."""
    return median * math.exp(sigma * rng.gauss(0.0, 1.0))


def rounded(rng: Random, value: float) -> int:
    """``value`` rounded up or down at random, so that the mean stays."""
    whole = math.floor(value)
    return whole + (rng.random() < value - whole)

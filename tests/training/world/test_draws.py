import statistics
from random import Random

import pytest

from training.world.draws import log_normal, poisson, rounded, stream


@pytest.mark.parametrize("mean", [0.0, 0.05, 1.0, 8.0, 29.0, 31.0, 400.0])
def test_poisson_counts_have_the_mean_and_the_variance(mean: float) -> None:
    rng = Random(1)
    counts = [poisson(rng, mean) for _ in range(20_000)]
    assert statistics.fmean(counts) == pytest.approx(mean, abs=0.01, rel=0.03)
    assert statistics.pvariance(counts) == pytest.approx(mean, abs=0.02, rel=0.06)
    assert min(counts) >= 0


def test_log_normal_draws_have_the_median() -> None:
    rng = Random(2)
    draws = [log_normal(rng, 10.0, 1.5) for _ in range(20_000)]
    assert statistics.median(draws) == pytest.approx(10.0, rel=0.05)
    assert min(draws) > 0


def test_rounding_keeps_the_mean() -> None:
    rng = Random(3)
    draws = [rounded(rng, 2.3) for _ in range(20_000)]
    assert set(draws) == {2, 3}
    assert statistics.fmean(draws) == pytest.approx(2.3, rel=0.01)


def test_streams_are_their_own_and_come_back() -> None:
    assert stream(1, "a", 2).random() == stream(1, "a", 2).random()
    assert len({stream(*names).random() for names in ((1, "a", 2), (2, "a", 2), (1, "b", 2), (1, "a", 3))}) == 4

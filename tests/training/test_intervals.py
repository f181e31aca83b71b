import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.intervals import rate_of


@given(st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_rate(events_and_n: tuple[int, int]) -> None:
    rate = rate_of(*events_and_n)
    assert 0.0 <= rate.low <= rate.rate <= rate.high <= 1.0


@pytest.mark.parametrize("n", [1, 10, 3_000])
def test_nothing_seen_is_not_nothing_there(n: int) -> None:
    rate = rate_of(0, n)
    assert rate.low == 0.0
    assert rate.high == pytest.approx(1.0 - 0.025 ** (1.0 / n))


def test_a_published_interval() -> None:
    # Clopper & Pearson's own kind of table: 3 of 20 at 95 %.
    rate = rate_of(3, 20)
    assert (rate.low, rate.high) == (pytest.approx(0.0321, abs=5e-5), pytest.approx(0.3789, abs=5e-5))


def test_nothing_to_count_says_nothing() -> None:
    rate = rate_of(0, 0)
    assert (rate.rate, rate.low, rate.high) == (0.0, 0.0, 1.0)


@pytest.mark.parametrize(("events", "n"), [(-1, 5), (6, 5)])
def test_refuses_what_is_no_rate(events: int, n: int) -> None:
    with pytest.raises(ValueError, match="0 <= events <= n"):
        rate_of(events, n)

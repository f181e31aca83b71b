from datetime import date
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from training.world.clock import DAY, HOUR, SLEEPS, WAKES, Clock, Hours, when_awake

OFFSETS = st.integers(-11, 13).map(lambda hours: hours * HOUR)


def test_the_calendar() -> None:
    clock = Clock(date(2026, 1, 5), days=40)
    assert clock.start_us == 1_767_571_200_000_000
    assert clock.end_us == clock.midnight(40)
    assert [clock.is_weekend(day) for day in range(7)] == [False] * 5 + [True] * 2
    assert (clock.month(0), clock.month(26), clock.month(27)) == (0, 0, 1)


@given(st.integers(0, 23), OFFSETS, st.integers(0, 2**30))
def test_a_moment_is_of_the_day_and_of_the_local_hour(hour: int, offset: int, seed: int) -> None:
    hours = Hours([float(at == hour) for at in range(24)])
    at = hours.draw(Random(seed), 10 * DAY, offset)
    assert 10 * DAY <= at < 11 * DAY
    assert (at + offset) % DAY // HOUR == hour


def test_hours_are_drawn_by_their_weights() -> None:
    weights = [0.0] * 24
    weights[3], weights[20] = 1.0, 3.0
    rng, hours = Random(1), Hours(weights)
    drawn = [hours.draw(rng, 0, 0) // HOUR for _ in range(4_000)]
    assert set(drawn) == {3, 20}
    assert 900 < drawn.count(3) < 1_100


@given(st.integers(0, 10 * DAY), OFFSETS, st.integers(0, 2**30))
def test_nobody_reads_at_night(at: int, offset: int, seed: int) -> None:
    later = when_awake(Random(seed), at, offset)
    assert at <= later < at + DAY
    assert WAKES <= (later + offset) % DAY // HOUR < SLEEPS

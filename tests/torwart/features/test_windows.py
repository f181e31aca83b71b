import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from torwart.features.windows import (
    DAY,
    DAYS_7,
    DAYS_30,
    HOUR,
    HOUR_1,
    HOURS_24,
    MINUTE,
    N_RESOLUTIONS,
    N_WINDOWS,
    RING_LENGTH,
    add,
    move,
    total,
    totals,
    turn,
)

START = 1_780_000_000_000_000
WINDOWS = {HOUR_1: (HOUR, 10 * MINUTE), HOURS_24: (DAY, HOUR), DAYS_7: (7 * DAY, DAY), DAYS_30: (30 * DAY, DAY)}


def ring() -> tuple[np.ndarray, np.ndarray]:
    return np.zeros((2, RING_LENGTH), dtype=np.int32), np.zeros(N_RESOLUTIONS, dtype=np.int64)


@given(st.lists(st.integers(0, 40 * DAY), min_size=1, max_size=60))
def test_a_window_counts_between_its_length_less_a_bucket_and_its_length(offsets: list[int]) -> None:
    rings, heads = ring()
    times = sorted(START + offset for offset in offsets)
    for time in times:
        turn(rings, heads, time)
        add(rings, heads, 0, time, 1)
    now = times[-1]
    for window, (length, bucket) in WINDOWS.items():
        surely = sum(now - length + bucket <= time for time in times)
        possibly = sum(now - length < time for time in times)
        assert surely <= total(rings, heads, 0, window, now) <= possibly


@given(st.lists(st.tuples(st.integers(0, 10 * DAY), st.integers(0, 5)), min_size=1, max_size=60))
def test_moving_counts_each_thing_once_at_its_latest_time(sightings: list[tuple[int, int]]) -> None:
    rings, heads = ring()
    latest: dict[int, int] = {}
    now = START
    for offset, thing in sorted(sightings):
        now = START + offset
        turn(rings, heads, now)
        move(rings, heads, 1, latest.get(thing, -1), now)
        latest[thing] = now
    for window, (length, bucket) in WINDOWS.items():
        surely = sum(now - length + bucket <= time for time in latest.values())
        possibly = sum(now - length < time for time in latest.values())
        assert surely <= total(rings, heads, 1, window, now) <= possibly


def test_late_events_count_in_their_own_bucket_while_the_ring_reaches_it() -> None:
    rings, heads = ring()
    turn(rings, heads, START)
    add(rings, heads, 0, START - 2 * HOUR, 1)
    add(rings, heads, 0, START - 40 * DAY, 1)
    counts = [total(rings, heads, 0, window, START) for window in (HOUR_1, HOURS_24, DAYS_7, DAYS_30)]
    assert counts == [0, 1, 1, 1]


@pytest.mark.parametrize("back", [MINUTE, HOUR, 3 * DAY])
def test_a_clock_that_jumps_back_clears_nothing(back: int) -> None:
    rings, heads = ring()
    turn(rings, heads, START)
    add(rings, heads, 0, START, 5)
    turn(rings, heads, START - back)
    assert total(rings, heads, 0, HOURS_24, START) == 5


def test_everything_is_forgotten_after_the_longest_window() -> None:
    rings, heads = ring()
    turn(rings, heads, START)
    add(rings, heads, 0, START, 5)
    turn(rings, heads, START + 31 * DAY)
    assert not rings.any()


@given(st.lists(st.tuples(st.integers(0, 40 * DAY), st.integers(0, 2)), max_size=60), st.integers(0, 45 * DAY))
def test_all_totals_at_once_are_the_totals_one_by_one(sightings: list[tuple[int, int]], later: int) -> None:
    rings = np.zeros((3, RING_LENGTH), dtype=np.int32)
    heads = np.zeros(N_RESOLUTIONS, dtype=np.int64)
    for at, counter in sightings:
        turn(rings, heads, START + at)
        add(rings, heads, counter, START + at, 1)
    for now in (START + later, START + 40 * DAY + later):
        out = np.full((3, N_WINDOWS), -1, dtype=np.int64)
        totals(rings, heads, now, out)
        one_by_one = [
            [total(rings, heads, counter, window, now) for window in range(N_WINDOWS)] for counter in range(3)
        ]
        assert out.tolist() == one_by_one

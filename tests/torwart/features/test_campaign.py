"""Estimates and decay: as good as they are said to be."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from torwart.features.campaign import N_RECIPIENT_WORDS, N_SENDER_WORDS, decay, distinct, mark, marks
from torwart.features.windows import DAY, HOUR


@given(st.lists(st.integers(0, 2**64 - 1), max_size=40))
def test_marks_counts_bits(words: list[int]) -> None:
    assert marks(np.array(words, dtype=np.uint64)) == sum(word.bit_count() for word in words)


@pytest.mark.parametrize(("words", "most"), [(N_SENDER_WORDS, 150), (N_RECIPIENT_WORDS, 800)])
def test_distinct_keys_are_estimated_within_ten_per_cent(words: int, most: int) -> None:
    rng = np.random.default_rng(0)
    for n in (most // 10, most // 3, most):
        estimates = []
        for _ in range(200):
            bitmap = np.zeros(words, dtype=np.uint64)
            for key in rng.integers(0, 2**63, n):
                mark(bitmap, int(key))
                mark(bitmap, int(key))
            estimates.append(distinct(marks(bitmap), 64 * words))
        error = np.array(estimates) / n - 1
        assert abs(error.mean()) < 0.03
        assert error.std() < 0.1


def test_a_full_bitmap_says_the_most_it_can() -> None:
    assert distinct(512, 512) == 512 * math.log(512)


@given(st.integers(0, 400 * DAY))
def test_one_exponential_serves_all_time_constants(elapsed: int) -> None:
    hour, day, week = decay(elapsed)
    assert week == pytest.approx(math.exp(-elapsed / (7 * DAY)), rel=1e-9)
    assert day == pytest.approx(math.exp(-elapsed / DAY), rel=1e-9)
    assert hour == pytest.approx(math.exp(-elapsed / HOUR), rel=1e-9, abs=1e-300)


def test_a_clock_that_goes_back_ages_nothing() -> None:
    assert decay(-5) == (1.0, 1.0, 1.0)

import re
from collections import Counter

import numpy as np
import pytest

from training.chance import Chance


@pytest.mark.parametrize(
    ("pattern", "form"),
    [
        ("####", r"\d{4}"),
        ("1Z@##@###########", r"1Z[A-Z]\d\d[A-Z]\d{11}"),
        ("/{word}?id=######", r"/\{word\}\?id=\d{6}"),
        ("%%%%%", r"[A-Za-z0-9]{5}"),
        ("•••• ####", r"•••• \d{4}"),
        ("A", "A"),
    ],
)
def test_a_pattern_keeps_its_form(pattern: str, form: str) -> None:
    chance = Chance(np.random.default_rng(1))
    assert all(re.fullmatch(form, chance.pattern([pattern])) for _ in range(50))


def test_every_place_of_a_pattern_takes_every_digit_as_often() -> None:
    chance = Chance(np.random.default_rng(2))
    drawn = [chance.pattern(["#####"]) for _ in range(5_000)]
    for place in range(5):
        counts = Counter(number[place] for number in drawn)
        assert set(counts) == set("0123456789")
        assert 400 < min(counts.values()) <= max(counts.values()) < 600


def test_choices_reach_both_ends_alike() -> None:
    chance = Chance(np.random.default_rng(3))
    assert Counter(chance.between(2, 4) for _ in range(900)).keys() == {2, 3, 4}
    counts = Counter(chance.choose("ab") for _ in range(2_000))
    assert 900 < counts["a"] < 1_100
    with pytest.raises(IndexError):
        chance.choose("")


def test_it_is_decided_by_the_generator_and_moves_it_on() -> None:
    first, again = np.random.default_rng(4), np.random.default_rng(4)
    assert Chance(first).pattern(["######"]) == Chance(again).pattern(["######"])
    assert first.random() == again.random() != np.random.default_rng(4).random()

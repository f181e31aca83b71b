import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.families import read_words
from training.slots import SLOTS, Draw
from training.templates import DATA

LANGUAGES = sorted(path.stem for path in (DATA / "slots").glob("*.toml") if path.stem != "common")


def draw(language: str, seed: int, hostile: bool = False) -> Draw:
    return Draw(np.random.default_rng(seed), read_words(DATA / "slots", language), "Paketfux", "paketfux.de", hostile)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("hostile", [False, True])
def test_every_slot_has_a_clean_value_in_every_language(language: str, hostile: bool) -> None:
    for seed in range(40):
        values = draw(language, seed, hostile)
        for slot in SLOTS:
            value = values[slot]
            assert value
            assert value == value.strip()
            assert not re.search(r"[{}#@%]", value), (slot, value)


@pytest.mark.parametrize(
    ("slot", "pattern"),
    [("amount", r"(€|EUR)? ?\d{1,3},\d\d ?(€|EUR|Euro)?|(€|EUR)? ?\d{1,3} ?(€|EUR|Euro)?"), ("percent", r"\d{1,2}")],
)
def test_german_values_look_german(slot: str, pattern: str) -> None:
    for seed in range(200):
        value = draw("de", seed)[slot]
        assert re.fullmatch(pattern, value), value


def test_english_sums_group_thousands_with_commas() -> None:
    values = [draw("en", seed)["sum"] for seed in range(100)]
    assert all(re.search(r"\d{1,3},\d{3}", value) for value in values)


def test_german_sums_group_thousands_with_dots() -> None:
    values = [draw("de", seed)["sum"] for seed in range(100)]
    assert all(re.search(r"\d{1,3}\.\d{3}", value) for value in values)


@given(st.integers(0, 10**9))
def test_the_second_of_a_pair_is_the_later_one(seed: int) -> None:
    values = draw("de", seed)
    minutes = [
        int(hour) * 60 + int(minute) for hour, minute in (re.split("[:.]", values[s]) for s in ("time", "time2"))
    ]
    assert minutes[0] < minutes[1]
    assert int(values["hour"]) < int(values["hour2"])
    assert values["name"] != values["person"]
    assert values["city"] != values["city2"]
    assert values["number"] != values["number2"]


def test_a_slot_keeps_its_value_within_a_message() -> None:
    values = draw("en", 5)
    assert [values["code"] for _ in range(3)] == [values["code"]] * 3


def test_an_unknown_slot_is_refused() -> None:
    with pytest.raises(KeyError):
        draw("en", 0)["nonsense"]

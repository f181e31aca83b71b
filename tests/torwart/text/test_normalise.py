import string
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from torwart.text.normalise import MAX_CHARACTERS, Undone, normalise

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=300)


def test_plain_text_only_loses_its_capitals_and_extra_spaces() -> None:
    result = normalise("  Ihr Flug LH 123\n\nverspätet sich\tum 40 Minuten. ")
    assert result.text == "ihr flug lh 123 verspätet sich um 40 minuten."
    assert result.undone == Undone(0, 0, 0, 0, 0, 0, 0)
    assert result.codes.dtype == np.uint32


@settings(deadline=None)
@given(ANY_TEXT)
def test_every_string_has_a_normal_form(text: str) -> None:
    result = normalise(text)
    assert min(result.undone) >= 0
    assert result.undone.total == sum(result.undone)
    assert not set(result.text) & set(string.ascii_uppercase + "\t\n\r\0\u200b\u202e")
    assert "  " not in result.text
    assert result.text == result.text.strip(" ")


@settings(deadline=None)
@given(st.text(string.digits + " .,:-/", max_size=60))
def test_numbers_dates_and_sums_stay(text: str) -> None:
    result = normalise(text)
    assert result.text == " ".join(text.split())
    assert result.undone.total == 0


@pytest.mark.parametrize(
    "text",
    [
        "\u202e",
        "\u0301\u0323",
        "e\u0323\u0301",
        "\ufdfa",
        "a ",
        "a.b",
        "1a",
        "b!",
        "freeee",
        "\ud800",
        "\U0001f1e9",
        "你好",
    ],
)
def test_time_is_bounded_and_text_is_capped(text: str) -> None:
    normalise(text)
    start = time.thread_time()
    result = normalise(text * (1_000_000 // len(text)))
    assert time.thread_time() - start < 0.1
    assert len(result.codes) <= MAX_CHARACTERS


def test_several_disguises_at_once_are_all_undone_and_counted() -> None:
    result = normalise("Y0ur pаypаl acc0unt: c l i c k\u200b 🅷🅴🆁🅴 nooooow")
    assert result.text == "your paypal account: click here noow"
    assert result.undone == Undone(
        invisible=1, confusable=2, diacritic=0, leet=2, spaced=4, repeated=3, emoji_letters=4
    )

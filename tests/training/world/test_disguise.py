from random import Random

from hypothesis import given
from hypothesis import strategies as st

from torwart.text.normalise import normalise
from training.world.disguise import disguise

TEXT = "Ihr Konto wurde gesperrt\nBitte sofort handeln: https://bank-sicher.top/login und 4,99 EUR"


@given(st.text(max_size=80), st.integers(0, 99))
def test_nothing_is_disguised_at_a_share_of_nothing(text: str, seed: int) -> None:
    assert disguise(Random(seed), text, 0.0) == text


@given(st.integers(0, 10_000))
def test_addresses_numbers_and_lines_stay(seed: int) -> None:
    changed = disguise(Random(seed), TEXT, 1.0)
    assert "https://bank-sicher.top/login" in changed
    assert "4,99" in changed
    assert changed.count("\n") == 1
    assert changed != TEXT


def test_there_is_something_to_undo() -> None:
    undone = [normalise(disguise(Random(seed), TEXT, 1.0)).undone.total for seed in range(60)]
    assert sum(count > 0 for count in undone) > 40

import pytest

from training.intervals import rate_of
from training.table import number, percent, shown, table


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0, "0 %"), (1.0, "100 %"), (0.1234, "12.3 %"), (0.0123, "1.23 %"), (0.0004, "0.040 %"), (0.9997, "100 %")],
)
def test_per_cents_keep_what_a_small_rate_needs(share: float, text: str) -> None:
    assert percent(share) == text


def test_a_rate_is_shown_with_its_interval_or_not_at_all() -> None:
    assert shown(rate_of(1, 10)) == "10.0 % (0.25 % to 44.5 %)"
    assert shown(rate_of(0, 0)) == "-"
    assert (number(None), number(1.239)) == ("-", "1.24")


def test_columns_are_aligned() -> None:
    text = table("Title", ("name", "n"), [("a", "1"), ("longer", "1,000")])
    assert text.splitlines() == ["Title", "-----", "name        n", "a           1", "longer  1,000"]

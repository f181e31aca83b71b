from hypothesis import given
from hypothesis import strategies as st

from torwart.enforcement.quality import MINIMUM_RECIPIENTS, quality_rating
from torwart.entities import QualityRating

ORDER = [QualityRating.GREEN, QualityRating.YELLOW, QualityRating.RED]
counts = st.integers(0, 5_000)


def test_the_examples_that_the_rating_is_made_for() -> None:
    assert quality_rating(40, 12, 0) is QualityRating.RED
    assert quality_rating(40, 1, 0) is QualityRating.GREEN
    assert quality_rating(20, 3, 0) is QualityRating.GREEN
    assert quality_rating(10_000, 30, 100) is QualityRating.GREEN
    assert quality_rating(1_000, 20, 0) is QualityRating.YELLOW
    assert quality_rating(100, 0, 40) is QualityRating.RED


@given(counts, counts, counts)
def test_few_recipients_say_nothing(recipients: int, reporters: int, blocks: int) -> None:
    rating = quality_rating(recipients, reporters, blocks)
    assert (rating is QualityRating.UNKNOWN) == (recipients < MINIMUM_RECIPIENTS)


@given(st.integers(MINIMUM_RECIPIENTS, 5_000), counts, counts)
def test_more_reports_or_blocks_never_improve_a_rating(recipients: int, reporters: int, blocks: int) -> None:
    rating = ORDER.index(quality_rating(recipients, reporters, blocks))
    assert ORDER.index(quality_rating(recipients, reporters + 1, blocks)) >= rating
    assert ORDER.index(quality_rating(recipients, reporters, blocks + 1)) >= rating

"""The quality rating: what seven days of recipients' feedback say of a sender."""

from typing import Final

from torwart.beta import BLOCK_PRIOR, REPORT_PRIOR, lower_bound
from torwart.entities import QualityRating

MINIMUM_RECIPIENTS: Final = 20
"""Below this exposure nothing is known, however loud the few."""

REPORTS_YELLOW: Final = 0.01
REPORTS_RED: Final = 0.03
BLOCKS_YELLOW: Final = 0.06
BLOCKS_RED: Final = 0.15
"""Rates that the one-sided 95 % lower bound must exceed. 12 reporters of 40 recipients are red (bound 5 %), 1 of 40
and 3 of 20 are green (bounds 0 % and 0.4 %)."""


def quality_rating(recipients: int, reporters: int, blocks: int) -> QualityRating:
    """The rating from distinct recipients, distinct reporters and blocks of the last seven days."""
    if recipients < MINIMUM_RECIPIENTS:
        return QualityRating.UNKNOWN
    reports = lower_bound(float(reporters), float(recipients), *REPORT_PRIOR)
    blocked = lower_bound(float(blocks), float(recipients), *BLOCK_PRIOR)
    if reports > REPORTS_RED or blocked > BLOCKS_RED:
        return QualityRating.RED
    if reports > REPORTS_YELLOW or blocked > BLOCKS_YELLOW:
        return QualityRating.YELLOW
    return QualityRating.GREEN

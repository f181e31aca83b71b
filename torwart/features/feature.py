"""What a feature is: one number about a message, declared once."""

import math
from typing import Final

from msgspec import Struct

NAN: Final = math.nan


class Feature(Struct, frozen=True, kw_only=True):
    """The declaration of one column of the vector.

    ``monotone`` is +1 where a larger value never lowers the score, -1 where it never raises it, 0 where it may do
    either. ``missing`` is what stands there when the signal is not known: NaN, or, for a constrained feature that a
    sender could withhold, its worst value (a flag of the group says so), because a missing value escapes a monotone
    constraint. ``gaming`` says what a sender would have to do to make the feature look better than the truth.
    """

    name: str
    group: str
    unit: str
    meaning: str
    gaming: str
    missing: float = NAN
    monotone: int = 0
    window: str = ""

"""Who the sender is, as far as the messenger knows."""

import math
from functools import lru_cache
from typing import Final

from torwart.entities import VERIFICATION_RANK, AccountSize, Message, Sender
from torwart.features.brands import BRANDS, OPENING, brand_claimed
from torwart.features.feature import Feature
from torwart.features.hosts import website_domain
from torwart.features.windows import DAY

FEATURES: Final = (
    Feature(
        name="verification_rank",
        group="verification",
        unit="rank",
        missing=0.0,
        monotone=-1,
        meaning="0 revoked, 1 not verified, 2 pending, 3 verified, 4 official",
        gaming="Get verified with forged papers, or take over a verified account",
    ),
    Feature(
        name="profile_missing",
        group="verification",
        unit="count",
        missing=4.0,
        monotone=1,
        meaning="How many of status, age, website and size are unknown",
        gaming="Fill in the profile; false entries count like true ones until somebody checks",
    ),
    Feature(
        name="verified_days",
        group="verification",
        unit="log1p days",
        missing=0.0,
        monotone=-1,
        meaning="Since the sender was verified; 0 unless it is",
        gaming="Get verified and wait, or take over an account that is",
    ),
    Feature(
        name="account_days",
        group="verification",
        unit="log1p days",
        missing=0.0,
        monotone=-1,
        meaning="Since the account was created",
        gaming="Wait, or buy an old account",
    ),
    Feature(
        name="has_website",
        group="verification",
        unit="flag",
        missing=0.0,
        monotone=-1,
        meaning="The profile names a website",
        gaming="Name any website",
    ),
    Feature(
        name="account_size",
        group="verification",
        unit="rank",
        missing=0.0,
        monotone=-1,
        meaning="0 unknown, 1 small, 2 medium",
        gaming="Claim to be larger; the messenger sets the size, not the sender",
    ),
    Feature(
        name="name_imitates_brand",
        group="verification",
        unit="flag",
        meaning="The display name claims a well-known name and the website is not that brand's; missing without a name",
        gaming="Use a name of its own, and lose what the brand's name is worth; or misspell it beyond recognition",
    ),
    Feature(
        name="text_borrows_brand",
        group="verification",
        unit="flag",
        missing=0.0,
        meaning="The message opens with a well-known name that is neither the sender's nor on its website",
        gaming="Do not open with the brand's name",
    ),
)


_claimed_by_name: Final = lru_cache(maxsize=1 << 16)(brand_claimed)


def _days(since_us: int | None, now_us: int) -> float:
    return 0.0 if since_us is None else math.log1p(max(0, now_us - since_us) / DAY)


def read(sender: Sender, message: Message, now_us: int) -> list[float]:
    """The features of :data:`FEATURES`, in order, as of ``now_us``."""
    status = sender.verification_status
    rank = 0 if status is None else VERIFICATION_RANK[status]
    size = {None: 0.0, AccountSize.SMALL: 1.0, AccountSize.MEDIUM: 2.0}[sender.account_size]
    missing = (status is None) + (sender.created_at_us is None) + (not sender.website) + (sender.account_size is None)
    website = website_domain(sender.website)
    claimed = _claimed_by_name(sender.display_name) if sender.display_name else ""
    opening = brand_claimed((message.header or message.body)[:OPENING])
    return [
        float(rank),
        float(missing),
        _days(sender.verified_at_us, now_us) if rank >= VERIFICATION_RANK["verified"] else 0.0,
        _days(sender.created_at_us, now_us),
        float(bool(sender.website)),
        size,
        float(bool(claimed) and website not in BRANDS[claimed]) if sender.display_name else math.nan,
        float(bool(opening) and opening != claimed and website not in BRANDS[opening]),
    ]

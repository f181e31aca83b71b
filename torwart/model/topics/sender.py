"""Who sends: verification, age, profile, borrowed names."""

import math
from typing import Final

from torwart.entities import VERIFICATION_RANK
from torwart.model.topics.topic import Facts, Told, Topic, in_days, listed

_VERIFIED: Final = VERIFICATION_RANK["verified"]
_RECENT_DAYS: Final = 90
_NEW_BELOW_DAYS: Final = 180
_OLD_FROM_DAYS: Final = 30

_UNVERIFIED: Final = (
    "The sender's verification is unknown or was revoked",
    "The sender is not verified",
    "The sender's verification is still pending",
)
_PARTS: Final = {"account_days": "age", "has_website": "website", "account_size": "size"}


def _lacking(facts: Facts) -> list[str]:
    """What the profile leaves out. The vector counts it and holds 0 for each part; what is left is the status."""
    parts = [part for name, part in _PARTS.items() if facts[name] == 0.0]
    return [*parts, "verification status"] if facts["profile_missing"] > len(parts) else parts


def _verification(facts: Facts, raises: bool) -> Told | None:
    rank = int(facts["verification_rank"])
    if rank < _VERIFIED:
        return Told("sender_not_verified", _UNVERIFIED[rank]) if raises else None
    days = facts.days("verified_days")
    since = "" if days == 0.0 else f" for {in_days(days)}"
    if raises:
        return Told("sender_verified_recently", f"Sender verified{since} only") if 0.0 < days < _RECENT_DAYS else None
    if rank == VERIFICATION_RANK["official"]:
        return Told("sender_verified", "The sender is an official business account")
    return Told("sender_verified", f"Sender verified{since}")


def _age(facts: Facts, raises: bool) -> Told | None:
    days = facts.days("account_days")
    if days == 0.0:
        return Told("sender_age_unknown", "It is not known how old the sender's account is") if raises else None
    if raises:
        return Told("sender_new", f"The sender's account is {in_days(days)} old") if days < _NEW_BELOW_DAYS else None
    return (
        Told("sender_established", f"The sender's account is {in_days(days)} old") if days >= _OLD_FROM_DAYS else None
    )


def _profile(facts: Facts, raises: bool) -> Told | None:
    missing = int(facts["profile_missing"])
    if raises and missing:
        return Told("profile_incomplete", f"The sender's profile lacks its {listed(_lacking(facts))}")
    if not raises and not missing:
        return Told("profile_complete", "The sender's profile names its verification status, age, website and size")
    return None


def _change(facts: Facts, raises: bool) -> Told | None:
    days = facts.days("verification_changed_days")
    if not raises or math.isnan(days) or days > _RECENT_DAYS:
        return None
    return Told("verification_changed", f"The sender's verification status changed {in_days(days)} ago")


def _name(facts: Facts, raises: bool) -> Told | None:
    if not raises or facts["name_imitates_brand"] != 1.0:
        return None
    return Told(
        "sender_name_imitates_brand", "The sender calls itself after a well-known business whose website is not its own"
    )


def _opening(facts: Facts, raises: bool) -> Told | None:
    if not raises or facts["text_borrows_brand"] != 1.0:
        return None
    return Told("text_borrows_brand", "The message opens with the name of a well-known business that the sender is not")


TOPICS: Final = (
    Topic("verification", ("verification_rank", "verified_days"), _verification),
    Topic("age", ("account_days", "known_days"), _age),
    Topic("profile", ("profile_missing", "has_website", "account_size"), _profile),
    Topic("verification_change", ("verification_changed_days",), _change),
    Topic("borrowed_name", ("name_imitates_brand",), _name),
    Topic("borrowed_opening", ("text_borrows_brand",), _opening),
)

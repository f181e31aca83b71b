"""What the sender did before, and how people answered."""

import math
from typing import Final

from torwart.beta import BLOCK_PRIOR, OPT_OUT_PRIOR, REPLY_PRIOR
from torwart.model.topics.topic import Facts, Told, Topic, counted, in_days

_FEW_REPORTS: Final = 0.005
_FEW_BLOCKS: Final = 0.02
_FEW_REPLIES: Final = 0.05
"""Shares of recipients: at most this many is hardly anybody."""
_ENOUGH: Final = 10
"""Recipients from which on it says something that nobody did something."""
_BURST: Final = math.log(3.0)
_NEW_DAYS: Final = 7
_MANY: Final = 20
_STRANGERS: Final = 0.8
_LONG_SILENCE_DAYS: Final = 30


def _is_missing(facts: Facts) -> bool:
    return facts["history_missing"] == 1.0


def _missing(facts: Facts, _: bool) -> Told | None:
    if not _is_missing(facts):
        return None
    return Told("history_missing", "What the sender did before was not available for this decision")


def _volume(facts: Facts, raises: bool) -> Told:
    month = facts.count("delivered_30d")
    if month == 0:
        return Told("no_sending_history", "The sender has sent nothing that was let through in the last 30 days")
    hour, week = facts.count("delivered_1h"), facts.count("delivered_7d")
    if raises and facts["burst"] > _BURST and hour >= _MANY:
        sent = f"{counted(hour, 'message')} in the last hour"
        if facts.days("known_days") < _NEW_DAYS:
            return Told("new_sender_burst", f"The sender was first seen this week and has sent {sent}")
        return Told("sender_burst", f"The sender has sent {sent}, of {week:,} in the last 7 days")
    first = facts["first_contact_share_7d"]
    if raises and first > _STRANGERS and week >= _MANY:
        return Told(
            "writes_to_strangers", f"{first:.0%} of the sender's messages in the last 7 days were first contacts"
        )
    people = counted(facts.count("recipients_30d"), "person").replace("persons", "people")
    return Told("sending_volume", f"The sender sent {counted(month, 'message')} to {people} in the last 30 days")


def _silence(facts: Facts, raises: bool) -> Told | None:
    days = math.expm1(facts["silence"]) / 24.0
    if not raises or not days >= _LONG_SILENCE_DAYS:
        return None
    return Told("sender_returned", f"The sender's last message was {in_days(days)} ago")


def _share(events: int, people: int, did: str, days: int) -> str:
    """``12 of 40 recipients reported this sender in the last 7 days``; people may act on older messages, too."""
    who = f"{events:,} of {counted(people, 'recipient')}" if events <= people else counted(events, "recipient")
    return f"{who if events else f'None of {people:,} recipients'} {did} in the last {days} days"


def _reports(facts: Facts, raises: bool) -> Told | None:
    days = 7 if raises and facts.count("reporters_7d") else 30
    reporters, people = facts.count(f"reporters_{days}d"), facts.count(f"recipients_{days}d")
    sentence = _share(reporters, people, "reported this sender", days)
    if raises:
        return Told("reported_by_recipients", sentence) if reporters else None
    is_few = people >= _ENOUGH and reporters <= _FEW_REPORTS * people
    return Told("few_reports", sentence) if is_few else None


def _events(facts: Facts, rate: str, recipients: str, prior: tuple[float, float]) -> int:
    """How many events a shrunk rate stands for."""
    value = facts[rate]
    if math.isnan(value):
        return 0
    return max(0, round(value * (facts.count(recipients) + sum(prior)) - prior[0]))


def _blocks(facts: Facts, raises: bool) -> Told | None:
    days = 7 if raises and _events(facts, "block_rate_7d", "recipients_7d", BLOCK_PRIOR) else 30
    blocks = _events(facts, f"block_rate_{days}d", f"recipients_{days}d", BLOCK_PRIOR)
    people = facts.count(f"recipients_{days}d")
    sentence = _share(blocks, people, "blocked this sender", days)
    if raises:
        return Told("blocked_by_recipients", sentence) if blocks else None
    is_few = people >= _ENOUGH and blocks <= _FEW_BLOCKS * people
    return Told("few_blocks", sentence) if is_few else None


def _stops(facts: Facts, raises: bool) -> Told | None:
    stops = _events(facts, "opt_out_rate_30d", "recipients_30d", OPT_OUT_PRIOR)
    if not raises or not stops:
        return None
    people = facts.count("recipients_30d")
    return Told("stopped_by_recipients", _share(stops, people, "told this sender to stop", 30))


def _replies(facts: Facts, raises: bool) -> Told | None:
    replies = _events(facts, "reply_rate_30d", "recipients_30d", REPLY_PRIOR)
    people = facts.count("recipients_30d")
    if not raises and replies:
        sentence = f"The sender got {counted(replies, 'reply').replace('replys', 'replies')} in the last 30 days"
        return Told("recipients_reply", sentence)
    if raises and people >= _ENOUGH and replies <= _FEW_REPLIES * people:
        got = f"{counted(people, 'recipient')} gave {replies:,} replies"
        return Told("recipients_do_not_reply", f"{got} in the last 30 days")
    return None


TOPICS: Final = (
    Topic("history", ("history_missing",), _missing),
    Topic(
        "volume",
        (
            "delivered_1h", "delivered_24h", "delivered_7d", "delivered_30d",
            "recipients_1h", "recipients_24h", "recipients_7d", "recipients_30d",
            "first_contact_share_24h", "first_contact_share_7d", "burst",
        ),
        _volume,
        "history",
        _is_missing,
    ),
    Topic("silence", ("silence",), _silence, "history", _is_missing),
    Topic(
        "reports",
        (
            "reporters_1h", "reporters_24h", "reporters_7d", "reporters_30d", "report_rate_24h", "report_rate_7d",
            "report_rate_30d", "report_rate_lower_7d", "report_rate_lower_30d",
        ),
        _reports,
        "history",
        _is_missing,
    ),
    Topic("blocks", ("block_rate_24h", "block_rate_7d", "block_rate_30d"), _blocks, "history", _is_missing),
    Topic("stops", ("opt_out_rate_30d",), _stops, "history", _is_missing),
    Topic("replies", ("reply_rate_7d", "reply_rate_30d"), _replies, "history", _is_missing),
)  # fmt: skip

"""Counting what a defence came to: what got through, what it cost honest senders, how soon it acted."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct

from torwart.entities import DELIVERED_ACTIONS, Action, Cause
from training.loop.gates import Measure
from training.loop.world import Attempt
from training.world.clock import DAY, MINUTE

HOSTILE: Final = frozenset({"spammer", "hijacked"})
"""Kinds of sender whose messages are no honest business's."""

DAILY: Final = (
    "wanted_sent",
    "unwanted_sent",
    "unwanted_delivered",
    "fraud_delivered",
    "wanted_blocked",
    "wanted_delayed",
)
"""What is also counted day by day."""


class Kind(Struct, frozen=True):
    """Unwanted messages of one spammers' strategy, or of one kind of honest sender."""

    sent: int
    delivered: int


class Outcome(Struct, frozen=True, kw_only=True):
    """What one defence came to in one world. All of it is simulated.

    A message that is tried twice counts as sent once. *Wanted* messages are those of honest senders; what spammers
    send to look harmless is ``camouflage_sent``. ``wanted_delayed`` were held or slowed by model, policy or measure,
    ``wanted_blocked`` never arrived for such a reason; a message that a recipient's own block or stop holds up is
    neither. ``…_warned`` were delivered with a warning and count as delivered.

    A campaign is a fraudulent text as long as a gang uses it; only those whose first message was delivered count, with
    all their deliveries. ``hijack_minutes_to_restriction_median`` is ``None`` where at least half of the hijacked
    verified senders were never restricted.
    """

    wanted_sent: int
    unwanted_sent: int
    camouflage_sent: int
    unwanted_delivered: int
    fraud_delivered: int
    unwanted_warned: int
    wanted_blocked: int
    wanted_delayed: int
    wanted_warned: int
    wanted_blocked_by: dict[str, int]
    """By what decided: model, policy or enforcement."""
    campaigns: int
    campaign_deliveries_before_stop_median: float
    campaign_deliveries_before_stop_p90: float
    honest_senders: int
    honest_senders_restricted: int
    honest_restricted_by: dict[str, int]
    """By their kind: a cold caller and a careless business do send unwanted messages."""
    brigaded_senders: int
    brigaded_restricted: int
    hijacks: int
    hijacks_restricted: int
    hijack_minutes_to_restriction_median: float | None
    spam_senders: int
    campaign_deliveries: list[int]
    """Of each campaign that counts, ascending …"""
    hijack_minutes: list[float]
    """… and of each hijack that was followed by a restriction: what the medians are of."""
    unwanted_by: dict[str, Kind]
    days: list[dict[str, int]]


class Tally:
    """An observer that counts. ``first_us`` is the world's first midnight."""

    def __init__(self, first_us: int, days: int) -> None:
        self._first_us = first_us
        self._counts: Counter[str] = Counter()
        self._days = [dict.fromkeys(DAILY, 0) for _ in range(days)]
        self._sent_by: Counter[str] = Counter()
        self._delivered_by: Counter[str] = Counter()
        self._campaigns: dict[str, int] = {}
        self._failed_campaigns: set[str] = set()
        self._blocked_by: Counter[str] = Counter()
        self._honest: dict[str, str] = {}
        self._spammers: set[str] = set()
        self._hijacked_us: dict[str, int] = {}
        self._refused_us: defaultdict[str, list[int]] = defaultdict(list)

    def saw(self, attempt: Attempt) -> None:
        """Count a message that was ruled on."""
        truth, ruling, sender_id = attempt.truth, attempt.ruling, attempt.sender_id
        if truth.sender_kind == "spammer":
            self._spammers.add(sender_id)
        elif truth.sender_kind == "hijacked":
            self._hijacked_us.setdefault(sender_id, attempt.at_us)
        else:
            self._honest[sender_id] = truth.sender_kind
        if ruling.cause is Cause.ENFORCEMENT:
            self._refused_us[sender_id].append(attempt.at_us)
        is_delivered = ruling.action in DELIVERED_ACTIONS
        if truth.label != "wanted":
            self._saw_unwanted(attempt, is_delivered)
        elif truth.sender_kind in HOSTILE:
            self._counts["camouflage_sent"] += not attempt.again
        else:
            self._saw_wanted(attempt, is_delivered)

    def released(self, attempt: Attempt, at_us: int) -> None:
        """Count a held message that reached its recipient after all."""
        if attempt.truth.label != "wanted":
            self._deliver(attempt, at_us)
        elif attempt.truth.sender_kind not in HOSTILE:
            self._count("wanted_blocked", attempt.at_us, -1)
            self._blocked_by[attempt.ruling.cause] -= 1

    def outcome(self, measures: Sequence[Measure], attacked: Iterable[str]) -> Outcome:
        """The figures, given the measures that were taken and the ids of the senders that a brigade attacked."""
        hostile = self._spammers | self._hijacked_us.keys()
        honest = self._honest.keys() - hostile
        brigaded = set(attacked) - hostile
        measured = {measure.sender_id for measure in measures} | self._refused_us.keys()
        deliveries = sorted(self._campaigns.values())
        minutes = sorted(self._minutes_to_restriction(measures))
        return Outcome(
            **{name: self._counts[name] for name in Outcome.__struct_fields__[:9]},
            wanted_blocked_by={cause.value: count for cause in Cause if (count := self._blocked_by[cause])},
            campaigns=len(deliveries),
            campaign_deliveries_before_stop_median=quantile(deliveries, 0.5),
            campaign_deliveries_before_stop_p90=quantile(deliveries, 0.9),
            honest_senders=len(honest),
            honest_senders_restricted=len(measured & honest),
            honest_restricted_by=dict(sorted(Counter(self._honest[who] for who in measured & honest).items())),
            brigaded_senders=len(brigaded),
            brigaded_restricted=len(measured & brigaded),
            hijacks=len(self._hijacked_us),
            hijacks_restricted=len(minutes),
            hijack_minutes_to_restriction_median=median_time(minutes, len(self._hijacked_us)),
            campaign_deliveries=deliveries,
            hijack_minutes=minutes,
            spam_senders=len(self._spammers),
            unwanted_by={name: Kind(self._sent_by[name], self._delivered_by[name]) for name in sorted(self._sent_by)},
            days=[{"day": number} | counts for number, counts in enumerate(self._days, 1)],
        )

    def _saw_unwanted(self, attempt: Attempt, is_delivered: bool) -> None:
        if not attempt.again:
            self._count("unwanted_sent", attempt.at_us)
            self._sent_by[_name(attempt)] += 1
        campaign = attempt.truth.campaign_id
        if attempt.truth.label == "fraud" and campaign not in self._campaigns and not is_delivered:
            self._failed_campaigns.add(campaign)
        if is_delivered:
            self._counts["unwanted_warned"] += attempt.ruling.action is Action.LABEL
            self._deliver(attempt, attempt.at_us)

    def _saw_wanted(self, attempt: Attempt, is_delivered: bool) -> None:
        ruling = attempt.ruling
        if not attempt.again:
            self._count("wanted_sent", attempt.at_us)
        if is_delivered:
            self._counts["wanted_warned"] += ruling.action is Action.LABEL
        elif ruling.cause is not Cause.RECIPIENT:
            waits = ruling.action in (Action.THROTTLE, Action.REVIEW) and not attempt.again
            if waits:
                self._count("wanted_delayed", attempt.at_us)
            # What is held counts as blocked until it is released.
            if not waits or ruling.action is Action.REVIEW:
                self._count("wanted_blocked", attempt.at_us)
                self._blocked_by[ruling.cause] += 1

    def _deliver(self, attempt: Attempt, at_us: int) -> None:
        self._count("unwanted_delivered", at_us)
        self._delivered_by[_name(attempt)] += 1
        if attempt.truth.label == "fraud":
            self._count("fraud_delivered", at_us)
            campaign = attempt.truth.campaign_id
            if campaign not in self._failed_campaigns:
                self._campaigns[campaign] = self._campaigns.get(campaign, 0) + 1

    def _count(self, name: str, at_us: int, by: int = 1) -> None:
        self._counts[name] += by
        self._days[(at_us - self._first_us) // DAY][name] += by

    def _minutes_to_restriction(self, measures: Sequence[Measure]) -> Iterable[float]:
        """For each hijacked sender that was restricted afterwards, how long it took."""
        for sender_id, since_us in self._hijacked_us.items():
            times = [measure.start_us for measure in measures if measure.sender_id == sender_id]
            after = [at for at in (*times, *self._refused_us.get(sender_id, ())) if at >= since_us]
            if after:
                yield (min(after) - since_us) / MINUTE


def quantile(ordered: Sequence[float], share: float) -> float:
    """The smallest of ``ordered`` values that at least ``share`` of them do not exceed; 0 for none."""
    if not ordered:
        return 0.0
    return float(ordered[math.ceil(share * len(ordered)) - 1])


def median_time(ordered: Sequence[float], count: int) -> float | None:
    """The median over ``count`` cases of which ``ordered`` has the times of those that ended; ``None`` for never."""
    place = math.ceil(0.5 * count) - 1
    return ordered[place] if 0 <= place < len(ordered) else None


def _name(attempt: Attempt) -> str:
    return attempt.truth.strategy or attempt.truth.sender_kind

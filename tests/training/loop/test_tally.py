from collections.abc import Callable
from typing import Any

import pytest

from torwart.entities import Action, Cause
from torwart.policy import Ruling
from training.loop.gates import Buttons, Measure, Undefended
from training.loop.tally import DAILY, Tally, median_time, quantile
from training.loop.world import Attempt
from training.truth import Truth

START = 1_767_571_200_000_000
MINUTE = 60_000_000
ALLOWED = Ruling(Action.ALLOW, Cause.MODEL)
BLOCKED = Ruling(Action.BLOCK, Cause.MODEL)


def attempt(
    label: str, ruling: Ruling = ALLOWED, *, kind: str = "business", again: bool = False, **about: Any
) -> Attempt:
    truth = Truth(
        message_id="m",
        label=label,
        text_class="wanted" if label == "wanted" else "fraud",
        kind="delivery",
        family="f",
        brand="",
        language="en",
        strategy="" if kind == "business" else "copycat",
        campaign_id=about.get("campaign", "c"),
        sender_kind=kind,
        opted_in=False,
    )
    return Attempt(about.get("at", START), about.get("sender", kind), truth, ruling, again)


@pytest.mark.parametrize("gate", [Undefended(), Buttons(1)])
def test_the_days_add_up(play: Callable[..., Any], gate: Any) -> None:
    outcome = play(gate).outcome
    for name in DAILY:
        assert sum(day[name] for day in outcome.days) == getattr(outcome, name)
    assert [day["day"] for day in outcome.days] == [1, 2, 3]
    assert sum(kind.sent for kind in outcome.unwanted_by.values()) == outcome.unwanted_sent
    assert sum(kind.delivered for kind in outcome.unwanted_by.values()) == outcome.unwanted_delivered
    assert outcome.fraud_delivered <= outcome.unwanted_delivered <= outcome.unwanted_sent


def test_a_campaign_counts_if_its_first_message_passed() -> None:
    tally = Tally(START, 1)
    for campaign, rulings in {"passed": (ALLOWED, ALLOWED, BLOCKED), "caught": (BLOCKED, ALLOWED)}.items():
        for ruling in rulings:
            tally.saw(attempt("fraud", ruling, kind="spammer", campaign=campaign))
    outcome = tally.outcome([], [])
    assert outcome.campaigns == 1
    assert outcome.campaign_deliveries_before_stop_median == 2
    assert outcome.fraud_delivered == 3


def test_a_wanted_message_is_blocked_when_it_never_arrives() -> None:
    throttled, held = Ruling(Action.THROTTLE, Cause.MODEL), Ruling(Action.REVIEW, Cause.MODEL)
    tally = Tally(START, 1)
    tally.saw(attempt("wanted", throttled))
    tally.saw(attempt("wanted", again=True))
    tally.saw(attempt("wanted", throttled))
    tally.saw(attempt("wanted", throttled, again=True))
    for _ in range(2):
        tally.saw(attempt("wanted", held))
    tally.released(attempt("wanted", held), START)
    tally.saw(attempt("wanted", Ruling(Action.BLOCK, Cause.RECIPIENT)))
    tally.saw(attempt("wanted", BLOCKED, kind="spammer"))
    outcome = tally.outcome([], [])
    assert (outcome.wanted_sent, outcome.wanted_delayed, outcome.wanted_blocked) == (5, 4, 2)
    assert outcome.camouflage_sent == 1


def test_whose_fault_a_restriction_is() -> None:
    tally = Tally(START, 1)
    tally.saw(attempt("wanted", sender="victim"))
    tally.saw(attempt("wanted", sender="target"))
    tally.saw(attempt("wanted", sender="quiet"))
    tally.saw(attempt("fraud", kind="hijacked", sender="victim"))
    tally.saw(attempt("fraud", kind="spammer", sender="gang"))
    tally.saw(attempt("wanted", Ruling(Action.REVIEW, Cause.ENFORCEMENT), sender="target"))
    measures = [Measure(who, "", START + 20 * MINUTE, 0) for who in ("victim", "gang")]
    outcome = tally.outcome(measures, {"target", "quiet"})
    assert (outcome.honest_senders, outcome.honest_senders_restricted) == (2, 1)
    assert (outcome.brigaded_senders, outcome.brigaded_restricted) == (2, 1)
    assert (outcome.hijacks, outcome.hijacks_restricted) == (1, 1)
    assert outcome.hijack_minutes_to_restriction_median == 20


def test_never_is_longer_than_any_time() -> None:
    tally = Tally(START, 1)
    for sender in ("a", "b", "c"):
        tally.saw(attempt("fraud", kind="hijacked", sender=sender))
    assert tally.outcome([Measure("a", "", START + MINUTE, 0)], []).hijack_minutes_to_restriction_median is None
    both = [Measure(who, "", START + MINUTE, 0) for who in ("a", "b")]
    assert tally.outcome(both, []).hijack_minutes_to_restriction_median == 1


def test_median_times_count_what_never_ended() -> None:
    assert median_time([], 0) is None
    assert median_time([5.0], 1) == 5
    assert median_time([5.0], 2) == 5
    assert median_time([5.0], 3) is None


def test_quantiles() -> None:
    assert quantile([], 0.5) == 0
    assert quantile([7], 0.9) == 7
    assert quantile([1, 2, 3, 4], 0.5) == 2
    assert quantile(list(range(1, 11)), 0.9) == 9

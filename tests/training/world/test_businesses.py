from collections import defaultdict
from datetime import date

import pytest

from torwart.events import ConsentChanged, Replied
from training.templates import Library
from training.world.acts import Act, ConsentPractice, Deed, Order
from training.world.businesses import Business
from training.world.clock import DAY, MINUTE, Clock
from training.world.market import Market
from training.world.people import People
from training.world.rates import Rates, changed
from training.world.texts import Texts

DAYS = 20


@pytest.fixture(scope="module")
def businesses(rates: Rates, library: Library) -> list[Business]:
    people = People(rates, 800, frozenset({"de", "en"}), seed=2)
    clock = Clock(date(2026, 1, 5), DAYS)
    return Market(rates, clock, people, Texts(library.part("world")), "world", seed=2).businesses


@pytest.fixture(scope="module")
def plans(businesses: list[Business]) -> dict[str, list[tuple[int, Act]]]:
    return {one.account.id: [(day, act) for day in range(DAYS) for act in one.plan(day)] for one in businesses}


def test_plans_lie_within_their_day_and_after_opening(
    businesses: list[Business], plans: dict[str, list[tuple[int, Act]]]
) -> None:
    start = Clock(date(2026, 1, 5), DAYS).start_us
    for business in businesses:
        for day, act in plans[business.account.id]:
            assert start + day * DAY <= act.at_us < start + (day + 1) * DAY + 3 * DAY // 24
            assert act.at_us >= business.opened_us


def test_as_many_messages_as_expected(businesses: list[Business], plans: dict[str, list[tuple[int, Act]]]) -> None:
    orders = sum(isinstance(act, Order) for acts in plans.values() for _, act in acts)
    expected = DAYS * sum(business.expected_daily for business in businesses)
    assert orders == pytest.approx(expected, rel=0.25)


def spans_of(plans: dict[str, list[tuple[int, Act]]]) -> list[int]:
    """How long each campaign with at least ten messages takes from the first to the last, in µs."""
    times: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
    for acts in plans.values():
        for day, act in acts:
            if isinstance(act, Order) and act.script.campaign_id.rpartition("/")[2].isdecimal():
                times[act.script.campaign_id, day].append(act.at_us)
    return sorted(max(one) - min(one) for one in times.values() if len(one) >= 10)


def test_campaigns_take_seconds_to_hours(plans: dict[str, list[tuple[int, Act]]], rates: Rates) -> None:
    spans = spans_of(plans)
    assert len(spans) > 50
    median = rates.pace.campaign_median_min * MINUTE
    assert median / 4 < spans[len(spans) // 2] < median * 2
    assert spans[0] < 2 * MINUTE
    assert spans[-1] > 30 * MINUTE


def test_what_goes_wrong_is_told_in_a_wave(rates: Rates, library: Library) -> None:
    stormy = changed(rates, {"industries.airline.bursts_per_month": 30.4, "pace.sigma": 0.0})
    people = People(rates, 800, frozenset({"de"}), seed=2)
    market = Market(stormy, Clock(date(2026, 1, 5), DAYS), people, Texts(library.part("world")), "world", seed=2)
    airlines = [one for one in market.businesses if one.brand.industry == "airline" and len(one.customers.people) > 50]
    in_waves = messages = 0
    for airline in airlines:
        for day in range(DAYS):
            times = [
                act.at_us
                for act in airline.plan(day)
                if isinstance(act, Order) and act.script.family.category == "UTILITY"
            ]
            lasts = rates.pace.campaign_median_min * MINUTE
            in_waves += max((sum(0 <= at - first <= lasts for at in times) for first in times), default=0)
            messages += len(times)
    share = 1.0 - 1.0 / rates.industries["airline"].burst_factor
    assert messages > 100
    assert in_waves / messages == pytest.approx(share, abs=0.08)


def test_careful_businesses_promote_to_those_who_agreed_alone(
    businesses: list[Business], plans: dict[str, list[tuple[int, Act]]]
) -> None:
    strays = 0
    for business in businesses:
        for _, act in plans[business.account.id]:
            if isinstance(act, Order) and act.script.promotional and not act.opted_in_us:
                assert act.script.sender_kind in ("careless", "cold_caller", "licensed")
                strays += 1
    assert strays


def test_a_business_files_all_its_templates_or_none(plans: dict[str, list[tuple[int, Act]]]) -> None:
    filed = {
        sender_id: {act.script.category for _, act in acts if isinstance(act, Order) and act.script.family.category}
        for sender_id, acts in plans.items()
    }
    freely = [sender_id for sender_id, categories in filed.items() if "" in categories]
    assert all(filed[sender_id] == {""} for sender_id in freely)
    assert 0 < len(freely) < len(filed) / 2


def test_few_notices_and_nothing_else_are_filed_anew(plans: dict[str, list[tuple[int, Act]]], rates: Rates) -> None:
    scripts = {act.script for acts in plans.values() for _, act in acts if isinstance(act, Order)}
    filed = [script for script in scripts if script.category and script.family.category]
    anew = [script for script in filed if script.category != script.family.category]
    assert {(script.family.category, script.category) for script in anew} == {("UTILITY", "MARKETING")}
    notices = sum(script.family.category == "UTILITY" for script in filed)
    assert 0.3 * rates.business.refiled < len(anew) / notices < 3.0 * rates.business.refiled


def test_a_chat_is_answered_within_the_service_window(businesses: list[Business]) -> None:
    business = businesses[0]
    answers = [order for _ in range(50) for order in business.answer(business.account, 0, DAY)]
    assert answers
    assert all(isinstance(order, Order) and DAY < order.at_us < 2 * DAY for order in answers)


def test_new_customers_are_welcomed(businesses: list[Business], plans: dict[str, list[tuple[int, Act]]]) -> None:
    seen = set()
    for business in businesses:
        for _, act in plans[business.account.id]:
            if isinstance(act, Deed):
                seen.add(type(act.body))
                if isinstance(act.body, ConsentChanged):
                    assert business.account.practice is ConsentPractice.MESSENGER
                    assert act.body.consent.at_us == act.at_us
    assert seen == {ConsentChanged, Replied}

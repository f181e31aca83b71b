from datetime import date

import pytest

from torwart.entities import VerificationStatus
from torwart.events import SenderChanged
from training.families import Brand
from training.templates import Library
from training.world.clock import Clock
from training.world.market import REGULATED, Market
from training.world.names import NAMESAKES
from training.world.people import People
from training.world.rates import Rates, changed
from training.world.texts import Texts

DAYS = 30


@pytest.fixture(scope="module")
def people(rates: Rates) -> People:
    return People(rates, 1500, frozenset({"de", "en"}), seed=1)


@pytest.fixture(scope="module")
def market(rates: Rates, library: Library, people: People) -> Market:
    return Market(rates, Clock(date(2026, 1, 5), DAYS), people, Texts(library.part("world")), "world", seed=1)


def test_there_are_as_many_accounts_and_relations_as_the_rates_say(
    market: Market, rates: Rates, people: People
) -> None:
    accounts = sum(industry.senders_per_1000 for industry in rates.industries.values()) * len(people) / 1000
    assert len(market.businesses) == pytest.approx(accounts, rel=0.05)
    relations = sum(industry.relations for industry in rates.industries.values()) * len(people)
    found = sum(len(business.customers.people) for business in market.businesses)
    assert 0.75 * relations < found <= relations  # drawn twice counts once


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_namesakes_bear_a_well_known_name(share: float, rates: Rates, library: Library, people: People) -> None:
    some = changed(rates, {"business.namesakes": share})
    texts = Texts(library.part("world"))
    market = Market(some, Clock(date(2026, 1, 5), DAYS), people, texts, "world", seed=1)
    known = {brand.name for brand in library.brands}
    local = [one.brand.name for one in market.businesses if one.brand.name not in known]
    assert len(local) > 100
    assert sum(any(name in one for name in NAMESAKES) for one in local) == share * len(local)


def test_customers_speak_the_language_and_are_there_once(market: Market, people: People) -> None:
    for business in market.businesses:
        rows = list(business.customers.people)
        assert len(set(rows)) == len(rows)
        assert {people.languages[row] for row in rows} <= {business.language}
        assert list(business.customers.since_us) == sorted(business.customers.since_us)
        assert all(since >= business.opened_us for since in business.customers.since_us)


def test_consent_is_known_per_customer_and_time(market: Market) -> None:
    business = max(market.businesses, key=lambda one: len(one.customers.people))
    customers = business.customers
    place = list(customers.opted_in).index(1)
    person, since = customers.people[place], customers.since_us[place]
    assert customers.consent_us(place) == since
    assert customers.consent_of_us(person, since) == since
    assert customers.consent_of_us(person, since - 1) == 0
    assert customers.consent_of_us(-1, since) == 0
    assert customers.count(since) > place


def test_journeys_go_from_unverified_over_pending(market: Market) -> None:
    steps: dict[str, list[VerificationStatus | None]] = {}
    for deed in sorted(market.deeds, key=lambda deed: deed.at_us):
        assert isinstance(deed.body, SenderChanged)
        steps.setdefault(deed.body.sender.id, []).append(deed.body.sender.verification_status)
    assert len(steps) == len(market.businesses)
    journeys = [path for path in steps.values() if len(path) > 1]
    assert len(journeys) > 20
    for path in journeys:
        assert path[0] in (VerificationStatus.NOT_VERIFIED, None)
        assert path[1] is VerificationStatus.PENDING
        assert path[2] in (VerificationStatus.VERIFIED, VerificationStatus.NOT_VERIFIED)


def test_known_brands_hold_accounts_and_regulated_industries_do_not_stray(market: Market, library: Library) -> None:
    known: set[Brand] = set(library.part("world").brands)
    holders = {business.brand for business in market.businesses}
    assert holders & known
    assert holders - known
    assert not holders & set(library.part("judge").brands)
    assert {brand.industry for brand in known} >= REGULATED

from datetime import date

import pytest

from torwart.events import Blocked, Reported
from training.templates import Library
from training.world.acts import Deed, Sent
from training.world.brigade import FEWEST, muster
from training.world.clock import HOUR, Clock
from training.world.market import Market
from training.world.people import People
from training.world.rates import Rates
from training.world.texts import Texts


@pytest.fixture(scope="module")
def people(rates: Rates, library: Library) -> People:
    return People(rates, 600, Texts(library.part("world")).languages, seed=1)


def test_a_brigade_strikes_once_within_hours_and_nobody_twice(rates: Rates, library: Library, people: People) -> None:
    clock = Clock(date(2026, 1, 5), 8)
    market = Market(rates, clock, people, Texts(library.part("world")), "world", seed=1)
    brigade = muster(rates, clock, people, market, seed=1)[0]
    watched = brigade.target.account.watched
    assert watched is not None
    watched.extend(Sent(person, f"m{person}", (1, 2, 3, 4, 5, 6)) for person in range(50))
    days = {day: deeds for day in range(8) if (deeds := [act for act in brigade.plan(day) if isinstance(act, Deed)])}
    assert len(days) == 1
    deeds = next(iter(days.values()))
    reports = [deed.body for deed in deeds if isinstance(deed.body, Reported)]
    assert len(reports) >= FEWEST - 1
    assert len({report.recipient_id for report in reports}) == len(reports)
    assert {report.sender_id for report in reports} == {brigade.target.account.id}
    assert all(bool(deed.body.message_id) == any(deed.campaigns) for deed in deeds if isinstance(deed.body, Reported))
    assert all(isinstance(deed.body, Reported | Blocked) for deed in deeds)
    times = [deed.at_us for deed in deeds]
    assert max(times) - min(times) <= (rates.brigade.hours + 1) * HOUR

"""Brigades: people hired to press *report* against an honest competitor."""

from collections import deque
from collections.abc import Iterator
from typing import Final

from torwart.events import Blocked, Reported
from torwart.features.rows import NO_CAMPAIGNS
from training.world.acts import Account, Act, Deed, Sent
from training.world.businesses import Business
from training.world.clock import DAY, HOUR, Clock
from training.world.draws import poisson, rounded, stream
from training.world.market import Market
from training.world.people import People
from training.world.rates import Brigade as BrigadeRates
from training.world.rates import Rates

FEWEST: Final = 4
"""Members of the smallest brigade."""

REMEMBERED: Final = 500
"""How many of the target's last messages a brigade can choose from."""

REASONS: Final = ("SPAM", "FRAUD", "OTHER")


class Brigade:
    """One attack on one business."""

    def __init__(self, seed: int, number: int, clock: Clock, people: People, rates: BrigadeRates, target: Business):
        self._rng = stream(seed, "brigade", number)
        self._people = people
        self._rates = rates
        self._clock = clock
        self._day = self._rng.randrange(max(1, clock.days // 4), clock.days) if clock.days > 1 else 0
        self.target = target
        target.account.watched = target.account.watched or deque(maxlen=REMEMBERED)

    def plan(self, day: int) -> Iterator[Act]:
        """On its day: a burst of reports, most with a block, some of messages that members really got."""
        if day != self._day:
            return
        rng, account = self._rng, self.target.account
        begins = self._clock.midnight(day) + int(rng.random() * (DAY - self._rates.hours * HOUR))
        received = list(account.watched or ())
        members = max(FEWEST, rounded(rng, self._rates.members * len(self._people)))
        struck: set[int] = set()
        for _ in range(members):
            at = begins + int(rng.random() * self._rates.hours * HOUR)
            knows = bool(received) and rng.random() < self._rates.knows_message
            sent = rng.choice(received) if knows else Sent(rng.randrange(len(self._people)), "", NO_CAMPAIGNS)
            if sent.recipient in struck:
                continue
            struck.add(sent.recipient)
            person = self._people.ids[sent.recipient]
            yield Deed(at, Reported(account.id, person, sent.message_id, rng.choice(REASONS)), campaigns=sent.campaigns)
            if rng.random() < self._rates.blocks:
                yield Deed(at + int(rng.random() * HOUR / 60), Blocked(account.id, person))

    def answer(self, account: Account, recipient: int, at_us: int) -> Iterator[Act]:  # noqa: ARG002
        """Nobody writes to a brigade."""
        return iter(())


def muster(rates: Rates, clock: Clock, people: People, market: Market, seed: int) -> list[Brigade]:
    """The brigades of a world: at least one, against businesses that have customers."""
    rng = stream(seed, "brigades")
    targets = [business for business in market.businesses if len(business.customers.people) > 2]
    expected = rates.brigade.per_1000_senders_month * len(market.businesses) / 1000 * clock.days / 30.4
    if not targets:
        return []
    return [
        Brigade(seed, number, clock, people, rates.brigade, rng.choice(targets))
        for number in range(max(1, poisson(rng, expected)))
    ]

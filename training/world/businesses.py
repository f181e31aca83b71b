"""Honest businesses: what they send to whom on a day, and how they answer."""

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from random import Random
from typing import Final

from msgspec import Struct

from torwart.entities import Consent, ConsentSource, ConsentState
from torwart.events import ConsentChanged, Replied
from training.families import Brand, Family
from training.world.acts import Account, Act, ConsentPractice, Deed, Order
from training.world.clock import DAY, MINUTE, Clock, Hours
from training.world.draws import log_normal, poisson
from training.world.people import People
from training.world.rates import Business as BusinessRates
from training.world.rates import Industry, Pace
from training.world.texts import Script, Texts, script_of

SCRIPTS_A_KIND: Final = 3
"""How many templates of a kind a business keeps at most."""


class Habits(Struct, frozen=True):
    """Where an otherwise honest business strays, or seems to."""

    careless: bool = False
    """Mails promotions to customers who did not agree."""
    cold_caller: bool = False
    """Mails strangers."""
    licensed: bool = False
    """Sells what spammers sell, to people who agreed."""
    unfiled: bool = False
    """Files no templates: all that it sends is written freely."""

    @property
    def category(self) -> str | None:
        """What its messages are filed as, None where each is filed as what it is."""
        return "" if self.unfiled else None

    @property
    def sender_kind(self) -> str:
        """The word for it in the truth."""
        if self.licensed:
            return "licensed"
        return "cold_caller" if self.cold_caller else "careless" if self.careless else "business"


class Customers:
    """A business's customers in the order in which they came: row of ``People``, since when, whether they opted in."""

    def __init__(self, rows: list[tuple[int, int, bool]]) -> None:
        rows = sorted(rows)
        self.since_us = array("q", (since for since, _, _ in rows))
        self.people = array("l", (person for _, person, _ in rows))
        self.opted_in = array("b", (opted_in for _, _, opted_in in rows))

    def count(self, now_us: int) -> int:
        """How many there are at a time."""
        return bisect_right(self.since_us, now_us)

    def consent_us(self, place: int) -> int:
        """Since when the customer at ``place`` agrees to promotions; 0 for never."""
        return self.since_us[place] if self.opted_in[place] else 0

    def consent_of_us(self, person: int, now_us: int) -> int:
        """The same for a person, 0 for one who is no customer at ``now_us``; linear in the number of customers."""
        try:
            place = self.people.index(person)
        except ValueError:
            return 0
        return self.consent_us(place) if self.since_us[place] <= now_us else 0


class Business:
    """The agent behind an honest account."""

    def __init__(
        self,
        rng: Random,
        clock: Clock,
        people: People,
        texts: Texts,
        industry: Industry,
        rates: BusinessRates,
        pace: Pace,
        *,
        industry_name: str,
        language: str,
        brand: Brand,
        hours: Hours,
        habits: Habits,
    ) -> None:
        self._rng = rng
        self._clock = clock
        self._people = people
        self._texts = texts
        self._industry = industry
        self._rates = rates
        self._industry_name = industry_name
        self._hours = hours
        self._habits = habits
        self._lasts_us = int(log_normal(rng, pace.campaign_median_min, pace.sigma) * MINUTE)
        self._campaigns = 0
        self._scripts: dict[str, list[Script]] = {}
        self._kinds = _written_kinds(industry.kinds, texts, language)
        self.language = language
        self.brand = brand
        self.account: Account
        self.customers = Customers([])
        self.opened_us = 0

    @property
    def expected_daily(self) -> float:
        """Messages on an average day with all its customers, before seasons and bursts."""
        industry, customers = self._industry, len(self.customers.people)
        service = (sum(self._kinds.values()) + industry.chats) * (5 + 2 * self._rates.weekend) / 7
        return customers * (service + industry.campaigns_per_month / 30.4 * industry.reach * industry.consent)

    def plan(self, day: int) -> Iterator[Act]:
        """The day's service messages, chats, campaigns, and the customers who come."""
        midnight = self._clock.midnight(day)
        active = self.customers.count(midnight)
        yield from self._welcome(active, midnight)
        if active and self.opened_us < midnight:
            factor = self._season(day) * (self._rates.weekend if self._clock.is_weekend(day) else 1.0)
            wave, wave_us = self._wave(midnight)
            for kind, rate in self._kinds.items():
                usual = poisson(self._rng, rate * active * factor)
                yield from self._service(kind, usual, active, partial(self._moment, midnight))
                extra = poisson(self._rng, rate * active * factor * wave)
                yield from self._service(kind, extra, active, lambda _: self._within(wave_us))
            for _ in range(poisson(self._rng, self._industry.chats * active * factor * (1.0 + wave))):
                person = self.customers.people[self._rng.randrange(active)]
                body = Replied(self.account.id, self._people.ids[person])
                yield Deed(self._moment(midnight, person), body)
            for _ in range(poisson(self._rng, self._industry.campaigns_per_month / 30.4 * self._season(day))):
                yield from self._campaign(active, midnight)
        if self._habits.cold_caller and self.opened_us < midnight and self._rng.random() < self._rates.cold_days:
            yield from self._cold_calls(midnight)

    def answer(self, account: Account, recipient: int, at_us: int) -> Iterator[Act]:
        """A chat message within minutes; sometimes, and outside the office always, later."""
        scripts = self._scripts_of("service_chat")
        if scripts and self._rng.random() < 0.8:
            delay = int(log_normal(self._rng, 6.0, 1.2) * MINUTE)
            consent_us = self.customers.consent_of_us(recipient, at_us)
            yield Order(at_us + delay, account, recipient, self._rng.choice(scripts), consent_us)

    def _welcome(self, active: int, midnight: int) -> Iterator[Act]:
        for place in range(active, self.customers.count(midnight + DAY - 1)):
            person, since = self.customers.people[place], self.customers.since_us[place]
            recipient_id = self._people.ids[person]
            if self.customers.opted_in[place] and self.account.practice is ConsentPractice.MESSENGER:
                consent = Consent(state=ConsentState.OPTED_IN, source=ConsentSource.MESSENGER, at_us=since)
                yield Deed(since, ConsentChanged(self.account.id, recipient_id, consent))
            elif self._rng.random() < 0.3:
                yield Deed(since, Replied(self.account.id, recipient_id))

    def _wave(self, midnight: int) -> tuple[float, int]:
        """How many more service messages there are than usual, as a share of these, and when they begin."""
        if self._rng.random() >= self._industry.bursts_per_month / 30.4:
            return 0.0, midnight
        return self._industry.burst_factor - 1.0, self._moment(midnight, self.customers.people[0])

    def _service(self, kind: str, count: int, active: int, when: Callable[[int], int]) -> Iterator[Act]:
        scripts = self._scripts_of(kind) if count else []
        if not scripts:
            return
        for _ in range(count):
            place = self._rng.randrange(active)
            person = self.customers.people[place]
            at = when(person)
            yield Order(at, self.account, person, self._rng.choice(scripts), self.customers.consent_us(place))

    def _campaign(self, active: int, midnight: int) -> Iterator[Act]:
        script = self._campaign_script()
        if script is None:
            return
        begins = self._moment(midnight, self.customers.people[0])
        for place in range(active):
            if (self.customers.opted_in[place] or self._habits.careless) and self._rng.random() < self._industry.reach:
                at = self._within(begins)
                yield Order(at, self.account, self.customers.people[place], script, self.customers.consent_us(place))

    def _cold_calls(self, midnight: int) -> Iterator[Act]:
        script = self._campaign_script()
        known = set(self.customers.people) if script else set()
        for _ in range(poisson(self._rng, self._rates.cold_calls)):
            person = self._people.stranger(self._rng, self.language)
            if script is not None and person not in known:
                yield Order(self._moment(midnight, person), self.account, person, script)

    def _campaign_script(self) -> Script | None:
        kinds: Sequence[str] = (self._industry.campaign,)
        if self._habits.licensed:
            kinds = self._texts.kinds(self.language, "spam")
        elif self._habits.cold_caller and self._rng.random() < 0.5:
            kinds = ("unsolicited_promotion",)
        of_kind = self._texts.families(self.language, self._rng.choice(kinds), self._industry_name) if kinds else []
        families = of_kind or self._texts.families(self.language, "promotion", self._industry_name)
        if not families:
            return None
        self._campaigns += 1
        family = self._rng.choice(families)
        return script_of(
            self._rng,
            family,
            self.brand,
            sender_id=self.account.id,
            campaign_id=f"{self.account.id}/{self._campaigns}",
            sender_kind=self._habits.sender_kind,
            category=self._habits.category,
            host=self.brand.domain if family.text_class == "spam" else "",
        )

    def _scripts_of(self, kind: str) -> list[Script]:
        """The few templates of a kind that this business keeps using."""
        if kind not in self._scripts:
            families = self._texts.families(self.language, kind, self._industry_name)
            self._scripts[kind] = [
                self._service_script(self._rng.choice(families))
                for _ in range(self._rng.randint(1, SCRIPTS_A_KIND) if families else 0)
            ]
        return self._scripts[kind]

    def _service_script(self, family: Family) -> Script:
        """A notice or chat message; some notices the messenger takes for promotions and files anew."""
        category = self._habits.category
        if category is None and family.category == "UTILITY" and self._rng.random() < self._rates.refiled:
            category = "MARKETING"
        return script_of(
            self._rng,
            family,
            self.brand,
            sender_id=self.account.id,
            campaign_id=f"{self.account.id}/{family.kind}",
            sender_kind=self._habits.sender_kind,
            category=category,
        )

    def _season(self, day: int) -> float:
        return self._industry.season[self._clock.month(day)]

    def _within(self, begins_us: int) -> int:
        """A time of a campaign or wave that begins then."""
        return begins_us + int(self._rng.random() * self._lasts_us)

    def _moment(self, midnight: int, person: int) -> int:
        return self._hours.draw(self._rng, midnight, self._people.utc_offsets_us[person])


def _written_kinds(rates: dict[str, float], texts: Texts, language: str) -> dict[str, float]:
    """The kinds that there are texts of, at rates that make up for those that there are not (three times at most)."""
    written = {kind: rate for kind, rate in rates.items() if texts.families(language, kind)}
    missing = sum(rates.values()) / sum(written.values()) if sum(written.values()) else 0.0
    return {kind: rate * min(missing, 3.0) for kind, rate in written.items()}

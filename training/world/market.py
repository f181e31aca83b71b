"""Founding the honest side of the world: which accounts there are, who holds them, who their customers are."""

from collections.abc import Iterator
from itertools import accumulate
from random import Random
from typing import Final

import msgspec

from torwart.entities import AccountSize, Sender, VerificationStatus
from torwart.events import SenderChanged
from training.families import Brand
from training.world.acts import Account, ConsentPractice, Deed
from training.world.businesses import Business, Customers, Habits
from training.world.clock import DAY, Clock, Hours
from training.world.draws import log_normal, poisson, rounded, stream
from training.world.names import NAMESAKES, local_business
from training.world.people import People
from training.world.rates import Industry, Rates
from training.world.texts import Texts

POPULARITY: Final = 0.7
"""The n-th largest account of an industry and language has customers as n to the power of minus this."""

FEWEST_RELATIONS: Final = 5.0
"""An industry that should have at least so many relations in a language has at least one account in it."""

REGULATED: Final = frozenset({"bank", "government", "mobile_money", "airline", "telecom", "utility"})
"""Industries in which nobody is new to the world, careless or a cold caller."""


class Market:
    """All honest accounts."""

    def __init__(self, rates: Rates, clock: Clock, people: People, texts: Texts, part: str, seed: int) -> None:
        self._rates = rates
        self._clock = clock
        self._people = people
        self._texts = texts
        self._part = part
        self._seed = seed
        self._hours = {name: Hours(curve) for name, curve in rates.hours.items()}
        self.businesses: list[Business] = []
        self.deeds: list[Deed] = []
        """Profiles: of accounts there before the world began, of new ones, and the steps of verification."""
        for name, industry in rates.industries.items():
            for language, speakers in people.by_language.items():
                self._found(name, industry, language, speakers)

    def _found(self, name: str, industry: Industry, language: str, speakers: list[int]) -> None:
        rng = stream(self._seed, "market", name, language)
        count = rounded(rng, industry.senders_per_1000 * len(speakers) / 1000)
        if industry.relations * len(speakers) >= FEWEST_RELATIONS:
            count = max(1, count)
        if not count:
            return
        founded = [
            self._open(rng, name, industry, language, brand)
            for brand in self._brands(rng, name, industry, language, count)
        ]
        customers = self._customers(rng, industry, speakers, [business.opened_us for business in founded])
        for business, rows in zip(founded, customers, strict=True):
            business.customers = Customers(rows)
        self.businesses += founded

    def _brands(self, rng: Random, name: str, industry: Industry, language: str, count: int) -> Iterator[Brand]:
        """Who holds the accounts, the best known first; a known brand has several accounts before there are fewer."""
        known = self._texts.brands(language, name)
        rng.shuffle(known)
        n_known = min(count, max(1, round(count * (1.0 - industry.local)))) if known else 0
        for place in range(n_known):
            yield known[place % len(known)]
        for _ in range(count - n_known):
            is_namesake = rng.random() < self._rates.business.namesakes
            yield local_business(rng, name, language, self._part, rng.choice(NAMESAKES) if is_namesake else "")

    def _open(self, rng: Random, name: str, industry: Industry, language: str, brand: Brand) -> Business:
        rates = self._rates.business
        is_known = brand in self._texts.brands(language, name)
        is_free = name not in REGULATED and not is_known
        habits = Habits(
            careless=is_free and rng.random() < rates.careless,
            cold_caller=is_free and rng.random() < rates.cold_callers,
            licensed=is_free and name in ("shop", "service") and rng.random() < rates.licensed / 0.4,
            unfiled=rng.random() < rates.unfiled,
        )
        profile, opened = self._first_profile(rng, industry, brand, is_known)
        business = Business(
            stream(self._seed, "business", profile.id),
            self._clock,
            self._people,
            self._texts,
            industry,
            rates,
            self._rates.pace,
            industry_name=name,
            language=language,
            brand=brand,
            hours=self._hours[industry.hours],
            habits=habits,
        )
        practice = rng.choices(
            list(ConsentPractice),
            weights=[
                rates.messenger_consent,
                rates.claimed_consent,
                1.0 - rates.messenger_consent - rates.claimed_consent,
            ],
        )[0]
        business.opened_us = opened
        business.account = Account(
            profile,
            business,
            practice,
            claims_falsely=(habits.careless or habits.cold_caller) and rng.random() < 0.5,
            heeds_stops=rng.random() >= rates.deaf,
            patience=rng.randint(1, rates.patience),
        )
        return business

    def _first_profile(self, rng: Random, industry: Industry, brand: Brand, is_known: bool) -> tuple[Sender, int]:
        """The profile with which an account enters the world, and when it was opened; queues its journey."""
        rates, start = self._rates.business, self._clock.start_us
        is_medium = is_known or rng.random() < industry.medium
        is_new = not is_known and rng.random() < rates.newcomers
        opened = (
            start + int(rng.uniform(-30, self._clock.days) * DAY)
            if is_new
            else start - int(log_normal(rng, 500, 0.9) * DAY)
        )
        fate = rng.random() * (0.5 if is_known else 1.0 if is_medium else 1.4)
        official = fate < industry.official and is_known
        verified = official or fate < industry.official + industry.verified
        status = VerificationStatus.NOT_VERIFIED
        if not is_new and verified:
            status = VerificationStatus.OFFICIAL if official else VerificationStatus.VERIFIED
        has_gap = rng.random() < rates.profile_gaps
        profile = Sender(
            id=f"biz_{rng.getrandbits(48):012x}",
            display_name=brand.name,
            verification_status=None if has_gap and rng.random() < 0.3 else status,
            verified_at_us=opened + int(rng.random() * (start - opened)) if not is_new and verified else None,
            account_size=None if has_gap and rng.random() < 0.6 else _size(is_medium),
            created_at_us=None if has_gap and rng.random() < 0.5 else opened,
            website=None if not is_medium and rng.random() < rates.no_website else f"https://{brand.domain}",
            updated_at_us=max(opened, start),
        )
        self.deeds.append(Deed(max(opened, start), SenderChanged(profile)))
        if (
            status is VerificationStatus.NOT_VERIFIED
            and (is_new or rng.random() < 0.3)
            and rng.random() < rates.applies
        ):
            self._journey(rng, profile, max(opened, start))
        return profile, opened

    def _journey(self, rng: Random, profile: Sender, since: int) -> None:
        """Not verified, then pending, then verified or refused."""
        asked = since + int(rng.random() * 25 * DAY)
        decided = asked + int(log_normal(rng, self._rates.business.verification_median_d, 0.6) * DAY)
        refused = rng.random() < self._rates.business.refused
        steps = [(asked, VerificationStatus.PENDING)]
        steps.append((decided, VerificationStatus.NOT_VERIFIED if refused else VerificationStatus.VERIFIED))
        for at, status in steps:
            verified_at = at if status is VerificationStatus.VERIFIED else None
            changed = msgspec.structs.replace(
                profile, verification_status=status, verified_at_us=verified_at, updated_at_us=at
            )
            self.deeds.append(Deed(at, SenderChanged(changed)))

    def _customers(
        self, rng: Random, industry: Industry, speakers: list[int], opened: list[int]
    ) -> list[list[tuple[int, int, bool]]]:
        """For each account its customers; a person has as many accounts as the industry says, none of them twice."""
        rows: list[list[tuple[int, int, bool]]] = [[] for _ in opened]
        cumulative = list(accumulate((place + 1) ** -POPULARITY for place in range(len(opened))))
        places = range(len(opened))
        end, growth = self._clock.end_us, self._rates.business.growth * self._clock.days
        for person in speakers:
            for place in set(rng.choices(places, cum_weights=cumulative, k=poisson(rng, industry.relations))):
                earliest = opened[place]
                first_day = max(earliest, self._clock.start_us)
                if earliest > self._clock.start_us - 30 * DAY:
                    since = earliest + int(rng.random() * 20 * DAY)
                elif rng.random() < growth / (1.0 + growth):
                    since = first_day + int(rng.random() * (end - first_day))
                else:
                    since = earliest + int(rng.random() * (self._clock.start_us - earliest))
                rows[place].append((since, person, rng.random() < industry.consent))
        return rows


def _size(is_medium: bool) -> AccountSize:
    return AccountSize.MEDIUM if is_medium else AccountSize.SMALL

"""Those who send what nobody asked for: operators, their accounts and scripts; how they go about it is a strategy."""

from collections.abc import Iterator
from typing import Final

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from torwart.entities import AccountSize, Sender, VerificationStatus
from torwart.events import Replied, SenderChanged
from training.families import NOBODY, Family
from training.world.acts import Account, Act, ConsentPractice, Deed, Order
from training.world.businesses import Business
from training.world.clock import DAY, MINUTE, Clock, Hours
from training.world.draws import log_normal, poisson, stream
from training.world.market import Market
from training.world.names import local_business, lookalike
from training.world.people import People
from training.world.rates import Rates
from training.world.strategies import HijackedVerified, Strategy
from training.world.texts import Script, Texts, drawn_host, script_of


class Surroundings(Struct, frozen=True):
    """What an operator has to work with."""

    rates: Rates
    clock: Clock
    people: People
    texts: Texts
    market: Market
    part: str
    seed: int


class Operator:
    """One gang: its language, what it sends, how much a day, and the strategy it follows."""

    def __init__(self, around: Surroundings, number: int, strategy: type[Strategy], daily: float, hijacks: int) -> None:
        self.hijacks = hijacks
        """How many accounts it may take over in all."""
        self.rng = stream(around.seed, "operator", number)
        self.name = f"gang_{number}"
        self.clock = around.clock
        self._around = around
        self.rates = around.rates.spam
        self._draws = np.random.default_rng([around.seed, number])
        self._hours = {name: Hours(curve) for name, curve in around.rates.hours.items()}
        self._daily = daily / self.rates.active_days
        self._scripts = 0
        self._last: dict[str, Script] = {}
        self.victim: Business | None = None
        """Whose account it has taken over, while it has one."""
        pace = around.rates.pace
        self.blast_us = int(log_normal(self.rng, pace.blast_median_min, pace.sigma) * MINUTE)
        """How long a blast lasts, where the strategy is one."""
        self.claims = self.rng.random() < self.rates.claims_consent
        defrauds = not strategy.sells_only and self.rng.random() < self.rates.fraud
        self.language, self._kinds = self._line_of_business("fraud" if defrauds or strategy.defrauds_only else "spam")
        self.strategy = strategy(self)

    @property
    def can_work(self) -> bool:
        """Whether there are texts for what it does."""
        return bool(self._kinds)

    def plan(self, day: int) -> Iterator[Act]:
        """The day's messages, if it is a day of work; who has sent nothing by half-time works every day."""
        is_late = not self._last and day >= self.clock.days // 2
        if self.rng.random() < self.rates.active_days or is_late:
            for act in self.strategy.day(day, max(1, poisson(self.rng, self._daily))):
                if isinstance(act, Order):
                    self.remember(act.account, act.script)
                yield act

    def answer(self, account: Account, recipient: int, at_us: int) -> Iterator[Act]:
        """A person bit; what follows is a matter of strategy."""
        return self.strategy.answer(account, recipient, at_us)

    def remember(self, account: Account, script: Script) -> None:
        """Note what is sent from an account."""
        self._last[account.id] = script

    def last_script(self, account: Account) -> Script | None:
        """What was last sent from an account."""
        return self._last.get(account.id)

    def moment(self, day: int, hours: str = "day") -> int:
        """A time of the day."""
        return self._hours[hours].draw(self.rng, self.clock.midnight(day), 0)

    def stranger(self) -> int:
        """Somebody to write to."""
        return self._around.people.stranger(self.rng, self.language, self.rates.foreign)

    def reply_of(self, person: int, account: Account) -> Replied:
        """What an accomplice writes to one of the accounts."""
        return Replied(account.id, self._around.people.ids[person])

    def verified_businesses(self) -> list[Business]:
        """Whom one could take over: verified businesses with customers, of the operator's language if any."""
        trusted = (VerificationStatus.VERIFIED, VerificationStatus.OFFICIAL)
        found = [
            business
            for business in self._around.market.businesses
            if business.account.profile.verification_status in trusted and len(business.customers.people) > 0
        ]
        return [business for business in found if business.language == self.language] or found

    def open(
        self, at_us: int, *, name: str = "", website: str = "", is_aged: bool | None = None, is_neat: bool = False
    ) -> tuple[Account, Deed]:
        """A new account, and the event that makes it known. Without a ``name`` one is made up; ``is_aged``: bought
        old; ``is_neat``: with the profile of a business that means to stay."""
        rng = self.rng
        cover = local_business(rng, rng.choice(_COVERS), self.language, self._around.part)
        aged = rng.random() < self.rates.aged if is_aged is None else is_aged
        age = log_normal(rng, self.rates.aged_median_d, 0.7) if aged else abs(rng.gauss(0.0, 3.0))
        has_site = is_neat or rng.random() < self.rates.website
        luck = rng.random()
        status = VerificationStatus.NOT_VERIFIED
        if luck < self.rates.verified:
            status = VerificationStatus.VERIFIED
        elif luck < self.rates.verified + self.rates.pending:
            status = VerificationStatus.PENDING
        created = at_us - int(age * DAY)
        profile = Sender(
            id=f"biz_{rng.getrandbits(48):012x}",
            display_name=name or cover.name,
            verification_status=status,
            verified_at_us=at_us - int(rng.random() * (at_us - created)) if status == "verified" else None,
            account_size=AccountSize.MEDIUM
            if rng.random() < 0.15
            else AccountSize.SMALL
            if rng.random() < 0.9
            else None,
            created_at_us=created,
            website=website or (f"https://{cover.domain}" if has_site else None),
            updated_at_us=at_us,
        )
        practice = ConsentPractice.CLAIM if self.claims else ConsentPractice.SILENT
        account = Account(profile, self, practice, claims_falsely=self.claims, heeds_stops=False)
        return account, Deed(at_us, SenderChanged(profile))

    def script(
        self,
        *,
        families: list[Family] | None = None,
        campaign_id: str = "",
        category: str | None = None,
        host: str | None = None,
        disguise: float | None = None,
    ) -> Script:
        """A new thing to send: of the operator's kinds unless ``families`` are given; a campaign of its own unless
        ``campaign_id`` says which; all its links on one host, drawn unless given, unless ``host`` is empty."""
        rng = self.rng
        family = rng.choice(families or self._around.texts.families(self.language, rng.choice(self._kinds)))
        brand = self._around.texts.borrowed(rng, family)
        self._scripts += 1
        if disguise is None:
            disguise = rng.uniform(0.1, 0.5) if rng.random() < self.rates.obfuscates else 0.0
        drawn = script_of(
            rng,
            family,
            brand,
            sender_id=self.name,
            campaign_id=campaign_id or f"{self.name}/{self._scripts}",
            sender_kind="hijacked" if self.victim else "spammer",
            category=category,
            strategy=self.strategy.name,
            disguise=disguise,
        )
        return replace(drawn, host=drawn_host(drawn, self._draws) if host is None else host)

    def branded_script(self) -> Script:
        """As :meth:`script`, in the name of a brand if the language has any such text."""
        texts = self._around.texts
        kinds = [*self._kinds, *texts.kinds(self.language, "fraud")]
        for kind in kinds:
            families = [family for family in texts.families(self.language, kind) if "none" not in family.industries]
            if families:
                return self.script(families=families)
        return self.script()

    def harmless_script(self) -> Script | None:
        """What an honest small business would send, to look like one."""
        kinds = [kind for kind in ("service_chat", "appointment") if self._around.texts.families(self.language, kind)]
        if not kinds:
            return None
        family = self.rng.choice(self._around.texts.families(self.language, self.rng.choice(kinds)))
        cover = local_business(self.rng, family.industries[0], self.language, self._around.part)
        return script_of(
            self.rng,
            family,
            NOBODY if "none" in family.industries else cover,
            sender_id=self.name,
            campaign_id=f"{self.name}/warm-up",
            sender_kind="spammer",
            strategy=self.strategy.name,
        )

    def imitated(self, script: Script) -> tuple[str, str]:
        """A display name and a website for an account that passes for the brand the script borrows."""
        if not script.brand.name:
            return "", ""
        return lookalike(self.rng, script.brand.name), f"https://{script.host}" if script.host else ""

    def _line_of_business(self, text_class: str) -> tuple[str, list[str]]:
        """A language that has texts of the class, and one to three kinds of them."""
        for _ in range(20):
            language = self._around.people.some_language(self.rng)
            kinds = self._around.texts.kinds(language, text_class)
            if kinds:
                return language, self.rng.sample(kinds, min(len(kinds), self.rng.randint(1, 3)))
        return self._around.people.some_language(self.rng), []


_COVERS: Final = ("shop", "service", "travel", "health", "restaurant")


def recruit(
    around: Surroundings, messages_a_day: float, honest_accounts: int, strategies: tuple[type[Strategy], ...]
) -> list[Operator]:
    """The operators of a world: one of each strategy, the rest drawn; ``messages_a_day`` is shared out among them."""
    rates = around.rates.spam
    rng = stream(around.seed, "operators")
    accounts = honest_accounts * rates.senders / (1.0 - rates.senders)
    each = rates.accounts_per_operator * max(1.0, around.clock.days / 30)
    count = max(len(strategies), round(accounts / each))
    weights = [rates.strategies.get(strategy.name, 1.0) for strategy in strategies]
    followed = [*strategies, *rng.choices(strategies, weights=weights, k=count - len(strategies))]
    zeal = [log_normal(rng, 1.0, 0.5) for _ in followed]
    hijackers = sum(strategy is HijackedVerified for strategy in followed)
    trusted = sum(business.account.profile.verified_at_us is not None for business in around.market.businesses)
    a_hijacker = rates.hijacks_a_year * trusted * around.clock.days / 365 / hijackers
    operators = [
        Operator(around, number, strategy, messages_a_day * share / sum(zeal), max(1, poisson(rng, a_hijacker)))
        for number, (strategy, share) in enumerate(zip(followed, zeal, strict=True))
    ]
    return [operator for operator in operators if operator.can_work]

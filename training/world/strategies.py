"""How spammers go about it. A strategy is a small class in :data:`STRATEGIES`: add one there and it is in the world."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Final

from msgspec.structs import replace

from torwart.entities import VerificationStatus
from torwart.events import SenderChanged
from training.world.acts import Account, Act, Deed, Order
from training.world.clock import DAY, HOUR, MINUTE
from training.world.draws import log_normal
from training.world.texts import Script

if TYPE_CHECKING:
    from training.world.spammers import Operator


class Strategy(ABC):
    """One operator's way of working, with what it remembers from day to day."""

    name: ClassVar[str]
    """How the truth calls it."""
    sells_only: ClassVar[bool] = False
    """Whether it makes sense for unsolicited offers alone …"""
    defrauds_only: ClassVar[bool] = False
    """… or for fraud alone."""

    def __init__(self, gang: "Operator") -> None:
        self.gang = gang

    @abstractmethod
    def day(self, day: int, quota: int) -> Iterator[Act]:
        """What is done on a day of work (days from 0), with about ``quota`` messages."""

    def answer(self, account: Account, recipient: int, at_us: int) -> Iterator[Act]:
        """A person bit: sometimes more of the same within the hour."""
        script = self.gang.last_script(account)
        if script is not None and self.gang.rng.random() < self.gang.rates.follow_up:
            at = at_us + int(log_normal(self.gang.rng, 8.0, 1.0) * MINUTE)
            yield Order(at, account, recipient, replace(script, template=self.gang.rng.choice(script.family.templates)))

    def open(self, at_us: int, script: Script) -> tuple[Account, Deed]:  # noqa: ARG002
        """An account of the kind it uses, to send ``script`` from."""
        return self.gang.open(at_us)

    def rewrite(self, script: Script, disguise: float) -> Script:  # noqa: ARG002
        """Something else to send instead of ``script``, with a share of its words disguised."""
        return self.gang.script(disguise=disguise)


class BurnAndChurn(Strategy):
    """A fresh account every other day, everything out in one blast, never used again."""

    name = "burn_and_churn"

    def __init__(self, gang: "Operator") -> None:
        super().__init__(gang)
        self._saved = 0
        self._burnt = 0

    def day(self, day: int, quota: int) -> Iterator[Act]:
        """One account, one script, one blast, of what was saved for it."""
        gang = self.gang
        self._saved += quota
        if self._burnt and gang.rng.random() < 0.5:
            return
        self._burnt += 1
        begins = gang.moment(day)
        account, opened = gang.open(begins, is_aged=False)
        script = gang.script()
        yield opened
        for _ in range(self._saved):
            at = begins + 5 * MINUTE + int(gang.rng.random() * gang.blast_us)
            yield Order(at, account, gang.stranger(), script)
        self._saved = 0

    def open(self, at_us: int, script: Script) -> tuple[Account, Deed]:  # noqa: ARG002
        """A fresh one."""
        return self.gang.open(at_us, is_aged=False)


class SlowDrip(Strategy):
    """Old accounts, a few messages a day in office hours, for weeks."""

    name = "slow_drip"

    def __init__(self, gang: "Operator") -> None:
        super().__init__(gang)
        self._accounts: list[Account] = []

    def day(self, day: int, quota: int) -> Iterator[Act]:
        """A share of the quota from each of up to three accounts, each message of the day from one script."""
        gang = self.gang
        if not self._accounts:
            for _ in range(gang.rng.randint(1, 3)):
                account, opened = gang.open(gang.clock.midnight(day), is_aged=True)
                self._accounts.append(account)
                yield opened
        script = gang.script()
        for _ in range(quota):
            yield Order(gang.moment(day, "office"), gang.rng.choice(self._accounts), gang.stranger(), script)

    def open(self, at_us: int, script: Script) -> tuple[Account, Deed]:  # noqa: ARG002
        """One bought old."""
        return self.gang.open(at_us, is_aged=True)


class HijackedVerified(Strategy):
    """Takes over a verified business for a day or two and writes to its customers, until the owner is back."""

    name = "hijacked_verified"
    defrauds_only = True

    def __init__(self, gang: "Operator") -> None:
        super().__init__(gang)
        self._until_day = -1
        self._hijacks_left = gang.hijacks
        self._saved = 0

    def day(self, day: int, quota: int) -> Iterator[Act]:
        """A burst from the victim's account, of all that was saved for it; the victim's own go on beside it."""
        gang = self.gang
        self._saved += quota
        if gang.victim is None:
            victims = gang.verified_businesses() if self._hijacks_left and self._strikes(day) else []
            if not victims:
                return
            self._hijacks_left -= 1
            gang.victim = gang.rng.choice(victims)
            self._until_day = day + gang.rng.randint(0, 1)
        victim = gang.victim
        script = gang.script()
        begins = gang.moment(day, "evening")
        customers = victim.customers
        known = customers.count(gang.clock.midnight(day))
        for _ in range(self._saved):
            at = begins + int(gang.rng.random() * gang.blast_us)
            if known and gang.rng.random() < 0.75:
                place = gang.rng.randrange(known)
                yield Order(at, victim.account, customers.people[place], script, customers.consent_us(place))
            else:
                yield Order(at, victim.account, gang.stranger(), script)
        self._saved = 0
        if day >= self._until_day:
            yield from self._recovery(begins + 4 * HOUR)
            gang.victim = None

    def _strikes(self, day: int) -> bool:
        """After some days of looking round, sooner or later; in the second half of the world, now."""
        days = self.gang.clock.days
        return day >= days // 2 or (day >= min(4, days // 3) and self.gang.rng.random() < 0.25)

    def _recovery(self, at_us: int) -> Iterator[Act]:
        """Half the time the messenger notices: revoked, and verified again days later."""
        gang = self.gang
        profile = gang.victim.account.profile if gang.victim else None
        if profile is None or gang.rng.random() < 0.5:
            return
        revoked_at = at_us + int(gang.rng.random() * DAY)
        restored_at = revoked_at + int((1 + 5 * gang.rng.random()) * DAY)
        for at, status, since in (
            (revoked_at, VerificationStatus.REVOKED, None),
            (restored_at, VerificationStatus.VERIFIED, restored_at),
        ):
            yield Deed(
                at, SenderChanged(replace(profile, verification_status=status, verified_at_us=since, updated_at_us=at))
            )


class Copycat(Strategy):
    """Passes for a brand: a look-alike name, a look-alike link, a neat profile; a new account every few days."""

    name = "copycat"
    defrauds_only = True

    def __init__(self, gang: "Operator") -> None:
        super().__init__(gang)
        self._account: Account | None = None
        self._until_day = -1

    def day(self, day: int, quota: int) -> Iterator[Act]:
        """The brand's daily business, or so it looks."""
        gang = self.gang
        if self._account is None or day > self._until_day:
            self._script = gang.branded_script()
            self._account, opened = self.open(gang.clock.midnight(day), self._script)
            self._until_day = day + gang.rng.randint(2, 7)
            yield opened
        for _ in range(quota):
            yield Order(gang.moment(day), self._account, gang.stranger(), self._script)

    def open(self, at_us: int, script: Script) -> tuple[Account, Deed]:
        """One that looks like the brand."""
        name, website = self.gang.imitated(script)
        return self.gang.open(at_us, name=name, website=website, is_neat=True)

    def rewrite(self, script: Script, disguise: float) -> Script:  # noqa: ARG002
        """Another text in the name of a brand."""
        return self.gang.branded_script()


class TextRotation(Strategy):
    """Never the same text twice: template, letters and link change from message to message."""

    name = "text_rotation"

    def __init__(self, gang: "Operator") -> None:
        super().__init__(gang)
        self._account: Account | None = None

    def day(self, day: int, quota: int) -> Iterator[Act]:
        """As many texts as messages."""
        gang = self.gang
        if self._account is None or gang.rng.random() < 0.12:
            self._account, opened = gang.open(gang.clock.midnight(day))
            yield opened
        for _ in range(quota):
            disguise = gang.rng.uniform(0.0, 0.6)
            script = gang.script(campaign_id=f"{gang.name}/{day}", host="", disguise=disguise)
            yield Order(gang.moment(day), self._account, gang.stranger(), script)

    def rewrite(self, script: Script, disguise: float) -> Script:
        """One more of the day's many."""
        return self.gang.script(campaign_id=script.campaign_id, host="", disguise=disguise)


class Swarm(Strategy):
    """Many accounts, one campaign: none of them sends enough to be seen."""

    name = "swarm"

    def __init__(self, gang: "Operator") -> None:
        super().__init__(gang)
        self._accounts: list[Account] = []
        self._until_day = -1

    def day(self, day: int, quota: int) -> Iterator[Act]:
        """A few messages from each."""
        gang = self.gang
        if day > self._until_day:
            self._script = gang.script()
            self._accounts = []
            self._until_day = day + gang.rng.randint(9, 18)
            for _ in range(gang.rng.randint(5, 9)):
                account, opened = gang.open(gang.clock.midnight(day) + int(gang.rng.random() * 2 * HOUR))
                self._accounts.append(account)
                yield opened
        first = gang.clock.midnight(day) + 2 * HOUR
        for number in range(quota):
            at = max(first, gang.moment(day))
            yield Order(at, self._accounts[number % len(self._accounts)], gang.stranger(), self._script)


class WarmUp(Strategy):
    """Days of harmless messages to accomplices who answer, before the first bad one."""

    name = "warm_up"

    def __init__(self, gang: "Operator") -> None:
        super().__init__(gang)
        self._account: Account | None = None
        self._opened_day = -1
        self._friends: list[int] = []

    def day(self, day: int, quota: int) -> Iterator[Act]:
        """Harmless at first; then the real thing, a week at most."""
        gang = self.gang
        if self._account is None or day > self._opened_day + 13:
            self._account, opened = gang.open(gang.clock.midnight(day), is_neat=True)
            self._opened_day = day
            self._harmless_days = gang.rng.randint(min(2, gang.clock.days // 3), min(5, gang.clock.days // 2))
            self._friends = [gang.stranger() for _ in range(gang.rng.randint(6, 15))]
            yield opened
        harmless = gang.harmless_script() if day < self._opened_day + self._harmless_days else None
        script = harmless or gang.script()
        for _ in range(max(1, quota // 2) if harmless else quota):
            person = gang.rng.choice(self._friends) if harmless else gang.stranger()
            at = gang.moment(day)
            yield Order(at, self._account, person, script)
            if harmless and gang.rng.random() < 0.5:
                yield Deed(at + MINUTE + int(gang.rng.random() * 40 * MINUTE), gang.reply_of(person, self._account))

    def open(self, at_us: int, script: Script) -> tuple[Account, Deed]:  # noqa: ARG002
        """One that looks like a business."""
        return self.gang.open(at_us, is_neat=True)


class CategoryAbuse(Strategy):
    """Promotions filed as ``UTILITY``, from accounts that look like a business and stay."""

    name = "category_abuse"
    sells_only = True

    def __init__(self, gang: "Operator") -> None:
        super().__init__(gang)
        self._account: Account | None = None
        self._until_day = -1

    def day(self, day: int, quota: int) -> Iterator[Act]:
        """An offer a week, sent like notices."""
        gang = self.gang
        if self._account is None:
            self._account, opened = gang.open(gang.clock.midnight(day), is_neat=True)
            yield opened
        if day > self._until_day:
            host = (self._account.profile.website or "").removeprefix("https://")
            self._script = gang.script(category="UTILITY", host=host, disguise=0.0)
            self._until_day = day + 6
        for _ in range(quota):
            yield Order(gang.moment(day, "office"), self._account, gang.stranger(), self._script)

    def open(self, at_us: int, script: Script) -> tuple[Account, Deed]:  # noqa: ARG002
        """One that looks like a business."""
        return self.gang.open(at_us, is_neat=True)

    def rewrite(self, script: Script, disguise: float) -> Script:
        """Another offer sent like a notice."""
        return self.gang.script(category="UTILITY", host=script.host, disguise=disguise)


STRATEGIES: Final[tuple[type[Strategy], ...]] = (
    BurnAndChurn,
    SlowDrip,
    HijackedVerified,
    Copycat,
    TextRotation,
    Swarm,
    WarmUp,
    CategoryAbuse,
)
"""Every strategy; a world has at least one operator of each."""

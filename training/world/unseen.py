"""Strategies of spammers that no model is trained against: they appear only where a defence is judged."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from training.world.acts import Account, Act, Order
from training.world.clock import MINUTE
from training.world.draws import log_normal
from training.world.strategies import Strategy

if TYPE_CHECKING:
    from training.world.spammers import Operator

OPENERS: Final = 3
"""How many harmless questions are asked for every message of the quota: few people answer a stranger."""

FEWEST, MOST = 2, 4
"""Messages of one throwaway account."""


class ReplyBait(Strategy):
    """A harmless question first; only who answers gets the real thing, as an answer to what they wrote."""

    name = "reply_bait"

    def __init__(self, gang: "Operator") -> None:
        super().__init__(gang)
        self._account: Account | None = None

    def day(self, day: int, quota: int) -> Iterator[Act]:
        """Questions to strangers, from an account that looks like a small business."""
        gang = self.gang
        if self._account is None or gang.rng.random() < 0.15:
            self._account, opened = gang.open(gang.clock.midnight(day), is_neat=True)
            yield opened
        opener = gang.harmless_script() or gang.script()
        self._script = gang.script()
        for _ in range(OPENERS * quota):
            yield Order(gang.moment(day), self._account, gang.stranger(), opener)

    def answer(self, account: Account, recipient: int, at_us: int) -> Iterator[Act]:
        """The bait was taken."""
        at = at_us + int(log_normal(self.gang.rng, 6.0, 0.8) * MINUTE)
        yield Order(at, account, recipient, self._script)


class Throwaway(Strategy):
    """A handful of messages from each account and then never again: nobody is known long enough to have a name."""

    name = "throwaway"

    def day(self, day: int, quota: int) -> Iterator[Act]:
        """As many accounts as it takes, one text a day."""
        gang = self.gang
        script = gang.script()
        left = quota
        while left > 0:
            begins = gang.moment(day)
            account, opened = gang.open(begins)
            yield opened
            for _ in range(min(left, gang.rng.randint(FEWEST, MOST))):
                yield Order(begins + int(gang.rng.uniform(5, 60) * MINUTE), account, gang.stranger(), script)
                left -= 1


UNSEEN: Final[tuple[type[Strategy], ...]] = (ReplyBait, Throwaway)
"""The strategies beside those of every world."""

"""What a gang of spammers does about refusals, where it is told of them: other texts, other accounts, or a rest."""

from collections import Counter
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from torwart.entities import DELIVERED_ACTIONS, Cause
from torwart.policy import Ruling
from training.world.acts import Account, Deed, Order
from training.world.clock import DAY, MINUTE
from training.world.draws import log_normal
from training.world.texts import Script

if TYPE_CHECKING:
    from training.world.spammers import Operator

AGAIN_MEDIAN_MIN: Final = 45.0
"""How long a refused message waits before it is tried again."""

DRAWS: Final = 8
"""How many new texts are looked at for one that was not refused before."""


class Reaction:
    """One gang's memory of what was refused, and what it uses instead."""

    def __init__(self, gang: "Operator") -> None:
        self._gang = gang
        self._rates = gang.rates.reaction
        self._refused_texts: Counter[str] = Counter()
        self._refused_in_a_row: Counter[str] = Counter()
        self._scripts: dict[str, Script] = {}
        self._accounts: dict[str, Account] = {}
        self._opened: Counter[int] = Counter()

    def learn(self, order: Order, ruling: Ruling) -> None:
        """The gang is told what became of a message; that a person blocks it, it is not told."""
        account_id, template = order.account.id, order.script.template
        if ruling.action in DELIVERED_ACTIONS:
            self._refused_in_a_row[account_id] = 0
        elif ruling.cause is Cause.ENFORCEMENT:
            self._refused_in_a_row[account_id] = self._rates.account_refusals
        elif ruling.cause is not Cause.RECIPIENT:
            self._refused_texts[template] += 1
            self._refused_in_a_row[account_id] += 1

    def second_try(self, order: Order, now_us: int) -> Order | None:
        """A refused message to the same person once more, if the gang takes the trouble."""
        if order.again or self._gang.rng.random() >= self._rates.tries_again:
            return None
        wait = log_normal(self._gang.rng, AGAIN_MEDIAN_MIN, 0.8) * MINUTE
        return replace(order, at_us=now_us + int(wait), again=True)

    def revise(self, order: Order, now_us: int) -> tuple[Order | None, Deed | None]:
        """What is sent instead of what was planned, if anything, and the account that is opened for it, if one is."""
        account, opened = self._account(order, now_us)
        if account is None:
            return None, None
        script = self._script(order.script)
        self._gang.remember(account, script)
        return replace(order, account=account, script=script), opened

    def _account(self, order: Order, now_us: int) -> tuple[Account | None, Deed | None]:
        account = order.account
        while account.id in self._accounts:
            account = self._accounts[account.id]
        if self._refused_in_a_row[account.id] < self._rates.account_refusals:
            return account, None
        day = now_us // DAY
        if order.script.sender_kind == "hijacked" or self._opened[day] >= self._rates.accounts_a_day:
            return None, None
        self._opened[day] += 1
        self._accounts[account.id], opened = self._gang.strategy.open(now_us, order.script)
        return self._accounts[account.id], opened

    def _script(self, script: Script) -> Script:
        """``script`` itself while it gets through, else what took its place. Harmless texts stay."""
        if script.family.text_class not in ("spam", "fraud"):
            return script
        given_up = []
        while self._is_given_up(script):
            given_up.append(script.template)
            if script.template not in self._scripts or len(given_up) > DRAWS:
                return self._new_script(script)
            script = self._scripts[script.template]
        return script

    def _is_given_up(self, script: Script) -> bool:
        return self._refused_texts[script.template] >= self._rates.script_refusals

    def _new_script(self, old: Script) -> Script:
        """Another text, one that was not refused if there is any; else one of the refused gets another chance."""
        rng = self._gang.rng
        disguise = rng.uniform(0.1, 0.5) if rng.random() < self._rates.disguises else 0.0
        for _ in range(DRAWS):
            new = self._gang.strategy.rewrite(old, disguise)
            if not self._is_given_up(new):
                break
        self._refused_texts[new.template] = min(self._refused_texts[new.template], self._rates.script_refusals - 1)
        new = replace(new, sender_kind=old.sender_kind)
        self._scripts[old.template] = new
        return new

"""A world that answers its gate: refused messages are tried again, held ones looked at, and spammers react."""

from collections.abc import Iterator
from typing import Protocol

import numpy as np
import xxhash
from msgspec import Struct
from msgspec.structs import replace

from torwart.entities import DELIVERED_ACTIONS, Action, Cause, Message
from torwart.events import Body, Enforced, Labelled, Record, Reviewed
from torwart.policy import Ruling
from training.templates import Library
from training.truth import Truth
from training.world.acts import Account, Act, Deed, Order
from training.world.clock import DAY, HOUR, SECOND
from training.world.draws import log_normal
from training.world.feedback import Arrival
from training.world.gate import Gate
from training.world.rates import Rates
from training.world.reaction import Reaction
from training.world.strategies import STRATEGIES
from training.world.unseen import UNSEEN
from training.world.world import World


class Attempt(Struct, frozen=True):
    """A message as the gate saw it, and what it truly was."""

    at_us: int
    sender_id: str
    truth: Truth
    ruling: Ruling
    again: bool
    """Whether it is the second try of a message that was refused."""


class Observer(Protocol):
    """Who keeps the tally: it sees everything, truth included."""

    def saw(self, attempt: Attempt) -> None:
        """A message was ruled on."""

    def released(self, attempt: Attempt, at_us: int) -> None:
        """A message that was held reaches its recipient after all."""


class ClosedWorld(World):
    """A world under a gate. What one message draws never moves another, so that all gates face the same world.

    Of two worlds that differ in the gate alone, every honest sender plans the same, and a message that reaches its
    recipient in both is answered alike. Spammers plan the same until the first refusal.
    """

    strategies = STRATEGIES + UNSEEN

    def __init__(
        self,
        rates: Rates,
        library: Library,
        *,
        part: str,
        days: int,
        recipients: int,
        seed: int,
        gate: Gate,
        observer: Observer,
        after: World | None = None,
    ) -> None:
        super().__init__(rates, library, part=part, days=days, recipients=recipients, seed=seed, gate=gate, after=after)
        self._observer = observer
        self._seed = seed
        self._reactions = {operator.name: Reaction(operator) for operator in self.operators}
        self._held: dict[str, tuple[Account, Arrival, Attempt]] = {}
        self._appealed: set[tuple[str, int]] = set()

    def _queue(self, act: Act) -> None:
        self._rng.seed(self._key("queue", act))
        super()._queue(act)

    def _send(self, order: Order, received_us: int) -> Iterator[tuple[Record, Truth | None]]:
        reaction = self._reaction(order)
        if reaction is not None:
            revised, opened = reaction.revise(order, received_us)
            if opened is not None:
                yield from self._happen(opened, received_us)
            if revised is None:
                return
            order = revised
        yield from super()._send(order, received_us)

    def _written(self, order: Order) -> tuple[Message, tuple[int, ...]]:
        if self._gate.reads_text:
            self._rng.seed(self._key("text", order))
            _reseed(self._draws, self._key("slots", order))
        written = super()._written(order)
        self._rng.seed(self._key("context", order))
        return written

    def _happen(self, deed: Deed, received_us: int) -> Iterator[tuple[Record, Truth | None]]:
        yield from super()._happen(deed, received_us)
        if isinstance(deed.body, Reviewed):
            account, arrival, attempt = self._held.pop(deed.body.message_id)
            blocked = self._pairs.of(account.id, self.people.ids[arrival.recipient]).blocked
            if deed.body.outcome == "release" and not blocked:
                self._observer.released(attempt, received_us)
                self._arrive(account, replace(arrival, at_us=received_us))

    def _follow_up(self, order: Order, arrival: Arrival, truth: Truth, ruling: Ruling) -> None:
        attempt = Attempt(arrival.at_us, order.account.id, truth, ruling, order.again)
        self._observer.saw(attempt)
        super()._follow_up(order, arrival, truth, ruling)
        reaction = self._reaction(order)
        if reaction is not None:
            reaction.learn(order, ruling)
        if ruling.action in DELIVERED_ACTIONS or ruling.cause is Cause.RECIPIENT:
            return
        if ruling.action is Action.REVIEW:
            self._hold(order.account, arrival, attempt)
        elif reaction is not None:
            second = reaction.second_try(order, arrival.at_us)
            if second is not None:
                self._queue(second)
        elif ruling.action is Action.THROTTLE and not order.again:
            at = arrival.at_us + (ruling.retry_after_s or 0) * SECOND
            self._queue(replace(order, at_us=at, again=True))
        if reaction is None and ruling.cause is Cause.ENFORCEMENT:
            self._appeal(order.account, arrival)

    def _arrive(self, account: Account, arrival: Arrival) -> None:
        self._crowd_rng.seed(self._key("crowd", arrival))
        super()._arrive(account, arrival)

    def _hold(self, account: Account, arrival: Arrival, attempt: Attempt) -> None:
        """A moderator looks at it in time, or the policy says what becomes of it."""
        moderation, ruling = self._rates.moderation, attempt.ruling
        until = ruling.hold_until_us or arrival.at_us
        self._crowd_rng.seed(self._key("hold", arrival))
        looks = self._crowd_rng.random() < moderation.looks_at
        at = arrival.at_us + int(self._moderation_time())
        outcome, by = ruling.hold_outcome or "reject", "policy"
        if looks and at < until:
            outcome, by = "release" if arrival.label == "wanted" else "reject", "moderator"
            self._queue(self._about(account, arrival, at, Labelled(arrival.message_id, arrival.label, by)))
        else:
            at = until
        if by == "moderator" or outcome == "release":
            self._held[arrival.message_id] = account, arrival, attempt
            self._queue(self._about(account, arrival, at, Reviewed(arrival.message_id, "", outcome, by)))

    def _appeal(self, account: Account, arrival: Arrival) -> None:
        """An honest sender that may no longer send complains, once a day; a person looks, and lifts it."""
        day = arrival.at_us // DAY
        if (account.id, day) in self._appealed:
            return
        self._appealed.add((account.id, day))
        self._crowd_rng.seed(self._key("appeal", arrival))
        if self._crowd_rng.random() < self._rates.moderation.appeals:
            at = arrival.at_us + int(self._moderation_time())
            self._queue(Deed(at, Enforced(account.id, "none", "appeal upheld")))
            self._queue(self._about(account, arrival, at, Labelled(arrival.message_id, arrival.label, "appeal")))

    def _moderation_time(self) -> float:
        moderation = self._rates.moderation
        return log_normal(self._crowd_rng, moderation.delay_median_h, moderation.delay_sigma) * HOUR

    def _about(self, account: Account, arrival: Arrival, at_us: int, body: Body) -> Deed:
        return Deed(at_us, body, account.id, self.people.ids[arrival.recipient], arrival.campaigns)

    def _reaction(self, order: Order) -> Reaction | None:
        """The reaction of the gang that sends it, ``None`` for an honest sender."""
        return self._reactions[order.script.campaign_id.partition("/")[0]] if order.script.strategy else None

    def _key(self, purpose: str, about: Order | Deed | Arrival) -> int:
        """A seed for what is drawn about one thing, the same whatever else happens in the world."""
        if isinstance(about, Order):
            whose = f"{about.account.id}/{about.recipient}"
        elif isinstance(about, Deed):
            whose = f"{about.sender_id}/{about.recipient_id}"
        else:
            whose = f"{about.sender_id}/{about.recipient}"
        return xxhash.xxh3_64_intdigest(f"{self._seed}/{purpose}/{whose}/{about.at_us}".encode())


def _reseed(rng: np.random.Generator, seed: int) -> None:
    """Put a generator where ``seed`` says: a new one costs more than all that is drawn for a message."""
    state = dict(rng.bit_generator.state)
    state["state"] = {"state": seed, "inc": 2 * seed + 1}
    rng.bit_generator.state = state
    rng.bit_generator.random_raw(2)

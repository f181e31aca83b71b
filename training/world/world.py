"""The simulated world: everybody's plans and reactions, put into one order of arrival."""

from collections.abc import Iterator
from heapq import heappop, heappush
from typing import Final

import numpy as np
from msgspec.structs import replace

from torwart.entities import DELIVERED_ACTIONS, Case, Consent, ConsentSource, ConsentState, Context, Message
from torwart.events import MessageScored, Record, Replied, SenderChanged
from torwart.features.fingerprint import campaign_keys
from torwart.features.records import record_of
from torwart.features.rows import NO_CAMPAIGNS, let_through
from torwart.policy import Ruling
from torwart.text.normalise import normalise
from training.templates import Library
from training.truth import Truth
from training.world.acts import Account, Act, Agent, ConsentPractice, Deed, Order, Sent
from training.world.brigade import muster
from training.world.clock import DAY, MINUTE, SECOND, Clock
from training.world.draws import log_normal, stream
from training.world.feedback import Arrival, Crowd
from training.world.gate import Gate, Open
from training.world.market import Market
from training.world.pairs import Pair, Pairs
from training.world.people import People
from training.world.rates import Rates
from training.world.spammers import Surroundings, recruit
from training.world.strategies import STRATEGIES, Strategy
from training.world.texts import Texts, compose

MESSAGE_DELAY_MS = 80.0
EVENT_DELAY_MS = 400.0
"""Median times from happening to arriving."""

LATE_EVENTS = 0.02
LATE_MINUTES = 120.0
"""Feedback from telephones that were out of reach: how much of it, and how late it is at most."""


def label_of(text_class: str, *, opted_in: bool, blocked: bool) -> str:
    """What a message truly is: ``fraud``; ``unsolicited`` after a block, or promotional to somebody who does not
    (or, after a stop, no longer) agree; else ``wanted``."""
    if text_class == "fraud":
        return "fraud"
    if blocked or (text_class in ("promo", "spam") and not opted_in):
        return "unsolicited"
    return "wanted"


class World:
    """One world, from its first midnight to its last; :meth:`run` plays it once.

    ``gate`` stands between senders and people; without one, only a person's block stops a message. Numbers of events
    and messages go on from those of ``after``, a world that was played before this one. Memory is bounded by the people
    and accounts, one day's plans and the feedback that is still to come.
    Raises ``ValueError`` where there is nobody or no time, or no texts in any language that people speak.
    """

    strategies: tuple[type[Strategy], ...] = STRATEGIES
    """What spammers there are."""

    def __init__(
        self,
        rates: Rates,
        library: Library,
        *,
        part: str,
        days: int,
        recipients: int,
        seed: int,
        gate: Gate | None = None,
        after: "World | None" = None,
    ) -> None:
        if days < 1 or recipients < 1:
            raise ValueError(f"A world of {days} days and {recipients} recipients is empty; it needs one of each.")
        texts = Texts(library.part(part))
        if not texts.languages & set(rates.languages):
            raise ValueError(f"Part {part!r} has no texts in any of the languages {', '.join(rates.languages)}.")
        self.clock = Clock(rates.start, days)
        self.people = People(rates, recipients, texts.languages, seed)
        self.market = Market(rates, self.clock, self.people, texts, part, seed)
        around = Surroundings(rates, self.clock, self.people, texts, self.market, part, seed)
        daily = sum(business.expected_daily for business in self.market.businesses)
        spam_daily = daily * rates.spam.messages / (1.0 - rates.spam.messages)
        self.operators = recruit(around, spam_daily, len(self.market.businesses), self.strategies)
        self.brigades = muster(rates, self.clock, self.people, self.market, seed)
        self._agents: list[Agent] = [*self.market.businesses, *self.operators, *self.brigades]
        self._rates = rates
        self._gate = gate or Open()
        self._rng = stream(seed, "world")
        self._draws = np.random.default_rng(seed)
        self._crowd_rng = stream(seed, "crowd")
        self._crowd = Crowd(rates, self.people, self._crowd_rng)
        self._pairs = Pairs()
        self._rows = {recipient_id: row for row, recipient_id in enumerate(self.people.ids)}
        self._accounts = {business.account.id: business.account for business in self.market.businesses}
        self._ahead: list[tuple[int, int, Act]] = []
        self._queued = 0
        self._seq: int = after._seq if after is not None else 0
        self._messages: int = after._messages if after is not None else 0

    def run(self) -> Iterator[tuple[Record, Truth | None]]:
        """Every event in order of arrival, with its truth where it is a message."""
        for deed in self.market.deeds:
            self._queue(deed)
        for day in range(self.clock.days):
            for agent in self._agents:
                for act in agent.plan(day):
                    self._queue(act)
            midnight = self.clock.midnight(day + 1)
            while self._ahead and self._ahead[0][0] < midnight:
                received_us, _, act = heappop(self._ahead)
                if isinstance(act, Order):
                    yield from self._send(act, received_us)
                else:
                    yield from self._happen(act, received_us)

    def _queue(self, act: Act) -> None:
        if isinstance(act, Order):
            delay = log_normal(self._rng, MESSAGE_DELAY_MS, 0.6) * SECOND / 1000
        elif isinstance(act.body, SenderChanged):
            delay = 0.0
        else:
            delay = log_normal(self._rng, EVENT_DELAY_MS, 0.8) * SECOND / 1000
            if self._rng.random() < LATE_EVENTS:
                delay += self._rng.random() * LATE_MINUTES * MINUTE
        received_us = act.at_us + int(delay)
        if received_us < self.clock.end_us:
            self._queued += 1
            heappush(self._ahead, (received_us, self._queued, act))

    def _happen(self, deed: Deed, received_us: int) -> Iterator[tuple[Record, Truth | None]]:
        body = deed.body
        if not self._pairs.apply(body, deed.at_us):
            return
        if isinstance(body, SenderChanged) and body.sender.id in self._accounts:
            self._accounts[body.sender.id].profile = body.sender
        self._seq += 1
        record = record_of(
            body,
            seq=self._seq,
            received_at_us=received_us,
            at_us=deed.at_us,
            sender_id=deed.sender_id,
            recipient_id=deed.recipient_id,
            campaigns=deed.campaigns,
        )
        self._gate.follow(record, body)
        yield record, None
        if isinstance(body, Replied) and body.sender_id in self._accounts:
            account = self._accounts[body.sender_id]
            for act in account.agent.answer(account, self._rows[body.recipient_id], received_us):
                self._queue(act)

    def _send(self, order: Order, received_us: int) -> Iterator[tuple[Record, Truth | None]]:
        account, script = order.account, order.script
        self._accounts.setdefault(account.id, account)
        recipient_id = self.people.ids[order.recipient]
        pair = self._pairs.of(account.id, recipient_id)
        if not script.strategy and _holds_back(account, pair, script.promotional):
            return
        self._messages += 1
        message_id = f"wamid.{self._messages:010d}"
        message, campaigns = self._written(order)
        case = Case(
            message_id=message_id,
            sent_at_us=order.at_us,
            sender=account.profile,
            recipient_id=recipient_id,
            message=message,
            context=self._context(order, pair),
        )
        opted_in = bool(order.opted_in_us) and not pair.stopped_us
        family = script.family
        label = label_of(family.text_class, opted_in=opted_in, blocked=pair.blocked)
        self._seq += 1
        record = record_of(
            MessageScored(case), seq=self._seq, received_at_us=received_us, at_us=order.at_us, campaigns=campaigns
        )
        truth = Truth(
            message_id=message_id,
            label=label,
            text_class=family.text_class,
            kind=family.kind,
            family=family.id,
            brand=script.brand.name,
            language=family.language,
            strategy=script.strategy,
            campaign_id=script.campaign_id,
            sender_kind=script.sender_kind,
            opted_in=opted_in,
        )
        ruling = self._gate.judge(case, record, blocked=pair.blocked)
        yield replace(record, fold=let_through(record.fold, ruling.action in DELIVERED_ACTIONS)), truth
        arrival = Arrival(
            message_id, account.id, order.recipient, received_us, label, family.text_class, family.kind, campaigns
        )
        self._follow_up(order, arrival, truth, ruling)

    def _written(self, order: Order) -> tuple[Message, tuple[int, ...]]:
        """What is sent, and its campaign keys."""
        if not self._gate.reads_text:
            return _UNREAD, NO_CAMPAIGNS
        account = order.account
        message = compose(order.script, account.id, self._rng, self._draws)
        return message, campaign_keys(message, normalise(message.text).codes, account.id)

    def _follow_up(self, order: Order, arrival: Arrival, truth: Truth, ruling: Ruling) -> None:  # noqa: ARG002
        """What comes of a message that was ruled on."""
        if ruling.action in DELIVERED_ACTIONS:
            self._arrive(order.account, arrival)
        elif self._pairs.of(order.account.id, self.people.ids[order.recipient]).blocked:
            self._pairs.fail(order.account.id, self.people.ids[order.recipient])

    def _arrive(self, account: Account, arrival: Arrival) -> None:
        """A message reaches its recipient, who does something about it or not."""
        if account.watched is not None:
            account.watched.append(Sent(arrival.recipient, arrival.message_id, arrival.campaigns))
        for deed in self._crowd.react(arrival):
            self._queue(deed)

    def _context(self, order: Order, pair: Pair) -> Context:
        """What the caller would know: the messenger's record, the sender's claim, or nothing."""
        account, rng = order.account, self._rng
        consent = None
        if account.practice is ConsentPractice.MESSENGER:
            if pair.stopped_us:
                consent = _consent(ConsentState.OPTED_OUT, ConsentSource.MESSENGER, pair.stopped_us)
            elif order.opted_in_us:
                consent = _consent(ConsentState.OPTED_IN, ConsentSource.MESSENGER, order.opted_in_us)
            elif rng.random() < 0.5:
                consent = _consent(ConsentState.UNKNOWN, ConsentSource.MESSENGER, None)
        elif account.practice is ConsentPractice.CLAIM or account.claims_falsely:
            claimed_us = order.opted_in_us
            if account.claims_falsely and not claimed_us:
                claimed_us = order.at_us - int(rng.random() * 400 * DAY)
            if claimed_us:
                at_us = claimed_us if rng.random() < 0.7 else None
                consent = _consent(ConsentState.OPTED_IN, ConsentSource.SENDER, at_us)
        knows = pair.wrote_us and rng.random() < self._rates.business.last_message_known
        return Context(consent=consent, last_user_message_at_us=pair.wrote_us if knows else None)


_UNREAD: Final = Message(type="text")


def _holds_back(account: Account, pair: Pair, promotional: bool) -> bool:
    """Whether an honest sender does not even try."""
    return pair.failures >= account.patience or (promotional and bool(pair.stopped_us) and account.heeds_stops)


def _consent(state: ConsentState, source: ConsentSource, at_us: int | None) -> Consent:
    return Consent(state=state, source=source, at_us=at_us)

"""What people do with a message that reached them, and what moderators say of it later."""

from collections.abc import Iterator
from random import Random
from typing import Final

from msgspec import Struct

from torwart.events import (
    Blocked,
    Body,
    Delivered,
    Labelled,
    PreferenceChanged,
    Read,
    Replied,
    Reported,
    Unblocked,
)
from training.world.acts import Deed
from training.world.clock import DAY, HOUR, MINUTE, SECOND, when_awake
from training.world.draws import log_normal
from training.world.people import People
from training.world.rates import Rates

REASONS: Final = {"fraud": ("FRAUD", "FRAUD", "SPAM"), "unsolicited": ("SPAM",), "wanted": ("SPAM", "OTHER", "")}
"""What people give as the reason, by what the message truly was."""

TIRED: Final = 2.5
"""How much oftener promotions nobody asked for make people say stop."""


class Arrival(Struct, frozen=True):
    """A message that was let through at ``at_us``, and what matters to the person who gets it."""

    message_id: str
    sender_id: str
    recipient: int
    at_us: int
    label: str
    text_class: str
    kind: str
    campaigns: tuple[int, ...]


class Crowd:
    """Everybody's reactions, drawn from one stream."""

    def __init__(self, rates: Rates, people: People, rng: Random) -> None:
        self._rates = rates
        self._people = people
        self._rng = rng

    def react(self, message: Arrival) -> Iterator[Deed]:
        """Delivery, reading, reply, report, block, stop, and the moderators' label, each at its time."""
        rng, rates = self._rng, self._rates
        chance = rng.random()
        if chance < rates.delivery.prompt:
            delivered = message.at_us + int(log_normal(rng, rates.delivery.prompt_median_s, 0.8) * SECOND)
        elif chance < rates.delivery.prompt + rates.delivery.late:
            delivered = message.at_us + int(log_normal(rng, rates.delivery.late_median_h, 0.9) * HOUR)
        else:
            return
        yield self._about(message, delivered, Delivered(message.message_id))
        yield from self._read(message, delivered)
        yield from self._press(message, delivered)
        if rng.random() < rates.moderation.audited:
            yield self._label(message, delivered, "audit")

    def _read(self, message: Arrival, delivered: int) -> Iterator[Deed]:
        rng, rates = self._rng, self._rates
        if rng.random() >= rates.reading.read:
            return
        offset = self._people.utc_offsets_us[message.recipient]
        soon = delivered + int(log_normal(rng, rates.reading.median_min, rates.reading.sigma) * MINUTE)
        read = when_awake(rng, soon, offset)
        if self._people.sends_receipts[message.recipient]:
            yield self._about(message, read, Read(message.message_id))
        if rng.random() < rates.replies.get(message.kind, rates.replies["other"]):
            at = read + int(log_normal(rng, 4.0, 1.2) * MINUTE)
            yield self._about(message, at, self._reply(message))
        if message.text_class in ("promo", "spam"):
            tired = TIRED if message.label != "wanted" else 1.0
            if rng.random() < rates.preferences.stop * tired:
                at = read + int(log_normal(rng, 10.0, 1.5) * MINUTE)
                yield self._about(message, at, self._preference(message, "stop"))
                if rng.random() < rates.preferences.resume:
                    later = at + int(log_normal(rng, rates.preferences.resume_median_d, 0.8) * DAY)
                    yield self._about(message, later, self._preference(message, "resume"))

    def _press(self, message: Arrival, delivered: int) -> Iterator[Deed]:
        rng, rates = self._rng, self._rates
        mean = self._mean_reports(message)
        probability = mean * self._people.report_factors[message.recipient]
        if message.label == "wanted" and self._people.reports_wrongly[message.recipient]:
            probability = mean * rates.reports.false_reporter_factor
        blocks = rng.random() < mean * max(0.0, rates.blocks.per_report - rates.reports.also_block)
        pressed = delivered + int(log_normal(rng, rates.reports.delay_median_h, rates.reports.delay_sigma) * HOUR)
        if rng.random() < probability:
            blocks = blocks or rng.random() < rates.reports.also_block
            unknown = rng.random() < rates.reports.unknown_message
            yield self._about(message, pressed, self._report(message, "" if unknown else message.message_id))
            if not unknown and rng.random() < rates.moderation.looks_at:
                yield self._label(message, pressed, "moderator")
        if blocks:
            at = pressed + int(rng.random() * MINUTE)
            ids = message.sender_id, self._people.ids[message.recipient]
            yield self._about(message, at, Blocked(*ids))
            if rng.random() < rates.blocks.undone * (message.label == "wanted"):
                later = at + int(log_normal(rng, rates.blocks.undone_median_d, 0.9) * DAY)
                yield self._about(message, later, Unblocked(*ids))

    def _mean_reports(self, message: Arrival) -> float:
        """How often the mean person reports such a message: by what it is to them, not by what it says it is."""
        reports = self._rates.reports
        if message.label == "fraud":
            return reports.fraud
        if message.text_class == "wanted":
            return reports.utility
        if message.label == "wanted":
            return reports.marketing
        return reports.spam if message.text_class == "spam" else reports.unsolicited

    def _label(self, message: Arrival, since_us: int, by: str) -> Deed:
        moderation = self._rates.moderation
        at = since_us + int(log_normal(self._rng, moderation.delay_median_h, moderation.delay_sigma) * HOUR)
        return self._about(message, at, Labelled(message.message_id, message.label, by))

    def _reply(self, message: Arrival) -> Replied:
        return Replied(message.sender_id, self._people.ids[message.recipient], message.message_id)

    def _preference(self, message: Arrival, value: str) -> PreferenceChanged:
        return PreferenceChanged(message.sender_id, self._people.ids[message.recipient], value)

    def _report(self, message: Arrival, message_id: str) -> Reported:
        reason = self._rng.choice(REASONS[message.label])
        return Reported(message.sender_id, self._people.ids[message.recipient], message_id, reason)

    def _about(self, message: Arrival, at_us: int, body: Body) -> Deed:
        return Deed(at_us, body, message.sender_id, self._people.ids[message.recipient], message.campaigns)

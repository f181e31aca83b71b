import statistics

import pytest

from torwart.events import Blocked, Delivered, PreferenceChanged, Read, Reported
from training.world.acts import Deed
from training.world.draws import stream
from training.world.feedback import Arrival, Crowd
from training.world.people import People
from training.world.rates import Rates

HOUR = 3_600_000_000
MESSAGES = 30_000


def deeds_for(rates: Rates, label: str, text_class: str, kind: str = "promotion") -> list[Deed]:
    people = People(rates, 3000, frozenset({"de"}), seed=1)
    crowd = Crowd(rates, people, stream(1, "test"))
    return [
        deed
        for number in range(MESSAGES)
        for deed in crowd.react(Arrival(f"m{number}", "biz_1", number % 3000, 0, label, text_class, kind, (1,) * 6))
    ]


def count(deeds: list[Deed], kind: type) -> int:
    return sum(isinstance(deed.body, kind) for deed in deeds)


@pytest.mark.parametrize(
    ("label", "text_class", "rate"),
    [
        ("fraud", "fraud", "fraud"),
        ("unsolicited", "spam", "spam"),
        ("unsolicited", "promo", "unsolicited"),
        ("wanted", "promo", "marketing"),
        ("wanted", "wanted", "utility"),
    ],
)
def test_reports_come_as_often_as_the_rates_say(rates: Rates, label: str, text_class: str, rate: str) -> None:
    deeds = deeds_for(rates, label, text_class)
    mean = getattr(rates.reports, rate)
    expected = mean * MESSAGES * (rates.delivery.prompt + rates.delivery.late)
    if label == "wanted":
        expected *= 1 + rates.reports.false_reporters * rates.reports.false_reporter_factor
    assert abs(count(deeds, Reported) - expected) < 5 * expected**0.5 + 0.1 * expected
    blocks = expected * rates.blocks.per_report
    assert abs(count(deeds, Blocked) - blocks) < 5 * blocks**0.5 + 0.2 * blocks


def test_reports_take_hours(rates: Rates) -> None:
    deeds = deeds_for(rates, "unsolicited", "spam")
    delays = [deed.at_us / HOUR for deed in deeds if isinstance(deed.body, Reported)]
    assert statistics.median(delays) == pytest.approx(rates.reports.delay_median_h, rel=0.2)


def test_reading_follows_delivery_and_only_promotions_are_stopped(rates: Rates) -> None:
    for text_class in ("promo", "wanted"):
        deeds = deeds_for(rates, "wanted", text_class)
        delivered = {deed.body.message_id: deed.at_us for deed in deeds if isinstance(deed.body, Delivered)}
        read = {deed.body.message_id: deed.at_us for deed in deeds if isinstance(deed.body, Read)}
        assert all(at >= delivered[message_id] > 0 for message_id, at in read.items())
        share = rates.reading.read * rates.reading.receipts
        assert len(read) / len(delivered) == pytest.approx(share, abs=0.02)
        assert bool(count(deeds, PreferenceChanged)) == (text_class == "promo")
        assert all(deed.campaigns == (1,) * 6 and deed.sender_id == "biz_1" and deed.recipient_id for deed in deeds)

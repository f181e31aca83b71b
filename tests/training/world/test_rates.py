from pathlib import Path
from random import Random
from typing import Any

import pytest

from torwart.events import Blocked, MessageScored, Reported
from training.world.brigade import FEWEST
from training.world.rates import RATES, STRATEGY_FACTOR, Rates, RatesError, load_rates, ranges, varied


def changed(tmp_path: Path, old: str, new: str) -> Path:
    text = RATES.read_text("utf-8")
    assert old in text
    path = tmp_path / "rates.toml"
    path.write_text(text.replace(old, new, 1), "utf-8")
    return path


def test_every_range_has_a_source_and_holds_its_value() -> None:
    found = ranges()
    assert len(found) >= 12
    for name, rate in found.items():
        assert rate.low <= rate.value <= rate.high, name
        assert rate.source, name


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("spam.senders", 0.02, 0.05),
        ("spam.messages", 0.005, 0.03),
        ("reports.spam", 0.005, 0.05),
        ("reports.fraud", 0.005, 0.05),
        ("reports.utility", 0.0, 0.003),
        ("reports.marketing", 0.0001, 0.003),
        ("blocks.per_report", 3, 10),
        ("spam.hijacks_a_year", 0.001, 0.01),
        ("spam.reports_not_upheld", 0.25, 0.75),
    ],
)
def test_the_public_figures_are_kept(name: str, low: float, high: float) -> None:
    rate = ranges()[name]
    assert low <= rate.low <= rate.value <= rate.high <= high


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("sigma = 1.6", "sigmoid = 1.6", "sigmoid"),
        ("receipts = 0.75", "receipts = 1.75", "reading.receipts is 1.75; it is a share"),
        ("receipts = 0.75", "receipts = -0.1", "should not be negative"),
        ('hours = "evening"', 'hours = "night"', "keeps hours 'night'"),
        ("evening = [0.3, ", "evening = [", "hours.evening should have 24 weights"),
        ("value = 5.0, low = 3.0", "value = 2.0, low = 3.0", "blocks.per_report is 2.0, outside its own range"),
        ("other = 0.01 ", "others = 0.01 ", "under other"),
        ("official = 0.45", "official = 0.65", "more than everybody"),
        ("start = 2026-01-05", "start = ", "is not TOML"),
    ],
)
def test_a_wrong_file_is_refused_with_a_sentence(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    with pytest.raises(RatesError, match=sentence):
        load_rates(changed(tmp_path, old, new))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RatesError, match="There is no file of rates"):
        load_rates(tmp_path / "none.toml")


def test_another_file_makes_other_numbers(tmp_path: Path) -> None:
    assert load_rates(changed(tmp_path, "receipts = 0.75", "receipts = 0.5")).reading.receipts == 0.5


def test_the_world_comes_out_as_its_rates_say(world: Any, rates: Rates) -> None:
    truth = world.truth
    days, people = world.summary.days, world.summary.recipients
    assert 1.0 < len(truth) / days / people < 8.0
    by_spammers = truth["sender_kind"].isin(["spammer", "hijacked"])
    assert 0.005 < by_spammers.mean() < 0.04
    assert 0.01 < world.summary.spam_senders / world.summary.senders < 0.08
    assert 0.0 < (truth["label"] == "unsolicited").mean() < 0.06
    reports = [body for body in world.bodies if isinstance(body, Reported)]
    blocks = [body for body in world.bodies if isinstance(body, Blocked)]
    struck = FEWEST + round(rates.brigade.members * people)
    assert 2 < len(blocks) / max(1, len(reports) - struck) < 12
    label = dict(zip(truth["message_id"], truth["label"], strict=True))
    upheld = [label[body.message_id] != "wanted" for body in reports if body.message_id]
    assert 0.15 < 1 - sum(upheld) / len(upheld) < 0.8


def test_honest_senders_are_not_all_old_large_and_verified(world: Any) -> None:
    kinds = dict(zip(world.truth["message_id"], world.truth["sender_kind"], strict=True))
    seen: dict[str, set[Any]] = {"business": set(), "spammer": set()}
    young = set()
    for body in world.bodies:
        if isinstance(body, MessageScored) and kinds[body.case.message_id] in seen:
            sender = body.case.sender
            seen[kinds[body.case.message_id]].add((sender.id, sender.verification_status))
            age = body.case.sent_at_us - (sender.created_at_us or 0)
            if kinds[body.case.message_id] == "business" and age < 30 * 86_400_000_000:
                young.add(sender.id)
    honest = seen["business"]
    unverified = {sender for sender, status in honest if status == "not_verified"}
    assert 0.2 < len(unverified) / len({sender for sender, _ in honest}) < 0.8
    assert len(young) > 10
    assert {"not_verified", "pending", "verified", "official"} <= {status for _, status in honest}
    assert set(world.summary.sender_kinds) == {
        "business", "careless", "cold_caller", "hijacked", "licensed", "spammer",
    }  # fmt: skip


def test_varied_rates_lie_in_their_ranges(rates: Rates) -> None:
    drawn = [varied(rates, RATES, Random(seed)) for seed in range(20)]
    for name, known in ranges(RATES).items():
        values = {_number(one, name) for one in drawn}
        assert len(values) > 1
        assert all(known.low <= value <= known.high for value in values)
    for name, weight in rates.spam.strategies.items():
        if f"spam.strategies.{name}" in ranges(RATES):
            continue
        assert all(weight / STRATEGY_FACTOR <= one.spam.strategies[name] <= weight * STRATEGY_FACTOR for one in drawn)
    assert varied(rates, RATES, Random(3)) == drawn[3]
    assert {one.start for one in drawn} == {rates.start}


def _number(rates: Rates, name: str) -> float:
    node = rates
    for part in name.split("."):
        node = node[part] if isinstance(node, dict) else getattr(node, part)
    return float(node)

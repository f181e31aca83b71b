import math
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from torwart.entities import Reason
from torwart.features.catalogue import CATALOGUE, MISSING, NAMES, POSITION
from torwart.features.feature import Feature
from torwart.model.explain import GROUPS, N_TOPICS, SLIGHT, for_sender, reasons
from torwart.model.topics import TOPICS
from torwart.model.topics.codes import CODES

TEXT_LIKE_ANY = {f"{part}_{kind}": -3.0 for part in ("whole", "worst") for kind in ("promo", "spam", "fraud")}
HIDDEN_WORDS = ("reported", "blocked", "blocks", "said stop", "to stop")


def values(**known: float) -> list[float]:
    """A vector in which nothing is known but this; a history without anything in it unless said otherwise."""
    x = MISSING.copy()
    for feature in CATALOGUE:
        if feature.group in ("history", "campaign") and feature.unit.startswith("log1p count"):
            x[POSITION[feature.name]] = 0.0
    x[POSITION["history_missing"]] = 0.0
    x[POSITION["content_missing"]] = 0.0
    x[POSITION["pair_messages"]] = 0.0
    for name, value in known.items():
        x[POSITION[name]] = value
    return x.tolist()  # type: ignore[no-any-return]


def credit(by_topic: Mapping[str, float]) -> list[float]:
    return [by_topic.get(topic.name, 0.0) for topic in TOPICS]


def told(topic: str, amount: float, **known: float) -> str:
    """What is said when one topic alone moves the score: the reason's code, or nothing."""
    found = reasons(credit({topic: amount}), values(**known))
    return found[0].code if found else ""


def sentence(topic: str, amount: float, **known: float) -> str:
    (reason,) = reasons(credit({topic: amount}), values(**known))
    return reason.detail


def log1p(**counts: float) -> dict[str, float]:
    return {name: math.log1p(count) for name, count in counts.items()}


def test_every_feature_belongs_to_exactly_one_topic() -> None:
    owned = [name for topic in TOPICS for name in topic.features]
    assert sorted(owned) == sorted(NAMES)
    assert GROUPS.shape == (len(NAMES),)
    assert GROUPS.max() == N_TOPICS - 1
    assert all(NAMES[place] in TOPICS[GROUPS[place]].features for place in range(len(NAMES)))


def test_every_heir_is_a_topic() -> None:
    names = {topic.name for topic in TOPICS}
    assert all(topic.heir in names for topic in TOPICS if topic.silent is not None)
    assert all(topic.heir == "" for topic in TOPICS if topic.silent is None)


@pytest.mark.parametrize(
    ("topic", "amount", "known", "expected"),
    [
        ("verification", -1.2, {"verification_rank": 3, **log1p(verified_days=412.4)}, "Sender verified for 412 days"),
        ("verification", 1.0, {"verification_rank": 1}, "The sender is not verified"),
        ("verification", 1.0, {"verification_rank": 0}, "The sender's verification is unknown or was revoked"),
        ("verification", 1.0, {"verification_rank": 3, **log1p(verified_days=1.5)}, "Sender verified for 1 day only"),
        ("age", 0.5, log1p(account_days=0.5), "The sender's account is less than a day old"),
        ("age", 0.5, {"account_days": 0.0}, "It is not known how old the sender's account is"),
        (
            "profile",
            0.5,
            {"profile_missing": 3, "has_website": 1, "account_days": 0, "account_size": 0},
            "The sender's profile lacks its age, size and verification status",
        ),
        (
            "profile",
            0.5,
            {"profile_missing": 1, "has_website": 1, "account_days": 3, "account_size": 0},
            "The sender's profile lacks its size",
        ),
        (
            "reports",
            2.0,
            log1p(reporters_7d=12, recipients_7d=40),
            "12 of 40 recipients reported this sender in the last 7 days",
        ),
        (
            "reports",
            2.0,
            log1p(reporters_30d=3, recipients_30d=2),
            "3 recipients reported this sender in the last 30 days",
        ),
        (
            "reports",
            -0.4,
            log1p(recipients_30d=1412),
            "None of 1,412 recipients reported this sender in the last 30 days",
        ),
        (
            "blocks",
            1.0,
            {"block_rate_7d": (6 + 1) / (40 + 50), **log1p(recipients_7d=40)},
            "6 of 40 recipients blocked this sender in the last 7 days",
        ),
        (
            "stops",
            1.0,
            {"opt_out_rate_30d": (2 + 0.5) / (30 + 50), **log1p(recipients_30d=30)},
            "2 of 30 recipients told this sender to stop in the last 30 days",
        ),
        (
            "replies",
            -0.5,
            {"reply_rate_30d": (9 + 1) / (20 + 10), **log1p(recipients_30d=20)},
            "The sender got 9 replies in the last 30 days",
        ),
        (
            "volume",
            0.7,
            {"burst": 3.0, **log1p(delivered_1h=120, delivered_7d=150, delivered_30d=150, known_days=2)},
            "The sender was first seen this week and has sent 120 messages in the last hour",
        ),
        (
            "volume",
            0.7,
            {
                "burst": 0.0,
                "first_contact_share_7d": 0.93,
                **log1p(delivered_7d=150, delivered_30d=150, known_days=100),
            },
            "93% of the sender's messages in the last 7 days were first contacts",
        ),
        (
            "obfuscation",
            0.6,
            log1p(undone=1),
            "1 character had to be undone to read the text: look-alike or hidden letters",
        ),
        (
            "mismatch",
            0.6,
            {"category": 2, "category_mismatch": 0.9},
            "The sender filed the message as UTILITY, but it reads like advertising",
        ),
        (
            "consent",
            0.5,
            {"consent_rank": 1, "claimed_consent_share": 0.9},
            "The sender does not say that the recipient opted in, as it does of most others",
        ),
        (
            "consent",
            0.5,
            {"consent_rank": 1, "promotion_consent_share": 0.1},
            "For most of the sender's promotions it is not known that the recipient agreed",
        ),
        ("contact", -0.2, log1p(pair_messages=4), "The sender has sent this recipient 4 messages before"),
        (
            "link_oddities",
            1.0,
            {"link_count": 1, "link_ip_host": 1, "link_credentials": 1},
            "A link has a bare address instead of a name and a false name before an @",
        ),
    ],
)
def test_sentences(topic: str, amount: float, known: dict[str, float], expected: str) -> None:
    assert sentence(topic, amount, **known) == expected


@pytest.mark.parametrize(
    ("topic", "known"),
    [
        ("verification", {"verification_rank": 3.0, "verified_days": math.log1p(400)}),
        ("consent", {"consent_rank": 3.0}),
        ("reports", {"recipients_7d": math.log1p(100)}),
        ("content", TEXT_LIKE_ANY),
        ("service_window", {"in_service_window": 1.0}),
        ("link_names", {"link_count": 1.0}),
        ("pair_blocked", {}),
    ],
)
def test_nothing_good_is_said_to_raise_a_score(topic: str, known: dict[str, float]) -> None:
    assert told(topic, 1.0, **known) == ""


@pytest.mark.parametrize(
    ("topic", "known"),
    [
        ("verification", {"verification_rank": 1.0}),
        ("consent", {"consent_rank": 0.0}),
        ("reports", {"reporters_30d": math.log1p(12), "recipients_30d": math.log1p(40)}),
        ("content", TEXT_LIKE_ANY | {"whole_fraud": 4.0, "worst_fraud": 4.0}),
        ("link_names", {"link_count": 1.0, "link_imitates_brand": 1.0}),
        ("obfuscation", {"undone": 2.0}),
        ("pair_blocked", {"pair_blocked": 1.0}),
    ],
)
def test_nothing_bad_is_said_to_lower_a_score(topic: str, known: dict[str, float]) -> None:
    assert told(topic, -1.0, **known) == ""


def test_a_withheld_text_is_said_once() -> None:
    found = reasons(credit({"content": 0.3, "style": 0.2, "mismatch": 0.1}), values(content_missing=1.0))
    assert [(reason.code, reason.contribution) for reason in found] == [("text_withheld", 0.6)]


def test_a_missing_history_is_said_once() -> None:
    moved = {"history": 0.1, "reports": 0.2, "blocks": 0.2, "campaign": -0.1}
    found = reasons(credit(moved), MISSING.tolist())
    assert [(reason.code, reason.contribution) for reason in found] == [("history_missing", 0.4)]


def test_missing_links_are_said_once() -> None:
    found = reasons(credit({"links": -0.2, "link_home": -0.3, "link_names": -0.1}), values())
    assert [(reason.code, reason.contribution) for reason in found] == [("no_links", -0.6)]


def test_strongest_first_and_no_more_than_asked_for() -> None:
    x = values(
        link_count=1, link_imitates_brand=1, link_shortener=1, verification_rank=1, consent_rank=1, whole_fraud=3
    )
    moved = {"link_names": 2.0, "link_shortener": 0.3, "verification": 1.0, "consent": 0.5, "form": -1.5}
    found = reasons(credit(moved), x, limit=3)
    assert [reason.code for reason in found] == ["link_imitates_brand", "message_form", "sender_not_verified"]
    assert [reason.direction for reason in found] == ["raises", "lowers", "raises"]
    assert reasons(credit(moved), x, limit=0) == ()


def test_what_hardly_matters_is_not_said() -> None:
    assert reasons(credit({"form": SLIGHT / 2}), values()) == ()


def test_a_sender_is_not_told_what_recipients_did() -> None:
    x = values(pair_blocked=1.0, pair_reported=1.0, consent_rank=1.0, **log1p(reporters_7d=12, recipients_7d=40))
    moved = credit({"reports": 2.0, "pair_blocked": 3.0, "pair_reported": 1.0, "consent": 0.5})
    assert [reason.code for reason in reasons(moved, x, limit=1)] == ["recipient_blocked"]
    assert [reason.code for reason in reasons(moved, x, audience="sender", limit=1)] == ["no_consent"]
    assert for_sender(reasons(moved, x)) == reasons(moved, x, audience="sender")


def test_a_stored_reason_that_nobody_knows_any_more_is_not_told() -> None:
    assert for_sender([Reason("retired_code", "raises", 1.0, "Somebody reported you")]) == ()


def plausible(feature: Feature, rng: np.random.Generator) -> float:
    """A value that a feature can have, or the one that stands where it is missing."""
    if rng.random() < 0.1:
        return feature.missing
    if feature.unit == "flag":
        return float(rng.integers(0, 2))
    if feature.unit in ("rank", "code", "count", "characters"):
        return float(rng.integers(0, 3 if feature.name == "category" else 5))
    if feature.unit in ("rate", "share", "probability"):
        return float(rng.random())
    if feature.unit.startswith("log1p"):
        return math.log1p(rng.choice([0, 1, 2, 12, 40, 5000]))
    return float(rng.normal(scale=4.0))


@given(st.integers(0, 2**32))
@settings(max_examples=500, deadline=None)
def test_no_reason_goes_against_its_declaration(seed: int) -> None:
    rng = np.random.default_rng(seed)
    found = reasons(
        rng.normal(size=N_TOPICS).tolist(), [plausible(feature, rng) for feature in CATALOGUE], limit=N_TOPICS
    )
    strengths = [abs(reason.contribution) for reason in found]
    assert strengths == sorted(strengths, reverse=True)
    assert len({reason.code for reason in found}) == len(found)
    for reason in found:
        assert reason.direction in CODES[reason.code].directions
        assert (reason.contribution > 0) == (reason.direction == "raises")
        assert not reason.detail[0].islower()
        assert not reason.detail.endswith(".")
        assert "nan" not in reason.detail
        if CODES[reason.code].sender_may_know:
            assert not any(word in reason.detail for word in HIDDEN_WORDS)


def test_every_code_can_be_reached() -> None:
    """A code that no message can get is a promise to whoever reads the list of codes."""
    rng = np.random.default_rng(1)
    reached = set()
    for _ in range(4000):
        x = [plausible(feature, rng) for feature in CATALOGUE]
        reached |= {reason.code for reason in reasons(rng.normal(size=N_TOPICS).tolist(), x, limit=N_TOPICS)}
    assert reached == CODES.keys()


def test_is_fast_enough_for_every_answer() -> None:
    """A bound far above what it takes (about 15 µs), so that only a change of kind fails."""
    from timeit import timeit

    moved = np.random.default_rng(0).normal(size=N_TOPICS).tolist()
    x = values(link_count=1, link_imitates_brand=1, verification_rank=1, whole_fraud=3, **log1p(reporters_7d=3))
    assert timeit(lambda: reasons(moved, x), number=200) / 200 < 500e-6

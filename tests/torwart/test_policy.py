import itertools
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from torwart.entities import HARSHNESS, Action, Cause, QualityRating
from torwart.policy import Circumstances, Policy, PolicyError

POLICY = Policy.default()
TEXT = resources.files("torwart").joinpath("policy.toml").read_text("utf-8")

shares = st.floats(0, 1)
circumstances = st.builds(
    lambda score, share, **more: Circumstances(score=score, fraud=score * share, now_us=0, **more),
    score=shares,
    share=shares,
    blocked_by_recipient=st.booleans(),
    stopped_by_recipient=st.booleans(),
    category=st.sampled_from(["", "MARKETING", "UTILITY", "AUTHENTICATION", "NOVEL"]),
    promotional=shares,
    has_consent=st.booleans(),
    fraudulent=shares,
    imitates_brand=st.booleans(),
    sender_verified=st.booleans(),
    in_service_window=st.booleans(),
    measure=st.sampled_from(["", "none", "restriction", "suspension"]),
    quality=st.sampled_from(list(QualityRating)),
)


@given(circumstances)
def test_a_recipients_block_holds_always(given_: Circumstances) -> None:
    ruling = POLICY.decide(given_._replace(blocked_by_recipient=True))
    assert (ruling.action, ruling.cause) == (Action.BLOCK, Cause.RECIPIENT)


@given(circumstances)
def test_the_order_is_recipient_then_enforcement_then_the_rest(given_: Circumstances) -> None:
    ruling = POLICY.decide(given_)
    if given_.blocked_by_recipient or (given_.stopped_by_recipient and given_.category == "MARKETING"):
        assert ruling.cause is Cause.RECIPIENT
    elif ruling.cause is Cause.RECIPIENT:
        assert given_.stopped_by_recipient
        assert not given_.category
    elif given_.measure == "suspension":
        assert (ruling.action, ruling.cause) == (Action.BLOCK, Cause.ENFORCEMENT)


@given(circumstances, shares)
def test_a_higher_score_is_never_treated_more_mildly(given_: Circumstances, more: float) -> None:
    worse = given_._replace(score=max(given_.score, more), fraud=max(given_.fraud, min(more, given_.fraud + more)))
    worse = worse._replace(fraud=min(worse.fraud, worse.score))
    if worse.score - worse.fraud >= given_.score - given_.fraud and worse.fraud >= given_.fraud:
        assert HARSHNESS[POLICY.decide(worse).action] >= HARSHNESS[POLICY.decide(given_).action]


@given(circumstances)
def test_a_reply_inside_the_service_window_is_never_throttled(given_: Circumstances) -> None:
    assert POLICY.decide(given_._replace(in_service_window=True)).action is not Action.THROTTLE


@given(circumstances)
def test_what_an_action_needs_is_there(given_: Circumstances) -> None:
    ruling = POLICY.decide(given_)
    assert (ruling.retry_after_s is not None) == (ruling.action is Action.THROTTLE)
    assert (ruling.hold_until_us is not None) == (ruling.action is Action.REVIEW)
    assert (ruling.cause is Cause.MODEL) == (ruling.rule == "")


@given(circumstances)
def test_nothing_is_held_where_nothing_can_be_recorded(given_: Circumstances) -> None:
    assert POLICY.without_log(POLICY.decide(given_), 0).action is not Action.REVIEW


def test_every_action_can_be_the_cheapest() -> None:
    scores = [step / 2000 for step in range(2001)]
    reached = {
        POLICY.decide(Circumstances(score=score, fraud=score * share, now_us=0, has_consent=True)).action
        for score, share in itertools.product(scores, (0.0, 1.0))
    }
    assert reached == set(Action)


def test_a_promotion_without_consent_is_labelled_and_one_with_consent_is_not() -> None:
    for category, promotional in (("MARKETING", 0.0), ("", 0.95)):
        asked = Circumstances(0.01, 0.0, 0, category=category, promotional=promotional, has_consent=True)
        assert POLICY.decide(asked).action is Action.ALLOW
        unasked = POLICY.decide(asked._replace(has_consent=False))
        assert (unasked.action, unasked.cause) == (Action.LABEL, Cause.POLICY)
        assert POLICY.decide(asked._replace(has_consent=False, in_service_window=True)).action is Action.ALLOW
    assert POLICY.decide(Circumstances(0.01, 0.0, 0, category="UTILITY", promotional=1.0)).action is Action.ALLOW


def test_an_imitation_that_reads_like_fraud_is_blocked_unless_its_sender_is_verified() -> None:
    given_ = Circumstances(0.2, 0.2, 0, imitates_brand=True, fraudulent=0.95)
    assert POLICY.decide(given_)[:3] == (Action.BLOCK, Cause.POLICY, "link_imitates_brand")
    for milder in ({"sender_verified": True}, {"fraudulent": 0.4}, {"imitates_brand": False}):
        assert POLICY.decide(given_._replace(**milder)).action is Action.LABEL
    namesake = given_._replace(score=0.02, fraud=0.02)
    assert POLICY.decide(namesake).action is Action.ALLOW


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("version = ", "version = = ", "not TOML"),
        ('version = "6"', "", "incomplete"),
        ("wanted = 361.0", 'wanted = "dear"', "wrong value"),
        ("wanted = 361.0", "wanted = nan", "0 to 1e9"),
        ("wanted = 361.0", "wanted = -1.0", "0 to 1e9"),
        ("review   = {", "revue   = {", "wrong value"),
        ('RED     = "review"\n', "", "lacks RED"),
        ('RED     = "review"', 'RED     = "jail"', "wrong value"),
        ('outcome = "reject"', 'outcome = "forget"', "release"),
        ("hold_hours = 24", "hold_hours = -1", "hold_hours"),
        ('review = "throttle"', 'review = "review"', "nothing can be held"),
        ("text_probability = 0.9", "text_probability = 9", "text_probability"),
    ],
)
def test_a_policy_that_cannot_be_used_is_refused_with_the_reason(old: str, new: str, said: str) -> None:
    assert old in TEXT
    with pytest.raises(PolicyError, match=said):
        Policy.from_toml(TEXT.replace(old, new))


def test_a_message_is_slowed_down_only_once() -> None:
    first = Circumstances(0.8, 0.8, 0)
    ruling = POLICY.decide(first)
    assert ruling.action is Action.THROTTLE
    assert ruling.retry_after_s is not None
    wait_us = ruling.retry_after_s * 1_000_000
    assert POLICY.decide(first._replace(waited_us=wait_us - 1)).action is Action.THROTTLE
    assert POLICY.decide(first._replace(waited_us=wait_us)).action is Action.LABEL
    assert POLICY.decide(first._replace(waited_us=25 * 3_600_000_000)).action is Action.THROTTLE
    assert POLICY.decide(Circumstances(0.999, 0.999, 0, waited_us=wait_us)).action is Action.BLOCK

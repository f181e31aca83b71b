import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from torwart.entities import Case, Consent, ConsentSource, ConsentState, Context, Message, Sender, TemplateRef
from torwart.events import MessageScored
from torwart.features import campaign, history, relationship
from torwart.features.catalogue import N_OWN, NAMES, POSITION
from torwart.features.records import record_of
from torwart.features.rows import (
    BLOCK,
    CLAIMED_CONSENT,
    LET_THROUGH,
    MESSAGE,
    PREFERENCE,
    PROMOTION,
    RECORDED_CONSENT,
    REPLY,
    REPORT,
    REVIEW,
    ROW,
    STOPPED,
    UNBLOCK,
    id_key,
    pack,
    pair_key,
    unpack,
)
from torwart.features.state import FoldState
from torwart.features.windows import DAY, HOUR

NOW = 1_780_000_000_000_000
CAMPAIGNS = (11, 12, 13, 0, 15, 0, 17)


def row(
    kind: int, at: int, sender: str = "biz", person: str = "u", flags: int = 0, received: int | None = None
) -> bytes:
    return pack(kind, at if received is None else received, at, sender, person, campaigns=CAMPAIGNS, flags=flags)


def features(state: FoldState, at: int, sender: str = "biz", person: str = "u") -> dict[str, float]:
    values = state.read(unpack(row(MESSAGE, at, sender, person)))
    return dict(zip(NAMES[N_OWN:], values.tolist(), strict=True))


events = st.lists(
    st.tuples(
        st.sampled_from([MESSAGE, REPLY, REPORT, BLOCK, UNBLOCK, PREFERENCE, REVIEW]),
        st.integers(0, 3),
        st.integers(0, 5),
        st.integers(0, 3 * DAY),
        st.integers(0, 1),
    ),
    max_size=60,
)


def rows_of(drawn: list[tuple[int, int, int, int, int]]) -> bytes:
    now = NOW
    packed = []
    for kind, sender, person, wait, flags in drawn:
        now += wait
        packed.append(row(kind, now - wait // 3, f"biz{sender}", f"u{person}", flags, received=now))
    return b"".join(packed)


@settings(deadline=None)
@given(events, st.integers(1, 7))
def test_one_event_at_a_time_equals_all_at_once(drawn: list[tuple[int, int, int, int, int]], pieces: int) -> None:
    rows = unpack(rows_of(drawn))
    together, piecewise = FoldState(), FoldState()
    together.advance(rows)
    for first in range(0, len(rows), pieces):
        piecewise.advance(rows[first : first + pieces])
    for sender in range(4):
        for person in range(6):
            case = unpack(row(MESSAGE, NOW + 200 * DAY, f"biz{sender}", f"u{person}"))
            np.testing.assert_array_equal(together.read(case).copy(), piecewise.read(case))


@settings(deadline=None)
@given(events, st.integers(0, 3), st.integers(0, 5))
def test_one_more_report_lowers_no_count_of_reports(
    drawn: list[tuple[int, int, int, int, int]], sender: int, person: int
) -> None:
    rows = rows_of(drawn)
    now = NOW + sum(wait for _, _, _, wait, _ in drawn)
    without, reported = FoldState(), FoldState()
    without.advance(unpack(rows))
    reported.advance(unpack(rows + row(REPORT, now, f"biz{sender}", f"u{person}")))
    for other in range(6):
        before = features(without, now, f"biz{sender}", f"u{other}")
        after = features(reported, now, f"biz{sender}", f"u{other}")
        for name in before:
            if "report" in name:
                assert after[name] >= before[name], name


def test_growing_tables_forget_nothing() -> None:
    state = FoldState()
    n = 50_000
    rows = np.zeros(n, dtype=ROW)
    keys = np.arange(1, n + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    rows["sender"], rows["recipient"], rows["pair"] = keys, keys + np.uint64(1), keys + np.uint64(2)
    rows["kind"], rows["flags"], rows["received_at"], rows["at"] = MESSAGE, LET_THROUGH, NOW, NOW
    rows["campaigns"] = keys[:, None] + np.arange(7, dtype=np.uint64)
    state.advance(rows)
    assert all(state.feedback(int(key), NOW).recipients == 1 for key in keys[::997])


def test_distinct_people_are_counted_once_however_often_they_are_written_to_and_report() -> None:
    state = FoldState()
    for minute in range(50):
        state.advance(unpack(row(MESSAGE, NOW + minute, person=f"u{minute % 10}", flags=LET_THROUGH)))
        state.advance(unpack(row(REPORT, NOW + minute, person=f"u{minute % 3}")))
    feedback = state.feedback(id_key("biz"), NOW + HOUR)
    assert (feedback.recipients, feedback.reporters) == (10, 3)


def test_a_message_that_was_not_let_through_reaches_nobody_until_it_is_released() -> None:
    state = FoldState()
    state.advance(unpack(row(MESSAGE, NOW)))
    assert state.feedback(id_key("biz"), NOW).recipients == 0
    state.advance(unpack(row(REVIEW, NOW + 1, flags=LET_THROUGH)))
    assert state.feedback(id_key("biz"), NOW).recipients == 1


def test_blocks_stops_and_replies_are_seen_by_the_pair_alone() -> None:
    state = FoldState()
    state.advance(unpack(row(BLOCK, NOW) + row(PREFERENCE, NOW, flags=STOPPED) + row(REPLY, NOW)))
    mine, other = features(state, NOW + HOUR), features(state, NOW + HOUR, person="v")
    assert [mine[name] for name in ("pair_blocked", "pair_stopped", "in_service_window")] == [1, 1, 1]
    assert [other[name] for name in ("pair_blocked", "pair_stopped", "in_service_window")] == [0, 0, 0]
    state.advance(unpack(row(UNBLOCK, NOW + 1) + row(PREFERENCE, NOW + 1)))
    later = features(state, NOW + 25 * HOUR)
    assert [later[name] for name in ("pair_blocked", "pair_stopped", "in_service_window")] == [0, 0, 0]
    assert later["spoke_before"] == 1


def test_feedback_without_a_known_sender_counts_nowhere() -> None:
    state = FoldState()
    before = state.read(unpack(row(MESSAGE, NOW))).copy()
    state.advance(unpack(pack(REPORT, NOW, NOW, "", "", flags=0)))
    np.testing.assert_array_equal(before, state.read(unpack(row(MESSAGE, NOW))))


def test_a_campaign_is_known_across_senders() -> None:
    state = FoldState()
    for number in range(20):
        state.advance(unpack(row(MESSAGE, NOW, f"biz{number}", f"u{number}", LET_THROUGH)))
    for number in range(5):
        state.advance(unpack(row(REPORT, NOW, f"biz{number}", f"u{number}")))
    seen = features(state, NOW, "newcomer", "somebody")
    assert round(np.expm1(seen["campaign_messages_1d"]), 6) == 20
    assert 15 < np.expm1(seen["campaign_senders"]) < 26
    assert seen["campaign_report_rate"] > 0.02


def test_the_shares_of_consents_count_attempts() -> None:
    state = FoldState()
    assert np.isnan(features(state, NOW)["recorded_consent_share"])
    for number in range(4):
        flags = RECORDED_CONSENT if number > 1 else CLAIMED_CONSENT | LET_THROUGH if number else LET_THROUGH
        state.advance(unpack(row(MESSAGE, NOW + number, person=f"u{number}", flags=flags)))
    assert features(state, NOW + 9)["recorded_consent_share"] == 0.5
    assert features(state, NOW + 9)["claimed_consent_share"] == 0.25


def test_the_share_of_promotions_asked_for_leaves_other_messages_out() -> None:
    state = FoldState()
    assert np.isnan(features(state, NOW)["promotion_consent_share"])
    sent = [0, RECORDED_CONSENT, PROMOTION, PROMOTION | CLAIMED_CONSENT, PROMOTION | RECORDED_CONSENT, PROMOTION]
    for number, flags in enumerate(sent):
        state.advance(unpack(row(MESSAGE, NOW + number, person=f"u{number}", flags=flags)))
    assert features(state, NOW + 9)["promotion_consent_share"] == 0.5


@pytest.mark.parametrize(
    ("state", "source", "flag"),
    [
        (ConsentState.OPTED_IN, ConsentSource.MESSENGER, RECORDED_CONSENT),
        (ConsentState.OPTED_IN, ConsentSource.SENDER, CLAIMED_CONSENT),
        (ConsentState.OPTED_OUT, ConsentSource.MESSENGER, 0),
        (ConsentState.UNKNOWN, ConsentSource.SENDER, 0),
    ],
)
def test_what_is_known_of_consent_is_in_the_row(state: ConsentState, source: ConsentSource, flag: int) -> None:
    case = Case(
        message_id="m",
        sent_at_us=NOW,
        sender=Sender(id="biz"),
        recipient_id="u",
        message=Message(type="text"),
        context=Context(consent=Consent(state=state, source=source)),
    )
    record = record_of(MessageScored(case), seq=1, received_at_us=NOW, at_us=NOW)
    assert unpack(record.fold)["flags"][0] & (RECORDED_CONSENT | CLAIMED_CONSENT) == flag


@pytest.mark.parametrize(("category", "flag"), [("MARKETING", PROMOTION), ("UTILITY", 0), ("", 0)])
def test_that_a_message_is_a_promotion_is_in_the_row(category: str, flag: int) -> None:
    case = Case(
        message_id="m",
        sent_at_us=NOW,
        sender=Sender(id="biz"),
        recipient_id="u",
        message=Message(type="template", template=TemplateRef(name="t", category=category)),
    )
    record = record_of(MessageScored(case), seq=1, received_at_us=NOW, at_us=NOW)
    assert unpack(record.fold)["flags"][0] == flag | LET_THROUGH


def test_a_refused_attempt_is_remembered_until_one_gets_through() -> None:
    state, pair = FoldState(), pair_key("biz", "u")
    assert state.waited_us(pair, NOW) == -1
    state.advance(unpack(row(MESSAGE, NOW)))
    assert state.waited_us(pair, NOW + 5) == 5
    state.advance(unpack(row(MESSAGE, NOW + 7)))
    assert state.waited_us(pair, NOW + 9) == 2
    state.advance(unpack(row(MESSAGE, NOW + 10, flags=LET_THROUGH)))
    assert state.waited_us(pair, NOW + 12) == -1


def test_the_state_of_a_key_has_the_size_that_is_promised() -> None:
    assert history.SENDER.itemsize <= 2048
    assert relationship.PAIR.itemsize <= 64
    assert campaign.CAMPAIGN.itemsize == 136
    assert POSITION["history_missing"] >= N_OWN

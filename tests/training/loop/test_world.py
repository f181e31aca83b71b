from collections import Counter
from collections.abc import Callable
from typing import Any

from torwart.entities import Action, Cause
from torwart.events import Enforced, Labelled, Reviewed, decode_body
from torwart.policy import Ruling
from training.loop.gates import Buttons, Undefended
from training.world.unseen import UNSEEN

from .conftest import Fixed

Play = Callable[..., Any]


def sent_by_honest(played: Any) -> set[tuple[str, str, int]]:
    return {
        (record.sender_id, record.recipient_id, record.at_us)
        for record, truth in played.records
        if truth is not None and not truth.strategy
    }


def test_the_same_seed_gives_the_same_world(play: Play) -> None:
    first, second = play(Undefended()), play(Undefended())
    assert first.records == second.records
    assert first.outcome == second.outcome
    assert play(Undefended(), seed=2).records != first.records


def test_without_a_defence_everything_is_delivered(play: Play) -> None:
    outcome = play(Undefended()).outcome
    assert outcome.unwanted_sent == outcome.unwanted_delivered > 0
    assert outcome.wanted_blocked == outcome.wanted_delayed == outcome.honest_senders_restricted == 0


def test_a_gate_that_blocks_all_delivers_nothing(play: Play, block_all: Fixed) -> None:
    played = play(block_all)
    assert played.outcome.unwanted_delivered == 0
    assert played.outcome.wanted_blocked == played.outcome.wanted_sent > 0
    assert not {"delivery", "read", "label"} & played.kinds()


def test_honest_senders_plan_the_same_under_every_gate(play: Play, block_all: Fixed) -> None:
    """Nobody answers what they never got; but for answers to that, all is the same."""
    none, blocked = sent_by_honest(play(Undefended())), sent_by_honest(play(block_all))
    assert len(none & blocked) > 0.9 * len(none)
    assert len(blocked - none) < 0.1 * len(none)


def test_writing_the_texts_changes_nothing_else(play: Play) -> None:
    read, unread = play(Fixed(Ruling(Action.ALLOW, Cause.MODEL))), play(Undefended())
    assert read.outcome == unread.outcome
    assert [record.at_us for record, _ in read.records] == [record.at_us for record, _ in unread.records]


def test_spammers_plan_the_same_until_they_are_refused(play: Play, block_all: Fixed) -> None:
    free, refused = play(Undefended()), play(block_all)
    planned = {truth.campaign_id for _, truth in free.records if truth is not None and truth.strategy}
    reacted = {truth.campaign_id for _, truth in refused.records if truth is not None and truth.strategy}
    assert reacted - planned
    assert refused.outcome.spam_senders > free.outcome.spam_senders
    assert {strategy.name for strategy in UNSEEN} <= free.outcome.unwanted_by.keys()


def test_new_accounts_are_bounded_and_known_before_they_send(play: Play, block_all: Fixed, rates: Any) -> None:
    played = play(block_all, seed=3)
    known: set[str] = set()
    for record, truth in played.records:
        if record.kind == "sender":
            known.add(record.sender_id)
        if truth is not None:
            assert record.sender_id in known
    gangs = len(played.world.operators)
    planned = play(Undefended(), seed=3).outcome.spam_senders
    budget = gangs * rates.spam.reaction.accounts_a_day * 3
    assert played.outcome.spam_senders <= planned + budget


def test_what_is_slowed_is_tried_again_once(play: Play) -> None:
    played = play(Fixed(Ruling(Action.THROTTLE, Cause.MODEL, retry_after_s=900)))
    honest = [attempt for attempt in played.tally.attempts if not attempt.truth.strategy]
    tries = Counter(attempt.again for attempt in honest)
    assert 0.9 * tries[False] < tries[True] <= tries[False]
    assert played.outcome.wanted_delayed == played.outcome.wanted_sent
    assert played.outcome.unwanted_delivered == 0


def test_what_is_held_waits_for_a_moderator_or_the_policy(play: Play) -> None:
    rejected = play(Fixed(Ruling(Action.REVIEW, Cause.MODEL, hold_outcome="reject")))
    bodies = [decode_body(record.body) for record, _ in rejected.records if record.kind == "review"]
    assert {body.outcome for body in bodies if isinstance(body, Reviewed)} <= {"release", "reject"}
    assert rejected.outcome.wanted_delayed == rejected.outcome.wanted_sent
    assert rejected.outcome.wanted_blocked == rejected.outcome.wanted_sent - len(
        [attempt for attempt in rejected.tally.late if attempt.truth.sender_kind not in ("spammer", "hijacked")]
    )
    assert all(attempt.truth.label == "wanted" for attempt in rejected.tally.late)
    released = play(Fixed(Ruling(Action.REVIEW, Cause.MODEL, hold_outcome="release")))
    assert released.outcome.wanted_blocked < 0.1 * released.outcome.wanted_sent
    assert released.outcome.unwanted_delivered > 0


def test_labels_come_from_people_who_looked(play: Play) -> None:
    played = play(Fixed(Ruling(Action.BLOCK, Cause.ENFORCEMENT, "sender_suspended")), days=6)
    labels = [decode_body(record.body) for record, _ in played.records if record.kind == "label"]
    assert {label.by for label in labels if isinstance(label, Labelled)} == {"appeal"}
    lifted = [decode_body(record.body) for record, _ in played.records if record.kind == "enforcement"]
    assert lifted
    assert all(isinstance(body, Enforced) and body.measure == "none" for body in lifted)


def test_blocks_hold_under_the_buttons(play: Play) -> None:
    played = play(Buttons(10_000), days=5)
    blocked: set[tuple[str, str]] = set()
    held_up: set[str] = set()
    for record, truth in played.records:
        pair = record.sender_id, record.recipient_id
        if record.kind == "block":
            blocked.add(pair)
        elif record.kind == "unblock":
            blocked.discard(pair)
        elif truth is not None and pair in blocked:
            held_up.add(record.message_id)
        elif record.kind in ("delivery", "read"):
            assert record.message_id not in held_up
    assert held_up

import gc
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from torwart.entities import ConsentSource, ConsentState
from torwart.events import (
    Blocked,
    Labelled,
    MessageScored,
    PreferenceChanged,
    SenderChanged,
    Unblocked,
    ids_of,
    kind_of,
)
from torwart.features.rows import LET_THROUGH, NO_CAMPAIGNS, campaigns_in, unpack
from training.log import LogError, read_log
from training.templates import Library
from training.truth import read_truth
from training.world.rates import Rates
from training.world.series import Series
from training.world.simulate import simulate
from training.world.strategies import STRATEGIES

START = 1_767_571_200_000_000  # 2026-01-05T00:00Z
DAY = 86_400_000_000


def test_the_same_seed_gives_the_same_bytes(play: Callable[..., Any]) -> None:
    first, second = play(seed=3), play(seed=3)
    assert first.records == second.records
    assert first.truth.equals(second.truth)
    assert first.summary == second.summary


def test_the_collector_is_left_as_it_was(play: Callable[..., Any], rates: Rates, library: Library) -> None:
    was = gc.isenabled()
    try:
        for enable in (gc.disable, gc.enable):
            enable()
            folder = play(days=1, recipients=40).folder
            assert gc.isenabled() == (enable is gc.enable)
        with pytest.raises(LogError):
            simulate(folder, Series(rates=rates, library=library, days=1, recipients=40, seed=1))
        assert gc.isenabled()
    finally:
        (gc.enable if was else gc.disable)()


def test_another_seed_gives_another_world(play: Callable[..., Any]) -> None:
    first, second = play(seed=3), play(seed=4)
    assert first.records != second.records
    people = [{record.recipient_id for record in played.records} - {""} for played in (first, second)]
    assert not people[0] & people[1]


def test_worlds_follow_each_other_with_people_of_their_own(
    play: Callable[..., Any], rates: Rates, library: Library, tmp_path: Path
) -> None:
    single = play(days=2, recipients=60)
    days: list[int] = []
    series = Series(rates=rates, library=library, days=2, recipients=60, seed=1, worlds=3)
    summary = simulate(tmp_path, series, progress=days.append)
    records, truth = list(read_log(tmp_path)), read_truth(tmp_path)
    # The first of them is the world that this seed plays alone.
    assert records[: len(single.records)] == single.records
    assert truth[: len(single.truth)].equals(single.truth)
    assert [record.seq for record in records] == list(range(1, len(records) + 1))
    assert truth["message_id"].is_unique
    assert days == [1, 2, 3, 4, 5, 6]
    assert (summary.worlds, summary.days, summary.messages) == (3, 2, len(truth))
    seen: list[set[str]] = []
    for number in range(3):
        first, last = START + number * 2 * DAY, START + (number + 1) * 2 * DAY
        own = [record for record in records if first <= record.received_at_us < last]
        assert own
        seen.append({record.recipient_id for record in own} | {record.sender_id for record in own} - {""})
    assert not (seen[0] - {""}) & seen[1]
    assert not (seen[1] - {""}) & seen[2]


def test_records_are_in_one_order_and_within_the_days(world: Any) -> None:
    assert [record.seq for record in world.records] == list(range(1, len(world.records) + 1))
    times = [record.received_at_us for record in world.records]
    assert times == sorted(times)
    assert times[0] >= START
    assert times[-1] < START + world.summary.days * DAY
    assert all(record.at_us <= record.received_at_us for record in world.records)


def test_messages_arrive_just_after_they_are_sent(world: Any) -> None:
    delays = [record.received_at_us - record.at_us for record in world.records if record.kind == "message"]
    assert min(delays) > 0
    assert max(delays) < 5_000_000
    late = [record.received_at_us - record.at_us for record in world.records if record.kind == "report"]
    assert max(late) < 3 * 3_600_000_000


def test_feedback_follows_its_message_and_carries_its_keys(world: Any) -> None:
    seen: dict[str, Any] = {}
    for record in world.records:
        if record.kind == "message":
            assert record.message_id not in seen
            assert any(campaigns_in(record.fold))
            seen[record.message_id] = record
        elif record.message_id:
            message = seen[record.message_id]
            assert record.at_us >= message.at_us
            assert (record.sender_id, record.recipient_id) == (message.sender_id, message.recipient_id)
            assert campaigns_in(record.fold) == campaigns_in(message.fold)
        elif record.kind == "report":
            assert record.sender_id
            assert record.recipient_id


def test_fold_rows_are_those_of_their_records(world: Any) -> None:
    rows = unpack(b"".join(record.fold for record in world.records))
    assert rows["received_at"].tolist() == [record.received_at_us for record in world.records]
    assert rows["at"].tolist() == [record.at_us for record in world.records]
    for record, body in zip(world.records, world.bodies, strict=True):
        assert record.kind == kind_of(body)
        assert all(own in ("", given) for own, given in zip(ids_of(body), _ids(record), strict=True))
    senders = [record for record in world.records if record.kind == "sender"]
    assert all(campaigns_in(record.fold) == NO_CAMPAIGNS for record in senders)


def _ids(record: Any) -> tuple[str, str, str]:
    return record.sender_id, record.recipient_id, record.message_id


def test_profiles_are_known_before_they_serve(world: Any) -> None:
    current: dict[str, Any] = {}
    for body in world.bodies:
        if isinstance(body, SenderChanged):
            current[body.sender.id] = body.sender
        elif isinstance(body, MessageScored):
            assert body.case.sender == current[body.case.sender.id]
            assert body.decision is None


def test_truth_is_one_row_a_message_in_order(world: Any) -> None:
    messages = [record.message_id for record in world.records if record.kind == "message"]
    assert world.truth["message_id"].tolist() == messages
    assert world.summary.messages == len(messages)
    assert world.summary.labels == world.truth["label"].value_counts().to_dict()
    assert not any(b'"strategy"' in record.body or b'"label":"' in record.body for record in world.records[:500])


def test_truth_follows_the_definition_recomputed_from_the_log(world: Any) -> None:
    """Unwanted: fraud; or after a block; or promotional to somebody who does not, or after a stop no longer, agree."""
    truth = world.truth.set_index("message_id").to_dict("index")
    blocked: set[tuple[str, str]] = set()
    stopped: set[tuple[str, str]] = set()
    met: defaultdict[tuple[str, str, bool], int] = defaultdict(int)
    for body in world.bodies:
        if isinstance(body, Blocked):
            blocked.add((body.sender_id, body.recipient_id))
        elif isinstance(body, Unblocked):
            blocked.discard((body.sender_id, body.recipient_id))
        elif isinstance(body, PreferenceChanged):
            (stopped.add if body.value == "stop" else stopped.discard)((body.sender_id, body.recipient_id))
        elif isinstance(body, MessageScored):
            pair = body.case.sender.id, body.case.recipient_id
            row = truth[body.case.message_id]
            promotional = row["text_class"] in ("promo", "spam")
            if pair in stopped:
                assert not row["opted_in"]
            unsolicited = pair in blocked or (promotional and not row["opted_in"])
            expected = "fraud" if row["text_class"] == "fraud" else "unsolicited" if unsolicited else "wanted"
            assert row["label"] == expected
            met[row["label"], row["text_class"], pair in blocked] += 1
    for case in (
        ("wanted", "wanted", False),
        ("wanted", "promo", False),
        ("wanted", "spam", False),
        ("unsolicited", "wanted", True),
        ("unsolicited", "promo", False),
        ("unsolicited", "spam", False),
        ("fraud", "fraud", False),
    ):
        assert met[case], case


def test_the_messenger_never_records_a_consent_that_was_not_given(world: Any) -> None:
    truth = world.truth.set_index("message_id").to_dict("index")
    seen: defaultdict[str, int] = defaultdict(int)
    for body in world.bodies:
        if not isinstance(body, MessageScored):
            continue
        consent, row = body.case.context.consent, truth[body.case.message_id]
        if consent is None:
            seen["none"] += 1
        elif consent.source is ConsentSource.MESSENGER:
            seen[consent.state] += 1
            assert (consent.state is ConsentState.OPTED_IN) == row["opted_in"]
        else:
            seen["true claim" if row["opted_in"] else "false claim"] += 1
        last = body.case.context.last_user_message_at_us
        seen["last"] += last is not None
        assert last is None or last <= body.case.sent_at_us
    assert {"none", "opted_in", "unknown", "true claim", "false claim"} <= set(seen)
    assert 0 < seen["last"] < world.summary.messages


def test_nothing_is_delivered_to_those_who_blocked(world: Any) -> None:
    blocked: set[tuple[str, str]] = set()
    held_up: set[str] = set()
    for record, body in zip(world.records, world.bodies, strict=True):
        pair = record.sender_id, record.recipient_id
        if isinstance(body, Blocked):
            assert pair not in blocked
            blocked.add(pair)
        elif isinstance(body, Unblocked):
            blocked.remove(pair)
        elif isinstance(body, MessageScored):
            is_let_through = bool(unpack(record.fold)["flags"][0] & LET_THROUGH)
            assert is_let_through == (pair not in blocked)
            if not is_let_through:
                held_up.add(record.message_id)
        elif record.kind in ("delivery", "read"):
            assert record.message_id not in held_up
    assert held_up


def test_labels_say_the_truth_later(world: Any) -> None:
    truth = dict(zip(world.truth["message_id"], world.truth["label"], strict=True))
    labels = [body for body in world.bodies if isinstance(body, Labelled)]
    assert {body.by for body in labels} == {"moderator", "audit"}
    assert all(body.label == truth[body.message_id] for body in labels)
    assert len(labels) < 0.02 * world.summary.messages


def test_every_strategy_appears_even_in_a_small_world(play: Callable[..., Any], world: Any) -> None:
    names = {strategy.name for strategy in STRATEGIES}
    assert len(names) == len(STRATEGIES) >= 8
    assert set(world.summary.strategies) == names
    for seed in (11, 12, 13):
        assert set(play(days=4, recipients=250, seed=seed).summary.strategies) == names


def test_the_world_and_the_world_that_judges_share_neither_families_nor_brands(
    play: Callable[..., Any], world: Any, library: Library
) -> None:
    judge = play(days=6, recipients=400, seed=5, part="judge")
    families = [set(played.truth["family"]) for played in (world, judge)]
    brands = [set(played.truth["brand"]) - {""} for played in (world, judge)]
    senders = [
        {body.sender.display_name for body in played.bodies if isinstance(body, SenderChanged)}
        for played in (world, judge)
    ]
    assert not families[0] & families[1]
    assert not brands[0] & brands[1]
    assert not senders[0] & senders[1]
    assert families[1] <= {family.id for family in library.part("judge").families}


def test_a_folder_that_holds_a_log_is_left_alone(world: Any, rates: Rates, library: Library) -> None:
    with pytest.raises(LogError, match="already holds a log"):
        simulate(world.folder, Series(rates=rates, library=library, days=1, recipients=5, seed=1))


@pytest.mark.parametrize(("days", "recipients"), [(0, 5), (5, 0)])
def test_an_empty_world_is_refused(tmp_path: Path, rates: Rates, library: Library, days: int, recipients: int) -> None:
    with pytest.raises(ValueError, match="is empty"):
        simulate(tmp_path / "log", Series(rates=rates, library=library, days=days, recipients=recipients, seed=1))
    assert not (tmp_path / "log").exists()


def test_texts_nobody_speaks_are_refused(tmp_path: Path, rates: Rates) -> None:
    with pytest.raises(ValueError, match="no texts"):
        simulate(tmp_path / "log", Series(rates=rates, library=Library((), ()), days=1, recipients=5, seed=1))


def test_one_person_and_one_day_are_a_world(tmp_path: Path, rates: Rates, library: Library) -> None:
    days: list[int] = []
    summary = simulate(
        tmp_path, Series(rates=rates, library=library, days=2, recipients=1, seed=1), progress=days.append
    )
    assert summary.messages > 0
    assert days[-1] == 2
    assert days == sorted(days)

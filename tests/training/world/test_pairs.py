from torwart.events import Blocked, PreferenceChanged, Replied, Unblocked
from training.world.pairs import Pairs

IDS = ("biz_1", "u_1")


def test_strangers_have_nothing_between_them() -> None:
    pairs = Pairs()
    pair = pairs.of(*IDS)
    assert (pair.blocked, pair.stopped_us, pair.wrote_us, pair.failures) == (False, 0, 0, 0)


def test_a_block_holds_until_it_is_taken_back() -> None:
    pairs = Pairs()
    assert pairs.apply(Blocked(*IDS), 5)
    assert not pairs.apply(Blocked(*IDS), 6)
    pairs.fail(*IDS)
    assert pairs.of(*IDS).blocked
    assert pairs.of(*IDS).failures == 1
    assert not pairs.of("biz_1", "u_2").blocked
    assert pairs.apply(Unblocked(*IDS), 7)
    assert not pairs.of(*IDS).blocked
    assert pairs.of(*IDS).failures == 0


def test_a_stop_holds_until_the_person_resumes() -> None:
    pairs = Pairs()
    assert pairs.apply(PreferenceChanged(*IDS, "stop"), 5)
    assert not pairs.apply(PreferenceChanged(*IDS, "stop"), 6)
    assert pairs.of(*IDS).stopped_us == 5
    assert pairs.apply(PreferenceChanged(*IDS, "resume"), 7)
    assert pairs.of(*IDS).stopped_us == 0


def test_the_last_message_of_the_person_counts() -> None:
    pairs = Pairs()
    pairs.apply(Replied(*IDS, "m1"), 5)
    pairs.apply(Replied(*IDS), 9)
    assert pairs.of(*IDS).wrote_us == 9

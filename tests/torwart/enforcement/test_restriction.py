from itertools import accumulate

import pytest

from torwart.enforcement.restriction import (
    BURST_LEAST,
    LASTS_US,
    Judged,
    Lifted,
    Restriction,
    Standing,
    advance,
    is_believed,
    is_restricted,
)

MINUTE = 60_000_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
START = 1_767_571_200_000_000


def lived(doubts: list[bool], *, every: int = MINUTE, standing: Standing | None = None, start: int = START):  # type: ignore[no-untyped-def]
    """The standing after messages at regular times, and what began on the way."""
    standing = standing or Standing()
    begun: list[Restriction] = []
    for number, doubtful in enumerate(doubts):
        standing, restriction = advance(standing, Judged(start + number * every, doubtful * 0.3))
        begun += [restriction] if restriction else []
    return standing, begun


def test_two_doubtful_messages_are_never_enough() -> None:
    assert lived([True, True])[1] == []


def test_what_is_most_likely_no_fraud_is_not_doubtful() -> None:
    standing = Standing()
    for number in range(50):
        standing, begun = advance(standing, Judged(START + number * MINUTE, 0.2))
        assert begun is None


def test_a_large_sender_may_have_some_doubtful_messages() -> None:
    assert lived([number % 20 == 0 for number in range(400)])[1] == []


def test_an_account_of_a_spammer_is_restricted_within_few_messages() -> None:
    standing, begun = lived([True] * 12)
    assert len(begun) == 1
    assert begun[0].start_us <= START + 5 * MINUTE
    assert begun[0].end_us - begun[0].start_us == LASTS_US
    assert "of the last" in begun[0].cause
    assert is_restricted(standing, START + 12 * MINUTE)


def test_a_hijacked_account_with_a_good_past_is_restricted_soon() -> None:
    standing, begun = lived([False] * 400, every=HOUR)
    assert begun == []
    _, begun = lived([True] * 20, standing=standing, start=START + 400 * HOUR)
    assert len(begun) == 1
    assert begun[0].start_us < START + 400 * HOUR + 15 * MINUTE


def test_it_ends_and_begins_again_while_its_cause_lasts() -> None:
    standing, begun = lived([True] * 5)
    end = begun[0].end_us
    assert is_restricted(standing, end - 1)
    assert not is_restricted(standing, end)
    assert lived([True, True], standing=standing, start=end + HOUR)[1]
    assert not lived([False] * 5, standing=standing, start=end + 5 * DAY)[1]


def test_whoever_is_cleared_begins_anew() -> None:
    standing, _ = lived([True] * 12)
    standing, begun = advance(standing, Lifted(START + DAY))
    assert begun is None
    assert not is_restricted(standing, START + DAY)
    assert lived([True, True], standing=standing, start=START + DAY)[1] == []


def believed(presses: list[int], recipients: int) -> int:
    counted: list[int] = []
    for at_us in presses:
        if is_believed(counted, at_us, recipients):
            counted.append(at_us)
    return len(counted)


@pytest.mark.parametrize("recipients", [20, 100, 400])
def test_a_brigade_within_hours_is_not_believed(recipients: int) -> None:
    presses = list(accumulate([5 * MINUTE] * 60, initial=START))
    assert believed(presses, recipients) <= max(BURST_LEAST, recipients * 0.02)


def test_people_who_press_as_they_come_are_believed() -> None:
    presses = [START + number * 5 * HOUR for number in range(20)]
    assert believed(presses, 100) == 20

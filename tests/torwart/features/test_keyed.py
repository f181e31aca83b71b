"""Folding a log sorted by key equals folding it in its order, whatever is forgotten on the way."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from torwart.features import campaign, keyed, state
from torwart.features.folds import CAMPAIGN_START, N_FOLDED
from torwart.features.keyed import CampaignPass, RecipientPass, SenderPass, Sweeps
from torwart.features.rows import (
    BLOCK,
    MESSAGE,
    PREFERENCE,
    REPLY,
    REPORT,
    REVIEW,
    SENDER,
    TEMPLATE_KEY,
    UNBLOCK,
    Rows,
    pack,
    unpack,
)
from torwart.features.state import FoldState
from torwart.features.windows import DAY

NOW = 1_780_000_000_000_000
EVERY = 8

events = st.lists(
    st.tuples(
        st.sampled_from([MESSAGE, MESSAGE, MESSAGE, SENDER, REPLY, REPORT, BLOCK, UNBLOCK, PREFERENCE, REVIEW]),
        st.integers(0, 3),
        st.integers(0, 4),
        st.integers(0, 12 * DAY) | st.integers(0, DAY // 24),
        st.sampled_from([0, 1, 0x200, 0x301]),
        st.tuples(*(st.integers(0, 2) for _ in range(7))),
    ),
    max_size=60,
)


def rows_of(drawn: list[tuple[int, int, int, int, int, tuple[int, ...]]]) -> Rows:
    now = NOW
    packed = []
    for kind, sender, person, wait, flags, keys in drawn:
        now += wait
        person_id = "" if kind == SENDER or person == 4 else f"u{person}"
        sender_id = "" if sender == 3 else f"biz{sender}"
        campaigns = tuple(100 * place + key if key else 0 for place, key in enumerate(keys))
        packed.append(pack(kind, now, now - wait // 3, sender_id, person_id, campaigns=campaigns, flags=flags))
    return unpack(b"".join(packed))


def in_batches(order: NDArray[np.intp], size: int) -> list[NDArray[np.intp]]:
    return [order[first : first + size] for first in range(0, len(order), size)]


def folded_by_key(rows: Rows, last: NDArray[np.int64], size: int) -> NDArray[np.float64]:
    """What a distributed job does, with batches of ``size`` rows, in one partition a kind of key."""
    seq = np.arange(1, len(rows) + 1)
    sweeps = Sweeps(rows["received_at"][EVERY - 1 :: EVERY].tolist())
    effects = np.zeros(len(rows), dtype=np.int64)
    out = np.full((len(rows), N_FOLDED), -1.0)
    senders = SenderPass(sweeps)
    for batch in in_batches(np.lexsort((seq, rows["sender"])), size):
        effects[batch], found = senders.fold(rows[batch], seq[batch], last[batch])
        out[batch, senders.columns] = found[:, senders.columns]
    relevant = (rows["kind"] == MESSAGE) | (effects != 0)
    recipients = RecipientPass(sweeps)
    order = np.lexsort((seq, rows["recipient"]))
    for batch in in_batches(order[relevant[order]], size):
        found = recipients.fold(rows[batch], seq[batch], effects[batch])
        out[batch, recipients.columns] = found[:, recipients.columns]
    places, which = np.nonzero(np.where(relevant[:, None], rows["campaigns"], 0))
    keys = rows["campaigns"][places, which]
    for place in np.flatnonzero(rows["kind"] == MESSAGE):
        campaign.begin(out[place], CAMPAIGN_START)
    of_campaigns = CampaignPass(sweeps)
    order = np.lexsort((seq[places], keys))
    for batch in in_batches(order, size):
        at = places[batch]
        known = of_campaigns.fold(rows[at], seq[at], effects[at], keys[batch], which[batch])
        for place, key, numbers in zip(at, which[batch], known, strict=True):
            if rows["kind"][place] == MESSAGE:
                shared = slice(CAMPAIGN_START, CAMPAIGN_START + campaign.N_SHARED)
                out[place, shared] = np.maximum(out[place, shared], numbers[: campaign.N_SHARED])
                if key == TEMPLATE_KEY:
                    out[place, shared.stop :] = numbers[campaign.N_SHARED :]
    for place in np.flatnonzero(rows["kind"] == MESSAGE):
        campaign.finish(out[place], CAMPAIGN_START)
    return out[rows["kind"] == MESSAGE]


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sweeps every few rows, and hardly any memory."""
    monkeypatch.setattr(state, "SWEEP_EVERY", EVERY)
    monkeypatch.setattr(keyed, "SWEEP_EVERY", EVERY)
    monkeypatch.setattr(keyed, "KEPT", 2)
    monkeypatch.setattr(keyed, "_AT_ONCE", 3)


@settings(deadline=None, max_examples=300)
@given(events, st.sampled_from([1, 5, 100]))
def test_by_key_equals_in_order(drawn: list[tuple[int, int, int, int, int, tuple[int, ...]]], size: int) -> None:
    rows = rows_of(drawn)
    last = np.where(np.arange(len(rows)) % 3 == 0, NOW, -1)
    in_order = FoldState().fold(rows, last[rows["kind"] == MESSAGE])
    np.testing.assert_array_equal(folded_by_key(rows, last, size), in_order)


def test_something_is_forgotten_in_the_test_above() -> None:
    """A pair, a campaign and a sender live a second life after a long silence, by key as in order."""
    message = (MESSAGE, 0, 0, 0, 1, (1, 1, 1, 1, 1, 1, 1))
    late = (MESSAGE, 0, 0, 500 * DAY, 1, (1, 1, 1, 1, 1, 1, 1))
    filler = (MESSAGE, 1, 1, 0, 1, (2, 2, 2, 2, 2, 2, 2))
    rows = rows_of([message, filler, (MESSAGE, 1, 1, 500 * DAY, 1, (2,) * 7), *[filler] * 8, message, late])
    last = np.full(len(rows), -1)
    by_key = folded_by_key(rows, last, 4)
    np.testing.assert_array_equal(by_key, FoldState().fold(rows, last))
    np.testing.assert_array_equal(by_key[-2, :2], by_key[0, :2])

"""Every side of the history benchmark gives the same numbers, and the made-up log is what it says it is."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks import history
from benchmarks.history_parts import batch, online, restart
from benchmarks.history_parts.counts import COUNTS, KINDS, SPANS, WIDTHS
from benchmarks.history_parts.made_up import SPAN_US, START_US, MadeUp, made_up
from benchmarks.history_parts.process import alone, peak_mib
from serving.log import Log
from serving.service import DATABASE
from serving.snapshots import replay
from torwart.features.rows import BLOCK, MESSAGE, REPLY, REPORT
from torwart.features.state import FoldState

MESSAGES, SENDERS, SEED = 3_000, 40, 5
EXACT = "polars_rolling"
"""The side whose windows are exact, not whole buckets."""


@pytest.fixture(scope="module")
def made() -> MadeUp:
    return made_up(MESSAGES, SENDERS, SEED)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("log")
    batch.write_log(folder, MESSAGES, SENDERS, SEED)
    return folder


def counted(made: MadeUp, exact: bool) -> np.ndarray:
    """The counts by their definition, an event at a time."""
    out = []
    at, kinds = made.rows["received_at"], made.rows["kind"]
    for index in np.flatnonzero(kinds == MESSAGE):
        same = made.sender[:index] == made.sender[index]
        found = []
        for kind, window in COUNTS:
            if exact:
                within = at[:index] >= at[index] - WIDTHS[window] * SPANS[window]
            else:
                within = at[:index] // WIDTHS[window] > at[index] // WIDTHS[window] - SPANS[window]
            found.append(int((same & within & (kinds[:index] == KINDS[kind])).sum()))
        out.append(found)
    return np.array(out)


@pytest.mark.parametrize(
    "name",
    [name for name, side in batch.SIDES.items() if name != batch.CATALOGUE and side.module not in batch.missing()],
)
def test_a_side_counts_what_the_definition_says(name: str, folder: Path, made: MadeUp) -> None:
    expected = counted(made, exact=name == EXACT)
    assert expected.max(axis=0).min() > 0
    found = batch.result(name, folder)
    assert found is not None
    assert found.tolist() == expected.tolist()


def test_buckets_and_exact_windows_are_not_the_same(made: MadeUp) -> None:
    assert (counted(made, exact=True) != counted(made, exact=False)).any()


def test_the_catalogue_is_computed_for_every_message(folder: Path) -> None:
    assert batch.catalogue(folder) == MESSAGES


def test_the_log_is_in_order_and_within_its_days(made: MadeUp) -> None:
    received = made.rows["received_at"]
    assert (np.diff(received) > 0).all()
    assert (made.rows["at"] <= received).all()
    assert received[0] >= START_US
    assert received[-1] < START_US + SPAN_US + len(received)
    assert set(made.rows["kind"].tolist()) == {MESSAGE, REPLY, REPORT, BLOCK}
    assert (received - made.rows["at"] > 60_000_000).sum() > 3


def test_an_answer_follows_its_message_and_has_its_keys(made: MadeUp) -> None:
    is_message = made.rows["kind"] == MESSAGE
    assert made.message[is_message].tolist() == list(range(MESSAGES))
    sent = made.rows[is_message]
    answers, messages = made.rows[~is_message], sent[made.message[~is_message]]
    assert (answers["received_at"] > messages["received_at"]).all()
    for field in ("sender", "recipient", "pair", "campaigns"):
        assert (answers[field] == messages[field]).all()


def test_most_campaigns_are_one_senders_and_senders_are_unequal() -> None:
    made = made_up(20_000, 500, SEED)
    templates = made.rows["campaigns"][:, 0]
    of = {key: set(made.sender[templates == key].tolist()) for key in np.unique(templates)[:300].tolist()}
    assert np.mean([len(senders) == 1 for senders in of.values()]) > 0.9
    sent = np.sort(np.bincount(made.sender, minlength=500))[::-1]
    assert sent[0] > 20 * np.median(sent)


def test_a_seed_gives_the_same_log_and_another_one_another(made: MadeUp) -> None:
    assert made.rows.tobytes() == made_up(MESSAGES, SENDERS, SEED).rows.tobytes()
    assert made.rows.tobytes() != made_up(MESSAGES, SENDERS, SEED + 1).rows.tobytes()


def test_the_counters_of_the_online_peers_count(tmp_path: Path) -> None:
    with online.redis_server(tmp_path) as address:
        for step in online.peers(address).values():
            step("other")
            answers = [step("biz") for _ in range(3)]
            assert answers[-1] == [3] * online.N_COUNTERS


def test_the_database_holds_the_log_and_all_profiles(tmp_path: Path, made: MadeUp) -> None:
    events = restart.write_database(tmp_path, MESSAGES, SENDERS)
    assert events == SENDERS + len(made.rows)
    rows = made_up(MESSAGES, SENDERS, batch.SEED).rows
    state = FoldState()
    log = Log(tmp_path / DATABASE)
    replay(log, state)
    assert log.execute("SELECT count(*) FROM senders").fetchone() == (SENDERS,)
    log.close()
    assert state.applied == events
    keys = rows["campaigns"][rows["kind"] == MESSAGE]
    sizes = {name: len(records) for name, records in state.arrays().items()}
    assert sizes["senders"] == SENDERS
    assert sizes["pairs"] == len(np.unique(rows["pair"]))
    assert 0 < sizes["campaigns"] <= len(np.unique(keys[keys != 0]))


def test_a_process_of_its_own_does_not_count_its_parents_memory() -> None:
    held = np.ones(100_000_000)
    assert peak_mib() > held.nbytes / 2**20
    assert alone(peak_mib) < held.nbytes / 2**20


def test_a_target_is_met_or_not() -> None:
    tables = {name: {"bytes": size} for name, size in (("senders", 2008), ("pairs", 65))}
    assert [row[-1] for row in history.targets({"d": {"tables": tables}})] == ["yes", "no"]
    assert history.targets({}) == []

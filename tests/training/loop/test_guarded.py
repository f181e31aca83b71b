from pathlib import Path

import pytest
from msgspec.structs import replace

from torwart.features.rows import LET_THROUGH, unpack
from torwart.model.error import ModelError
from training.loop.guarded import GuardedSeries
from training.options import CHAMPION
from training.templates import Library
from training.world.rates import Rates
from training.world.strategies import STRATEGIES


@pytest.fixture(scope="module")
def series(rates: Rates, library: Library) -> GuardedSeries:
    return GuardedSeries(rates=rates, library=library, days=2, recipients=120, seed=1, worlds=2, model=CHAMPION)


def test_a_guarded_log_says_what_was_let_through(series: GuardedSeries) -> None:
    records = list(series.run(series.first()))
    assert records == list(series.run(series.first()))
    assert [record.seq for record, _ in records] == list(range(1, len(records) + 1))
    messages = [(record, truth) for record, truth in records if truth is not None]
    refused = [truth for record, truth in messages if not unpack(record.fold)["flags"][0] & LET_THROUGH]
    assert 0 < len(refused) < len(messages) / 2
    assert sum(truth.label != "wanted" for truth in refused) > len(refused) / 2
    known = {strategy.name for strategy in STRATEGIES} | {""}
    assert {truth.strategy for _, truth in messages} <= known
    refused_ids = {truth.message_id for truth in refused}
    assert not refused_ids & {record.message_id for record, _ in records if record.kind in ("delivery", "read")}


def test_a_guard_says_where_it_comes_from(series: GuardedSeries, tmp_path: Path) -> None:
    assert series.guard.folder == str(CHAMPION)
    assert series.guard.commands[-1].startswith("torwart train ")
    missing = replace(series, model=tmp_path / "none")
    for look in (lambda: missing.guard, missing.first):
        with pytest.raises(ModelError, match="no model folder"):
            look()

"""One small world, played once for all the tests that only look at it."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest

from torwart.events import Body, Record, decode_body
from training.log import read_log
from training.templates import Library, load
from training.truth import read_truth
from training.world.rates import Rates, load_rates
from training.world.series import Series
from training.world.simulate import Summary, simulate

DAYS = 12
RECIPIENTS = 700


class Played(NamedTuple):
    folder: Path
    summary: Summary
    records: list[Record]
    bodies: list[Body]
    truth: pd.DataFrame


@pytest.fixture(scope="session")
def rates() -> Rates:
    return load_rates()


@pytest.fixture(scope="session")
def library() -> Library:
    return load()


@pytest.fixture(scope="session")
def play(rates: Rates, library: Library, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Played]:
    def played(*, days: int = 3, recipients: int = 120, seed: int = 1, part: str = "world") -> Played:
        folder = tmp_path_factory.mktemp("world")
        series = Series(rates=rates, library=library, days=days, recipients=recipients, seed=seed, part=part)
        summary = simulate(folder, series)
        records = list(read_log(folder))
        return Played(folder, summary, records, [decode_body(record.body) for record in records], read_truth(folder))

    return played


@pytest.fixture(scope="session")
def world(play: Callable[..., Played]) -> Played:
    return play(days=DAYS, recipients=RECIPIENTS, seed=5)

"""One small simulated log, and one model made from it by the whole recipe, for all the tests that only look at them."""

from pathlib import Path

import pytest

from training import samples
from training.recipe import Trained, train
from training.templates import load
from training.world.rates import load_rates
from training.world.simulate import simulate

TEXTS_A_CELL = 4
"""Enough texts for the chain to work, few enough for seconds."""


@pytest.fixture(scope="session")
def log_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("log") / "events"
    simulate(folder, days=8, recipients=700, seed=4, rates=load_rates(), library=load())
    return folder


@pytest.fixture(scope="session")
def trained(log_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Trained]:
    out = tmp_path_factory.mktemp("models") / "candidate"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(samples, "TEXTS_A_CELL", TEXTS_A_CELL)
        result = train(log_folder, out, seed=1, commands=("torwart train --events data --out model --seed 1",))
    return out, result


@pytest.fixture(scope="session")
def model_folder(trained: tuple[Path, Trained]) -> Path:
    return trained[0]

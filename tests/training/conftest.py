"""One small simulated log, and one model made from it by the whole recipe, for all the tests that only look at them."""

from pathlib import Path

import pytest

from training import recipe, samples
from training.recipe import Trained, train
from training.templates import Library, load
from training.world.rates import load_rates
from training.world.series import Series
from training.world.simulate import simulate

TEXTS_A_CELL, TEXTS_A_TEMPLATE = 4, 1
LANGUAGES = ("de", "en")
"""Enough texts for the chain to work, few enough for seconds."""


def small_library() -> Library:
    """The templates of the two deepest languages."""
    library = load()
    families = tuple(family for family in library.families if family.language in LANGUAGES)
    return Library(families=families, brands=library.brands)


@pytest.fixture(scope="session")
def log_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("log") / "events"
    simulate(folder, Series(rates=load_rates(), library=load(), days=8, recipients=700, seed=4))
    return folder


@pytest.fixture(scope="session")
def trained(log_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Trained]:
    out = tmp_path_factory.mktemp("models") / "candidate"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(samples, "TEXTS_A_CELL", TEXTS_A_CELL)
        patch.setattr(samples, "TEXTS_A_TEMPLATE", TEXTS_A_TEMPLATE)
        patch.setattr(recipe, "load", small_library)
        result = train(log_folder, out, seed=1, commands=("torwart train --events data --out model --seed 1",))
    return out, result


@pytest.fixture(scope="session")
def model_folder(trained: tuple[Path, Trained]) -> Path:
    return trained[0]

"""Worlds with Torwart in them, as logs to learn from: what a model meets is what an earlier one let through."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from torwart.detector import Detector
from torwart.model.artifact import load_witness, verify
from torwart.policy import Policy
from training.loop.keeper import Keeper
from training.loop.world import Attempt, ClosedWorld
from training.world.series import Series
from training.world.source import Guard
from training.world.strategies import STRATEGIES
from training.world.world import World


class GuardedWorld(ClosedWorld):
    """A world that Torwart guards, with the strategies that models may learn from: the others are kept for judging."""

    strategies = STRATEGIES


class GuardedSeries(Series, frozen=True, kw_only=True):
    """Worlds that follow each other, each guarded by the model in the folder ``model`` and the shipped policy, which
    know nothing of the world before. Spammers are told what is refused, and react.

    The model reads texts by its witness: the shipped classifier has learned those of these worlds, and would guard
    them better than any real one. :meth:`first` and :attr:`guard` raise ``ModelError`` for a folder that holds no
    model, or one without a witness.
    """

    model: Path

    @property
    def guard(self) -> Guard:
        """The model in the folder."""
        manifest = verify(self.model)
        return Guard(str(self.model), manifest.version, manifest.training.commands)

    def _maker(self) -> Callable[..., World]:
        gate = Keeper(Detector(load_witness(self.model)), Policy.default())
        return partial(GuardedWorld, gate=gate, observer=_Nobody())


class _Nobody:
    """An observer of a world whose log says it all."""

    def saw(self, attempt: Attempt) -> None:
        """Nothing is counted."""

    def released(self, attempt: Attempt, at_us: int) -> None:
        """Nothing is counted."""

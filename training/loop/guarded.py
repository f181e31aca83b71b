"""Worlds with Torwart in them, as logs to learn from: what a model meets is what an earlier one let through."""

from pathlib import Path

from torwart.detector import Detector
from torwart.model.artifact import load_witness, verify
from torwart.policy import Policy
from training.loop.keeper import Keeper
from training.loop.world import Attempt, ClosedWorld
from training.world.rates import Rates
from training.world.series import Series
from training.world.source import Guard
from training.world.strategies import STRATEGIES
from training.world.world import World


def guard_of(folder: Path) -> Guard:
    """Where the model in ``folder`` comes from. Raises ``ModelError`` for what is no model."""
    manifest = verify(folder)
    return Guard(str(folder), manifest.version, manifest.training.commands)


class GuardedWorld(ClosedWorld):
    """A world that Torwart guards, with the strategies that models may learn from: the others are kept for judging."""

    strategies = STRATEGIES


class GuardedSeries(Series, frozen=True, kw_only=True):
    """Worlds that follow each other, each guarded by the model in the folder ``guard`` and the shipped policy, which
    know nothing of the world before. Spammers are told what is refused, and react. The model reads texts by its
    witness: the shipped classifier has learned those of these worlds, and would guard them better than any real one."""

    guard: Path

    def _play(self, rates: Rates, seed: int, after: World | None) -> World:
        return GuardedWorld(
            rates,
            self.library,
            part=self.part,
            days=self.days,
            recipients=self.recipients,
            seed=seed,
            gate=Keeper(Detector(load_witness(self.guard)), Policy.default()),
            witness=_Nobody(),
            after=after,
        )


class _Nobody:
    """A witness of a world whose log says it all."""

    def saw(self, attempt: Attempt) -> None:
        """Nothing is counted."""

    def released(self, attempt: Attempt, at_us: int) -> None:
        """Nothing is counted."""

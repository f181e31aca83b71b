"""Worlds that follow each other in time: what one log of many worlds is made of."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from torwart.events import Record
from training.templates import Library
from training.truth import Truth
from training.world.draws import stream
from training.world.rates import Rates, varied
from training.world.source import Guard
from training.world.world import World

_SEED_STEP: Final = 1_000_003
"""Between the seeds of worlds that follow each other."""


class Series(Struct, frozen=True, kw_only=True):
    """``worlds`` of ``days`` days and ``recipients`` people each, with other people, businesses and spammers.

    ``part`` names the templates and brands of ``library`` they may use (``judge`` for the world that judges). Where
    ``vary`` names the file that ``rates`` are from, each draws its own from their ranges.
    """

    rates: Rates
    library: Library
    days: int
    recipients: int
    seed: int
    part: str = "world"
    worlds: int = 1
    vary: Path | None = None

    @property
    def guard(self) -> Guard | None:
        """The model that guards them, if one does."""
        return None

    def first(self) -> World:
        """The world that :meth:`run` begins with. Raises ``ValueError`` where it would be empty."""
        return self._world(0, None)

    def run(self, first: World) -> Iterator[tuple[Record, Truth | None]]:
        """Play all of them once: every event in order of arrival, with its truth where it is a message. A campaign of
        a later world has the world's number before its id."""
        world = first
        yield from world.run()
        for number in range(1, self.worlds):
            world = self._world(number, world)
            for record, truth in world.run():
                yield record, truth and replace(truth, campaign_id=f"{number}/{truth.campaign_id}")

    def _world(self, number: int, after: World | None) -> World:
        seed = (self.seed + number * _SEED_STEP) % 2**31
        rates = self.rates if self.vary is None else varied(self.rates, self.vary, stream(seed, "rates"))
        return self._maker()(
            replace(rates, start=self.rates.start + timedelta(days=number * self.days)),
            self.library,
            part=self.part,
            days=self.days,
            recipients=self.recipients,
            seed=seed,
            after=after,
        )

    def _maker(self) -> Callable[..., World]:
        """What makes one of them."""
        return World

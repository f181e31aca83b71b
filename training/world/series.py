"""Worlds that follow each other in time: what one log of many worlds is made of."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from torwart.events import Record
from training.templates import Library
from training.truth import Truth
from training.world.draws import stream
from training.world.rates import Rates, varied
from training.world.world import World

_SEED_STEP: Final = 1_000_003
"""Between the seeds of worlds that follow each other."""


class Series:
    """``worlds`` of ``days`` days each, with other people, businesses and spammers; :meth:`run` plays them once.

    Where ``vary`` names the file that ``rates`` are from, each draws its own from their ranges. Raises ``ValueError``
    where :class:`~training.world.world.World` does.
    """

    def __init__(
        self,
        rates: Rates,
        library: Library,
        *,
        part: str,
        days: int,
        recipients: int,
        seed: int,
        worlds: int = 1,
        vary: Path | None = None,
    ) -> None:
        self._rates = rates
        self._library = library
        self._part = part
        self._days = days
        self._recipients = recipients
        self._seed = seed
        self._worlds = worlds
        self._vary = vary
        self._first = self._world(0, None)

    @property
    def start_us(self) -> int:
        """The first midnight, in µs since 1970."""
        return self._first.clock.start_us

    def run(self) -> Iterator[tuple[Record, Truth | None]]:
        """Every event in order of arrival, with its truth where it is a message; a campaign of a later world has the
        world's number before its id."""
        world = self._first
        yield from world.run()
        for number in range(1, self._worlds):
            world = self._world(number, world)
            for record, truth in world.run():
                yield record, truth and replace(truth, campaign_id=f"{number}/{truth.campaign_id}")

    def _world(self, number: int, after: World | None) -> World:
        seed = (self._seed + number * _SEED_STEP) % 2**31
        rates = self._rates if self._vary is None else varied(self._rates, self._vary, stream(seed, "rates"))
        return World(
            replace(rates, start=self._rates.start + timedelta(days=number * self._days)),
            self._library,
            part=self._part,
            days=self._days,
            recipients=self._recipients,
            seed=seed,
            after=after,
        )

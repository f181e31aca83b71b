"""The people that businesses write to: their languages and their habits with the two buttons."""

import math
from itertools import accumulate
from random import Random

from training.world.clock import HOUR
from training.world.draws import stream
from training.world.rates import Rates


class People:
    """Everybody, as columns: person ``i`` is row ``i`` of each list."""

    def __init__(self, rates: Rates, recipients: int, languages: frozenset[str], seed: int) -> None:
        rng = stream(seed, "people")
        spoken = {name: language for name, language in rates.languages.items() if name in languages}
        names = list(spoken)
        drawn = rng.choices(names, weights=[spoken[name].share for name in names], k=recipients)
        self.ids = [f"u_{rng.getrandbits(40):010x}" for _ in range(recipients)]
        self.languages = drawn
        self.utc_offsets_us = [int(spoken[name].utc_offset_h * HOUR) for name in drawn]
        self.sends_receipts = [rng.random() < rates.reading.receipts for _ in range(recipients)]
        self.report_factors = [_report_factor(rng, rates) for _ in range(recipients)]
        """How much oftener than the mean person each presses *report*; 0 for those who never do."""
        self.reports_wrongly = [rng.random() < rates.reports.false_reporters for _ in range(recipients)]
        """Whether they report what they agreed to."""
        self.by_language = {name: [i for i in range(recipients) if drawn[i] == name] for name in names}
        self.by_language = {name: people for name, people in self.by_language.items() if people}
        self._names = list(self.by_language)
        self._cumulative = list(accumulate(len(people) for people in self.by_language.values()))

    def __len__(self) -> int:
        return len(self.ids)

    def stranger(self, rng: Random, language: str, foreign: float = 0.0) -> int:
        """Anybody of a language; with probability ``foreign``, anybody at all."""
        if rng.random() < foreign or language not in self.by_language:
            return rng.randrange(len(self.ids))
        return rng.choice(self.by_language[language])

    def some_language(self, rng: Random) -> str:
        """A language, drawn as people speak it."""
        return rng.choices(self._names, cum_weights=self._cumulative)[0]


def _report_factor(rng: Random, rates: Rates) -> float:
    """Log-normal with mean 1 over all people, those who never report included."""
    sigma = rates.reports.sigma
    factor = math.exp(sigma * rng.gauss(0.0, 1.0) - sigma * sigma / 2) / (1.0 - rates.reports.never)
    return 0.0 if rng.random() < rates.reports.never else factor

"""Small random choices, many a second, from one numpy generator."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

_T = TypeVar("_T")

_BLOCK = 48
_DIGITS = "0123456789"
_CAPITALS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_SHORT_LINK = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_SYMBOLS = {"#": _DIGITS, "@": _CAPITALS, "%": _SHORT_LINK}


class Chance:
    """Uniform numbers taken from ``rng`` in blocks: a scalar call costs numpy more than it returns.

    Deterministic by the generator's state; the generator is left a whole number of blocks further.
    """

    __slots__ = ("_at", "_block", "_rng")

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._block: list[float] = []
        self._at = _BLOCK

    def uniform(self) -> float:
        """A number in [0, 1)."""
        if self._at == _BLOCK:
            self._block = self._rng.random(_BLOCK).tolist()
            self._at = 0
        value = self._block[self._at]
        self._at += 1
        return value

    def choose(self, options: Sequence[_T]) -> _T:
        """One of ``options``, each as likely; raises IndexError where there is none."""
        return options[int(self.uniform() * len(options))]

    def between(self, low: int, high: int) -> int:
        """An integer from ``low`` to ``high``, both included."""
        return low + int(self.uniform() * (high - low + 1))

    def pattern(self, patterns: Sequence[str]) -> str:
        """One of ``patterns`` with every ``#`` a digit, ``@`` a capital and ``%`` a letter or digit of a short link."""
        return "".join(
            self.choose(_SYMBOLS[symbol]) if symbol in _SYMBOLS else symbol for symbol in self.choose(patterns)
        )

"""Small random choices, many a second, from one numpy generator."""

from collections.abc import Sequence
from functools import cache
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

    __slots__ = ("_left", "_rng")

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._left: list[float] = []

    def uniform(self) -> float:
        """A number in [0, 1)."""
        if not self._left:
            self._left = self._rng.random(_BLOCK)[::-1].tolist()
        return self._left.pop()

    def choose(self, options: Sequence[_T]) -> _T:
        """One of ``options``, each as likely; raises IndexError where there is none."""
        return options[int(self.uniform() * len(options))]

    def between(self, low: int, high: int) -> int:
        """An integer from ``low`` to ``high``, both included."""
        return low + int(self.uniform() * (high - low + 1))

    def pattern(self, patterns: Sequence[str]) -> str:
        """One of ``patterns`` with every ``#`` a digit, ``@`` a capital and ``%`` a letter or digit of a short link."""
        uniform = self.uniform
        return "".join(
            [
                symbols[int(uniform() * len(symbols))] if len(symbols) > 1 else symbols
                for symbols in _alphabets(self.choose(patterns))
            ]
        )


@cache
def _alphabets(pattern: str) -> tuple[str, ...]:
    """What each place of a pattern is drawn from; a letter that stands for itself is alone."""
    return tuple(_SYMBOLS.get(symbol, symbol) for symbol in pattern)

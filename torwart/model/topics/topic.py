"""What a topic is, and how its sentences write numbers."""

import math
from collections.abc import Callable
from typing import NamedTuple

from msgspec import Struct

from torwart.features.catalogue import POSITION


class Facts:
    """The values of one vector by the names of its features, and as the counts and days that they stand for."""

    __slots__ = ("_values",)

    def __init__(self, values: list[float]) -> None:
        self._values = values

    def __getitem__(self, name: str) -> float:
        return self._values[POSITION[name]]

    def count(self, name: str) -> int:
        """The whole number behind a feature in log1p; 0 where it is missing."""
        value = self[name]
        return 0 if math.isnan(value) else round(math.expm1(value))

    def days(self, name: str) -> float:
        """The days behind a feature in log1p days; NaN where it is missing."""
        return math.expm1(self[name])


class Told(NamedTuple):
    """A reason code, see ``codes.CODES``, and a sentence."""

    code: str
    detail: str


class Topic(Struct, frozen=True):
    """Some features that are about the same thing.

    ``tell(facts, raises)`` says what they say about a message whose score they raise or lower; ``None`` where nothing
    true can be said that would make a person expect that. Where ``silent(facts)`` holds, the features have nothing to
    say of their own, and what they did to the score counts for the topic named ``heir``.
    """

    name: str
    features: tuple[str, ...]
    tell: Callable[[Facts, bool], Told | None]
    heir: str = ""
    silent: Callable[[Facts], bool] | None = None


def counted(number: int, noun: str) -> str:
    """``1 link``, ``2 links``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def in_days(days: float) -> str:
    """``less than a day``, ``1 day``, ``412 days``."""
    return "less than a day" if days < 1.0 else counted(int(days), "day")


def listed(parts: list[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)

"""Time in the world: days, local hours and seasons. All times are µs since 1970 (UTC)."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from random import Random
from typing import Final

SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

WAKES: Final = 7
"""The local hour from which people look at their telephones …"""
SLEEPS: Final = 23
"""… and until which they do."""


class Clock:
    """The calendar of a world that begins at midnight (UTC) of ``start``."""

    def __init__(self, start: date, days: int) -> None:
        self._start = start
        self.days = days
        self.start_us = int(datetime(start.year, start.month, start.day, tzinfo=UTC).timestamp()) * SECOND
        self.end_us = self.start_us + days * DAY

    def midnight(self, day: int) -> int:
        """When day ``day`` (from 0) begins."""
        return self.start_us + day * DAY

    def month(self, day: int) -> int:
        """The month of a day, 0 for January."""
        return (self._start + timedelta(days=day)).month - 1

    def is_weekend(self, day: int) -> bool:
        """Saturday or Sunday."""
        return (self._start + timedelta(days=day)).weekday() >= 5


class Hours:
    """A curve over the 24 local hours from which times of day are drawn."""

    def __init__(self, weights: Sequence[float]) -> None:
        self._cumulative = list(accumulate(weights))

    def draw(self, rng: Random, midnight_us: int, utc_offset_us: int) -> int:
        """A moment of the day that begins at ``midnight_us``, by the local clock ``utc_offset_us`` ahead of UTC."""
        hour = bisect_right(self._cumulative, rng.random() * self._cumulative[-1])
        local = hour * HOUR + int(rng.random() * HOUR)
        return midnight_us + (local - utc_offset_us) % DAY


def when_awake(rng: Random, at_us: int, utc_offset_us: int) -> int:
    """``at_us``, or if that is at night by the local clock, a moment of the first two hours of the next morning."""
    local = (at_us + utc_offset_us) % DAY
    if local < WAKES * HOUR:
        return at_us - local + WAKES * HOUR + int(rng.random() * 2 * HOUR)
    if local >= SLEEPS * HOUR:
        return at_us - local + DAY + WAKES * HOUR + int(rng.random() * 2 * HOUR)
    return at_us

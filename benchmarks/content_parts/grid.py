"""Rates of several systems side by side: the one form that nearly all tables have."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from training.intervals import Rate
from training.table import table


class Line(Struct, frozen=True):
    """What is counted, and the rate of each system; None for one that was not asked."""

    name: str
    rates: tuple[Rate | None, ...]


class Grid(Struct, frozen=True):
    """A table of rates; ``systems`` name the columns."""

    title: str
    systems: tuple[str, ...]
    lines: tuple[Line, ...]

    def text(self) -> str:
        """As plain text, per cent with exact 95 % intervals; n is the largest of a line."""
        rows = [
            (line.name, f"{max(rate.n for rate in line.rates if rate):,}", *map(cell, line.rates))
            for line in self.lines
            if any(rate is not None and rate.n for rate in line.rates)
        ]
        return table(self.title, ("", "n", *map(short_name, self.systems)), rows)

    def rate(self, line: str, system: str) -> Rate:
        """One of the rates; raises StopIteration where the line is not there, ValueError where the rate is not."""
        found = next(one for one in self.lines if one.name == line).rates[self.systems.index(system)]
        if found is None:
            raise ValueError(f"{system} has no rate in the line {line!r} of {self.title!r}.")
        return found


def grid(title: str, systems: Sequence[str], lines: Iterable[tuple[str, Sequence[Rate | None]]]) -> Grid:
    """A grid from pairs of a name and the rates of all systems."""
    return Grid(title, tuple(systems), tuple(Line(name, tuple(rates)) for name, rates in lines))


def short_name(system: str) -> str:
    """A system's name as it fits above a column."""
    return {"Torwart, worst segment": "Torwart worst", "TF-IDF + LinearSVC": "LinearSVC"}.get(
        system, system.replace(" Bayes", "")
    )


def cell(rate: Rate | None) -> str:
    """A rate and its interval in per cent."""
    if rate is None or rate.n == 0:
        return "-"
    return f"{points(rate.rate)} [{points(rate.low)}, {points(rate.high)}]"


def points(share: float) -> str:
    """A share in per cent with as many digits as a small one needs."""
    value = 100 * share
    if value in (0, 100):
        return f"{value:.0f}"
    return f"{value:.{1 if abs(value) >= 10 else 2 if abs(value) >= 0.1 else 3}f}"

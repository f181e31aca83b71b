"""Figures as plain text: aligned columns that a terminal, a log and a Markdown code block all show alike."""

from collections.abc import Sequence

from training.intervals import Rate


def table(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A titled table; the first column is aligned to the left, the others to the right. ``rows`` may be empty."""
    lines = [tuple(header), *(tuple(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    text = [
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    ]
    return "\n".join([title, "-" * len(title), *text])


def percent(share: float) -> str:
    """A share as per cent, with as many digits as a small one needs: ``12.3 %``, ``0.04 %``, ``0 %``."""
    value = 100.0 * share
    if value == 0.0:
        return "0 %"
    if value >= 99.95 or value < 0.001:
        return "100 %" if value >= 100.0 else f"{value:.3g} %"
    return f"{value:.{1 if value >= 10 else 2 if value >= 0.1 else 3}f} %"


def shown(rate: Rate) -> str:
    """A rate with its interval, or a dash where there is nothing to count."""
    if rate.n == 0:
        return "-"
    return f"{percent(rate.rate)} ({percent(rate.low)} to {percent(rate.high)})"


def number(value: float | None, digits: int = 2) -> str:
    """A number, or a dash for none."""
    return "-" if value is None else f"{value:.{digits}f}"

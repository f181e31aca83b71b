"""Figures of a report as pictures."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from training.calibration import log_odds
from training.evaluation import EventReport, Slice

_EDGE: Final = 1e-5
"""Probabilities nearer to 0 or 1 are drawn here."""


def plot_events(
    folder: Path, report: EventReport, score: NDArray[np.float64], unwanted: NDArray[np.bool_]
) -> list[Path]:
    """Write false positives, recall and calibration as PNG files to ``folder`` and return their paths.

    ``score`` and ``unwanted`` (n,) are the probabilities and the truth of the messages that ``report`` is about.
    """
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    origin = " (simulated)" if report.simulated else ""
    folder.mkdir(parents=True, exist_ok=True)
    pictures = (
        ("false_positives", "Wanted messages at or above the threshold" + origin, report.false_positives),
        ("recall", "Unwanted messages at or above the threshold" + origin, report.recall),
    )
    written = []
    for name, title, slices in pictures:
        shown = [one for one in slices if one.by in ("all", "kind")]
        figure, axes = pyplot.subplots(figsize=(7.0, 1.5 + 0.25 * len(shown)), layout="constrained")
        _draw_slices(axes, shown)
        figure.suptitle(title)
        written.append(folder / f"{name}.png")
        figure.savefig(written[-1], dpi=120)
        pyplot.close(figure)
    figure, axes = pyplot.subplots(figsize=(5.0, 5.0), layout="constrained")
    _draw_calibration(axes, score, unwanted)
    figure.suptitle("Calibration" + origin)
    written.append(folder / "calibration.png")
    figure.savefig(written[-1], dpi=120)
    pyplot.close(figure)
    return written


def _draw_slices(axes: Any, slices: Sequence[Slice]) -> None:
    """Rates with their intervals, one line a slice."""
    heights = np.arange(len(slices))[::-1]
    rates = np.array([one.strict.rate for one in slices])
    below = rates - [one.strict.low for one in slices]
    above = [one.strict.high for one in slices] - rates
    axes.errorbar(100 * rates, heights, xerr=100 * np.array([below, above]), fmt="o", capsize=2)
    axes.set_yticks(heights, [f"{one.value} (n = {one.strict.n:,})" for one in slices])
    axes.set_xlabel("% with 95 % intervals; threshold of 0.1 %")


def _draw_calibration(axes: Any, score: NDArray[np.float64], unwanted: NDArray[np.bool_]) -> None:
    """Observed against predicted, in bins one wide in log-odds; bins without both outcomes cannot be drawn."""
    place = np.round(log_odds(np.clip(score, _EDGE, 1 - _EDGE)))
    points = [
        (score[place == one].mean(), unwanted[place == one].mean())
        for one in np.unique(place)
        if 0 < unwanted[place == one].mean() < 1
    ]
    axes.plot([_EDGE, 1 - _EDGE], [_EDGE, 1 - _EDGE], color="grey", linewidth=1)
    if points:
        axes.plot(*np.array(points).T, marker="o")
    axes.set(xscale="logit", yscale="logit", xlabel="predicted P(unwanted)", ylabel="observed share, unwanted")

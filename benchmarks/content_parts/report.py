"""The results as a file and as a picture."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from training.corpora import Corpus
from training.samples import templates_fingerprint

from ..output import machine
from .grid import Grid
from .split import SEED
from .systems import versions

PACKAGES: Final = ("torwart", "numba", "numpy", "scikit-learn", "scipy")
FALSE_POSITIVES: Final = "all business messages"
RECALL: Final = "all fraud"


def environment(corpora: Sequence[Corpus]) -> dict[str, Any]:
    """What the figures may depend on."""
    return {
        **machine(PACKAGES),
        "peers": versions(),
        "seed": SEED,
        "templates": templates_fingerprint(),
        "corpora": {corpus.name: corpus.sha256 for corpus in corpora},
    }


def plot(path: Path, false_positives: Grid, recall: Grid) -> None:
    """Draw each system's false positives on business messages against its recall of fraud, with intervals."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot
    from matplotlib.ticker import FuncFormatter

    figure, axes = pyplot.subplots(figsize=(7.5, 5.0), layout="constrained")
    for system in false_positives.systems:
        x, y = false_positives.rate(FALSE_POSITIVES, system), recall.rate(RECALL, system)
        if x.n == 0 or y.n == 0:
            continue
        at = 100 * max(x.rate, 0.5 / x.n)
        axes.errorbar(
            at,
            100 * y.rate,
            xerr=[[at - min(at, 100 * max(x.low, 0.1 / x.n))], [max(0.0, 100 * x.high - at)]],
            yerr=[[100 * (y.rate - y.low)], [100 * (y.high - y.rate)]],
            fmt="o",
            capsize=2,
            color="C3" if system.startswith("Torwart") else "C0",
        )
        axes.annotate(system, (at, 100 * y.rate), xytext=(6, 6), textcoords="offset points", fontsize=9)
    axes.set(
        xscale="log",
        xlabel="wanted business messages flagged, %",
        ylabel="fraud caught, %",
        title="At thresholds chosen on the same validation messages; 95 % intervals",
    )
    for set_formatter in (axes.xaxis.set_major_formatter, axes.xaxis.set_minor_formatter):
        set_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.grid(alpha=0.3)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)
    pyplot.close(figure)

"""What a model does to some messages at its own thresholds: the form of tables 2 to 4."""

from collections.abc import Sequence

from msgspec import Struct

from training.calibration import Calibration
from training.calibration import measure as measure_calibration
from training.evaluation import LENIENT, STRICT
from training.intervals import Rate, rate_of
from training.table import number, table

from ..content_parts.grid import cell, points
from .ranking import Flags, Floats


class Figures(Struct, frozen=True, kw_only=True):
    """Shares of wanted and unwanted messages at or above the two thresholds, and calibration, of some messages."""

    name: str
    wanted_strict: Rate
    wanted_lenient: Rate
    recall_strict: Rate
    recall_lenient: Rate
    calibration: Calibration


def figures_of(name: str, score: Floats, unwanted: Flags, thresholds: dict[str, float]) -> Figures:
    """Of messages with these scores, all (n,), n >= 0."""
    return Figures(
        name=name,
        wanted_strict=share_above(score[~unwanted], thresholds[STRICT]),
        wanted_lenient=share_above(score[~unwanted], thresholds[LENIENT]),
        recall_strict=share_above(score[unwanted], thresholds[STRICT]),
        recall_lenient=share_above(score[unwanted], thresholds[LENIENT]),
        calibration=measure_calibration(score, unwanted, thresholds[STRICT]),
    )


def share_above(score: Floats, threshold: float) -> Rate:
    """How many lie at or above the threshold."""
    return rate_of(int((score >= threshold).sum()), len(score))


def text_of(title: str, lines: Sequence[Figures]) -> str:
    """Two tables of the same lines: what is flagged, and whether probabilities mean what they say."""
    flagged = [
        (
            line.name,
            f"{line.wanted_strict.n:,}",
            cell(line.wanted_strict),
            cell(line.wanted_lenient),
            f"{line.recall_strict.n:,}",
            cell(line.recall_strict),
            cell(line.recall_lenient),
        )
        for line in lines
    ]
    calibrated = [
        (
            line.name,
            number(one.slope),
            number(one.brier_skill),
            cell(one.above),
            "-" if one.predicted_above is None else points(one.predicted_above),
        )
        for line in lines
        for one in [line.calibration]
    ]
    flagged_header = ("", "wanted", "flagged at 0.1 %", "at 1 %", "unwanted", "caught at 0.1 %", "at 1 %")
    calibrated_header = ("", "slope", "Brier skill", "unwanted among flagged at 0.1 %", "said")
    return "\n\n".join(
        (
            table(f"{title}: flagged, %", flagged_header, flagged),
            table(f"{title}: calibration", calibrated_header, calibrated),
        )
    )

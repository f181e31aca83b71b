"""Table 6: how long both heads take on one core, and that they say what scikit-learn says."""

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
from msgspec import Struct

from torwart.detector import Detector
from torwart.features.catalogue import N_OWN
from torwart.model.artifact import Model
from torwart.model.pair import Pair
from training.dataset import Dataset
from training.event_model import EventModel
from training.feature_table import chunks
from training.table import table

from ..content_parts.speed import one_core
from .fitting import last_part

REPEATS: Final = 9
MESSAGES: Final = 2000
"""Different messages of one repeat, one after the other."""


class Speed(Struct, frozen=True, kw_only=True):
    """Microseconds a message: median, least and most of the repeats. ``difference``: the greatest between the log-odds
    of the compiled trees and of scikit-learn, on the last part of the log."""

    microseconds: dict[str, tuple[float, float, float]]
    trees: int
    messages: int
    difference: float


def measure(data: Dataset, fitted: EventModel, model: Model, log: Path) -> Speed:
    """Time ``model`` on messages of the log that ``data`` was read from, and compare ``fitted`` with scikit-learn."""
    detector = Detector(model)
    rows = list(np.ascontiguousarray(last_part(data).rows.matrix[:MESSAGES]))
    first = next(chunks(log, model.text))
    cases = [
        (detector.prepare(case, record.received_at_us), np.ascontiguousarray(row[N_OWN:]))
        for record, case, row in list(zip(first.records, first.cases, first.matrix, strict=True))[:MESSAGES]
    ]
    pair = Pair.of(model.unwanted.trees, model.fraud.trees)

    def heads() -> None:
        for row in rows:
            pair.log_odds(row)

    def judge() -> None:
        for prepared, folded in cases:
            detector.judge(prepared, folded, with_reasons=False)

    def judge_with_reasons() -> None:
        for prepared, folded in cases:
            detector.judge(prepared, folded)

    ways = {
        "both heads": (heads, len(rows)),
        "judge(), no reasons": (judge, len(cases)),
        "judge()": (judge_with_reasons, len(cases)),
    }
    return Speed(
        microseconds=_in_turn(ways),
        trees=len(model.unwanted.trees) + len(model.fraud.trees),
        messages=min(len(rows), len(cases)),
        difference=_difference(data, fitted),
    )


def text_of(found: Speed) -> str:
    """The table."""
    rows = [
        (name, f"{median:.2f}", f"{least:.2f} to {most:.2f}")
        for name, (median, least, most) in found.microseconds.items()
    ]
    title = f"(6) {found.trees} trees, on one core; medians of {REPEATS} × {found.messages:,} messages"
    text = table(title, ("", "µs a message", "range"), rows)
    return f"{text}\nCompiled and scikit-learn's log-odds differ by at most {found.difference:.1e}."


def _in_turn(ways: dict[str, tuple[Callable[[], None], int]]) -> dict[str, tuple[float, float, float]]:
    """Each way :data:`REPEATS` times after a first one that warms up, in turn."""
    found: dict[str, list[float]] = {name: [] for name in ways}
    with one_core():
        for _ in range(REPEATS + 1):
            for name, (run, messages) in ways.items():
                before = time.perf_counter()
                run()
                found[name].append(1e6 * (time.perf_counter() - before) / messages)
    return {name: (statistics.median(some[1:]), min(some[1:]), max(some[1:])) for name, some in found.items()}


def _difference(data: Dataset, fitted: EventModel) -> float:
    matrix = last_part(data).rows.matrix
    heads = {"unwanted": fitted.unwanted, "fraud": fitted.fraud}
    return max(
        float(np.abs(head.trees.log_odds_many(matrix) - fitted.boosting[name].decision_function(matrix)).max())
        for name, head in heads.items()
    )

"""How good a model is on labelled events: what it does to honest businesses first, then what it catches."""

from collections.abc import Iterable
from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score

from torwart.model.head import Head
from training.actions import Actions, policy_actions
from training.calibration import Calibration, measure
from training.dataset import Dataset
from training.intervals import Rate, rate_of
from training.masks import EVERYTHING_KNOWN, MODES, in_mode

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]

STRICT: Final = "fpr_0.001"
LENIENT: Final = "fpr_0.01"
"""Names of the two operating points among a model's thresholds: 0.1 % and 1 % false positives on validation data."""

TEXT_CLASSES_OF_PROMOTIONS: Final = ("promo", "spam")


class Slice(Struct, frozen=True):
    """Some of the messages, and how many of them lie at or above the two thresholds."""

    by: str
    value: str
    strict: Rate
    lenient: Rate


class ModeFigures(Struct, frozen=True):
    """One mode: false positives among wanted messages, recall among unwanted ones, ranking, calibration."""

    mode: str
    false_positives: Slice
    recall: Slice
    average_precision: float | None
    calibration: Calibration


class CalibrationSlice(Struct, frozen=True):
    """Calibration of some of the messages."""

    by: str
    value: str
    figures: Calibration


class EventReport(Struct, frozen=True):
    """Everything :func:`evaluate` finds. ``part`` says which messages of the log were used; ``thresholds`` are the
    model's own, set on data that is not judged here."""

    part: str
    simulated: bool
    messages: int
    wanted: int
    unsolicited: int
    fraud: int
    senders: int
    thresholds: dict[str, float]
    false_positives: tuple[Slice, ...]
    actions: tuple[Actions, ...]
    recall: tuple[Slice, ...]
    calibration: tuple[CalibrationSlice, ...]
    modes: tuple[ModeFigures, ...]


def evaluate(
    unwanted: Head,
    fraud: Head,
    thresholds: dict[str, float],
    data: Dataset,
    *,
    part: str,
    known_senders: frozenset[str] = frozenset(),
) -> EventReport:
    """Judge two heads on ``data``. ``known_senders`` are those whose earlier messages the model was fitted on.

    Raises ``ValueError`` for empty data and for a model without the two operating points.
    """
    missing = {STRICT, LENIENT} - thresholds.keys()
    if missing:
        raise ValueError(f"The model has no threshold {sorted(missing)[0]}; it was not made by `torwart train`.")
    if not len(data):
        raise ValueError("There is not a single labelled message to judge.")
    strict, lenient = thresholds[STRICT], thresholds[LENIENT]
    matrix = data.rows.matrix
    score = unwanted.predict(matrix)
    about = data.about.assign(
        all="all",
        sender_seen=np.where(data.about["sender_id"].isin(known_senders), "in fitting", "never"),
        kind_sent=np.where(
            (data.about["label"] == "wanted") & data.about["text_class"].isin(TEXT_CLASSES_OF_PROMOTIONS),
            data.about["kind"] + ", opted in",
            data.about["kind"],
        ),
    )
    dividers = {column: about[column].to_numpy(dtype=str) for column in about.columns if column not in _NOT_DIVIDING}

    def slices(among: Flags, by: Iterable[tuple[str, str]]) -> tuple[Slice, ...]:
        return tuple(
            _slice(score, among & (dividers[column] == value), strict, lenient, by=name, value=value)
            for name, column in by
            for value in sorted(set(dividers[column][among].tolist()) - {""})
        )

    return EventReport(
        part=part,
        simulated=data.simulated,
        messages=len(data),
        wanted=int((~data.unwanted).sum()),
        unsolicited=int((data.unwanted & ~data.fraud).sum()),
        fraud=int(data.fraud.sum()),
        senders=int(about["sender_id"].nunique()),
        thresholds=thresholds,
        false_positives=slices(~data.unwanted, _WANTED_BY),
        actions=policy_actions(score, fraud.predict(matrix), matrix, data.about["label"].to_numpy(dtype=str)),
        recall=slices(data.unwanted, _UNWANTED_BY),
        calibration=tuple(
            CalibrationSlice(name, value, measure(score[chosen], data.unwanted[chosen], strict))
            for name, column in _CALIBRATION_BY
            for value in sorted(set(dividers[column].tolist()) - {""})
            if (chosen := dividers[column] == value).any()
        ),
        modes=tuple(_mode_figures(unwanted, data, mode, strict, lenient) for mode in MODES),
    )


_NOT_DIVIDING: Final = ("message_id", "sender_id", "family", "brand", "campaign_id", "opted_in")
_WANTED_BY: Final = (
    ("all", "all"),
    ("kind", "kind_sent"),
    ("language", "language"),
    ("sender size", "size"),
    ("verification", "verification"),
    ("sender seen", "sender_seen"),
)
_UNWANTED_BY: Final = (
    ("all", "all"),
    ("label", "label"),
    ("kind", "kind"),
    ("strategy", "strategy"),
    ("language", "language"),
    ("sender seen", "sender_seen"),
)
_CALIBRATION_BY: Final = (("all", "all"), ("sender size", "size"), ("verification", "verification"))


def _slice(score: Floats, chosen: Flags, strict: float, lenient: float, *, by: str, value: str) -> Slice:
    scores = score[chosen]
    return Slice(
        by=by,
        value=value,
        strict=rate_of(int((scores >= strict).sum()), len(scores)),
        lenient=rate_of(int((scores >= lenient).sum()), len(scores)),
    )


def _mode_figures(unwanted: Head, data: Dataset, mode: str, strict: float, lenient: float) -> ModeFigures:
    score = unwanted.predict(data.rows.matrix if mode == EVERYTHING_KNOWN else in_mode(data.rows, mode))
    outcome = data.unwanted
    return ModeFigures(
        mode=mode,
        false_positives=_slice(score, ~outcome, strict, lenient, by="mode", value=mode),
        recall=_slice(score, outcome, strict, lenient, by="mode", value=mode),
        average_precision=float(average_precision_score(outcome, score)) if outcome.any() else None,
        calibration=measure(score, outcome, strict),
    )

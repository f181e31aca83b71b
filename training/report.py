"""Reports as a person reads them: false positives on honest businesses first, every figure with n and interval."""

from collections.abc import Iterable
from typing import Final

from training.corpora import CorporaReport, CorpusFigures
from training.evaluation import LENIENT, STRICT, EventReport, Slice
from training.intervals import CONFIDENCE
from training.table import number, percent, shown, table

FEWEST_SHOWN: Final = 30
"""Texts that a language must have to be shown in a table; the JSON has them all."""

_INTERVALS = f"In brackets: exact {CONFIDENCE:.0%} intervals (Clopper-Pearson)."


def event_report(report: EventReport) -> str:
    """An :class:`~training.evaluation.EventReport` as plain text."""
    origin = "a simulated world: these figures are simulated" if report.simulated else "labels in the log"
    parts = [
        f"Judged: {report.part}; {report.messages:,} messages of {report.senders:,} senders "
        f"({report.wanted:,} wanted, {report.unsolicited:,} unsolicited, {report.fraud:,} fraud).\n"
        f"Truth comes from {origin}.\n"
        f"Thresholds, set on other data at 0.1 % and 1 % false positives: {report.thresholds[STRICT]:.4f} and "
        f"{report.thresholds[LENIENT]:.4f}.\n{_INTERVALS}",
        false_positives(report),
        actions(report),
        recall(report),
        calibration(report),
        modes(report),
    ]
    return "\n\n".join(parts)


def false_positives(report: EventReport) -> str:
    """The table that comes first."""
    return table(
        "False positives: wanted messages at or above the threshold",
        ("wanted messages by", "n", "threshold of 0.1 %", "threshold of 1 %"),
        _slices(report.false_positives),
    )


def recall(report: EventReport) -> str:
    """What is caught."""
    return table(
        "Recall: unwanted messages at or above the threshold",
        ("unwanted messages by", "n", "threshold of 0.1 %", "threshold of 1 %"),
        _slices(report.recall),
    )


def actions(report: EventReport) -> str:
    """What the policy would do."""
    names = list(report.actions[0].by_action)
    return table(
        "Actions: what the shipped policy does, as long as no sender has lost its standing",
        ("truly", "n", *names),
        [(one.label, f"{one.n:,}", *(shown(one.by_action[name]) for name in names)) for one in report.actions],
    )


def calibration(report: EventReport) -> str:
    """Whether the probabilities mean what they say."""
    return table(
        "Calibration (slope and intercept are 1 and 0 when perfect; above: at or above the threshold of 0.1 %)",
        ("messages by", "n", "base rate", "slope", "intercept", "Brier skill", "observed above", "predicted above"),
        [
            (
                _name(one.by, one.value),
                f"{one.figures.n:,}",
                percent(one.figures.base_rate),
                number(one.figures.slope),
                number(one.figures.intercept),
                number(one.figures.brier_skill),
                shown(one.figures.above),
                "-" if one.figures.predicted_above is None else percent(one.figures.predicted_above),
            )
            for one in report.calibration
        ],
    )


def modes(report: EventReport) -> str:
    """What remains when a deployment knows less."""
    return table(
        "Modes: what remains when less is known (threshold of 0.1 %, then of 1 %)",
        ("mode", "false positives", "recall", "false positives", "recall", "PR-AUC", "slope", "Brier skill"),
        [
            (
                one.mode,
                shown(one.false_positives.strict),
                shown(one.recall.strict),
                shown(one.false_positives.lenient),
                shown(one.recall.lenient),
                number(one.average_precision, 3),
                number(one.calibration.slope),
                number(one.calibration.brier_skill),
            )
            for one in report.modes
        ],
    )


def corpora_report(report: CorporaReport) -> str:
    """A :class:`~training.corpora.CorporaReport` as plain text."""
    return "\n\n".join(
        [
            f"Real messages; the text classifier alone at its threshold {report.threshold:.4f}: how many it calls "
            f"unwanted.\n{_INTERVALS}\nThe corpora marked as private chat hold few messages of businesses.",
            _corpora("False positives on wanted business messages, and recall", [report.business]),
            _corpora("Private chat", [report.personal]),
            _corpora("By corpus", report.by_corpus),
            _corpora(
                f"By language (wanted: business corpora only; languages of {FEWEST_SHOWN} texts or more)",
                [one for one in report.by_language if _texts(one) >= FEWEST_SHOWN],
            ),
        ]
    )


def _texts(figures: CorpusFigures) -> int:
    return figures.wanted.n + figures.promo.n + figures.spam.n + figures.fraud.n


def text_by_kind(report: CorporaReport) -> str:
    """The text classifier on texts of one kind a corpus: what it calls spam or fraud, by kind and by language."""
    rows = [
        (f"{label}: {one.name}", f"{rate.n:,}", shown(rate))
        for label in ("wanted", "promo", "spam", "fraud")
        for one in (*report.by_corpus, *report.by_language)
        if (rate := getattr(one, label)).n
    ]
    title = f"Texts called spam or fraud, at the threshold {report.threshold:.3f}"
    return table(title, ("texts", "n", "called spam or fraud"), rows)


def _corpora(title: str, figures: Iterable[CorpusFigures]) -> str:
    rows = []
    for one in figures:
        cells = []
        for rate in (one.wanted, one.promo, one.spam, one.fraud):
            cells += [f"{rate.n:,}", shown(rate)]
        rows.append((one.name + (" (private chat)" if one.personal and one.name != "private chat" else ""), *cells))
    header = ("", "n", "wanted flagged", "n", "promo flagged", "n", "spam caught", "n", "fraud caught")
    return table(title, header, rows)


def _slices(slices: Iterable[Slice]) -> list[tuple[str, str, str, str]]:
    return [(_name(one.by, one.value), f"{one.strict.n:,}", shown(one.strict), shown(one.lenient)) for one in slices]


def _name(by: str, value: str) -> str:
    return value if by == "all" else f"{by}: {value}"

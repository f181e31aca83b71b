"""Table 1: what each group of features can do alone, and what is lost without it."""

from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from tqdm.auto import tqdm

from torwart.features.catalogue import GROUPS
from training.dataset import Dataset
from training.event_model import EventModel
from training.table import table

from ..content_parts.grid import points
from .fitting import SEED, alone, fitted, last_part, without
from .ranking import LENIENT_RECALL, PR_AUC, STRICT_RECALL, Draws, Estimate, Floats, bootstrap, draws, estimate

EVERYTHING: Final = "everything"

IS_PROMOTION: Final = ("promo", "spam")


class Line(Struct, frozen=True, kw_only=True):
    """One fit, judged on the last part of the log: recall at exactly 0.1 % and 1 % of its wanted messages, the area
    under precision-recall, and how much of that is lost against everything (in pairs; ``None`` for single groups)."""

    name: str
    strict: Estimate
    lenient: Estimate
    pr_auc: Estimate
    lost: Estimate | None = None


class Ablation(Struct, frozen=True, kw_only=True):
    """All fits. ``content_on_texts``: recall of the content group alone at 1 %, of messages in the words of spam and
    fraud against wanted ones that are no promotions, which is what a corpus of texts asks."""

    wanted: int
    unwanted: int
    senders: int
    everything: Line
    alone: dict[str, Line]
    without: dict[str, Line]
    content_on_texts: Estimate


def measure(data: Dataset, model: EventModel) -> Ablation:
    """Fit every group alone, and everything but each; ``model`` is the fit of everything on ``data``."""
    judged = last_part(data)
    outcome = judged.unwanted
    senders = judged.about["sender_id"].to_numpy(dtype=object)
    drawn = draws(senders, SEED)
    value, full = bootstrap(model.unwanted.predict(judged.rows.matrix), outcome, drawn)
    alone_lines, without_lines = {}, {}
    content_score = np.empty(0)
    for group in tqdm(GROUPS, "Fitting without and with each group", unit="groups", disable=None):
        score = _score(alone(data, group))
        if group == "content":
            content_score = score
        alone_lines[group] = _line(group, *bootstrap(score, outcome, drawn))
        figures, replicates = bootstrap(_score(without(data, [group])), outcome, drawn)
        lost = estimate((value - figures)[PR_AUC], (full - replicates)[:, PR_AUC])
        without_lines[group] = _line(f"without {group}", figures, replicates, lost)
    return Ablation(
        wanted=int((~outcome).sum()),
        unwanted=int(outcome.sum()),
        senders=len(set(senders.tolist())),
        everything=_line(EVERYTHING, value, full),
        alone=alone_lines,
        without=without_lines,
        content_on_texts=_on_texts(content_score, judged),
    )


def text_of(found: Ablation) -> str:
    """The table."""
    lines = [
        found.everything,
        *(one for one in found.alone.values()),
        *(one for one in found.without.values()),
    ]
    rows = [
        (
            line.name if line.lost is not None or line.name == EVERYTHING else f"{line.name} alone",
            shown(line.strict),
            shown(line.lenient),
            shown(line.pr_auc),
            "" if line.lost is None else shown(line.lost),
        )
        for line in lines
    ]
    title = (
        f"(1) Groups of features, on {found.wanted:,} wanted and {found.unwanted:,} unwanted messages of "
        f"{found.senders:,} senders; %"
    )
    return table(title, ("", "recall at 0.1 %", "recall at 1 %", "PR-AUC", "PR-AUC lost"), rows)


def shown(figure: Estimate) -> str:
    """A figure and its interval in per cent."""
    return f"{points(figure.value)} [{points(figure.low)}, {points(figure.high)}]"


def _score(changed: Dataset) -> Floats:
    """Of the last part, by a model fitted on data that changed throughout."""
    return fitted(changed).unwanted.predict(last_part(changed).rows.matrix)


def _line(name: str, figures: Floats, replicates: Floats, lost: Estimate | None = None) -> Line:
    strict, lenient, pr_auc = (
        estimate(figures[place], replicates[:, place]) for place in (STRICT_RECALL, LENIENT_RECALL, PR_AUC)
    )
    return Line(name=name, strict=strict, lenient=lenient, pr_auc=pr_auc, lost=lost)


def _on_texts(score: Floats, judged: Dataset) -> Estimate:
    text_class = judged.about["text_class"].to_numpy(dtype=str)
    unwanted = judged.unwanted & np.isin(text_class, ("spam", "fraud"))
    chosen: NDArray[np.bool_] = unwanted | (~judged.unwanted & ~np.isin(text_class, IS_PROMOTION))
    drawn: Draws = draws(judged.about["sender_id"].to_numpy(dtype=object)[chosen], SEED)
    figures, replicates = bootstrap(score[chosen], unwanted[chosen], drawn)
    return estimate(figures[LENIENT_RECALL], replicates[:, LENIENT_RECALL])

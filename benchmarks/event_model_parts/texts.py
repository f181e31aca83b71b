"""Table 5: the text classifier on real corpora that it was not trained on: how hard should a world's texts be?"""

from pathlib import Path
from typing import Final

import numpy as np
from msgspec import Struct
from tqdm.auto import tqdm

from training.intervals import Rate
from training.table import table

from ..content_parts.figures import flagged, threshold_for
from ..content_parts.grid import cell, points
from ..content_parts.left_out import LeftOut, left_out
from ..content_parts.sources import read_sources
from ..content_parts.systems import TORWART, done
from .ablation import Ablation, shown

RATE: Final = 0.01

FEWEST: Final = 100
"""Wanted and unwanted texts that a corpus needs to say anything of recall at :data:`RATE`."""


class LeftOutCorpus(Struct, frozen=True, kw_only=True):
    """Recall of spam and fraud where at most :data:`RATE` of the corpus's own wanted texts are flagged, by a classifier
    trained without the corpus and its near-duplicates. ``personal``: the wanted texts are private chat."""

    name: str
    personal: bool
    wanted: Rate
    recall: Rate


def measure(folder: Path, sample: int | None) -> list[LeftOutCorpus]:
    """Train the text classifier once for each corpus in ``folder`` that has enough texts of both kinds, without it.

    ``sample`` limits the corpora. Raises :class:`training.corpora.CorpusError` for a folder without corpora.
    """
    targets = [target for target in left_out(read_sources(folder, sample)) if _has_enough(target)]
    return [judged(target) for target in tqdm(targets, "Corpora left out", unit="corpora", disable=None)]


def judged(target: LeftOut) -> LeftOutCorpus:
    """Train without the target, and judge it."""
    _, scores = done([target.job(TORWART)])[0]
    score, wanted = scores[TORWART], target.rows.labels == "wanted"
    threshold = threshold_for(score[wanted], RATE)
    return LeftOutCorpus(
        name=target.name,
        personal=bool(target.rows.personal[wanted].all()),
        wanted=flagged(score[wanted], threshold),
        recall=flagged(score[target.rows.is_spam], threshold),
    )


def mean(found: list[LeftOutCorpus]) -> float:
    """The mean recall, each corpus counting the same."""
    return float(np.mean([one.recall.rate for one in found]))


def text_of(found: list[LeftOutCorpus], ablation: Ablation) -> str:
    """The table, with the content group's figures in the world below it."""
    rows = [
        (
            one.name + (" (private chat)" if one.personal else ""),
            f"{one.wanted.n:,}",
            f"{one.recall.n:,}",
            cell(one.wanted),
            cell(one.recall),
        )
        for one in found
    ]
    rows += [
        ("mean of the corpora", "", "", "", points(mean(found)) if found else "-"),
        ("in the world, content alone: spam and fraud", "", "", "1", shown(ablation.content_on_texts)),
        ("in the world, content alone: all messages", "", "", "1", shown(ablation.alone["content"].lenient)),
    ]
    return table(
        "(5) Text alone: corpora that the classifier was not trained on, and the world, %",
        ("", "wanted", "spam and fraud", "wanted flagged", "caught"),
        rows,
    )


def _has_enough(target: LeftOut) -> bool:
    labels = target.rows.labels
    return min(int((labels == "wanted").sum()), int(target.rows.is_spam.sum())) >= FEWEST

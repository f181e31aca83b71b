"""All texts that the benchmark reads or makes, once."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from training.corpora import Corpus, read_corpora
from training.recipe import TEXT_PARTS
from training.samples import Samples, text_samples
from training.templates import DATA, load

from .split import SEED, Rows, held_out_rows, judge_rows, part_of, some

TEMPLATES_A_TEXT: Final = 10
"""How many filled templates go with one text of a corpus that is limited to a sample."""


@dataclass(frozen=True)
class Sources:
    """Corpora, filled templates to train on, and the rows that only judge."""

    corpora: tuple[Corpus, ...]
    templates: Samples
    held_out: Rows
    judge: Rows


def read_sources(folder: Path, sample: int | None) -> Sources:
    """Read and fill everything; ``sample`` limits each corpus, and the templates in proportion, for a quick try.

    Raises :class:`training.corpora.CorpusError`.
    """
    library = load()
    corpora = read_corpora(folder)
    templates = text_samples(library.part(*TEXT_PARTS), SEED)
    judge = judge_rows(library, SEED)
    if sample is not None:
        corpora = tuple(part_of(corpus, _few(len(corpus.texts), sample)) for corpus in corpora)
        templates = some(templates, _few(len(templates.texts), TEMPLATES_A_TEXT * sample))
        judge = judge.only(_few(len(judge), TEMPLATES_A_TEXT * sample))
    return Sources(corpora, templates, held_out_rows(DATA / "held_out"), judge)


def _few(n: int, most: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """At most so many of n, drawn at random."""
    return np.random.default_rng(SEED).permutation(n) < most

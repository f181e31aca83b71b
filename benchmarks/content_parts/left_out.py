"""Table c: each corpus, or group of related ones, judged by systems that were trained on all others."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from training.corpora import LABELS, Corpus, corpora_samples
from training.duplicates import clusters
from training.samples import Samples

from .figures import flagged, threshold_for
from .grid import Grid, grid
from .mixed import THRESHOLD_RATE
from .sources import Sources
from .split import NEVER_TRAINED_ON, SEED, Flags, Rows, corpus_rows, held_back, part_of, some, together
from .systems import Job, Scores

TARGETS: Final = {
    "UCI, Mendeley, NUS": ("uci_sms", "mendeley_smishing", "nus_ham"),
    "NCSU gateways": ("ncsu_sms_gateway",),
    "Philippines": ("ph_sms",),
    "Thai": ("thai_sms",),
    "Indonesian": ("indonesian_sms",),
    "Turkish": ("turkish_sms",),
    "India": ("india_sms",),
    "Bangla": ("bangla_sms",),
    "Chinese base stations": ("fbs_zh",),
}

TEMPLATES_SHARE: Final = 0.5
"""How many of the filled templates are trained on in this table: nine times all systems are fitted."""

SYSTEMS: Final[tuple[str, ...]] = ("Torwart", "TF-IDF + LinearSVC", "fastText", "bogofilter")


@dataclass(frozen=True)
class LeftOut:
    """A target, what is trained on without it, and the texts that thresholds are chosen on."""

    name: str
    rows: Rows
    train: Samples
    validation: list[str]
    removed: int

    def job(self, system: str) -> Job:
        """What a system has to do."""
        return Job(system, self.train, (self.validation, self.rows.list()))


def left_out(sources: Sources) -> list[LeftOut]:
    """Every target that is there; near-duplicates of its texts are removed from all that is trained on."""
    filled = sources.templates.texts
    templates_kept = np.random.default_rng(SEED).random(len(filled)) < TEMPLATES_SHARE
    group = clusters([*filled, *(text for corpus in sources.corpora for text in corpus.texts)])
    starts = np.cumsum([len(filled), *(len(corpus.texts) for corpus in sources.corpora)])
    of_corpus = {
        corpus.name: group[start:end]
        for corpus, start, end in zip(sources.corpora, starts[:-1], starts[1:], strict=True)
    }
    found = []
    for name, members in TARGETS.items():
        target = [corpus for corpus in sources.corpora if corpus.name in members]
        if not target:
            continue
        taken = np.concatenate([of_corpus[corpus.name] for corpus in target])
        others: list[Corpus] = []
        removed = 0
        for corpus in sources.corpora:
            if corpus.name not in (*members, *NEVER_TRAINED_ON):
                free = ~np.isin(of_corpus[corpus.name], taken)
                removed += int((~free).sum())
                others.append(part_of(corpus, free))
        free = ~np.isin(group[: len(filled)], taken)
        removed += int((templates_kept & ~free).sum())
        samples = some(sources.templates, templates_kept & free).with_(corpora_samples(others))
        train, validation = held_back(samples, SEED)
        rows = together([corpus_rows(corpus) for corpus in target])
        found.append(LeftOut(name, rows.only(rows.first), train, validation, removed))
    return found


def result(targets: list[LeftOut], scores: dict[tuple[str, str], list[Scores]], systems: list[str]) -> dict[str, Any]:
    """All targets; ``scores`` by target and system are those of the validation texts and of the target's rows."""
    grids = []
    thresholds: dict[str, dict[str, float]] = {}
    by_label: dict[str, list[Any]] = {label: [] for label in LABELS.values()}
    names: list[str] = []
    for target in targets:
        values: Scores = {}
        for system in systems:
            validation, test = scores[target.name, system]
            values |= test
            thresholds.setdefault(target.name, {}).update(
                {name: threshold_for(found, THRESHOLD_RATE) for name, found in validation.items()}
            )
        names = list(values)
        for label, lines in by_label.items():
            chosen: Flags = target.rows.labels == label
            kind = " (private chat)" if label == "wanted" and target.rows.personal.all() else ""
            rates = [flagged(found[chosen], thresholds[target.name][name]) for name, found in values.items()]
            lines.append((f"{target.name}{kind}", rates))
    titles = {
        "wanted": "Wanted texts flagged",
        "promo": "Promotions called spam or fraud",
        "spam": "Recall of spam",
        "fraud": "Recall of fraud",
    }
    for label, lines in by_label.items():
        title = f"(c) {titles[label]}, trained without the corpus or its near-duplicates, %"
        grids.append(grid(title, names, lines))
    return {
        "thresholds": thresholds,
        "train": {target.name: len(target.train.texts) for target in targets},
        "removed": {target.name: target.removed for target in targets},
        "templates_share": TEMPLATES_SHARE,
        "grids": grids,
    }


def text_of(found: dict[str, Any]) -> str:
    """The tables as plain text."""
    grids: list[Grid] = found["grids"]
    return "\n\n".join(one.text() for one in grids)

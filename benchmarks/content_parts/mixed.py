"""Tables a and b: every system trained once, on templates and 70 % of the corpora."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from tqdm.auto import tqdm

from training.corpora import corpora_samples
from training.duplicates import clusters
from training.intervals import Rate
from training.table import table

from .figures import flagged, threshold_for
from .grid import Grid, grid
from .sources import Sources
from .split import HELD_OUT, JUDGE, SEED, Flags, Rows, corpus_rows, held_back, split_corpora, together
from .systems import Scores, System

THRESHOLD_RATE: Final = 0.005
"""The most wanted validation texts that a system's threshold may flag."""

RATES: Final = {"0.1 %": 0.001, "1 %": 0.01}

WORKERS: Final = 2

SLOWEST_FIRST: Final = ("SpamAssassin Bayes", "rspamd Bayes", "fastText", "TF-IDF + LinearSVC", "Torwart", "bogofilter")

ALL: Final = "all"


@dataclass(frozen=True)
class Mixed:
    """Fitted systems, the rows that judge them and what they make of them: NaN where a slow one was not asked."""

    systems: list[System]
    test: Rows
    scores: Scores
    thresholds: dict[str, float]
    about: dict[str, Any]

    @property
    def fast(self) -> list[System]:
        """Those that can score any number of texts."""
        return [system for system in self.systems if system.most_texts is None]


def slowest_first(name: str) -> int:
    """A key to sort systems by, so that two workers end at about the same time."""
    return SLOWEST_FIRST.index(name) if name in SLOWEST_FIRST else -1


def fit_mixed(sources: Sources, systems: list[System]) -> Mixed:
    """Fit every system on the same samples, choose its threshold on the same texts, let it score the test rows."""
    train_corpora, test_corpora = split_corpora(sources.corpora, SEED)
    samples, validation = held_back(sources.templates.with_(corpora_samples(train_corpora)), SEED)
    test = together([*(corpus_rows(corpus) for corpus in test_corpora), sources.held_out, sources.judge])
    seconds: dict[str, float] = {}
    thresholds: dict[str, float] = {}
    scores: Scores = {}

    def fit(system: System) -> None:
        """Teach one system, choose its threshold, score what it can."""
        before = time.perf_counter()
        system.fit(samples)
        seconds[system.name] = time.perf_counter() - before
        asked = np.ones(len(test), dtype=bool)
        wanted = validation
        if system.most_texts is not None:
            wanted = wanted[: system.most_texts // 4]
            asked = evenly(test, system.most_texts - len(wanted))
        for name, values in system.scores(wanted).items():
            thresholds[name] = threshold_for(values, THRESHOLD_RATE)
        for name, values in system.scores(test.only(asked).list()).items():
            scores[name] = np.full(len(test), np.nan)
            scores[name][asked] = values

    with ThreadPoolExecutor(WORKERS) as pool:
        futures = [pool.submit(fit, system) for system in sorted(systems, key=lambda one: slowest_first(one.name))]
        for future in tqdm(as_completed(futures), "Fitting", total=len(futures), unit="systems", disable=None):
            future.result()
    group = clusters([*samples.texts, *test.list()])
    near = np.isin(group[len(samples.texts) :], group[: len(samples.texts)])
    names = [name for system in systems for name in score_names(system, scores)]
    about = {
        "train": len(samples.texts),
        "validation": len(validation),
        "test": {name: int((test.sources == name).sum()) for name in dict.fromkeys(test.sources.tolist())},
        "near_training": {name: int(near[test.sources == name].sum()) for name in dict.fromkeys(test.sources.tolist())},
        "asked": {name: int((~np.isnan(values)).sum()) for name, values in scores.items()},
        "fit_seconds": seconds,
        "thresholds": {name: thresholds[name] for name in names},
    }
    return Mixed(systems, test, {name: scores[name] for name in names}, thresholds, about)


def text_of(about: dict[str, Any]) -> str:
    """What the systems were trained on and judged by, as plain text."""
    near, seconds = about["near_training"], about["fit_seconds"]
    return "\n\n".join(
        [
            f"Trained on {about['train']:,} texts, thresholds chosen on "
            f"{about['validation']:,} wanted validation texts.",
            table(
                "Texts to judge by",
                ("", "n", "with a near-duplicate in training"),
                [(name, f"{n:,}", f"{near[name]:,}") for name, n in about["test"].items()],
            ),
            table(
                "Systems",
                ("", "threshold", "texts scored", "seconds to fit, two at a time"),
                [
                    (name, f"{threshold:.6g}", f"{about['asked'][name]:,}", f"{seconds.get(name, 0):.0f}")
                    for name, threshold in about["thresholds"].items()
                ],
            ),
        ]
    )


def score_names(system: System, scores: Scores) -> list[str]:
    """The names of a system's scores."""
    return [name for name in scores if name == system.name or name.startswith(f"{system.name},")]


def evenly(test: Rows, most: int) -> Flags:
    """At most so many rows, of every source all or the same number, drawn at random."""
    names, place, sizes = np.unique(test.sources, return_inverse=True, return_counts=True)
    each = max((k for k in range(int(sizes.max()) + 1) if np.minimum(sizes, k).sum() <= most), default=0)
    order = np.random.default_rng(SEED).permutation(len(test))
    asked = np.zeros(len(test), dtype=bool)
    for number in range(len(names)):
        asked[order[place[order] == number][:each]] = True
    return asked


def false_positives(mixed: Mixed) -> list[Grid]:
    """Table a: wanted texts at or above the chosen thresholds, and promotions."""
    test, first = mixed.test, mixed.test.first
    corpora = ~np.isin(test.sources, [HELD_OUT, JUDGE])
    lines = [("all business messages", test.business & first), ("corpora: all", test.business & corpora & first)]
    lines += [(f"corpora: {name}", chosen) for name, chosen in by_source(test, test.business & corpora)]
    for source in (HELD_OUT, JUDGE):
        chosen = test.business & (test.sources == source)
        lines += [(f"{source}: {ALL}", chosen), *((f"{source}: {kind}", one) for kind, one in by_kind(test, chosen))]
    private = (test.labels == "wanted") & test.personal
    promo = test.labels == "promo"
    promotions = [*by_source(test, promo & corpora)]
    for source in (HELD_OUT, JUDGE):
        promotions += [(f"{source}: {kind}", one) for kind, one in by_kind(test, promo & (test.sources == source))]
    return [
        _at(mixed, "(a) False positives on wanted business messages, %", lines, mixed.thresholds),
        _at(mixed, "(a) Wanted private chat flagged, %", by_source(test, private), mixed.thresholds),
        _at(mixed, "(a) Promotions called spam or fraud, %", promotions, mixed.thresholds),
    ]


def recall(mixed: Mixed) -> list[Grid]:
    """Table b: unwanted texts at or above the chosen thresholds, and those of exact false-positive rates."""
    test, first = mixed.test, mixed.test.first
    lines = [(f"all {label}", (test.labels == label) & first) for label in ("fraud", "spam")]
    for label in ("fraud", "spam"):
        lines += by_source(test, (test.labels == label) & (test.sources != HELD_OUT), f", {label}")
        chosen = (test.labels == label) & (test.sources == HELD_OUT)
        lines += [(f"{HELD_OUT}, {label}: {ALL}", chosen)]
        lines += [(f"{HELD_OUT}, {label}: {kind}", one) for kind, one in by_kind(test, chosen)]
    grids = [_at(mixed, "(b) Recall at the chosen threshold, %", lines, mixed.thresholds)]
    for title, rate in RATES.items():
        thresholds = {}
        for name, values in mixed.scores.items():
            wanted = values[test.business & first]
            thresholds[name] = threshold_for(wanted[~np.isnan(wanted)], rate)
        grids.append(_at(mixed, f"(b) Recall at {title} false positives on business messages, %", lines, thresholds))
    return grids


def by_source(test: Rows, chosen: Flags, after: str = "") -> list[tuple[str, Flags]]:
    """The chosen rows of each source that has any."""
    return list(_by(test.sources, chosen, after))


def by_kind(test: Rows, chosen: Flags) -> list[tuple[str, Flags]]:
    """The chosen rows of each kind that has any."""
    return list(_by(test.kinds, chosen, ""))


def _by(names: Any, chosen: Flags, after: str) -> Iterator[tuple[str, Flags]]:
    for name in sorted(set(names[chosen].tolist())):
        yield name + after, chosen & (names == name)


def _at(mixed: Mixed, title: str, lines: Sequence[tuple[str, Flags]], thresholds: dict[str, float]) -> Grid:
    def rates(chosen: Flags) -> list[Rate | None]:
        return [flagged(values[chosen], thresholds[name]) for name, values in mixed.scores.items()]

    return grid(title, list(mixed.scores), [(name, rates(chosen)) for name, chosen in lines])

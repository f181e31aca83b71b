"""Table 0: the SMS Spam Collection alone, every system trained on nothing else, in five folds."""

from typing import Any, Final

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

from training.corpora import Corpus
from training.duplicates import clusters
from training.samples import Samples
from training.table import table

from .figures import Flags, Floats, best_threshold, interval, mcc, recall_at, resamples
from .split import SEED, UNWANTED
from .systems import NATURAL, WORST, Job, Scores

NAME: Final = "uci_sms"
FOLDS: Final = 5

MCC: Final = "MCC, own threshold"
BEST_MCC: Final = "MCC, chosen threshold"
MEASURES: Final = (MCC, BEST_MCC, "recall at 1 % FP", "recall at 0.1 % FP")


class Uci:
    """The corpus, its clusters and folds."""

    def __init__(self, corpus: Corpus) -> None:
        self.texts = list(corpus.texts)
        self.labels = list(corpus.labels)
        self.is_spam = np.isin(corpus.labels, UNWANTED)
        self.clusters = clusters(self.texts)
        splitter = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=SEED)
        self.fold = np.empty(len(self.texts), dtype=np.int64)
        for number, (_, test) in enumerate(splitter.split(self.texts, self.is_spam, self.clusters)):
            self.fold[test] = number

    def jobs(self, system: str) -> list[Job]:
        """A system's job in each fold."""
        return [
            Job(system, self._samples(self.fold != fold), (self._texts(self.fold == fold),)) for fold in range(FOLDS)
        ]

    def out_of_fold(self, found: list[list[Scores]]) -> Scores:
        """What the jobs of a system gave, in the order of the corpus."""
        scores = {name: np.empty(len(self.texts)) for name in found[0][0]}
        for fold, (of_fold,) in enumerate(found):
            for name, values in of_fold.items():
                scores[name][self.fold == fold] = values
        return scores

    def result(self, scores: Scores) -> dict[str, Any]:
        """Means over folds, and Torwart less the best peer with an interval from a bootstrap over clusters."""
        weights = resamples(self.clusters, SEED)
        once = np.ones((1, len(self.texts)))
        measured = {name: self._measures(values, NATURAL.get(name, 0.5), once) for name, values in scores.items()}
        systems = {
            name: {measure: float(values[0]) for measure, values in zip(MEASURES, of, strict=True)}
            for name, of in measured.items()
        }
        ours, *others = [name for name in scores if name != WORST]
        differences = {}
        if others:
            replicates = {
                name: self._measures(scores[name], NATURAL.get(name, 0.5), weights) for name in (ours, *others)
            }
            for place, measure in enumerate(MEASURES):
                best = others[int(np.argmax([systems[name][measure] for name in others]))]
                low, high = interval(replicates[ours][place] - replicates[best][place])
                differences[measure] = {
                    "best_peer": best,
                    "difference": systems[ours][measure] - systems[best][measure],
                    "low": low,
                    "high": high,
                }
        return {
            "texts": len(self.texts),
            "spam": int(self.is_spam.sum()),
            "clusters": len(np.unique(self.clusters)),
            "systems": systems,
            "torwart_less_best_peer": differences,
        }

    def _measures(self, scores: Floats, natural: float, weights: Floats) -> list[Floats]:
        """The means over folds of all :data:`MEASURES`, each (r,)."""
        found: list[list[Floats]] = [[] for _ in MEASURES]
        for fold in range(FOLDS):
            own, other = self.fold == fold, self.fold != fold
            values, is_spam, of = scores[own], self.is_spam[own], weights[:, own]
            chosen = best_threshold(scores[other], self.is_spam[other])
            found[0].append(mcc(values >= natural, is_spam, of))
            found[1].append(mcc(values >= chosen, is_spam, of))
            found[2].append(recall_at(values, is_spam, 0.01, of))
            found[3].append(recall_at(values, is_spam, 0.001, of))
        return [np.mean(of, axis=0) for of in found]

    def _texts(self, chosen: Flags) -> list[str]:
        return [self.texts[place] for place in np.flatnonzero(chosen)]

    def _samples(self, chosen: Flags) -> Samples:
        places = np.flatnonzero(chosen)
        return Samples(
            texts=self._texts(chosen),
            labels=[self.labels[place] for place in places],
            groups=[str(self.clusters[place]) for place in places],
            domains=[NAME] * len(places),
            weights=np.ones(len(places)),
        )


def text_of(result: dict[str, Any]) -> str:
    """The table as plain text."""
    lines = [
        (name, *(f"{100 * values[measure]:.1f}" for measure in MEASURES)) for name, values in result["systems"].items()
    ]
    differences = result["torwart_less_best_peer"]
    if differences:
        shown = (_difference(differences[measure]) for measure in MEASURES)
        lines.append(("Torwart less the best peer", *shown))
    title = (
        f"(0) {NAME} alone: {result['texts']:,} texts, {result['spam']:,} of them spam, {result['clusters']:,} "
        f"clusters; means of {FOLDS} folds, in per cent"
    )
    return "\n".join(
        [
            table(title, ("", *MEASURES), lines),
            "Own threshold: 0.5, bogofilter's default of 0.99, 0 for the SVM. Chosen threshold: the best one on the "
            "other folds' scores, themselves out of fold.",
            "Differences with a 95 % interval from a bootstrap over clusters.",
        ]
    )


def _difference(one: dict[str, Any]) -> str:
    return f"{100 * one['difference']:+.1f} [{100 * one['low']:+.1f}, {100 * one['high']:+.1f}] {one['best_peer']}"

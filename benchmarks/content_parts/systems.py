"""The systems compared: Torwart's text classifier and the peers, fitted and asked in one way."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from torwart.text.classifier import CLASSES, TextClassifier, unwanted
from training.samples import Samples
from training.text import fit_evidence

from ..peers import Peer, all_peers
from .split import UNWANTED

TORWART: Final = "Torwart"
WORST: Final = "Torwart, worst segment"

NATURAL: Final = {"TF-IDF + LinearSVC": 0.0, "bogofilter": 0.99}
"""Where a system itself draws the line, if not at a probability of 0.5: the SVM's plane, bogofilter's spam_cutoff."""

NEGLIGIBLE: Final = 1e-6
"""The weight of an empty text that stands for a class without texts, so that there are always four classes."""

Scores = dict[str, NDArray[np.float64]]
"""By name of the score, one number a text; the higher, the more like spam. Torwart gives two."""


class System(Protocol):
    """A spam filter."""

    name: str
    most_texts: int | None

    def fit(self, samples: Samples) -> None:
        """Learn from these alone."""

    def scores(self, texts: Sequence[str]) -> Scores:
        """All its scores of each text."""

    def close(self) -> None:
        """End its processes and remove what it wrote."""


class Torwart:
    """Our text classifier: P(spam) + P(fraud) of the whole text, and of its worst segment."""

    name: str = TORWART
    most_texts: int | None = None
    classifier: TextClassifier

    def fit(self, samples: Samples) -> None:
        """Without a threshold of its own: every system's is chosen in the same way here."""
        missing = sorted(set(CLASSES) - set(samples.labels))
        self.classifier = fit_evidence(
            [*samples.texts, *[""] * len(missing)],
            [*samples.labels, *missing],
            sample_weight=np.concatenate([samples.weights, np.full(len(missing), NEGLIGIBLE)]),
        )

    def scores(self, texts: Sequence[str]) -> Scores:
        """One pass for both."""
        found = np.empty((2, len(texts), len(CLASSES)))
        for place, text in enumerate(texts):
            evidence = self.classifier.evidence(text)
            found[:, place] = evidence.whole, evidence.worst
        return {TORWART: unwanted(found[0]), WORST: unwanted(found[1])}

    def close(self) -> None:
        """Nothing runs."""


@dataclass
class Other:
    """A peer: spam and fraud are its spam, everything else its ham."""

    peer: Peer
    name: str = field(init=False)
    most_texts: int | None = field(init=False)

    def __post_init__(self) -> None:
        self.name, self.most_texts = self.peer.name, self.peer.most_texts

    def fit(self, samples: Samples) -> None:
        """In an order drawn at random: some learn one text after the other."""
        order = np.random.default_rng(0).permutation(len(samples.texts)).tolist()
        self.peer.fit([samples.texts[place] for place in order], np.isin(samples.labels, UNWANTED)[order])

    def scores(self, texts: Sequence[str]) -> Scores:
        """One score."""
        return {self.name: self.peer.scores(texts)}

    def close(self) -> None:
        """Close the peer."""
        self.peer.close()


@dataclass(frozen=True)
class Job:
    """What one system, by its name, is to learn, and the lists of texts that it is to score then."""

    system: str
    train: Samples
    texts: tuple[list[str], ...]


def systems() -> tuple[list[System], dict[str, str]]:
    """Torwart and every peer that can run here, and why the others cannot."""
    missing = {peer.name: reason for peer in all_peers() if (reason := peer.missing())}
    return [Torwart(), *(Other(peer) for peer in all_peers() if peer.name not in missing)], missing


def versions() -> dict[str, str]:
    """Of the peers that can run here."""
    return {peer.name: peer.version() for peer in all_peers() if peer.missing() is None}


def done(jobs: Sequence[Job]) -> list[list[Scores]]:
    """Do the jobs of one system, one after the other."""
    found = []
    system = next(system for system in systems()[0] if system.name == jobs[0].system)
    try:
        for job in jobs:
            system.fit(job.train)
            found.append([system.scores(texts) for texts in job.texts])
    finally:
        system.close()
    return found

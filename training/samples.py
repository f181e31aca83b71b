"""Texts for the text classifier, made from the templates of its own part."""

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.families import KINDS, Family
from training.templates import DATA, Library, fill

TEXTS_A_CELL: Final = 60
"""Texts a language and kind, at least."""

TEXTS_A_TEMPLATE: Final = 2
"""Texts a template, at least."""

BUTTONS_SHARE: Final = 0.5
"""How many texts of a template with buttons end with their labels, as a messenger shows them."""


@dataclass(frozen=True)
class Samples:
    """Texts with their classes; all of length n.

    ``groups`` name what belongs together (a family, a cluster of near-duplicates), ``domains`` where a text comes
    from, empty for what says nothing about business messages. ``weights`` are all positive.
    """

    texts: list[str]
    labels: list[str]
    groups: list[str]
    domains: list[str]
    weights: NDArray[np.float64]

    def with_(self, other: "Samples") -> "Samples":
        """Both, the classes' weights of ``other`` counted in those of this one's classes; scaled to a mean of one."""
        weights = np.concatenate([self.weights / _sums(self.weights, self.labels), other.weights])
        labels = [*self.labels, *other.labels]
        weights /= _sums(weights, labels)
        return Samples(
            texts=[*self.texts, *other.texts],
            labels=labels,
            groups=[*self.groups, *other.groups],
            domains=[*self.domains, *other.domains],
            weights=weights / weights.mean(),
        )


def text_samples(library: Library, seed: int) -> Samples:
    """Fill the templates of ``library`` (one part), families and templates of a language and kind in turn, brands at
    random. Every class weighs the same, within a class every kind. Deterministic by ``seed``."""
    cells: dict[tuple[str, str], list[Family]] = defaultdict(list)
    for family in library.families:
        cells[family.kind, family.language].append(family)
    rng = np.random.default_rng(seed)
    texts: list[str] = []
    labels: list[str] = []
    groups: list[str] = []
    domains: list[str] = []
    kinds: list[str] = []
    for (kind, language), families in sorted(cells.items(), key=lambda cell: cell[0]):
        senders = {family.id: library.senders(family) for family in families}
        usable = [family for family in families if senders[family.id]]
        most = max((len(family.templates) for family in usable), default=0)
        needed = max(TEXTS_A_CELL, TEXTS_A_TEMPLATE * most * len(usable)) if usable else 0
        for number in range(needed):
            family = usable[number % len(usable)]
            template = family.templates[number // len(usable) % len(family.templates)]
            brands = senders[family.id]
            filled = fill(family, template, brands[int(rng.integers(len(brands)))], rng)
            shown = filled.buttons if rng.random() < BUTTONS_SHARE else ()
            texts.append("\n".join([filled.text, *(button.text for button in shown)]))
            labels.append(family.text_class)
            groups.append(family.id)
            domains.append(f"templates {language}")
            kinds.append(kind)
    return Samples(texts, labels, groups, domains, _weights(kinds))


def templates_fingerprint(folder: Path = DATA) -> str:
    """SHA-256 (hex) over the names and contents of everything that texts are made from."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.toml")):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _weights(kinds: list[str]) -> NDArray[np.float64]:
    """One over the size of a text's kind and over how many kinds its class has, scaled to a mean of one."""
    names, place, counts = np.unique(np.array(kinds, dtype=str), return_inverse=True, return_counts=True)
    classes = [KINDS[name] for name in names.tolist()]
    share = np.array([1.0 / classes.count(class_) for class_ in classes]) / counts
    weights: NDArray[np.float64] = share[place] / share[place].mean()
    return weights


def _sums(weights: NDArray[np.float64], labels: list[str]) -> NDArray[np.float64]:
    """The sum of the weights of each text's class."""
    _, place = np.unique(np.array(labels, dtype=str), return_inverse=True)
    sums: NDArray[np.float64] = np.bincount(place, weights)[place].astype(np.float64)
    return sums

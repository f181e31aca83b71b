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
"""Texts a language and kind, however many families and templates it has."""

BUTTONS_SHARE: Final = 0.5
"""How many texts of a template with buttons end with their labels, as a messenger shows them."""


@dataclass(frozen=True)
class Samples:
    """Texts with their classes; ``groups`` are the families they were made from, ``weights`` give every class the same
    sum, within a class every kind, within a kind every language. All of length n."""

    texts: list[str]
    labels: list[str]
    groups: list[str]
    weights: NDArray[np.float64]


def text_samples(library: Library, seed: int) -> Samples:
    """Fill the templates of ``library`` (one part), the same number of times a language and kind, families and
    templates in turn, brands at random. Deterministic by ``seed``."""
    cells: dict[tuple[str, str], list[Family]] = defaultdict(list)
    for family in library.families:
        cells[family.kind, family.language].append(family)
    rng = np.random.default_rng(seed)
    texts: list[str] = []
    labels: list[str] = []
    groups: list[str] = []
    kinds: list[str] = []
    for (kind, _), families in sorted(cells.items(), key=lambda cell: cell[0]):
        senders = {family.id: library.senders(family) for family in families}
        usable = [family for family in families if senders[family.id]]
        for number in range(TEXTS_A_CELL if usable else 0):
            family = usable[number % len(usable)]
            template = family.templates[number // len(usable) % len(family.templates)]
            brands = senders[family.id]
            filled = fill(family, template, brands[int(rng.integers(len(brands)))], rng)
            shown = filled.buttons if rng.random() < BUTTONS_SHARE else ()
            texts.append("\n".join([filled.text, *(button.text for button in shown)]))
            labels.append(family.text_class)
            groups.append(family.id)
            kinds.append(kind)
    return Samples(texts, labels, groups, _weights(kinds))


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

"""Who is trained on what, and judged by what: rows with all that is known of them, and splits that keep together what
is nearly the same."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from training.corpora import LABELS, Corpus
from training.duplicates import clusters
from training.samples import Samples, text_samples
from training.templates import Library

SEED: Final = 20
"""Of every draw of the benchmark."""

TEST_SHARE: Final = 0.3
VALIDATION_SHARE: Final = 0.15

NEVER_TRAINED_ON: Final = ("nus_ham", "otp_templates", "serena_a2p_ko")

UNWANTED: Final = ("spam", "fraud")

JUDGE: Final = "judge templates"
HELD_OUT: Final = "held-out"

Strings = NDArray[np.str_]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Rows:
    """Texts to judge by, all (n,). ``personal`` marks private chat; ``kinds`` are those of the templates, or empty."""

    texts: NDArray[np.object_]
    labels: Strings
    sources: Strings
    kinds: Strings
    languages: Strings
    personal: Flags

    def __len__(self) -> int:
        return len(self.texts)

    def only(self, chosen: Flags | NDArray[np.intp]) -> "Rows":
        """Some of the rows."""
        return Rows(**{field.name: getattr(self, field.name)[chosen] for field in fields(self)})

    @property
    def is_spam(self) -> Flags:
        """Spam or fraud."""
        return np.isin(self.labels, UNWANTED)

    @property
    def business(self) -> Flags:
        """Wanted, and no private chat."""
        business: Flags = (self.labels == "wanted") & ~self.personal
        return business

    @property
    def first(self) -> Flags:
        """Not the same text as a row before."""
        found = np.zeros(len(self), dtype=bool)
        found[np.unique(self.texts.astype(str), return_index=True)[1]] = True
        return found

    def list(self) -> list[str]:
        """The texts as what every system takes."""
        texts: list[str] = self.texts.tolist()
        return texts


def rows_of(
    texts: Sequence[str],
    labels: Sequence[str],
    source: str,
    kinds: Sequence[str],
    languages: Sequence[str],
    personal: bool = False,
) -> Rows:
    """Rows of one source."""
    return Rows(
        texts=np.array([*texts, None], dtype=object)[:-1],
        labels=np.array(labels, dtype="U8"),
        sources=np.full(len(texts), source, dtype="U24"),
        kinds=np.array(kinds, dtype="U24"),
        languages=np.array(languages, dtype="U8"),
        personal=np.full(len(texts), personal),
    )


def together(parts: Sequence[Rows]) -> Rows:
    """All rows, in order."""
    return Rows(**{field.name: np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Rows)})


def corpus_rows(corpus: Corpus) -> Rows:
    """A corpus."""
    kinds = [""] * len(corpus.texts)
    return rows_of(corpus.texts, corpus.labels, corpus.name, kinds, corpus.languages, corpus.about.personal)


def held_out_rows(folder: Path) -> Rows:
    """The project's own messages that no template was made from (columns text, label, kind, lang)."""
    read = []
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as stream:
            read += [(row["text"], LABELS[row["label"]], row["kind"], row["lang"]) for row in csv.DictReader(stream)]
    texts, labels, kinds, languages = zip(*read, strict=True)
    return rows_of(texts, labels, HELD_OUT, kinds, languages)


def judge_rows(library: Library, seed: int) -> Rows:
    """The wanted messages and promotions of the judging part of the templates, each text once."""
    samples = text_samples(library.part("judge"), seed)
    of = {family.id: family for family in library.families}
    families = [of[name] for name in samples.groups]
    kinds, languages = [family.kind for family in families], [family.language for family in families]
    rows = rows_of(samples.texts, samples.labels, JUDGE, kinds, languages)
    return rows.only(~rows.is_spam & rows.first)


def drawn(names: NDArray[np.int64] | Strings, share: float, seed: int) -> Flags:
    """Rows of a share of the names, drawn at random: all rows of a name or none, never those of no name."""
    distinct, place = np.unique(names, return_inverse=True)
    order = np.random.default_rng(seed).permutation(len(distinct))
    chosen: Flags = (order < round(share * len(distinct)))[place]
    return chosen


def part_of(corpus: Corpus, chosen: Flags) -> Corpus:
    """Some texts of a corpus."""
    places = np.flatnonzero(chosen).tolist()
    return msgspec.structs.replace(
        corpus,
        texts=tuple(corpus.texts[place] for place in places),
        labels=tuple(corpus.labels[place] for place in places),
        languages=tuple(corpus.languages[place] for place in places),
    )


def split_corpora(corpora: Sequence[Corpus], seed: int) -> tuple[list[Corpus], list[Corpus]]:
    """Corpora to train on, and to judge by: 70 % and 30 % of the clusters of near-duplicates over all of them.

    What is never trained on is judged as a whole, less its near-duplicates of what is trained on.
    """
    group = clusters([text for corpus in corpora for text in corpus.texts])
    trainable = np.array([corpus.name not in NEVER_TRAINED_ON for corpus in corpora for _ in corpus.texts], dtype=bool)
    names = np.unique(group[trainable])
    test = np.isin(group, names[drawn(names, TEST_SHARE, seed)]) | ~np.isin(group, names)
    starts = np.cumsum([0, *(len(corpus.texts) for corpus in corpora)])
    train_parts, test_parts = [], []
    for corpus, start, end in zip(corpora, starts[:-1], starts[1:], strict=True):
        if corpus.name not in NEVER_TRAINED_ON:
            train_parts.append(part_of(corpus, ~test[start:end]))
        test_parts.append(part_of(corpus, test[start:end]))
    return train_parts, test_parts


def some(samples: Samples, chosen: Flags) -> Samples:
    """Some of the samples, their weights scaled to a mean of one."""
    places = np.flatnonzero(chosen).tolist()
    weights = samples.weights[chosen]
    return Samples(
        texts=[samples.texts[place] for place in places],
        labels=[samples.labels[place] for place in places],
        groups=[samples.groups[place] for place in places],
        domains=[samples.domains[place] for place in places],
        weights=weights / weights.mean(),
    )


def held_back(samples: Samples, seed: int) -> tuple[Samples, list[str]]:
    """Samples to fit on, and the wanted business texts among the groups kept back to choose thresholds by."""
    back = drawn(np.array(samples.groups, dtype=str), VALIDATION_SHARE, seed)
    business = np.array([label == "wanted" for label in samples.labels]) & np.array([bool(d) for d in samples.domains])
    return some(samples, ~back), [samples.texts[place] for place in np.flatnonzero(back & business)]

"""Real messages from public corpora: to train on, and what the text classifier alone makes of them.

A corpus is a CSV file in UTF-8 with the columns ``text`` and ``label`` (``ham``, ``promo``, ``spam``, ``smishing``;
anything else is left out) and, if known, ``lang``. None of it belongs to the project: it is read, never kept. What is
known about the public ones stands in ``data/corpora.toml``.
"""

import csv
import hashlib
import tomllib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from tqdm.auto import tqdm

from torwart.text.classifier import TextClassifier, unwanted
from training.duplicates import clusters
from training.intervals import Rate, rate_of
from training.samples import Samples
from training.templates import DATA

LABELS: Final = {"ham": "wanted", "promo": "promo", "spam": "spam", "smishing": "fraud"}
"""The corpora's words and ours."""

SHARE: Final = 0.3
"""What all corpora together weigh in a class, in training, against the templates."""

PERSONAL_SHARE: Final = 0.1
"""What a wanted text of private chat weighs against one that a business sent."""

ABOUT: Final = DATA / "corpora.toml"
"""What is known about public corpora."""

_LONGEST_FIELD: Final = 1 << 20
_TEXTS_AT_ONCE: Final = 4096


class CorpusError(ValueError):
    """A folder or file that is no corpus; the message says which, and what would be right."""


class About(Struct, frozen=True, forbid_unknown_fields=True):
    """What ``data/corpora.toml`` says about a corpus."""

    title: str = ""
    licence: str = "unknown"
    personal: bool = False
    marketing_as_spam: bool = False


class Corpus(Struct, frozen=True):
    """Distinct texts with their labels (:data:`LABELS`' values) and languages, all (n,). ``sha256`` is the file's."""

    name: str
    about: About
    texts: tuple[str, ...]
    labels: tuple[str, ...]
    languages: tuple[str, ...]
    sha256: str = ""


class CorpusFigures(Struct, frozen=True):
    """How many texts of a corpus or language are called unwanted, by their label."""

    name: str
    personal: bool
    wanted: Rate
    promo: Rate
    spam: Rate
    fraud: Rate


class CorporaReport(Struct, frozen=True):
    """The text classifier at its own threshold. ``business`` and ``personal`` sum up the corpora of either nature;
    ``by_language`` is over business corpora for ``wanted`` and over all of them for the rest."""

    threshold: float
    business: CorpusFigures
    personal: CorpusFigures
    by_corpus: tuple[CorpusFigures, ...]
    by_language: tuple[CorpusFigures, ...]


def read_corpora(folder: Path) -> tuple[Corpus, ...]:
    """All ``*.csv`` of ``folder``, by name. Raises :class:`CorpusError` when there is none, or one cannot be read."""
    if not folder.is_dir():
        raise CorpusError(f"There is no folder {folder}; name one that holds corpora as CSV files.")
    paths = sorted(folder.glob("*.csv"))
    if not paths:
        raise CorpusError(f"{folder} holds no CSV file; a corpus is a CSV file with the columns text and label.")
    known = msgspec.convert(tomllib.loads(ABOUT.read_text(encoding="utf-8")), dict[str, About])
    return tuple(_read(path, known.get(path.stem, About())) for path in paths)


def corpora_samples(corpora: Sequence[Corpus]) -> Samples:
    """The texts of ``corpora`` to train on, one of each cluster of near-duplicates with one label.

    Within a class a corpus weighs as the square root of its size, all of them together :data:`SHARE` of the mean
    weight of one, a class with templates. A corpus in one language is a domain, unless its wanted texts are personal.
    """
    texts = [text for corpus in corpora for text in corpus.texts]
    labels = np.array([label for corpus in corpora for label in corpus.labels], dtype=str)
    names = np.array([corpus.name for corpus in corpora for _ in corpus.texts], dtype=str)
    personal = np.array([corpus.about.personal for corpus in corpora for _ in corpus.texts], dtype=bool)
    languages = [language for corpus in corpora for language in corpus.languages]
    group = clusters(texts)
    kept = np.sort(
        np.unique([f"{place} {label}" for place, label in zip(group, labels, strict=True)], return_index=True)[1]
    )
    weights = np.zeros(len(texts))
    for label in LABELS.values():
        of_class = kept[labels[kept] == label]
        if len(of_class):
            _, place, sizes = np.unique(names[of_class], return_inverse=True, return_counts=True)
            weights[of_class] = sizes[place] ** -0.5
            if label == "wanted":
                weights[of_class] *= np.where(personal[of_class], PERSONAL_SHARE, 1.0)
            weights[of_class] /= weights[of_class].sum()
    return Samples(
        texts=[texts[place] for place in kept],
        labels=labels[kept].tolist(),
        groups=[f"corpora {group[place]}" for place in kept],
        domains=["" if personal[place] else f"{names[place]} {languages[place]}".strip() for place in kept],
        weights=SHARE * weights[kept],
    )


def evaluate_corpora(text: TextClassifier, corpora: tuple[Corpus, ...]) -> CorporaReport:
    """Judge the text classifier on ``corpora``."""
    flags = [_flags(text, corpus) for corpus in tqdm(corpora, "Reading corpora", unit="corpora", disable=None)]
    names = np.concatenate([np.full(len(corpus.texts), corpus.name) for corpus in corpora])
    personal = np.concatenate([np.full(len(corpus.texts), corpus.about.personal) for corpus in corpora])
    labels = np.array([label for corpus in corpora for label in corpus.labels], dtype=str)
    languages = np.array([language for corpus in corpora for language in corpus.languages], dtype=str)
    flagged = np.concatenate(flags)
    judged = ~personal | (labels != "wanted")
    by_language = (
        _figures(language, False, labels, flagged, (languages == language) & judged)
        for language in sorted(set(languages.tolist()) - {""})
    )
    return CorporaReport(
        threshold=text.threshold,
        business=_figures("business", False, labels, flagged, ~personal),
        personal=_figures("private chat", True, labels, flagged, personal),
        by_corpus=tuple(
            _figures(corpus.name, corpus.about.personal, labels, flagged, names == corpus.name) for corpus in corpora
        ),
        by_language=tuple(by_language),
    )


def _read(path: Path, about: About) -> Corpus:
    csv.field_size_limit(_LONGEST_FIELD)
    texts: dict[str, tuple[str, str]] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            columns = reader.fieldnames or []
            for needed in ("text", "label"):
                if needed not in columns:
                    raise CorpusError(f"{path} has no column {needed}; a corpus needs the columns text and label.")
            for row in reader:
                label = LABELS.get(row["label"] or "")
                if label is None or not (row["text"] or "").strip():
                    continue
                if label == "spam" and about.marketing_as_spam:
                    label = "promo"
                texts.setdefault(row["text"], (label, row.get("lang") or ""))
    except (UnicodeDecodeError, csv.Error) as error:
        raise CorpusError(f"{path} cannot be read as a CSV file in UTF-8: {error}.") from error
    return Corpus(
        name=path.stem,
        about=about,
        texts=tuple(texts),
        labels=tuple(label for label, _ in texts.values()),
        languages=tuple(language for _, language in texts.values()),
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
    )


def _flags(text: TextClassifier, corpus: Corpus) -> NDArray[np.bool_]:
    flags = np.zeros(len(corpus.texts), dtype=bool)
    for first in range(0, len(flags), _TEXTS_AT_ONCE):
        chosen = slice(first, first + _TEXTS_AT_ONCE)
        flags[chosen] = unwanted(text.logits(corpus.texts[chosen])) >= text.threshold
    return flags


def _figures(
    name: str, personal: bool, labels: NDArray[np.str_], flagged: NDArray[np.bool_], chosen: NDArray[np.bool_]
) -> CorpusFigures:
    called = Counter(labels[chosen & flagged].tolist())
    all_ = Counter(labels[chosen].tolist())
    rates = {label: rate_of(called[label], all_[label]) for label in LABELS.values()}
    return CorpusFigures(name, personal, rates["wanted"], rates["promo"], rates["spam"], rates["fraud"])

"""Real messages from public corpora, and what the text classifier alone makes of them.

A corpus is a CSV file in UTF-8 with the columns ``text`` and ``label`` (``ham``, ``promo``, ``spam``, ``smishing``;
anything else is not judged) and, if known, ``lang``. None of it belongs to the project: it is read, never kept.
"""

import csv
from collections import Counter
from pathlib import Path
from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from tqdm.auto import tqdm

from torwart.text.classifier import TextClassifier, unwanted
from training.intervals import Rate, rate_of

LABELS: Final = {"ham": "wanted", "promo": "promo", "spam": "spam", "smishing": "fraud"}
"""The corpora's words and ours."""

PERSONAL: Final = frozenset(
    {"bangla_sms", "india_sms", "indonesian_sms", "mendeley_smishing", "nus_ham", "turkish_sms", "uci_sms"}
)
"""Corpora whose wanted messages are mostly private chat: not what a business sends, so not the headline figure."""

MARKETING_AS_SPAM: Final = frozenset({"turkish_sms"})
"""Corpora whose ``spam`` is mostly brands' marketing: read as promotion."""

_LONGEST_FIELD: Final = 1 << 20
_TEXTS_AT_ONCE: Final = 4096


class CorpusError(ValueError):
    """A folder or file that is no corpus; the message says which, and what would be right."""


class Corpus(Struct, frozen=True):
    """Distinct texts with their labels (:data:`LABELS`' values) and languages, all (n,)."""

    name: str
    personal: bool
    texts: tuple[str, ...]
    labels: tuple[str, ...]
    languages: tuple[str, ...]


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
    return tuple(_read(path) for path in paths)


def evaluate_corpora(text: TextClassifier, corpora: tuple[Corpus, ...]) -> CorporaReport:
    """Judge the text classifier on ``corpora``."""
    flags = [_flags(text, corpus) for corpus in tqdm(corpora, "Reading corpora", unit="corpora", disable=None)]
    names = np.concatenate([np.full(len(corpus.texts), corpus.name) for corpus in corpora])
    personal = np.concatenate([np.full(len(corpus.texts), corpus.personal) for corpus in corpora])
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
            _figures(corpus.name, corpus.personal, labels, flagged, names == corpus.name) for corpus in corpora
        ),
        by_language=tuple(by_language),
    )


def _read(path: Path) -> Corpus:
    name = path.stem
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
                if label == "spam" and name in MARKETING_AS_SPAM:
                    label = "promo"
                texts.setdefault(row["text"], (label, row.get("lang") or ""))
    except (UnicodeDecodeError, csv.Error) as error:
        raise CorpusError(f"{path} cannot be read as a CSV file in UTF-8: {error}.") from error
    return Corpus(
        name=name,
        personal=name in PERSONAL,
        texts=tuple(texts),
        labels=tuple(label for label, _ in texts.values()),
        languages=tuple(language for _, language in texts.values()),
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

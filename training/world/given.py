"""Texts from a file in place of the project's own templates: real messages, sent as they stand."""

import csv
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from training.families import KINDS, Family, read_words
from training.templates import DATA, Library, load
from training.words import Words

LABELS: Final = {
    "wanted": "wanted",
    "ham": "wanted",
    "promo": "promo",
    "spam": "spam",
    "fraud": "fraud",
    "smishing": "fraud",
}
"""What a text may be labelled, and the text class that it means."""

CATEGORIES: Final = {"authentication": "AUTHENTICATION", "promotion": "MARKETING", "newsletter": "MARKETING"}
"""What templates of a kind are filed as; other wanted ones are ``UTILITY``, the rest is free text."""

_LONGEST_FIELD: Final = 1 << 20


class TextsError(ValueError):
    """A file of texts that cannot be used; the message says where, and what would be right."""


def library_of(path: Path, part: str) -> Library:
    """The texts of a CSV file as families of one template, with the project's brands.

    Columns: ``text`` and ``label`` (:data:`LABELS`); if there are any, ``lang`` (else English) and ``kind`` (one of
    the label's kinds; else the text serves for all of them). Raises :class:`TextsError` naming the line that is wrong.
    """
    families = tuple(
        family
        for number, text, label, language, kind in _rows(path)
        for family in _families(path, number, text, label, language, kind, part)
    )
    if not families:
        raise TextsError(f"{path} holds no texts; it should have a line for each, with the columns text and label.")
    return Library(families=families, brands=load().brands)


def _families(path: Path, number: int, text: str, label: str, language: str, kind: str, part: str) -> Iterator[Family]:
    if not text.strip():
        raise TextsError(f"{path}, line {number}: the text is empty.")
    if label not in LABELS:
        raise TextsError(f"{path}, line {number}: label {label!r} should be one of {', '.join(LABELS)}.")
    kinds = [name for name, text_class in KINDS.items() if text_class == LABELS[label]]
    if kind and kind not in kinds:
        raise TextsError(f"{path}, line {number}: kind {kind!r} should be one of {', '.join(kinds)} for {label!r}.")
    for name in [kind] if kind else kinds:
        filed = CATEGORIES.get(name, "UTILITY" if LABELS[label] == "wanted" else "")
        yield Family(
            id=f"{language}-given-{name}-{number}",
            text_class=LABELS[label],
            kind=name,
            category=filed,
            industries=("none",),
            buttons=(),
            templates=(text,),
            language=language,
            part=part,
            words=_words(language),
            literal=True,
        )


@cache
def _words(language: str) -> Words:
    """Words for slots, which these texts do not have; English ones where the project has none of the language."""
    folder = DATA / "slots"
    return read_words(folder, language if (folder / f"{language}.toml").is_file() else "en")


def _rows(path: Path) -> Iterator[tuple[int, str, str, str, str]]:
    csv.field_size_limit(_LONGEST_FIELD)
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            for needed in ("text", "label"):
                if needed not in (reader.fieldnames or ()):
                    raise TextsError(f"{path} has no column {needed}; it should have the columns text and label.")
            for row in reader:
                cells = [row.get(name) or "" for name in ("text", "label", "lang", "kind")]
                yield reader.line_num, cells[0], cells[1], cells[2] or "en", cells[3]
    except FileNotFoundError as error:
        raise TextsError(f"There is no file of texts at {path}.") from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise TextsError(f"{path} cannot be read as a CSV file in UTF-8: {error}.") from error

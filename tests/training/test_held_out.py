"""The messages by another hand: enough of them, of every kind, and none that a template could have made."""

import csv
import re
from collections import Counter

from training.corpora import LABELS, read_corpora
from training.families import KINDS, SLOT
from training.templates import DATA, load

FOLDER = DATA / "held_out"


def rows() -> list[dict[str, str]]:
    found = []
    for path in sorted(FOLDER.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as stream:
            found += list(csv.DictReader(stream))
    return found


def word_runs(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", re.sub(r"\d+", "0", text.lower()))
    return set(zip(words, words[1:], words[2:], words[3:], strict=False))


def test_there_are_enough_of_every_class_kind_and_language() -> None:
    messages = rows()
    assert len(messages) >= 600
    assert len({row["text"] for row in messages}) == len(messages)
    assert {row["lang"] for row in messages} == {"de", "en"}
    assert {row["kind"] for row in messages} == set(KINDS)
    assert all(KINDS[row["kind"]] == LABELS[row["label"]] for row in messages)
    assert min(Counter(row["kind"] for row in messages).values()) >= 10


def test_they_are_read_as_corpora() -> None:
    assert [corpus.name for corpus in read_corpora(FOLDER)] == ["de", "en"]


def test_no_template_has_the_words_of_one() -> None:
    held_out = [word_runs(row["text"]) for row in rows()]
    for family in load().families:
        if family.language in ("de", "en"):
            for template in family.templates:
                runs = set().union(*(word_runs(part) for part in SLOT.split(template)[::2]))
                if len(runs) >= 8:  # fewer are set phrases, which everybody uses
                    assert max(len(runs & other) for other in held_out) < 0.8 * len(runs), (family.id, template)

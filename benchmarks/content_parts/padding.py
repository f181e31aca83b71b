"""Table e: fraud between harmless sentences."""

import re
from collections import defaultdict
from typing import Any, Final

import numpy as np
from tqdm.auto import tqdm

from training.intervals import Rate

from .figures import flagged
from .grid import Grid, grid
from .mixed import Mixed, score_names
from .split import JUDGE, SEED, Rows

SENTENCES: Final = (0, 1, 3, 10)
"""How many stand before the text, and how many behind it."""

MOST_TEXTS: Final = 1500
FEWEST_SENTENCES: Final = 30
"""What a language needs to be padded in its own; others get English sentences."""

LENGTHS: Final = (15, 200)
"""Characters of a sentence."""

_END = re.compile(r"(?<=[.!?。！？।])\s*(?=\s|[^\x00-\x7f])|\n+")


def sentences(rows: Rows) -> dict[str, list[str]]:
    """Sentences of the wanted judge templates by language."""
    found: dict[str, set[str]] = defaultdict(set)
    chosen = rows.only(rows.business & (rows.sources == JUDGE))
    for text, language in zip(chosen.list(), chosen.languages.tolist(), strict=True):
        found[language] |= {one.strip() for one in _END.split(text) if LENGTHS[0] <= len(one.strip()) <= LENGTHS[1]}
    return {language: sorted(of) for language, of in found.items() if len(of) >= FEWEST_SENTENCES}


def padded(text: str, harmless: list[str], number: int, rng: np.random.Generator) -> str:
    """The text with so many sentences before it and so many behind it."""
    drawn = [harmless[place] for place in rng.integers(len(harmless), size=2 * number)]
    return " ".join([*drawn[:number], text, *drawn[number:]])


def measure(mixed: Mixed) -> dict[str, Any]:
    """Recall of padded fraud, and false positives on wanted messages padded alike, of all fast systems."""
    by_language = sentences(mixed.test)
    test = mixed.test
    rows = {
        "(e) Recall of fraud between harmless sentences, %": _few(test, (test.labels == "fraud") & test.first),
        "(e) False positives on business messages between harmless sentences, %": _few(
            test, test.business & test.first & (test.sources != JUDGE), test.business & test.first
        ),
    }
    names = [name for system in mixed.fast for name in score_names(system, mixed.scores)]
    grids = []
    with tqdm(total=len(rows) * len(SENTENCES), desc="Padding", unit="runs", disable=None) as bar:
        for title, chosen in rows.items():
            lines = []
            for number in SENTENCES:
                rng = np.random.default_rng([SEED, number])
                texts = [
                    padded(text, by_language.get(language) or by_language["en"], number, rng)
                    for text, language in zip(chosen.list(), chosen.languages.tolist(), strict=True)
                ]
                rates: dict[str, Rate] = {}
                for system in mixed.fast:
                    for name, values in system.scores(texts).items():
                        rates[name] = flagged(values, mixed.thresholds[name])
                lines.append((f"{number} before and {number} behind", [rates[name] for name in names]))
                bar.update()
            grids.append(grid(title, names, lines))
    return {"grids": grids}


def text_of(found: dict[str, Any]) -> str:
    """The tables as plain text."""
    grids: list[Grid] = found["grids"]
    return "\n\n".join(one.text() for one in grids)


def _few(rows: Rows, *wishes: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Rows:
    """At most :data:`MOST_TEXTS` rows at random: those of the first wish before those of the next."""
    order = np.random.default_rng(SEED).permutation(len(rows))
    chosen: list[int] = []
    for wish in wishes:
        free = [place for place in order[wish[order]].tolist() if place not in set(chosen)]
        chosen += free[: MOST_TEXTS - len(chosen)]
    return rows.only(np.array(sorted(chosen), dtype=np.intp))

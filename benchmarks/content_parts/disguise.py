"""Table d: what disguising words does to recall, and to wanted messages that happen to be written so."""

from typing import Any, Final

import numpy as np
from tqdm.auto import tqdm

from training.intervals import Rate
from training.table import table

from .figures import flagged
from .grid import Grid, grid, short_name
from .mixed import Mixed, score_names
from .obfuscation import KINDS, disguised, is_latin
from .split import JUDGE, SEED, Rows

MOST_TEMPLATES: Final = 8000
"""Filled templates among the wanted messages."""

CLEAN: Final = "clean"
RECALL: Final = "recall"
WANTED: Final = "wanted"


def latin_rows(test: Rows) -> dict[str, Rows]:
    """Unwanted texts, and wanted business messages, in Latin script; each text once."""
    latin = np.array([is_latin(text) for text in test.list()]) & test.first
    wanted = test.business & latin
    templates = np.random.default_rng(SEED).permutation(np.flatnonzero(wanted & (test.sources == JUDGE)))
    wanted[templates[MOST_TEMPLATES:]] = False
    return {RECALL: test.only(test.is_spam & latin), WANTED: test.only(wanted)}


def measure(mixed: Mixed) -> dict[str, Any]:
    """Rates of all fast systems at the thresholds chosen on clean texts."""
    found: dict[str, dict[str, dict[str, Rate]]] = {RECALL: {}, WANTED: {}}
    rows = latin_rows(mixed.test)
    bar = tqdm(total=(1 + len(KINDS)) * len(rows) * len(mixed.fast), desc="Disguising", unit="runs", disable=None)
    with bar:
        for of, chosen in rows.items():
            for kind in (CLEAN, *KINDS):
                texts = chosen.list() if kind == CLEAN else [disguised(text, kind, SEED) for text in chosen.list()]
                rates: dict[str, Rate] = {}
                for system in mixed.fast:
                    for name, values in system.scores(texts).items():
                        rates[name] = flagged(values, mixed.thresholds[name])
                    bar.update()
                found[of][kind] = rates
    names = [name for system in mixed.fast for name in score_names(system, mixed.scores)]
    titles = {
        RECALL: "(d) Recall of disguised spam and fraud in Latin script, %",
        WANTED: "(d) False positives on business messages disguised alike, %",
    }
    return {
        of: grid(titles[of], names, [(kind, [rates[name] for name in names]) for kind, rates in found[of].items()])
        for of in (RECALL, WANTED)
    }


def text_of(found: dict[str, Any]) -> str:
    """The tables as plain text, with points lost and ratios."""
    recall: Grid = found[RECALL]
    wanted: Grid = found[WANTED]
    lost, ratios = [], []
    for kind in KINDS:
        losses = [100 * (recall.rate(CLEAN, name).rate - recall.rate(kind, name).rate) for name in recall.systems]
        lost.append((kind, *(f"{loss:.1f}" for loss in losses)))
        ratios.append((kind, *(_ratio(wanted.rate(kind, name), wanted.rate(CLEAN, name)) for name in wanted.systems)))
    header = ("", *map(short_name, recall.systems))
    return "\n\n".join(
        [
            recall.text(),
            table("(d) Points of recall lost", header, lost),
            wanted.text(),
            table("(d) False positives, disguised to clean", header, ratios),
        ]
    )


def _ratio(disguised_: Rate, clean: Rate) -> str:
    if clean.events == 0:
        return f"{disguised_.events} to 0"
    return f"{disguised_.rate / clean.rate:.2f}"

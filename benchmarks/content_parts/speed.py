"""Table f: how long a text takes on one core."""

import os
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import numpy as np

from training.table import table

from ..output import spread
from .mixed import Mixed
from .obfuscation import disguised
from .split import JUDGE, SEED
from .systems import System, Torwart

REPEATS: Final = 9
LENGTH: Final = 160
ALONE: Final = 1000
"""Different texts of one repeat, one after the other."""

BATCH: Final = 4000
"""Different texts of one repeat, all at once."""

LANGUAGES: Final = {"Cyrillic": ("ru", "uk"), "Arabic": ("ar", "fa", "ur"), "Thai": ("th",)}
ASCII: Final = f"{LENGTH} ASCII characters"
DISGUISED: Final = "the same, disguised"


@contextmanager
def one_core() -> Iterator[None]:
    """Run on one core, where the system lets a program choose; programs started meanwhile do so as well."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def texts_to_read(mixed: Mixed) -> dict[str, list[str]]:
    """Messages of the judge templates of :data:`LENGTH` characters each, made by joining and cutting them."""
    rows = mixed.test.only(mixed.test.sources == JUDGE)
    order = np.random.default_rng(SEED).permutation(len(rows))
    all_texts, languages = rows.texts[order], rows.languages[order]
    ascii_texts = [text for text in all_texts[languages == "en"].tolist() if text.isascii()]
    found = {ASCII: _cut(ascii_texts)}
    found[DISGUISED] = [disguised(text, "mixed", SEED) for text in found[ASCII]]
    for name, of in LANGUAGES.items():
        if chosen := _cut(all_texts[np.isin(languages, of)].tolist()):
            found[f"{LENGTH} characters, {name}"] = chosen
    return found


def measure(mixed: Mixed) -> dict[str, Any]:
    """Microseconds a text one by one, and texts a second at once; medians of the repeats, systems in turn."""
    torwart = next((system for system in mixed.systems if isinstance(system, Torwart)), None)
    read = texts_to_read(mixed)
    alone: dict[str, list[float]] = {name: [] for name in read}
    together: dict[str, list[float]] = {system.name: [] for system in mixed.fast}
    batch = (read[ASCII] * (1 + BATCH // max(1, len(read[ASCII]))))[:BATCH]
    with one_core():
        for number in range(REPEATS + 1):  # the first one warms up
            if torwart is not None:
                for name, texts in read.items():
                    chosen = [texts[place % len(texts)] for place in range(number * ALONE, (number + 1) * ALONE)]
                    alone[name].append(_alone(torwart, chosen))
            for system in mixed.fast:
                together[system.name].append(_at_once(system, batch))
    ratios = {}
    if torwart is not None:
        for name, values in together.items():
            if name != torwart.name:
                each = [ours / theirs for ours, theirs in zip(together[torwart.name][1:], values[1:], strict=True)]
                ratios[name] = statistics.median(each)
    return {
        "microseconds_alone": {name: spread(values[1:]) for name, values in alone.items() if values},
        "texts_a_second_at_once": {name: spread(values[1:]) for name, values in together.items()},
        "torwart_times_faster": ratios,
        "batch": BATCH,
        "repeats": REPEATS,
    }


def text_of(found: dict[str, Any]) -> str:
    """The tables as plain text."""
    alone = [
        (name, f"{one['median']:.1f}", f"{one['least']:.1f} to {one['most']:.1f}")
        for name, one in found["microseconds_alone"].items()
    ]
    ratios = found["torwart_times_faster"]
    at_once = [
        (name, f"{one['median']:,.0f}", f"{one['least']:,.0f} to {one['most']:,.0f}",
         f"{ratios[name]:.2f}" if name in ratios else "")
        for name, one in found["texts_a_second_at_once"].items()
    ]  # fmt: skip
    return "\n\n".join(
        [
            table(
                f"(f) Torwart's evidence of one text, all windows included, on one core; medians of {REPEATS}",
                ("texts of", "µs a text", "range"),
                alone,
            ),
            table(
                f"(f) {found['batch']:,} texts of {ASCII} at once, on one core; medians of {REPEATS}",
                ("", "texts a second", "range", "Torwart is faster by"),
                at_once,
            ),
        ]
    )


def _cut(texts: list[str]) -> list[str]:
    """Texts of exactly :data:`LENGTH` characters, each made of as many of these as it takes."""
    found, text = [], ""
    for one in texts:
        text = f"{text} {one}".strip()
        if len(text) >= LENGTH:
            found.append(text[:LENGTH])
            text = ""
    return found


def _alone(torwart: Torwart, texts: list[str]) -> float:
    """Microseconds a text, one after the other."""
    before = time.perf_counter()
    for text in texts:
        torwart.classifier.evidence(text)
    return 1e6 * (time.perf_counter() - before) / len(texts)


def _at_once(system: System, texts: list[str]) -> float:
    """Texts a second."""
    before = time.perf_counter()
    if isinstance(system, Torwart):
        system.classifier.logits(texts)
    else:
        system.scores(texts)
    return len(texts) / (time.perf_counter() - before)

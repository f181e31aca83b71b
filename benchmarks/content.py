"""Torwart's text classifier against real spam filters: the same split, the same texts, the same run.

    TORWART_CORPORA=<folder> python -m benchmarks.content [--only a,b,f] [--sample 300] [--out FILE]

Every system learns from the same texts: Torwart its four classes, the others spam or fraud against the rest. Every
threshold is chosen in the same way: the lowest that flags at most 0.5 % of the wanted business messages among the
validation texts. SpamAssassin and rspamd learn everything, but score a part of the test texts, in (a) and (b) only.

    0  the SMS Spam Collection alone, in five folds
    a  false positives on wanted messages   b  recall of spam and fraud, also at exact false-positive rates
    c  corpora that nothing was trained on  d  disguised words
    e  fraud between harmless sentences     f  speed on one core

The corpora are CSV files (text,label,lang; data/corpora.toml names public ones) in the folder that the environment
variable TORWART_CORPORA names. None of their texts is printed or stored. A peer that is not installed is named and
left out. Results and picture are written where no table is left out and nothing limited, or where --out says so; into
a file that is there already go the tables of this run, and the others stay.
"""

import argparse
import multiprocessing
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any, Final

from tqdm.auto import tqdm

from training.corpora import CorpusError

from .content_parts import disguise, left_out, mixed, padding, report, speed, uci
from .content_parts.sources import Sources, read_sources
from .content_parts.systems import Job, Scores, System, done, systems
from .output import keep, show, some_of

HERE: Final = Path(__file__).resolve().parent
RESULTS: Final = HERE / "results" / "content.json"
PICTURE: Final = HERE.parent / "docs" / "images" / "content.png"
VARIABLE: Final = "TORWART_CORPORA"
TABLES: Final = "0abcdef"
OF_MIXED: Final = "abdef"
MISUSED: Final = 2


def main() -> None:
    """Measure, print and write the chosen tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", type=some_of(TABLES), default=TABLES, help="some of the tables, as 0,a,f")
    parser.add_argument("--sample", type=int, help="limit each corpus to so many texts, for a quick try")
    parser.add_argument("--out", type=Path, help="where to write the results as JSON, and beside it the picture")
    options = parser.parse_args()
    folder = os.environ.get(VARIABLE)
    if not folder:
        print(f"Set {VARIABLE} to the folder that holds the corpora as CSV files.", file=sys.stderr)
        raise SystemExit(MISUSED)
    try:
        sources = read_sources(Path(folder), options.sample)
    except CorpusError as error:
        print(error, file=sys.stderr)
        raise SystemExit(MISUSED) from error
    before = time.perf_counter()
    usable, missing = systems()
    for name, reason in missing.items():
        print(f"Without {name}: {reason}.")
    whole = options.sample is None and options.only == TABLES
    out = options.out or (RESULTS if whole else None)
    results: dict[str, Any] = {"environment": report.environment(sources.corpora), "missing": missing}
    if set(options.only) & set(OF_MIXED):
        results |= of_mixed(sources, usable, options.only)
        keep(out, results)
        if out and "a" in results and "b" in results:
            picture = PICTURE if options.out is None else out.with_suffix(".png")
            report.plot(picture, results["a"][0], results["b"][0])
    keep(out, of_jobs(sources, [system.name for system in usable], options.only))
    print(f"\nThis took {(time.perf_counter() - before) / 60:.0f} minutes.")


def of_mixed(sources: Sources, usable: list[System], only: str) -> dict[str, Any]:
    """The tables whose systems are trained on the mixed split; each is printed when it is there."""
    results: dict[str, Any] = {}
    try:
        fitted = mixed.fit_mixed(sources, usable)
        results["mixed"] = fitted.about
        show(mixed.text_of(fitted.about))
        for name, count in (("a", mixed.false_positives), ("b", mixed.recall)):
            if name in only:
                results[name] = count(fitted)
                show("\n\n".join(one.text() for one in results[name]))
        for name, module in (("d", disguise), ("e", padding), ("f", speed)):
            if name in only:
                results[name] = module.measure(fitted)
                show(module.text_of(results[name]))
    finally:
        for system in usable:
            system.close()
    return results


def of_jobs(sources: Sources, usable: list[str], only: str) -> dict[str, Any]:
    """The tables whose systems are trained many times, by two processes."""
    corpus = next((corpus for corpus in sources.corpora if corpus.name == uci.NAME), None)
    collection = uci.Uci(corpus) if "0" in only and corpus is not None else None
    targets = left_out.left_out(sources) if "c" in only else []
    some = [name for name in left_out.SYSTEMS if name in usable]
    tasks: dict[tuple[str, str], list[Job]] = {}
    for name in sorted(usable, key=mixed.slowest_first):
        if collection is not None:
            tasks[uci.NAME, name] = collection.jobs(name)
        tasks |= {(target.name, name): [target.job(name)] for target in targets if name in some}
    found = _all_done(tasks)
    results: dict[str, Any] = {}
    if collection is not None:
        scores: Scores = {}
        for name in usable:
            scores |= collection.out_of_fold(found[uci.NAME, name])
        results["0"] = collection.result(scores)
        show(uci.text_of(results["0"]))
    if targets:
        of_targets = {(target.name, name): found[target.name, name][0] for target in targets for name in some}
        results["c"] = left_out.result(targets, of_targets, some)
        show(left_out.text_of(results["c"]))
    return results


def _all_done(tasks: dict[tuple[str, str], list[Job]]) -> dict[tuple[str, str], list[list[Scores]]]:
    found: dict[tuple[str, str], list[list[Scores]]] = {}
    if not tasks:
        return found
    with ProcessPoolExecutor(mixed.WORKERS, mp_context=multiprocessing.get_context("spawn")) as pool:
        futures = {pool.submit(done, jobs): key for key, jobs in tasks.items()}
        for future in tqdm(as_completed(futures), "Tables 0 and c", total=len(futures), unit="tasks", disable=None):
            found[futures[future]] = future.result()
    return found


if __name__ == "__main__":
    main()

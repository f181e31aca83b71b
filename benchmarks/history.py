"""How fast Torwart knows what a sender has done, against what data scientists use: the same log, the same numbers.

    python -m benchmarks.history [--only a,c] [--messages 1000000] [--rounds 5] [--all-peers] [--out FILE]

The log is made up, by seed: 30 days, senders as unequal as Zipf's law says, one answer (reply, report, block) to nine
messages. Every number is as of just before the message. What is known of texts is in the log's rows already.

    a  fourteen counts over windows, and the whole catalogue, for 1,000,000 messages
    b  the same for ten times as many, once; pandas and DuckDB only with --all-peers
    c  one message at a time, against a Python dict, SQLite and Redis    d  bytes of state
    e  a server's start on a database of 50,000 senders, with a snapshot and without

Every side runs on one core, Polars and DuckDB also on all; every run of (a) and (b) in a process of its own. On one
core the processor's seconds are compared, since other programs hardly move them, else the clock's. A peer that is not
installed is named and left out. Needs Linux. Results are written where nothing is left out or made
smaller, or where --out says so.
"""

import argparse
import os
import time
from pathlib import Path
from typing import Any, Final

from training.table import table

from .history_parts import batch, online, restart, sizes
from .output import keep, machine, show, some_of

HERE: Final = Path(__file__).resolve().parent
RESULTS: Final = HERE / "results" / "history.json"
TABLES: Final = "abcde"
MESSAGES: Final = 1_000_000
LARGER: Final = 10
ROUNDS: Final = 5

Results = dict[str, Any]


def main() -> None:
    """Measure, print and write the chosen tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", type=some_of(TABLES), default=TABLES, help="some of the tables, as a,c")
    parser.add_argument("--messages", type=int, default=MESSAGES, help="of tables a and e; fewer for a quick try")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--all-peers", action="store_true", help="pandas and DuckDB in table b, too: some minutes more")
    parser.add_argument("--out", type=Path, help="where to write the results as JSON")
    options = parser.parse_args()
    for name, reason in (batch.missing() | online.missing()).items():
        print(f"Without {name}: {reason}.")
    results = measure(options)
    if rows := targets(results):
        show(table("Targets", ("", "wanted", "measured", "met"), rows))
    print(f"This took {results['minutes']:.0f} minutes.")
    whole = (options.only, options.messages, options.rounds) == (TABLES, MESSAGES, ROUNDS) and "e" in results
    if out := options.out or (RESULTS if whole else None):
        keep(out, results)


def measure(options: argparse.Namespace) -> Results:
    """The figures of each chosen table, printed when it is there."""
    before = time.perf_counter()
    results: Results = {"environment": environment(), "missing": batch.missing() | online.missing()}
    if "a" in options.only:
        results["a"] = batch.measure(options.messages, options.rounds, all_peers=True)
        show(batch.text_of("a", results["a"]))
    if "b" in options.only:
        results["b"] = batch.measure(LARGER * options.messages, 1, options.all_peers)
        show(batch.text_of("b", results["b"]))
    if "c" in options.only:
        results["c"] = online.measure(options.rounds)
        show(online.text_of(results["c"]))
    if "d" in options.only:
        results["d"] = sizes.measure()
        show(sizes.text_of(results["d"]))
    if "e" in options.only:
        smaller = options.messages / MESSAGES
        try:
            results["e"] = restart.measure(options.messages, int(restart.SENDERS * smaller), options.rounds)
            show(restart.text_of(results["e"]))
        except restart.NotReadyError as error:
            results["missing"]["the restart"] = str(error)
            show(f"Without the restart: {error}.")
    results["load"] = os.getloadavg()
    results["minutes"] = (time.perf_counter() - before) / 60
    return results


def environment() -> dict[str, Any]:
    """What the figures may depend on."""
    return {
        **machine(batch.packages()),
        "cores": os.cpu_count(),
        "load": os.getloadavg(),
        "seed": batch.SEED,
    }


def targets(results: Results) -> list[tuple[str, str, str, str]]:
    """What was wanted, what was measured, and whether that is enough, as far as it was measured."""
    found: list[tuple[str, str, float, float, str]] = []
    small, large = (results[name]["sides"] if name in results else None for name in "ab")
    if small is not None:
        for name in (name for name in batch.POLARS if name in small):
            title = f"14 counts, against {batch.SIDES[name].title}"
            found.append((title, "CPU s", _cpu(small, batch.TORWART), _cpu(small, name), "<= {:.2f}"))
        found.append(("the whole catalogue", "CPU s", _cpu(small, batch.CATALOGUE), 4.0, "<= {:.0f}"))
    if large is not None and batch.CATALOGUE in large:
        found.append(("… of ten times as much, memory", "MiB", large[batch.CATALOGUE]["peak_mib"], 4096.0, "<= {:.0f}"))
        if small is not None:
            times = _cpu(large, batch.CATALOGUE) / _cpu(small, batch.CATALOGUE)
            found.append(("… of ten times as much, time", "times", times, 12.0, "<= {:.0f}"))
    if "c" in results:
        found.append(("one message", "CPU µs", results["c"]["cpu"][online.TORWART]["median"], 6.0, "<= {:.0f}"))
    if "d" in results:
        for name, most in (("senders", 2048.0), ("pairs", 64.0)):
            found.append((f"a record of {name}", "bytes", results["d"]["tables"][name]["bytes"], most, "<= {:.0f}"))
    if "e" in results:
        found.append(
            ("a start from a snapshot", "s", results["e"]["seconds"][restart.RESUMED]["median"], 3.0, "<= {:.0f}")
        )
    return [
        (title, f"{form.format(limit)} {unit}", f"{value:,.2f}", "yes" if value <= limit else "no")
        for title, unit, value, limit, form in found
    ]


def _cpu(sides: Results, name: str) -> float:
    return float(sides[name]["cpu_seconds"]["median"])


if __name__ == "__main__":
    main()

"""How many messages a second the simulated world plays on one core, and how much memory a longer one takes.

    python benchmarks/simulate.py [--days 10] [--recipients 2000] [--json]

Plays five worlds of different seeds and prints medians: once only drawing the records, once also writing them, as
`torwart simulate` does. Seconds are processor time of the whole process, the founding of the world included. Peak
memory is that of `torwart simulate` in a process of its own, for the same world and for one of six times the days.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from training.templates import Library, load
from training.world.rates import Rates, load_rates
from training.world.series import Series
from training.world.simulate import simulate
from training.world.world import World

WORLDS = 5
LONGER = 6


def drawn(rates: Rates, library: Library, days: int, recipients: int, seed: int) -> float:
    """Messages a second where nothing is written."""
    begin = time.process_time()
    world = World(rates, library, part="world", days=days, recipients=recipients, seed=seed)
    messages = sum(truth is not None for _, truth in world.run())
    return messages / (time.process_time() - begin)


def written(rates: Rates, library: Library, days: int, recipients: int, seed: int) -> float:
    """Messages a second where log and truth are written."""
    with tempfile.TemporaryDirectory() as folder:
        begin = time.process_time()
        series = Series(rates=rates, library=library, days=days, recipients=recipients, seed=seed)
        summary = simulate(Path(folder) / "log", series)
        return summary.messages / (time.process_time() - begin)


def peak_mib(days: int, recipients: int) -> float:
    """The most memory that `torwart simulate` holds at once, in MiB."""
    program = str(Path(sys.executable).parent / "torwart")
    with tempfile.TemporaryDirectory() as folder:
        command = [program, "simulate", "--days", str(days), "--recipients", str(recipients), "--out", f"{folder}/log"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        if status:
            raise SystemExit(f"{' '.join(command)} failed")
    return usage.ru_maxrss / 1024


def main() -> None:
    """Play the worlds and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, default=10)
    parser.add_argument("--recipients", type=int, default=2_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rates, library = load_rates(), load()
    size = options.days, options.recipients
    drawn(rates, library, 1, 100, 0)  # compiles, or loads what is compiled
    sides = {"drawing alone": drawn, "drawing and writing": written}
    rounds = [
        {name: side(rates, library, *size, seed) for name, side in sides.items()} for seed in range(1, WORLDS + 1)
    ]
    medians = {name: statistics.median(entry[name] for entry in rounds) for name in sides}
    memory = {days: peak_mib(days, options.recipients) for days in (options.days, LONGER * options.days)}
    if options.json:
        print(json.dumps({"rounds": rounds, "messages_a_second": medians, "peak_mib": memory}))
        return
    print(f"Worlds of {size[0]} days and {size[1]} people on one core; medians of {WORLDS} seeds")
    for name, median in medians.items():
        shown = ", ".join(f"{entry[name]:.0f}" for entry in rounds)
        print(f"  {name:<22}{median:>8.0f} messages/s   (worlds: {shown})")
    for days, mib in memory.items():
        print(f"  peak memory, {days:>3} days  {mib:>8.0f} MiB")


if __name__ == "__main__":
    main()

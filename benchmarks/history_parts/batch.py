"""Tables a and b: the history of a whole log at once, side by side, each run of a side in a process of its own."""

import gc
import importlib.util
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from tqdm.auto import tqdm

from torwart.features.rows import MESSAGE, ROW
from torwart.features.state import FoldState
from training.table import number, table

from ..output import spread
from . import counts, peers
from .counts import COLUMNS, Counts, Events
from .made_up import SENDERS_A_MESSAGE, made_up
from .process import alone, peak_mib, stay_on

SEED: Final = 1
_WARM_UP: Final = 10_000
_AT_ONCE: Final = 1 << 17
_ROWS: Final = "rows.bin"
_COUNTS: Final = "counts.npy"


class Side(NamedTuple):
    """Somebody who computes the counts of a folder's log: makes an input of it, and then, timed, the result."""

    title: str
    prepare: Callable[[Path], Any]
    compute: Callable[[Any], Any]
    module: str = ""
    all_cores: bool = False
    only_if_asked: bool = False
    """Left out of the large log unless all peers are asked for."""


class Run(NamedTuple):
    """One run of a side: seconds by the wall's clock and the processor's, and the process's peak memory, input
    included. ``differ`` is the share of numbers that are not Torwart's, none where it computes something else."""

    seconds: float
    cpu_seconds: float
    peak_mib: float
    differ: float | None


def write_log(folder: Path, messages: int, senders: int, seed: int = SEED) -> int:
    """Make up a log and write its rows, and the columns that the counts need; returns how many rows there are."""
    rows = made_up(messages, senders, seed).rows
    rows.tofile(folder / _ROWS)
    for name, values in zip(
        Events._fields, (rows["sender"], rows["kind"].astype(np.uint8), rows["received_at"]), strict=True
    ):
        np.save(folder / f"{name}.npy", values)
    return len(rows)


def read_events(folder: Path) -> Events:
    """The columns that the counts need."""
    return Events(*(np.load(folder / f"{name}.npy") for name in Events._fields))


def catalogue(folder: Path) -> int:
    """Every folded feature of each message, some thousand rows at a time, as a feature table is made: what is done is
    handed on and forgotten. Returns the number of messages."""
    state = FoldState()
    messages = 0
    with (folder / _ROWS).open("rb") as file:
        while len(rows := np.fromfile(file, dtype=ROW, count=_AT_ONCE)):
            unknown = np.full(int((rows["kind"] == MESSAGE).sum()), -1)
            messages += len(state.fold(rows, unknown))
    return messages


def _of(prepare: Callable[[Events], Any]) -> Callable[[Path], Any]:
    return partial(_prepared, prepare)


def _prepared(prepare: Callable[[Events], Any], folder: Path) -> Any:
    return prepare(read_events(folder))


TORWART: Final = "torwart"
CATALOGUE: Final = "catalogue"
POLARS: Final = ("polars", "polars_rolling")

SIDES: Final[Mapping[str, Side]] = {
    TORWART: Side("Torwart's rings", read_events, counts.torwart),
    "numpy": Side("NumPy, cumulative counts", read_events, peers.of_numpy),
    "polars": Side("Polars, join_asof", _of(peers.for_polars), peers.of_polars, "polars"),
    "polars_rolling": Side("Polars, rolling", _of(peers.for_polars), peers.of_polars_rolling, "polars"),
    "pandas": Side("pandas, merge_asof", _of(peers.for_pandas), peers.of_pandas, "pandas", only_if_asked=True),
    "duckdb": Side("DuckDB, ASOF JOIN", _of(peers.for_duckdb), peers.of_duckdb, "duckdb", only_if_asked=True),
    "polars_all": Side("Polars, join_asof, all cores", _of(peers.for_polars), peers.of_polars, "polars", True),
    "duckdb_all": Side("DuckDB, all cores", _of(peers.for_duckdb), peers.of_duckdb, "duckdb", True, True),
    CATALOGUE: Side("Torwart, the whole catalogue", Path, catalogue),
}


def missing() -> dict[str, str]:
    """The modules of peers that are not installed, and what to do about it."""
    modules = {side.module for side in SIDES.values() if side.module}
    return {
        module: f"it is not installed: pip install {module}"
        for module in sorted(modules)
        if importlib.util.find_spec(module) is None
    }


def packages() -> list[str]:
    """What is compared, as far as it is installed."""
    return sorted({"numpy", "numba"} | {side.module for side in SIDES.values() if side.module} - set(missing()))


def result(name: str, folder: Path) -> Counts | None:
    """What a side computes of the log in ``folder``, shape (n_messages, 14); none where it is something else."""
    return _counts(SIDES[name].compute(SIDES[name].prepare(folder)))


def run(name: str, folder: Path, warm_up: Path) -> Run:
    """Compute a side's numbers, after those of a small log, in this process. Torwart's own counts are left in the
    folder for the others to be compared with."""
    side = SIDES[name]
    stay_on(len(os.sched_getaffinity(0)) if side.all_cores else 1)
    result(name, warm_up)
    given = side.prepare(folder)
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    made = side.compute(given)
    seconds, cpu_seconds = time.perf_counter() - wall, time.process_time() - cpu
    peak = peak_mib()
    found = _counts(made)
    if found is not None and name == TORWART:
        np.save(folder / _COUNTS, found)
    differ = None if found is None else float(np.mean(found != np.load(folder / _COUNTS, mmap_mode="r")))
    return Run(seconds, cpu_seconds, peak, differ)


def measure(messages: int, rounds: int, all_peers: bool) -> dict[str, Any]:
    """Run all sides in turn, some rounds; ratios are taken round by round."""
    absent = missing()
    names = [
        name for name, side in SIDES.items() if side.module not in absent and (all_peers or not side.only_if_asked)
    ]
    runs: dict[str, list[Run]] = {name: [] for name in names}
    failed: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as temporary:
        folder, warm_up = Path(temporary) / "log", Path(temporary) / "warm_up"
        for path, size in ((folder, messages), (warm_up, min(messages, _WARM_UP))):
            path.mkdir()
            n_rows = alone(write_log, path, size, _senders(size))
            if path == folder:
                rows = n_rows
        for name in tqdm(names * rounds, f"{messages:,} messages", unit="runs", disable=None):
            try:
                runs[name].append(alone(run, name, folder, warm_up))
            except BrokenProcessPool:
                failed[name] = "its process was killed; it may need more memory than there is"
    ours = runs[TORWART]
    sides = {name: _figures(ours, done, SIDES[name].all_cores) for name, done in runs.items() if name not in failed}
    return {"messages": messages, "senders": _senders(messages), "rows": rows, "rounds": rounds,
            "sides": sides, "failed": failed}  # fmt: skip


def text_of(letter: str, found: dict[str, Any]) -> str:
    """The table as plain text."""
    rows = [
        (
            SIDES[name].title,
            number(one["seconds"]["median"]),
            f"{one['seconds']['least']:.2f} to {one['seconds']['most']:.2f}",
            number(one["cpu_seconds"]["median"]),
            f"{one['peak_mib']:,.0f}",
            number(one["differ"], 3),
            "" if name in (TORWART, CATALOGUE) else number(one["torwart_times_faster"]),
        )
        for name, one in found["sides"].items()
    ]
    title = (
        f"({letter}) {len(COLUMNS)} counts of {found['messages']:,} messages among {found['rows']:,} events of "
        f"{found['senders']:,} senders, one core; medians of {found['rounds']}"
    )
    header = ("", "seconds", "range", "CPU s", "peak MiB", "numbers that differ", "Torwart is faster by")
    lines = [
        table(title, header, rows),
        *(f"Without {SIDES[name].title}: {why}." for name, why in found["failed"].items()),
    ]
    return "\n".join(lines)


def _senders(messages: int) -> int:
    return max(1, int(messages * SENDERS_A_MESSAGE))


def _counts(made: Any) -> Counts | None:
    """A side's result in one form."""
    if isinstance(made, int):
        return None
    if isinstance(made, dict):
        made = np.stack([made[name] for name in COLUMNS], axis=1)
    return np.asarray(made)


def _figures(ours: Sequence[Run], theirs: Sequence[Run], all_cores: bool) -> dict[str, Any]:
    """On one core the processor's seconds are compared: what else the machine does hardly moves them."""
    compared = "seconds" if all_cores else "cpu_seconds"
    return {
        "seconds": spread([one.seconds for one in theirs]),
        "cpu_seconds": spread([one.cpu_seconds for one in theirs]),
        "peak_mib": max(one.peak_mib for one in theirs),
        "differ": theirs[0].differ,
        "torwart_times_faster": statistics.median(
            getattr(their, compared) / getattr(our, compared) for our, their in zip(ours, theirs, strict=True)
        ),
    }

"""A function in a process of its own: what it takes, and what memory it took, is its own as well (Linux)."""

import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def alone(function: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """What ``function`` returns in a new process. Raises ``BrokenProcessPool`` where the process is killed."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(function, *arguments, **named).result()


def stay_on(cores: int) -> None:
    """Keep this process, and the libraries that it has yet to load, on its last ``cores`` cores."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-cores:])
    os.environ["POLARS_MAX_THREADS"] = str(cores)


def peak_mib() -> float:
    """The most memory that this process has held. ``ru_maxrss`` would not do: it begins with the parent's."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024

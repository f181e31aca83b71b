"""What every benchmark does with its figures: choose tables, print them, keep them."""

import argparse
import platform
import statistics
from collections.abc import Callable, Iterable, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import msgspec


def some_of(tables: str) -> Callable[[str], str]:
    """Reads an argument that names some of the ``tables``, a letter each, as ``a,c``; they keep their order."""

    def read(value: str) -> str:
        names = value.replace(",", "")
        if not names or set(names) - set(tables):
            raise argparse.ArgumentTypeError(f"name some of {', '.join(tables)}, not {value!r}")
        return "".join(name for name in tables if name in names)

    return read


def show(text: str) -> None:
    """Print a table as soon as it is there."""
    print(f"\n{text}", flush=True)


def machine(packages: Iterable[str]) -> dict[str, Any]:
    """What every figure may depend on: Python, the kind of machine, versions of ``packages``."""
    return {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "packages": {name: metadata.version(name) for name in packages},
    }


def keep(path: Path | None, results: dict[str, Any]) -> None:
    """Write results as JSON into the file at ``path``, if there is to be one; tables of other runs in it stay."""
    if path is None:
        return
    earlier = msgspec.json.decode(path.read_bytes()) if path.exists() else {}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(earlier | results), indent=1) + b"\n")


def spread(values: Sequence[float]) -> dict[str, float]:
    """Median and range."""
    return {"median": float(statistics.median(values)), "least": float(min(values)), "most": float(max(values))}

"""One way to compile a numeric function, so that every kernel has the same flags and keeps its static type."""

import hashlib
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TypeVar, cast

import numba
from numba import config

_F = TypeVar("_F", bound=Callable[..., object])


def compiled(function: _F) -> _F:
    """Compile ``function`` to machine code on its first call and keep the result on disk.

    The code releases the interpreter lock, never uses Python objects and follows IEEE 754 to the letter
    (no fast-math), so that it gives the same numbers online and offline.
    """
    theirs = config.CACHE_DIR  # type: ignore[attr-defined]
    config.CACHE_DIR = theirs or _cache_folder()  # type: ignore[attr-defined]
    try:
        return cast(_F, numba.njit(cache=True, nogil=True, fastmath=False)(function))
    finally:
        config.CACHE_DIR = theirs  # type: ignore[attr-defined]


@cache
def _cache_folder() -> str:
    """A folder for compiled code that belongs to these very sources.

    Numba notices when a function's own file changes, not when a function that it calls does; code compiled from an
    older source would then go on giving older numbers. Empty, which leaves the choice to Numba, where the package's
    own folder cannot be written.
    """
    package = Path(__file__).parent
    if not os.access(package, os.W_OK):
        return ""
    digest = hashlib.sha256()
    for source in sorted(package.rglob("*.py")):
        digest.update(source.read_bytes())
    return str(package / "__pycache__" / f"compiled-{digest.hexdigest()[:16]}")

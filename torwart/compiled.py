"""One way to compile a numeric function, so that every kernel has the same flags and keeps its static type."""

from collections.abc import Callable
from typing import TypeVar, cast

import numba

_F = TypeVar("_F", bound=Callable[..., object])


def compiled(function: _F) -> _F:
    """Compile ``function`` to machine code on its first call and keep the result on disk.

    The code releases the interpreter lock, never uses Python objects and follows IEEE 754 to the letter
    (no fast-math), so that it gives the same numbers online and offline.
    """
    return cast(_F, numba.njit(cache=True, nogil=True, fastmath=False)(function))

"""Which file something came from, so that a result says what it was made of."""

import hashlib
from pathlib import Path

from msgspec import Struct


class Guard(Struct, frozen=True):
    """A model that stands in the way: its folder, its version, and the commands that made it."""

    folder: str
    version: str
    commands: tuple[str, ...]


class Source(Struct, frozen=True):
    """A file's name and the SHA-256 of what was in it."""

    name: str
    sha256: str


def source_of(path: Path) -> Source:
    """The source that ``path`` is; raises ``OSError`` where it cannot be read."""
    return Source(path.name, hashlib.sha256(path.read_bytes()).hexdigest())

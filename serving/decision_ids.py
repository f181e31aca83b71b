"""Public names for places in the log: a prefix and the ``seq`` in hexadecimal, so that no index is needed."""

from typing import Final

_WIDTH: Final = 14
_DIGITS: Final = frozenset("0123456789abcdef")

DECISION: Final = "dec_"
REPORT: Final = "rep_"


def id_of(prefix: str, seq: int) -> str:
    """``dec_0000000000002c`` for 44: fourteen digits, which sort as the numbers do."""
    return f"{prefix}{seq:0{_WIDTH}x}"


def seq_of(identifier: str) -> int:
    """The inverse of :func:`id_of`; 0, which no record has, for anything that is not such a name."""
    digits = identifier.rpartition("_")[2]
    if len(digits) != _WIDTH or not _DIGITS.issuperset(digits):
        return 0
    return int(digits, 16)

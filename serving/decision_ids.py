"""Public names for places in the log: a prefix and the ``seq`` in Crockford's base 32, so that no index is needed."""

from typing import Final

_DIGITS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_WIDTH: Final = 13
_VALUES: Final = {digit: value for value, digit in enumerate(_DIGITS)}

DECISION: Final = "dec_"
REPORT: Final = "rep_"


def id_of(prefix: str, seq: int) -> str:
    """``dec_000000000001C`` for 44: thirteen digits, which sort as the numbers do."""
    digits = ""
    while seq:
        seq, digit = divmod(seq, 32)
        digits = _DIGITS[digit] + digits
    return prefix + digits.rjust(_WIDTH, "0")


def seq_of(identifier: str) -> int:
    """The inverse of :func:`id_of`; 0, which no record has, for anything that is not such a name."""
    digits = identifier.rpartition("_")[2].upper()
    if len(digits) != _WIDTH:
        return 0
    seq = 0
    for digit in digits:
        value = _VALUES.get(digit)
        if value is None:
            return 0
        seq = seq * 32 + value
    return seq if seq < 1 << 63 else 0

"""Where the links of a normalised text are: after a scheme or ``www.``, or a bare host with an ending that exists."""

import numpy as np
from numpy.typing import NDArray

from torwart.compiled import compiled
from torwart.text import endings as e
from torwart.text import tables as t

MOST_LINKS = 16
"""Links after these are read as words."""

# A link's row: where it begins (scheme included), where its host begins and ends, where its path ends.
BEGIN, HOST, HOST_END, END = range(4)
LINK_FIELDS = 4


@compiled
def _exists(table: NDArray[np.int64], codes: NDArray[np.int32], begin: int, end: int) -> bool:
    hashed = e.label_hash(codes, begin, end)
    slot = hashed % e.SLOTS
    while table[t.ENDINGS_AT + slot] != 0:
        if table[t.ENDINGS_AT + slot] == hashed:
            return True
        slot = (slot + 1) % e.SLOTS
    return False


@compiled
def _is_host_character(code: int) -> bool:
    return 97 <= code <= 122 or 48 <= code <= 57 or code == 45 or code == 46


@compiled
def _scheme_length(codes: NDArray[np.int32], begin: int) -> int:
    """How long the ``http://`` or ``https://`` before the host at ``begin`` is; 0 where there is none."""
    if begin < 7 or codes[begin - 1] != 47 or codes[begin - 2] != 47 or codes[begin - 3] != 58:
        return 0
    last = begin - 4 if codes[begin - 4] != 115 else begin - 5
    if last < 3 or codes[last] != 112 or codes[last - 1] != 116 or codes[last - 2] != 116 or codes[last - 3] != 104:
        return 0
    return begin - last + 3


@compiled
def find_links(codes: NDArray[np.int32], n: int, table: NDArray[np.int64], links: NDArray[np.int32]) -> int:
    """Write a row a link to ``links`` (MOST_LINKS, 4) and return how many there are.

    ``codes`` is a normalised text of length ``n``, ``table`` the one of :mod:`torwart.text.tables`. A host is letters
    a–z, digits, hyphens and dots; a path goes on to the next space or character beyond ASCII.
    """
    count = 0
    i = 0
    while i < n and count < MOST_LINKS:
        if codes[i] != 46:
            i += 1
            continue
        begin = i
        while begin > 0 and _is_host_character(int(codes[begin - 1])) and codes[begin - 1] != 46:
            begin -= 1
        end = i
        while end < n and _is_host_character(int(codes[end])):
            end += 1
        resume = end
        while end > begin and (codes[end - 1] == 46 or codes[end - 1] == 45):
            end -= 1
        last = end
        while last > begin and codes[last - 1] != 46:
            last -= 1
        scheme = _scheme_length(codes, begin)
        if begin < i and i < end and (scheme > 0 or _is_bare_host(codes, begin, last, end, table)):
            host = begin
            if end - begin > 4 and _is_www(codes, begin):
                host = begin + 4
            resume = end
            while resume < n and 32 < codes[resume] < 127:
                resume += 1
            links[count, BEGIN] = begin - scheme
            links[count, HOST] = host
            links[count, HOST_END] = end
            links[count, END] = resume
            count += 1
        i = resume
    return count


@compiled
def _is_www(codes: NDArray[np.int32], at: int) -> bool:
    return bool(codes[at] == 119 and codes[at + 1] == 119 and codes[at + 2] == 119 and codes[at + 3] == 46)


@compiled
def _is_bare_host(codes: NDArray[np.int32], begin: int, last: int, end: int, table: NDArray[np.int64]) -> bool:
    """Whether what stands from ``begin`` to ``end``, its last label from ``last``, is a host without any scheme."""
    if end - last < 2 or codes[last] < 97 or last - begin < 3:
        return False
    if begin > 0 and codes[begin - 1] == 64:  # an address for mail
        return False
    return _exists(table, codes, last, end)

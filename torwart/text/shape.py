"""What a text looks like, whatever its language: its length and style, its numbers, whether it has links.

Each property that a text has switches on one feature of a fixed value. They stand beside the hashed n-grams because
they carry over to languages and campaigns whose words nobody has seen. What a link is like is left to the n-grams of
its host and to :mod:`torwart.features.links`: learned from made-up links it did not carry over to real ones.
"""

import numpy as np
from numpy.typing import NDArray

from torwart.compiled import compiled
from torwart.text import links as k
from torwart.text.marks import CAPITALS, CURRENCY, DIGITS, EMOJI, EXCLAMATIONS, LETTERS, LINES

VALUE = 0.15
"""A property's value as a feature. All n-grams of a text together have the length 1 or a little more."""

MOST_SHAPES = 16
"""No text has more properties."""

_FEWEST_PHONE_DIGITS = 9
_FEWEST_CODE_DIGITS, _MOST_CODE_DIGITS = 4, 8

# Where the features of each property begin, and how many values it has.
_LENGTH_AT, _LENGTHS = 0, 24
_CAPITALS_AT, _TENTHS = _LENGTH_AT + _LENGTHS, 7
_DIGITS_AT = _CAPITALS_AT + _TENTHS
_EXCLAMATIONS_AT, _FEW = _DIGITS_AT + _TENTHS, 4
_EMOJI_AT = _EXCLAMATIONS_AT + _FEW
_LINES_AT = _EMOJI_AT + _FEW
_CURRENCY_AT = _LINES_AT + _FEW
_PHONE_AT = _CURRENCY_AT + _FEW
_CODE_AT = _PHONE_AT + 2
_MAIL_AT = _CODE_AT + 2
_LINKS_AT = _MAIL_AT + 2
_LAST_AT = _LINKS_AT + _FEW

N_SHAPES = 66
"""Columns of these features."""


@compiled
def _add(shapes: NDArray[np.int64], count: int, shape: int) -> int:
    shapes[count] = shape
    return count + 1


@compiled
def shapes_of(
    codes: NDArray[np.int32],
    n: int,
    links: NDArray[np.int32],
    n_links: int,
    marks: NDArray[np.float64],
    shapes: NDArray[np.int64],
) -> int:
    """Write a text's properties, each once, to ``shapes`` (MOST_SHAPES,) and return how many there are.

    ``codes`` is the normalised text of length ``n``, ``marks`` counts the text as it came
    (:class:`torwart.text.marks.Marks`). An empty text has none.
    """
    if n == 0:
        return 0
    count = _add(shapes, 0, _LENGTH_AT + min(int(2 * np.log2(n)), _LENGTHS - 1))
    if marks[LETTERS] > 0:
        count = _add(shapes, count, _CAPITALS_AT + min(int(10 * marks[CAPITALS] / marks[LETTERS]), _TENTHS - 1))
    count = _add(shapes, count, _DIGITS_AT + min(int(20 * marks[DIGITS] / n), _TENTHS - 1))
    count = _add(shapes, count, _EXCLAMATIONS_AT + min(int(marks[EXCLAMATIONS]), _FEW - 1))
    count = _add(shapes, count, _EMOJI_AT + min(int(marks[EMOJI]), _FEW - 1))
    count = _add(shapes, count, _LINES_AT + min(int(marks[LINES]), _FEW - 1))
    count = _add(shapes, count, _CURRENCY_AT + min(int(marks[CURRENCY]), _FEW - 1))
    phone, code, mail = _numbers(codes, n, links, n_links)
    count = _add(shapes, count, _PHONE_AT + phone)
    count = _add(shapes, count, _CODE_AT + code)
    count = _add(shapes, count, _MAIL_AT + mail)
    count = _add(shapes, count, _LINKS_AT + min(n_links, _FEW - 1))
    return _add(shapes, count, _LAST_AT + int(n_links > 0 and links[n_links - 1, k.END] >= n - 1))


@compiled
def _numbers(codes: NDArray[np.int32], n: int, links: NDArray[np.int32], n_links: int) -> tuple[int, int, int]:
    """Whether there is, outside links, something like a telephone number, like a one-time code, like a mail address.

    A telephone number has at least nine digits, set apart by no more than one space, dot, hyphen or bracket each;
    a code is a group of four to eight digits with neither a digit nor a separator of numbers beside it.
    """
    phone = code = mail = 0
    link = 0
    together = group = 0
    joined = False  # whether a group touched a dot, comma, slash or colon, as in sums, dates and times
    gap = 2
    i = 0
    while i <= n:
        if link < n_links and i == links[link, k.BEGIN]:
            i = int(links[link, k.END])
            link += 1
            together = group = 0
            continue
        character = codes[i] if i < n else 32
        if 48 <= character <= 57:
            together = together + 1 if gap <= 2 else 1
            group += 1
            gap = 0
        else:
            part_of_number = character in (46, 44, 47, 58)
            if group > 0:
                if _FEWEST_CODE_DIGITS <= group <= _MOST_CODE_DIGITS and not joined:
                    digit_follows = i + 1 < n and 48 <= codes[i + 1] <= 57
                    code |= int(not (part_of_number and digit_follows))
                phone |= int(together >= _FEWEST_PHONE_DIGITS)
                group = 0
            joined = part_of_number and gap == 0
            if character in (32, 45, 46, 40, 41, 47):
                gap += 1
            else:
                gap = 3
                mail |= int(character == 64 and i > 0 and i + 1 < n and codes[i - 1] > 32 and codes[i + 1] > 32)
        i += 1
    return phone, code, mail

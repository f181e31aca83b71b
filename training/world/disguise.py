"""Disguised letters, as spammers write them so that programs read something else than people."""

from random import Random
from typing import Final

_CONFUSABLE: Final = {
    "a": "а",
    "c": "с",
    "e": "е",
    "i": "і",
    "o": "о",
    "p": "р",
    "x": "х",
    "y": "у",
    "A": "А",
    "E": "Е",
}
_LEET: Final = {"a": "4", "e": "3", "i": "1", "o": "0", "s": "5", "A": "4", "E": "3", "I": "1", "O": "0", "S": "$"}
_MARKS: Final = {"a": "á", "e": "é", "i": "ï", "o": "ö", "u": "ü", "A": "Ä", "E": "È", "O": "Ö"}
_INVISIBLE: Final = "\u200b\u200c\u2060\u00ad"


def disguise(rng: Random, text: str, share: float) -> str:
    """``text`` with about ``share`` of its longer words disguised, one way a message; addresses stay as they are."""
    way = rng.randrange(5)
    lines = text.split("\n")
    return "\n".join(
        " ".join(_word(rng, word, way) if rng.random() < share else word for word in line.split(" ")) for line in lines
    )


def _word(rng: Random, word: str, way: int) -> str:
    if len(word) < 4 or not word.isalpha():
        return word
    if way == 0:
        return _exchanged(rng, word, _CONFUSABLE)
    if way == 1:
        return _exchanged(rng, word, _LEET)
    if way == 2:
        return _exchanged(rng, word, _MARKS)
    place = rng.randrange(1, len(word))
    if way == 3:
        return word[:place] + rng.choice(_INVISIBLE) + word[place:]
    return rng.choice((" ", ".", "-")).join(word)


def _exchanged(rng: Random, word: str, twins: dict[str, str]) -> str:
    return "".join(twins[letter] if letter in twins and rng.random() < 0.6 else letter for letter in word)

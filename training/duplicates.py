"""Which texts are nearly the same: what must stay on one side of every split."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from torwart.entities import Message
from torwart.features.fingerprint import campaign_keys
from torwart.text.normalise import normalise


def clusters(texts: Sequence[str]) -> NDArray[np.int64]:
    """A number for every text, shape (n,): the same for texts that are joined by a chain of near-duplicates.

    Two texts are near-duplicates if their fingerprints share a band (:mod:`torwart.features.fingerprint`), or if they
    have the same letters. Digits are all alike.
    """
    parent = list(range(len(texts)))

    def root(place: int) -> int:
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    first: dict[int | str, int] = {}
    for place, text in enumerate(texts):
        normalised = normalise(text)
        message = Message(type="text", body=text)
        keys: list[int | str] = [key for key in campaign_keys(message, normalised.codes, "") if key]
        keys.append("".join(character for character in normalised.text if character.isalpha()) or normalised.text)
        for key in keys:
            other = root(first.setdefault(key, place))
            parent[max(other, root(place))] = min(other, root(place))
    return np.array([root(place) for place in range(len(texts))], dtype=np.int64)

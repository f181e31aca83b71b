"""Every feature once, in the order of the vector."""

import hashlib
from typing import Final

import msgspec
import numpy as np

from torwart.features import campaign, content, history, links, recipient, relationship, structure, verification
from torwart.features.feature import Feature
from torwart.features.folds import N_FOLDED

CATALOGUE: Final[tuple[Feature, ...]] = (
    *verification.FEATURES,
    *structure.FEATURES,
    *content.FEATURES,
    *links.FEATURES,
    *relationship.FEATURES,
    *history.FEATURES,
    *recipient.FEATURES,
    *campaign.FEATURES,
)
"""The groups in order; within a group, the order its module declares."""

GROUPS: Final[tuple[str, ...]] = tuple(dict.fromkeys(feature.group for feature in CATALOGUE))

NAMES: Final[tuple[str, ...]] = tuple(feature.name for feature in CATALOGUE)

POSITION: Final[dict[str, int]] = {name: position for position, name in enumerate(NAMES)}

MONOTONE: Final = np.array([feature.monotone for feature in CATALOGUE], dtype=np.int8)
"""+1, -1 or 0 a feature: the constraint its column is fitted under."""

MISSING: Final = np.array([feature.missing for feature in CATALOGUE])
"""What stands in each column when its group is not known."""

N_OWN: Final = len(CATALOGUE) - N_FOLDED
"""The first ``N_OWN`` features come from the message, its sender and its context; the rest, ``N_FOLDED`` of them, are
what ``FoldState.read`` fills."""


def catalogue_hash() -> str:
    """A fingerprint (SHA-256, hex) of every declaration that a model depends on: order, names, units, directions and
    missing values. A model fitted for another catalogue is refused."""
    parts = [
        (feature.name, feature.group, feature.unit, repr(feature.missing), feature.monotone, feature.window)
        for feature in CATALOGUE
    ]
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()


def columns_of(group: str) -> list[int]:
    """The positions of a group's features in the vector."""
    return [position for position, feature in enumerate(CATALOGUE) if feature.group == group]

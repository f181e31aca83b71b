"""What the text classifier makes of the text: evidence, not a verdict."""

import math
from typing import Final

from torwart.features.feature import Feature
from torwart.text.classifier import Evidence

_UNWANTED_CLASSES: Final = ("promo", "spam", "fraud")

FEATURES: Final = (
    Feature(
        name="content_missing",
        group="content",
        unit="flag",
        missing=1.0,
        meaning="The text is withheld; every other content feature is missing",
        gaming="Nothing a sender does changes it",
    ),
    *(
        Feature(
            name=f"whole_{name}",
            group="content",
            unit="log-odds",
            meaning=f"{name} against wanted, whole text",
            gaming="Word it as honest businesses do, or pad it with harmless sentences; the worst segment stays",
        )
        for name in _UNWANTED_CLASSES
    ),
    *(
        Feature(
            name=f"worst_{name}",
            group="content",
            unit="log-odds",
            monotone=1 if name != "promo" else 0,
            meaning=f"{name} against wanted, in the segment that looks worst",
            gaming="Word every sentence as honest businesses do",
        )
        for name in _UNWANTED_CLASSES
    ),
)


def _shares(logits: list[float]) -> list[float]:
    peak = max(logits)
    weights = [math.exp(value - peak) for value in logits]
    total = sum(weights)
    return [weight / total for weight in weights]


def read(evidence: Evidence | None) -> tuple[list[float], float, float]:
    """The features of :data:`FEATURES`, in order; P(promo or spam) of the whole text and P(fraud) of its worst segment
    (both 0 without a text)."""
    if evidence is None:
        return [1.0, *([math.nan] * 6)], 0.0, 0.0
    whole = evidence.whole.tolist()
    worst = evidence.worst.tolist()
    by_whole = _shares(whole)
    features = [
        0.0,
        whole[1] - whole[0],
        whole[2] - whole[0],
        whole[3] - whole[0],
        worst[1] - worst[0],
        worst[2] - worst[0],
        worst[3] - worst[0],
    ]
    return features, by_whole[1] + by_whole[2], _shares(worst)[3]

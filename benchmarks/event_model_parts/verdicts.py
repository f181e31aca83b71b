"""The three figures that say whether a simulated world makes it too easy."""

from typing import Final

from msgspec import Struct

from ..content_parts.grid import points
from .ablation import Ablation, shown
from .texts import LeftOutCorpus, mean

MOST_ALONE: Final = 0.60
"""Recall at 0.1 % that no group of features may exceed alone."""

NEEDED: Final = ("content", "history", "relationship")
"""Groups whose loss must cost PR-AUC, its interval above zero."""

NEAR: Final = 0.05
"""How far content alone may lie from what the text classifier catches in corpora that it was not trained on."""


class Verdict(Struct, frozen=True):
    """A claim, the figure that it stands on, and whether it holds."""

    claim: str
    figure: str
    holds: bool


def verdicts(ablation: Ablation, corpora: list[LeftOutCorpus]) -> list[Verdict]:
    """All that can be said; without corpora the last claim is left out."""
    best = max(ablation.alone.values(), key=lambda line: line.strict.value)
    found = [
        Verdict(
            f"no group of features alone exceeds {MOST_ALONE:.0%} recall at 0.1 %",
            f"at most {shown(best.strict)} % ({best.name})",
            best.strict.value <= MOST_ALONE,
        )
    ]
    for group in NEEDED:
        lost = ablation.without[group].lost
        assert lost is not None
        found.append(Verdict(f"PR-AUC falls without {group}", f"by {shown(lost)} points", lost.low > 0))
    if corpora:
        real = mean(corpora)
        for name, figure in (
            ("spam and fraud among them", ablation.content_on_texts),
            ("all messages", ablation.alone["content"].lenient),
        ):
            found.append(
                Verdict(
                    f"content alone, {name}: recall at 1 % within {100 * NEAR:.0f} points of the corpora's mean",
                    f"{shown(figure)} % against {points(real)} %",
                    abs(figure.value - real) <= NEAR,
                )
            )
    return found


def text_of(found: list[Verdict]) -> str:
    """A line each."""
    return "\n".join(
        ["Not rigged?", *(f"  {'yes' if one.holds else 'NO '}  {one.claim}: {one.figure}" for one in found)]
    )

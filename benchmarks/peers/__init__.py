"""Real spam filters behind one interface, for comparing Torwart's text classifier with them.

Every peer is fitted on texts with their labels and then scores texts: the number that the program itself computes,
not its verdict. Programs made for mail get each text as the body of a minimal mail.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from .bogofilter import Bogofilter
from .fasttext import FastText
from .linear import LinearSvm
from .rspamd import Rspamd
from .spamassassin import SpamAssassin

__all__ = ["Bogofilter", "FastText", "LinearSvm", "Peer", "Rspamd", "SpamAssassin", "all_peers"]


class Peer(Protocol):
    """A spam filter that learns from labelled texts."""

    name: str
    most_texts: int | None
    """How many texts it can score in a reasonable time; None: any number."""

    def version(self) -> str:
        """The program's version; only where nothing is missing."""

    def missing(self) -> str | None:
        """Why it cannot run here, as a sentence that says what to install; None when it can."""

    def fit(self, texts: Sequence[str], is_spam: NDArray[np.bool_]) -> None:
        """Learn from these texts alone: whatever was learnt before is forgotten."""

    def scores(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """One number a text, in their order; the higher, the more like spam."""

    def close(self) -> None:
        """End its processes and remove what it wrote; it can be fitted again."""


def all_peers() -> list[Peer]:
    """One of each, not fitted; some of them may be missing here."""
    return [Bogofilter(), SpamAssassin(), Rspamd(), LinearSvm(), FastText()]

"""fastText: a linear classifier over the mean of word and character n-gram vectors."""

import importlib
import importlib.metadata
import importlib.util
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

DISTRIBUTION = "fasttext-numpy2-wheel"

# No text holds these words, so none is read as a label.
LABEL_PREFIX = "__torwart_peer_label__"
SPAM = LABEL_PREFIX + "spam"
HAM = LABEL_PREFIX + "ham"


class FastText:
    """Supervised fastText with word bigrams and character n-grams; the probability of spam."""

    name = "fastText"
    most_texts: int | None = None

    def __init__(self) -> None:
        self._model: Any = None  # the module has no type stubs

    def version(self) -> str:
        """The version of the distribution that brings the module."""
        names = importlib.metadata.packages_distributions().get("fasttext", [DISTRIBUTION])
        return f"fastText ({names[0]} {importlib.metadata.version(names[0])})"

    def missing(self) -> str | None:
        """Why it cannot run here."""
        if importlib.util.find_spec("fasttext") is None:
            return f"fastText needs the Python module fasttext, which is not installed: pip install {DISTRIBUTION}"
        return None

    def fit(self, texts: Sequence[str], is_spam: NDArray[np.bool_]) -> None:
        """Learn from these texts alone; one thread and a seed, so that it learns the same each time."""
        fasttext = importlib.import_module("fasttext")
        with tempfile.TemporaryDirectory(prefix="torwart_peer_") as folder:
            path = Path(folder) / "texts.txt"
            with path.open("w", encoding="utf-8", newline="\n") as file:
                for text, spam in zip(texts, is_spam, strict=True):
                    file.write(f"{SPAM if spam else HAM} {_line(text)}\n")
            self._model = fasttext.train_supervised(
                str(path),
                label=LABEL_PREFIX,
                wordNgrams=2,
                minn=2,
                maxn=5,
                dim=50,
                lr=0.5,
                epoch=25,
                thread=1,
                seed=1,
                verbose=0,
            )

    def scores(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """The probability of spam."""
        if self._model is None:
            raise RuntimeError("fastText has not been fitted")
        labels, probabilities = self._model.predict([_line(text) for text in texts], k=2)
        return np.array(
            [
                dict(zip(names, values, strict=True)).get(SPAM, 0.0)
                for names, values in zip(labels, probabilities, strict=True)
            ],
            dtype=np.float64,
        )

    def close(self) -> None:
        """Forget the model."""
        self._model = None


def _line(text: str) -> str:
    """The text on one line, as UTF-8 can carry it, in lower case as fastText's own instructions prepare texts."""
    words = text.encode("utf-8", "replace").decode("utf-8").replace(LABEL_PREFIX, " ").replace("\0", " ").split()
    return " ".join(words).lower()

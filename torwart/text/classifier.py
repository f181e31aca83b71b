"""The text classifier: what a text alone says about how likely it is wanted, promotion, spam or fraud.

Multinomial logistic regression over hashed n-grams, run by one compiled function from characters to logits. The
whole text is read, and every window of about a sentence, because harmless words around a bad sentence must not help.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from torwart.text.marks import Marks
from torwart.text.ngrams import N_COLUMNS, SCHEME
from torwart.text.normalise import UNDONE_KINDS, Undone, code_points
from torwart.text.scorer import ROW, UNDONE_AT, WORST_AT, read
from torwart.text.tables import tables

CLASSES = ("wanted", "promo", "spam", "fraud")


class Evidence(NamedTuple):
    """What the classifier saw in one text.

    ``whole`` and ``worst`` are logits in the order of :data:`CLASSES`, shape (4,), float64; ``worst`` is of the window
    with the highest P(spam) + P(fraud). ``marks`` counts signs of style in the text as it came. ``codes`` is the
    normalised text as code points, shape (n,), uint32.
    """

    whole: NDArray[np.float64]
    worst: NDArray[np.float64]
    undone: Undone
    marks: Marks
    codes: NDArray[np.uint32]


class TextClassifier:
    """A fitted text classifier; immutable.

    ``threshold`` is the operating point: a text with P(spam) + P(fraud) at or above it is called unwanted.
    """

    classes = CLASSES

    def __init__(self, weights: NDArray[np.float16], bias: NDArray[np.float64], threshold: float) -> None:
        """``weights`` has shape (N_COLUMNS, 4), ``bias`` (4,), both finite; ``threshold`` lies in (0, 1].

        Raises ValueError, saying which of them is not so.
        """
        _check("weights", weights, (N_COLUMNS, len(CLASSES)), np.float16)
        _check("bias", bias, (len(CLASSES),), np.float64)
        if not 0 < threshold <= 1:
            raise ValueError(f"The threshold of a text classifier lies above 0 and is at most 1; it is {threshold}.")
        self.threshold = float(threshold)
        self._stored = weights
        self._weights = weights.astype(np.float32)
        self._bias = bias.copy()
        self._table = tables()

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Probability of each class for each text, shape (len(texts), 4); any string has an answer."""
        return probabilities(self.logits(texts))

    def logits(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Logits of each whole text, shape (len(texts), 4)."""
        rows = np.empty((len(texts), ROW))
        for row, text in zip(rows, texts, strict=True):
            read(row, code_points(text), self._table, self._weights, self._bias)
        return rows[:, :WORST_AT]

    def evidence(self, text: str) -> Evidence:
        """Logits of the text and of its worst segment, and what normalising it undid."""
        row = np.empty(ROW)
        codes = read(row, code_points(text), self._table, self._weights, self._bias)
        counts = row[UNDONE_AT:].astype(np.int64).tolist()
        undone, marks = Undone(*counts[:UNDONE_KINDS]), Marks(*counts[UNDONE_KINDS:])
        return Evidence(row[:WORST_AT], row[WORST_AT:UNDONE_AT], undone, marks, codes.view(np.uint32))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Everything the classifier consists of, for storing without pickle; see :meth:`from_arrays`."""
        return {
            "weights": self._stored,
            "bias": self._bias,
            "threshold": np.array(self.threshold),
            "scheme": np.array(SCHEME, dtype=np.int64),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "TextClassifier":
        """Rebuild a classifier from :meth:`arrays`. Raises ValueError where one is missing, malformed or foreign."""
        missing = [name for name in ("weights", "bias", "threshold", "scheme") if name not in arrays]
        if missing:
            raise ValueError(f"A text classifier's arrays lack {', '.join(missing)}.")
        _check("threshold", arrays["threshold"], (), np.float64)
        _check("scheme", arrays["scheme"], (), np.int64)
        if arrays["scheme"] != SCHEME:
            raise ValueError(
                f"The text classifier was fitted under n-gram scheme {arrays['scheme']}, this program reads scheme "
                f"{SCHEME}: train it again."
            )
        return cls(arrays["weights"], arrays["bias"], float(arrays["threshold"]))


def probabilities(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Softmax over the last axis."""
    scaled = np.exp(logits - logits.max(axis=-1, keepdims=True))
    result: NDArray[np.float64] = scaled / scaled.sum(axis=-1, keepdims=True)
    return result


def unwanted(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """P(spam) + P(fraud) of logits of shape (…, 4): what :attr:`TextClassifier.threshold` is compared with."""
    result: NDArray[np.float64] = probabilities(logits)[..., 2:].sum(axis=-1)
    return result


def _check(name: str, array: NDArray[Any], shape: tuple[int, ...], dtype: type[np.generic]) -> None:
    if array.shape != shape or array.dtype != dtype:
        raise ValueError(
            f"A text classifier's {name} must have shape {shape} and dtype {np.dtype(dtype)}; "
            f"these have shape {array.shape} and dtype {array.dtype}."
        )
    if not np.isfinite(array).all():
        raise ValueError(f"A text classifier's {name} must be finite; some are not.")

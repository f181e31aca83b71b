"""The text classifier: what a text alone says about how likely it is wanted, promotion, spam or fraud.

Multinomial logistic regression over hashed n-grams, run by one compiled function from characters to logits. The
whole text is read, and every window of about a sentence, because harmless words around a bad sentence must not help.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from torwart.text.marks import Marks
from torwart.text.ngrams import N_COLUMNS, SCHEME
from torwart.text.normalise import Undone, encoded
from torwart.text.scorer import read
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

    A weight is an 8-bit integer times one scale for all (:mod:`torwart.text.scorer` says why).
    ``threshold`` is the operating point: a text with P(spam) + P(fraud) at or above it is called unwanted.
    """

    classes = CLASSES

    def __init__(self, weights: NDArray[np.int8], scale: float, bias: NDArray[np.float64], threshold: float) -> None:
        """``weights`` has shape (N_COLUMNS, 4) and holds multiples of ``scale``, which is finite and above 0; ``bias``
        has shape (4,) and is finite; ``threshold`` lies in (0, 1].

        Raises ValueError, saying which of them is not so.
        """
        _check("weights", weights, (N_COLUMNS, len(CLASSES)), np.int8)
        _check("bias", bias, (len(CLASSES),), np.float64)
        if not 0 < scale < math.inf:
            raise ValueError(f"The scale of a text classifier's weights lies above 0 and is finite; it is {scale}.")
        if not 0 < threshold <= 1:
            raise ValueError(f"The threshold of a text classifier lies above 0 and is at most 1; it is {threshold}.")
        self.threshold = float(threshold)
        self._weights = np.array(weights, order="C")
        self._scale = float(scale)
        self._bias = bias.copy()
        self._table = tables()

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Probability of each class for each text, shape (len(texts), 4); any string has an answer."""
        return probabilities(self.logits(texts))

    def logits(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Logits of each whole text, shape (len(texts), 4)."""
        logits = np.empty((len(texts), 2, len(CLASSES)))
        for row, text in zip(logits, texts, strict=True):
            read(row, encoded(text), self._table, self._weights, self._scale, self._bias)
        return logits[:, 0]

    def evidence(self, text: str) -> Evidence:
        """Logits of the text and of its worst segment, and what normalising it undid."""
        logits = np.empty((2, len(CLASSES)))
        codes, undone, marks = read(logits, encoded(text), self._table, self._weights, self._scale, self._bias)
        return Evidence(logits[0], logits[1], Undone(*undone), Marks(*marks), codes)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Everything the classifier consists of, for storing without pickle; see :meth:`from_arrays`."""
        return {
            "weights": self._weights,
            "scale": np.array(self._scale),
            "bias": self._bias,
            "threshold": np.array(self.threshold),
            "scheme": np.array(SCHEME, dtype=np.int64),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "TextClassifier":
        """Rebuild a classifier from :meth:`arrays`. Raises ValueError where one is missing, malformed or foreign."""
        if "scheme" in arrays:
            _check_scheme(arrays["scheme"])
        missing = [name for name in ("weights", "scale", "bias", "threshold", "scheme") if name not in arrays]
        if missing:
            raise ValueError(f"A text classifier's arrays lack {', '.join(missing)}.")
        _check("scale", arrays["scale"], (), np.float64)
        _check("threshold", arrays["threshold"], (), np.float64)
        return cls(arrays["weights"], float(arrays["scale"]), arrays["bias"], float(arrays["threshold"]))


def probabilities(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Softmax over the last axis."""
    scaled = np.exp(logits - logits.max(axis=-1, keepdims=True))
    result: NDArray[np.float64] = scaled / scaled.sum(axis=-1, keepdims=True)
    return result


def unwanted(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """P(spam) + P(fraud) of logits of shape (…, 4): what :attr:`TextClassifier.threshold` is compared with."""
    result: NDArray[np.float64] = probabilities(logits)[..., 2:].sum(axis=-1)
    return result


def _check_scheme(scheme: NDArray[Any]) -> None:
    """Before anything else: under another scheme, other arrays may be stored."""
    _check("scheme", scheme, (), np.int64)
    if scheme != SCHEME:
        raise ValueError(
            f"The text classifier was fitted under n-gram scheme {scheme}, this program reads scheme {SCHEME}: "
            "train it again."
        )


def _check(name: str, array: NDArray[Any], shape: tuple[int, ...], dtype: type[np.generic]) -> None:
    if array.shape != shape or array.dtype != dtype:
        raise ValueError(
            f"A text classifier's {name} must have shape {shape} and dtype {np.dtype(dtype)}; "
            f"these have shape {array.shape} and dtype {array.dtype}."
        )
    if not np.isfinite(array).all():
        raise ValueError(f"A text classifier's {name} must be finite; some are not.")

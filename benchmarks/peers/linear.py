"""scikit-learn: the usual strong baseline for short texts, TF-IDF of words and of characters with a linear SVM."""

from collections.abc import Sequence

import numpy as np
import sklearn
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import Pipeline, make_pipeline, make_union
from sklearn.svm import LinearSVC


class LinearSvm:
    """Words 1-2 and characters 2-5 within words, sublinear TF-IDF, LinearSVC with C = 1; its decision function."""

    name = "TF-IDF + LinearSVC"
    most_texts: int | None = None

    def __init__(self) -> None:
        self._pipeline: Pipeline | None = None

    def version(self) -> str:
        """The program's version."""
        return f"scikit-learn {sklearn.__version__}"

    def missing(self) -> str | None:
        """Why it cannot run here: scikit-learn belongs to the project, so it always can."""
        return None

    def fit(self, texts: Sequence[str], is_spam: NDArray[np.bool_]) -> None:
        """Learn from these texts alone."""
        vectorizer = make_union(
            TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, dtype=np.float32),
            TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, dtype=np.float32),
        )
        self._pipeline = make_pipeline(vectorizer, LinearSVC(random_state=0)).fit(texts, is_spam)

    def scores(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """The signed distance from the separating plane, in units of the margin."""
        if self._pipeline is None:
            raise RuntimeError(f"{self.name} has not been fitted")
        if len(texts) == 0:
            return np.empty(0)
        return np.asarray(self._pipeline.decision_function(texts), dtype=np.float64)

    def close(self) -> None:
        """Forget the model."""
        self._pipeline = None

"""Fits the text classifier: scikit-learn trains on hashed n-grams, the compiled classifier runs the same weights.

Columns are scaled by the square root of their inverse document frequency while fitting, which is folded into the
weights afterwards; then the weights are rounded to 8-bit multiples of one power of two, and both forms hold the
rounded ones.
"""

import math
import warnings
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags
from scipy.special import betaincinv
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from torwart.text.classifier import CLASSES, TextClassifier
from torwart.text.ngrams import N_COLUMNS, hashed
from training.intervals import CONFIDENCE

FALSE_POSITIVE_RATE = 0.005
"""The most wanted texts that may be called spam or fraud in every domain, by the upper bound: with a confidence of
95 % there are no more."""

LOWEST_THRESHOLD = 0.5
"""What is likelier wanted than not is never called spam or fraud, however well the training texts separate."""

ROUNDED_BELOW = 2**7 - 0.5
"""What is smaller is rounded to an 8-bit integer."""

FEWEST_ALLOWED = 10
"""A domain in which fewer false positives would be allowed is not judged by itself: one or two texts, or
families of templates, would decide."""

THRESHOLD_FOLDS = 4
REGULARISATION = 6.0
MAX_ITERATIONS = 80
TOLERANCE = 3e-4


class HashedNgrams(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Texts to the classifier's features, shape (n, N_COLUMNS); has nothing to fit."""

    def fit(self, texts: Sequence[str], labels: object = None) -> "HashedNgrams":  # noqa: ARG002
        """Do nothing: the features are hashed."""
        return self

    def transform(self, texts: Sequence[str]) -> csr_matrix:
        """Features of each text."""
        return hashed(texts)

    def __sklearn_is_fitted__(self) -> bool:
        return True


def fit(
    texts: Sequence[str],
    labels: Sequence[str],
    groups: Sequence[str],
    *,
    seed: int,
    domains: Sequence[str] | None = None,
    sample_weight: NDArray[np.float64] | None = None,
) -> tuple[TextClassifier, Pipeline]:
    """Fit a classifier and the scikit-learn pipeline with the same numbers.

    ``labels`` are of :data:`torwart.text.classifier.CLASSES`; ``groups`` name what belongs together (a family of
    templates, a cluster of near-duplicates), ``domains`` where texts come from (all from one place by default; a text
    with an empty one does not count here). The threshold is chosen on predictions for texts whose group was not
    trained on: the strictest over domains of the lowest threshold that calls so few of the domain's wanted texts spam
    or fraud that their share is at most 0.5 % by its upper 95 % bound. Domains with too few wanted texts to
    tell that from chance (:data:`FEWEST_ALLOWED`) are judged together, and with the largest one if they still are too
    few. It is never below 0.5.

    Raises ValueError where lengths differ, a label is unknown, or a class has texts in fewer than two groups.
    """
    codes = _codes(texts, labels, sample_weight)
    _check_groups(codes, groups)
    if domains is not None and len(domains) != len(texts):
        raise ValueError(f"Every text needs one domain; there are {len(texts)} texts and {len(domains)} domains.")
    features = hashed(texts)
    model = _logistic(features, codes, sample_weight)
    share = np.empty(len(texts))
    for train, test in _splits(codes, groups, seed):
        fold = _logistic(features[train], codes[train], None if sample_weight is None else sample_weight[train])
        share[test] = fold.predict_proba(features[test])[:, 2:].sum(axis=1)
    classifier = _compiled(model, _threshold(share, codes, ["all"] * len(texts) if domains is None else domains))
    return classifier, Pipeline([("ngrams", HashedNgrams()), ("logistic", model)])


def fit_evidence(
    texts: Sequence[str], labels: Sequence[str], *, sample_weight: NDArray[np.float64] | None = None
) -> TextClassifier:
    """A classifier with the evidence of :func:`fit` and without its threshold, whose choice costs
    :data:`THRESHOLD_FOLDS` more fits: it stands at :data:`LOWEST_THRESHOLD`.

    Raises ValueError where lengths differ, a label is unknown or a class has no text.
    """
    codes = _codes(texts, labels, sample_weight)
    missing = sorted(set(CLASSES) - set(labels))
    if missing:
        raise ValueError(f"Every class needs a text; there is none of {', '.join(missing)}.")
    return _compiled(_logistic(hashed(texts), codes, sample_weight), LOWEST_THRESHOLD)


def _codes(texts: Sequence[str], labels: Sequence[str], sample_weight: NDArray[np.float64] | None) -> NDArray[np.int64]:
    """The labels as places in ``CLASSES``."""
    if {len(labels), len(texts) if sample_weight is None else len(sample_weight)} != {len(texts)}:
        weights = "" if sample_weight is None else f" and {len(sample_weight)} weights"
        raise ValueError(
            "Every text needs one label and, if any has, one weight; "
            f"there are {len(texts)} texts, {len(labels)} labels{weights}."
        )
    unknown = sorted(set(labels) - set(CLASSES))
    if unknown:
        raise ValueError(f"A text's label is one of {', '.join(CLASSES)}; found {', '.join(map(repr, unknown))}.")
    return np.array([CLASSES.index(label) for label in labels], dtype=np.int64)


def _check_groups(codes: NDArray[np.int64], groups: Sequence[str]) -> None:
    if len(groups) != len(codes):
        raise ValueError(f"Every text needs one group; there are {len(codes)} texts and {len(groups)} groups.")
    for code, name in enumerate(CLASSES):
        among = {group for group, label in zip(groups, codes, strict=True) if label == code}
        if len(among) < 2:
            raise ValueError(f"The class {name!r} needs texts in at least two groups; it has them in {len(among)}.")


def _logistic(
    features: csr_matrix, codes: NDArray[np.int64], sample_weight: NDArray[np.float64] | None
) -> LogisticRegression:
    """A fitted multinomial regression whose weights apply to unscaled features and are multiples of :func:`_scale`."""
    frequency = np.bincount(features.indices, minlength=N_COLUMNS)
    seen = np.flatnonzero(frequency)
    scale = np.sqrt(np.log((1 + features.shape[0]) / (1 + frequency[seen])) + 1)
    scaled = (features[:, seen] @ diags(scale)).tocsr().astype(np.float32)
    model = LogisticRegression(C=REGULARISATION, max_iter=MAX_ITERATIONS, tol=TOLERANCE)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # so many steps are the recipe
        model.fit(scaled, codes, sample_weight)
    weights = np.zeros((len(CLASSES), N_COLUMNS))
    weights[:, seen] = model.coef_ * scale
    unit = _scale(weights)
    model.coef_ = np.rint(weights / unit) * unit
    model.n_features_in_ = N_COLUMNS
    model.intercept_ = model.intercept_.astype(np.float64)
    model.classes_ = np.array(CLASSES)
    return model


def _compiled(model: LogisticRegression, threshold: float) -> TextClassifier:
    scale = _scale(model.coef_)
    weights = np.rint(model.coef_.T / scale).astype(np.int8)
    return TextClassifier(weights, scale, model.intercept_, threshold)


def _scale(weights: NDArray[np.float64]) -> float:
    """The power of two whose 8-bit multiples the weights are rounded to: as small as the largest of them allows.

    A power of two, because dividing by it and multiplying with it are exact, so that no weight is rounded twice.
    Rounded weights have the same scale as they had before.
    """
    _, exponent = np.frexp(np.abs(weights).max() / ROUNDED_BELOW)
    return math.ldexp(1.0, int(exponent))


def _splits(
    codes: NDArray[np.int64], groups: Sequence[str], seed: int
) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Rows to train on and rows to test on, for each of :data:`THRESHOLD_FOLDS`: no group on both sides, every class
    on every training side.

    Groups are dealt class by class (a group's class is the rarest it has), the largest first, each to the fold with
    the fewest texts of that class. Raises ValueError where a fold would hold all texts of a class.
    """
    names, members = np.unique(np.asarray(groups, dtype=object).astype(str), return_inverse=True)
    counts = np.zeros((len(names), len(CLASSES)), dtype=np.int64)
    np.add.at(counts, (members, codes), 1)
    order = np.random.default_rng(seed).permutation(len(names))
    order = order[np.argsort(-counts[order].sum(axis=1), kind="stable")]
    fold_of = np.empty(len(names), dtype=np.int64)
    filled = np.zeros((THRESHOLD_FOLDS, len(CLASSES)), dtype=np.int64)
    for group in order:
        rarest = int(np.where(counts[group] > 0, counts.sum(axis=0), len(codes) + 1).argmin())
        fold = int(filled[:, rarest].argmin())
        fold_of[group] = fold
        filled[fold] += counts[group]
    alone = np.flatnonzero((filled == counts.sum(axis=0)).any(axis=0))
    if len(alone):
        raise ValueError(
            f"The groups of the class {CLASSES[alone[0]]!r} cannot be split over folds: give it more groups."
        )
    row_fold = fold_of[members]
    used = np.unique(row_fold).tolist()
    return [(np.flatnonzero(row_fold != fold), np.flatnonzero(row_fold == fold)) for fold in used]


def _threshold(share: NDArray[np.float64], codes: NDArray[np.int64], domains: Sequence[str]) -> float:
    """The strictest over domains of the lowest threshold within the false-positive rate."""
    judged = (codes == 0) & np.array([bool(domain) for domain in domains], dtype=bool)
    shares: dict[str, list[float]] = defaultdict(list)
    for name, value in zip(np.asarray(domains, dtype=object)[judged], share[judged].tolist(), strict=True):
        shares[name].append(value)
    few = [name for name, values in shares.items() if (_allowed(len(values)) or 0) < FEWEST_ALLOWED]
    together = [value for name in few for value in shares.pop(name)]
    if shares and (_allowed(len(together)) or 0) < FEWEST_ALLOWED:
        max(shares.values(), key=len).extend(together)
    elif together:
        shares["together"] = together
    strictest = LOWEST_THRESHOLD
    for values in shares.values():
        highest_first = sorted(values, reverse=True)
        strictest = max(strictest, float(np.nextafter(highest_first[_allowed(len(values)) or 0], 2.0)))
    return min(strictest, 1.0)


def _allowed(n: int) -> int | None:
    """How many of ``n`` may be false positives, None where not even none of them would show the rate.

    The largest k whose upper bound (Clopper & Pearson, 1934, one-sided) is within the rate.
    """
    within = [
        k
        for k in range(int(FALSE_POSITIVE_RATE * n) + 1)
        if betaincinv(k + 1, n - k, CONFIDENCE) <= FALSE_POSITIVE_RATE
    ]
    return within[-1] if within else None

import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from torwart.text.classifier import CLASSES, TextClassifier, probabilities, unwanted
from torwart.text.ngrams import N_COLUMNS, hashed
from torwart.text.normalise import normalise

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=400)
SCAM = "Last warning: confirm your card at secure-card-check.example/login today or lose your money."
HARMLESS = "Thank you for shopping with us, your parcel has left our warehouse and will arrive on Friday. "


def random_classifier() -> TextClassifier:
    generator = np.random.default_rng(7)
    weights = generator.integers(-(2**7), 2**7, (N_COLUMNS, 4), dtype=np.int8)
    return TextClassifier(weights, 0.025, np.array([0.5, -0.25, 0.0, -0.5]), 0.9)


def scam_classifier() -> TextClassifier:
    """Knows one sentence that is fraud and one that is wanted."""
    weights = np.zeros((N_COLUMNS, 4), dtype=np.int8)
    weights[hashed([HARMLESS]).indices, 0] = 5
    weights[hashed([SCAM]).indices, 3] = 5
    return TextClassifier(weights, 0.1, np.zeros(4), 0.5)


CLASSIFIER = random_classifier()


@settings(deadline=None)
@given(st.lists(ANY_TEXT, max_size=3))
def test_any_strings_have_probabilities_equal_to_the_regression_on_hashed_features(texts: list[str]) -> None:
    arrays = CLASSIFIER.arrays()
    logits = hashed(texts) @ (arrays["weights"] * arrays["scale"]) + arrays["bias"]
    result = CLASSIFIER.predict_proba(texts)
    assert result.shape == (len(texts), len(CLASSES))
    assert result.dtype == np.float64
    np.testing.assert_allclose(result.sum(axis=1), 1)
    np.testing.assert_allclose(result, probabilities(logits.reshape(-1, 4)), atol=1e-9)


@pytest.mark.parametrize("text", ["", "\0", "\ud800", "😀" * 50, "https://a.example", "a" * 1_000_000, "ab " * 400_000])
def test_odd_texts_have_evidence(text: str) -> None:
    evidence = CLASSIFIER.evidence(text)
    assert np.isfinite(evidence.whole).all()
    assert np.isfinite(evidence.worst).all()


@settings(deadline=None)
@given(ANY_TEXT)
def test_evidence_agrees_with_normalising_and_with_the_whole_texts_probabilities(text: str) -> None:
    evidence = CLASSIFIER.evidence(text)
    normalised = normalise(text)
    assert evidence.undone == normalised.undone
    assert evidence.codes.tolist() == normalised.codes.tolist()
    np.testing.assert_allclose(probabilities(evidence.whole), CLASSIFIER.predict_proba([text])[0], atol=1e-12)


@settings(deadline=None)
@given(st.text(max_size=25))
def test_a_short_text_is_its_own_worst_segment(text: str) -> None:
    evidence = CLASSIFIER.evidence(text)
    np.testing.assert_array_equal(evidence.worst, evidence.whole)


@pytest.mark.parametrize("before", [0, 1, 5, 12])
@pytest.mark.parametrize("after", [0, 1, 5, 12])
def test_padding_dilutes_the_whole_but_not_the_worst_segment(before: int, after: int) -> None:
    classifier = scam_classifier()
    evidence = classifier.evidence(HARMLESS * before + SCAM + " " + HARMLESS * after)
    assert unwanted(evidence.worst) > 0.75
    if before + after > 4:
        assert unwanted(evidence.whole) < 0.25


def test_the_worst_segment_of_a_text_without_spaces_is_found() -> None:
    weights = np.zeros((N_COLUMNS, 4), dtype=np.int8)
    weights[hashed(["點擊領獎"]).indices, 3] = 2
    weights[hashed(["您的包裹已經送達"]).indices, 0] = 2
    evidence = TextClassifier(weights, 1.0, np.zeros(4), 0.5).evidence("您的包裹已經送達" * 30 + "點擊領獎" * 20)
    assert unwanted(evidence.worst) > 0.9 > unwanted(evidence.whole)


def test_unwanted_is_the_share_of_spam_and_fraud() -> None:
    logits = np.log(np.array([[0.4, 0.3, 0.2, 0.1], [0.1, 0.1, 0.1, 0.7]]))
    np.testing.assert_allclose(unwanted(logits), [0.3, 0.8])


def test_arrays_go_through_npz_without_pickle() -> None:
    file = io.BytesIO()
    np.savez_compressed(file, **CLASSIFIER.arrays())
    file.seek(0)
    with np.load(file, allow_pickle=False) as arrays:
        restored = TextClassifier.from_arrays(dict(arrays))
    assert restored.threshold == CLASSIFIER.threshold
    np.testing.assert_array_equal(restored.predict_proba([SCAM]), CLASSIFIER.predict_proba([SCAM]))
    assert sum(array.nbytes for array in CLASSIFIER.arrays().values()) <= 4_200_000


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"weights": np.zeros((8, 4), dtype=np.int8)}, "weights must have shape"),
        ({"weights": np.zeros((N_COLUMNS, 4))}, "dtype int8"),
        ({"scale": np.array([1.0])}, "scale must have shape"),
        ({"scale": np.array(1.0, dtype=np.float32)}, "dtype float64"),
        ({"scale": np.array(np.inf)}, "must be finite"),
        ({"scale": np.array(0.0)}, "above 0"),
        ({"scale": np.array(-1.0)}, "above 0"),
        ({"bias": np.zeros(3)}, "bias must have shape"),
        ({"bias": np.full(4, np.nan)}, "must be finite"),
        ({"threshold": np.array(0.0)}, "above 0"),
        ({"threshold": np.array([0.5])}, "threshold must have shape"),
        ({"threshold": np.array(np.nan)}, "must be finite"),
        ({"scheme": np.array(999)}, "train it again"),
    ],
)
def test_malformed_or_foreign_arrays_are_refused(change: dict[str, NDArray[Any]], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        TextClassifier.from_arrays(CLASSIFIER.arrays() | change)


@pytest.mark.parametrize("scale", [np.nan, np.inf])
def test_a_scale_that_is_no_number_is_refused(scale: float) -> None:
    with pytest.raises(ValueError, match="above 0 and is finite"):
        TextClassifier(CLASSIFIER.arrays()["weights"], scale, np.zeros(4), 0.5)


@settings(deadline=None)
@given(st.lists(ANY_TEXT, min_size=1, max_size=4))
def test_the_largest_weights_are_summed_exactly(texts: list[str]) -> None:
    extremes = np.empty((N_COLUMNS, 4), dtype=np.int8)
    extremes[:] = [-(2**7), 2**7 - 1, 1, 0]
    long = " ".join(texts) * 50
    whole = TextClassifier(extremes, 0.25, np.zeros(4), 0.5).evidence(long).whole
    assert whole[0] == -(2**7) * whole[2]
    np.testing.assert_allclose(whole[1], (2**7 - 1) * whole[2], rtol=1e-15)
    assert whole[3] == 0


def test_arrays_of_an_older_scheme_are_told_so_even_where_they_lack_some() -> None:
    older = CLASSIFIER.arrays() | {"scheme": np.array(2)}
    del older["scale"]
    with pytest.raises(ValueError, match="train it again"):
        TextClassifier.from_arrays(older)


def test_missing_arrays_are_named() -> None:
    arrays = CLASSIFIER.arrays()
    del arrays["bias"], arrays["scheme"]
    with pytest.raises(ValueError, match="lack bias, scheme"):
        TextClassifier.from_arrays(arrays)

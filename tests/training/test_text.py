import io
from itertools import product

import joblib
import numpy as np
import pytest
from sklearn.pipeline import Pipeline

from torwart.text.classifier import CLASSES, TextClassifier
from training.text import LOWEST_THRESHOLD, _allowed, _scale, _threshold, fit, fit_evidence

FAMILIES = {
    "wanted": (
        "Your parcel {number} leaves our depot today, delivery between 10:30 and 12:00. {name}",
        "{name}: your one-time code is {number}. Never share it with anybody.",
        "Ihr Termin bei {name} am 12.05. um {number} Uhr ist bestätigt. Wir freuen uns auf Sie.",
        "Ihre Rechnung {number} von {name} liegt bereit, fällig am 1. des Monats.",
    ),
    "promo": (
        "{name} summer sale: {number} % off all shoes until Sunday, in every store.",
        "Nur heute bei {name}: {number} Punkte extra auf Ihren Einkauf. Jetzt sichern!",
        "New at {name}: the autumn collection has landed, members save {number} EUR.",
    ),
    "spam": (
        "Casino {name}: {number} free spins waiting, no deposit, play now and win big!!!",
        "Sofortkredit ohne Auskunft, {number} EUR in 10 Minuten auf dem Konto, {name} hilft.",
        "Lose {number} kg in two weeks with the miracle tea of {name}, order tonight.",
    ),
    "fraud": (
        "Your {name} account was suspended. Confirm your card within {number} hours: http://{name}-check.example/login",
        "Ihr Paket wartet. Zollgebühr {number} EUR zahlen: https://{name}-zoll.example/pay",
        "Hi mum, my phone broke, this is my new number {number}. Can you pay {name} for me today?",
    ),
}
NAMES = ("Almwerk", "Birkenpost", "Corvina", "Dunlin")
NUMBERS = ("12", "48", "731", "9024")


def corpus() -> tuple[list[str], list[str], list[str]]:
    texts, labels, groups = [], [], []
    for label, families in FAMILIES.items():
        for family, (name, number) in product(families, product(NAMES, NUMBERS)):
            texts.append(family.format(name=name, number=number))
            labels.append(label)
            groups.append(family[:12])
    return texts, labels, groups


TEXTS, LABELS, GROUPS = corpus()


@pytest.fixture(scope="module")
def fitted() -> tuple[TextClassifier, Pipeline]:
    return fit(TEXTS, LABELS, GROUPS, seed=1)


def test_scikit_learn_and_the_compiled_form_give_the_same_numbers(fitted: tuple[TextClassifier, Pipeline]) -> None:
    classifier, pipeline = fitted
    file = io.BytesIO()
    joblib.dump(pipeline, file)
    file.seek(0)
    others = ["", "\0\ud800", "p4y now f r e e", "您的验证码是 1234", "😀 " * 500, *TEXTS]
    np.testing.assert_allclose(classifier.predict_proba(others), joblib.load(file).predict_proba(others), atol=1e-6)
    assert tuple(pipeline.classes_) == classifier.classes == CLASSES


def test_both_forms_hold_the_same_8_bit_multiples_of_a_power_of_two(fitted: tuple[TextClassifier, Pipeline]) -> None:
    classifier, pipeline = fitted
    arrays = classifier.arrays()
    weights, scale = arrays["weights"], float(arrays["scale"])
    np.testing.assert_array_equal(weights.T * scale, pipeline["logistic"].coef_)
    assert np.frexp(scale)[0] == 0.5
    assert np.abs(weights.astype(np.int64)).max() > 2**6 - 1  # no smaller scale would do


@pytest.mark.parametrize("largest", [0.0, 1e-9, 1.0, 6.2, 63.5, 63.75, 126.6, 127.0, 127.5, 128.0])
def test_rounded_weights_fit_8_bits_and_keep_their_scale(largest: float) -> None:
    weights = np.array([[largest, -largest / 3, 0.0]])
    scale = _scale(weights)
    rounded = np.rint(weights / scale)
    assert np.abs(rounded).max() <= 2**7 - 1
    assert _scale(rounded * scale) == scale


def test_what_was_trained_on_is_recognised_in_disguise_too(fitted: tuple[TextClassifier, Pipeline]) -> None:
    classifier, _ = fitted
    assert [CLASSES[i] for i in classifier.predict_proba(TEXTS).argmax(axis=1)] == LABELS
    disguised = ["Y0ur Almwerk acc0unt wаs suspendеd. C o n f i r m your c@rd: http://almwerk-check.example/login"]
    assert classifier.predict_proba(disguised).argmax() == CLASSES.index("fraud")


def test_the_same_seed_gives_the_same_classifier(fitted: tuple[TextClassifier, Pipeline]) -> None:
    again, _ = fit(TEXTS, LABELS, GROUPS, seed=1)
    for name, array in fitted[0].arrays().items():
        np.testing.assert_array_equal(again.arrays()[name], array)


def test_evidence_alone_is_that_of_the_whole_fit(fitted: tuple[TextClassifier, Pipeline]) -> None:
    alone = fit_evidence(TEXTS, LABELS)
    assert alone.threshold == LOWEST_THRESHOLD
    for name in ("weights", "scale", "bias"):
        np.testing.assert_array_equal(alone.arrays()[name], fitted[0].arrays()[name])


def test_evidence_needs_a_text_of_every_class() -> None:
    with pytest.raises(ValueError, match="none of fraud, spam"):
        fit_evidence(TEXTS[:4], ["wanted", "wanted", "promo", "promo"])


NOTICES = [f"Confirm your card within {i} hours in our app, says your bank {i % 7}." for i in range(700)]
FRAUDS = [f"Confirm your card within {i} hours at this link, or your bank account is closed." for i in range(250)]


def threshold_with(domain: str) -> float:
    """The threshold where one family of notices reads like fraud and comes from ``domain``."""
    texts = [*TEXTS, *NOTICES, *FRAUDS]
    labels = [*LABELS, *["wanted"] * len(NOTICES), *["fraud"] * len(FRAUDS)]
    groups = [*GROUPS, *["notices"] * len(NOTICES), *(f"fraud {i % 9}" for i in range(len(FRAUDS)))]
    domains = [*["templates"] * len(TEXTS), *[domain] * len(NOTICES), *["templates"] * len(FRAUDS)]
    classifier, _ = fit(texts, labels, groups, domains=domains, seed=3)
    return classifier.threshold


def test_the_threshold_spares_wanted_texts_in_every_domain_that_counts() -> None:
    assert threshold_with("a bank") > 0.9
    assert threshold_with("") == 0.5


@pytest.mark.parametrize(("texts", "decides"), [(4_000, True), (2_000, False)])
def test_a_domain_large_enough_to_tell_is_judged_by_itself(texts: int, decides: bool) -> None:
    # One in a hundred of its wanted texts reads like fraud, of those elsewhere none.
    one = np.where(np.arange(texts) % 100 == 0, 0.99, 0.1)
    share = np.concatenate([one, np.full(40_000, 0.1)])
    domains = [*["templates en"] * texts, *["templates de"] * 40_000]
    found = _threshold(share, np.zeros(len(share), dtype=np.int64), domains)
    assert (found > 0.99) is decides


def test_so_many_false_positives_are_allowed_that_their_bound_is_within_the_rate() -> None:
    assert _allowed(597) is None  # the rule of three: 3 / 598 is half a percent
    assert _allowed(598) == 0
    assert _allowed(20_000) is not None
    assert 70 < (_allowed(20_000) or 0) < 100


def test_weights_count(fitted: tuple[TextClassifier, Pipeline]) -> None:
    heavy = np.where(np.array(LABELS) == "promo", 50.0, 1.0)
    weighted, _ = fit(TEXTS, LABELS, GROUPS, seed=1, sample_weight=heavy)
    unseen = ["A text about something else entirely"]
    assert weighted.predict_proba(unseen)[0, 1] > fitted[0].predict_proba(unseen)[0, 1]


@pytest.mark.parametrize(
    ("labels", "groups", "complaint"),
    [
        (LABELS[:-1], GROUPS, "needs one label"),
        (["ham", *LABELS[1:]], GROUPS, "found 'ham'"),
        (LABELS, LABELS, "at least two groups"),
        (LABELS, GROUPS[:-1], "needs one group"),
    ],
)
def test_wrong_training_data_are_refused_with_a_sentence(labels: list[str], groups: list[str], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        fit(TEXTS, labels, groups, seed=0)

from collections import Counter, defaultdict

import numpy as np
import pytest

from training.samples import TEXTS_A_CELL, TEXTS_A_TEMPLATE, Samples, templates_fingerprint, text_samples
from training.templates import Library, load


@pytest.fixture(scope="module")
def library() -> Library:
    return load().part("text")


@pytest.fixture(scope="module")
def samples(library: Library) -> Samples:
    return text_samples(library, seed=1)


def test_every_kind_and_language_and_every_template_gets_its_texts(library: Library, samples: Samples) -> None:
    cell_of = {family.id: (family.kind, family.language) for family in library.families}
    sizes = Counter(cell_of[family] for family in samples.groups)
    assert min(sizes.values()) == TEXTS_A_CELL
    assert sizes.keys() == set(cell_of.values())
    families = Counter(samples.groups)
    assert all(families[family.id] >= TEXTS_A_TEMPLATE * len(family.templates) for family in library.families)


def test_each_language_is_a_domain_of_its_own(library: Library, samples: Samples) -> None:
    language_of = {family.id: family.language for family in library.families}
    assert samples.domains == [f"templates {language_of[family]}" for family in samples.groups]
    assert len(set(samples.domains)) > 1


def test_other_samples_share_the_weight_of_each_class(samples: Samples) -> None:
    other = Samples(
        ["a", "b", "c"], ["wanted", "wanted", "fraud"], ["x", "y", "z"], [""] * 3, np.array([0.1, 0.2, 0.5])
    )
    both = samples.with_(other)
    assert both.weights.mean() == pytest.approx(1)
    sums = {label: both.weights[np.array(both.labels) == label].sum() for label in ("wanted", "promo", "fraud")}
    assert sums["wanted"] == pytest.approx(sums["promo"]) == pytest.approx(sums["fraud"])
    assert both.weights[-3:] / sums["wanted"] == pytest.approx([0.1 / 1.3, 0.2 / 1.3, 0.5 / 1.5])


def test_every_class_weighs_the_same(samples: Samples) -> None:
    sums: dict[str, float] = defaultdict(float)
    for label, weight in zip(samples.labels, samples.weights, strict=True):
        sums[label] += weight
    assert set(sums) == {"wanted", "promo", "spam", "fraud"}
    for total in sums.values():
        assert total == pytest.approx(len(samples.labels) / 4)


def test_slots_are_filled_and_texts_vary(samples: Samples) -> None:
    assert not any("{" in text for text in samples.texts)
    assert len(set(samples.texts)) > 0.8 * len(samples.texts)


def test_the_seed_decides(library: Library, samples: Samples) -> None:
    assert text_samples(library, seed=1).texts == samples.texts
    assert text_samples(library, seed=2).texts != samples.texts


def test_the_fingerprint_is_stable() -> None:
    assert templates_fingerprint() == templates_fingerprint()
    assert len(templates_fingerprint()) == 64

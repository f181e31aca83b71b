import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from torwart.text.ngrams import N_BUCKETS, hashed

LINK_WORDS = ("see example.com/track", "see https://example.com/track", "see http://www.example.com/track?id=99#top")


def same(one: str, other: str) -> bool:
    return (hashed([one]) != hashed([other])).nnz == 0


def test_a_row_counts_n_grams_words_and_pairs_over_the_root_of_their_number() -> None:
    matrix = hashed(["abcd", "", "abcd abcd"])
    assert matrix.shape == (3, N_BUCKETS)
    # " abcd " has 4 + 3 + 2 n-grams of 3, 4 and 5 characters, one word, one pair with the beginning.
    assert matrix[0].nnz == 11
    np.testing.assert_allclose(matrix[0].data, 1 / np.sqrt(11))
    assert matrix[1].nnz == 0
    # The same again, but for the pair.
    assert sorted(np.round(matrix[2].data * np.sqrt(22)).tolist()) == [1.0] * 2 + [2.0] * 10


def test_dense_scripts_also_have_single_characters_and_pairs() -> None:
    assert hashed(["验证"])[0].nnz == hashed(["ab"])[0].nnz + 4  # "验", "验证", "证", "证 "


def test_no_texts_give_no_rows() -> None:
    assert hashed([]).shape == (0, N_BUCKETS)


@settings(deadline=None)
@given(st.text("0123456789", min_size=1, max_size=6))
def test_digits_are_all_the_same(digits: str) -> None:
    assert same(f"code {digits} ok", f"code {'7' * len(digits)} ok")


def test_long_numbers_are_all_the_same_length() -> None:
    assert same("id 1234567", "id 1234567890123456")
    assert not same("id 1234", "id 123456")


@pytest.mark.parametrize(("one", "other"), [("código número", "codigo numero"), ("größe", "große")])
def test_accents_do_not_matter(one: str, other: str) -> None:
    assert same(one, other)


def test_links_lose_scheme_and_query_and_say_that_they_are_links() -> None:
    assert same(LINK_WORDS[0], LINK_WORDS[1])
    assert same(LINK_WORDS[0], LINK_WORDS[2])
    assert hashed(["www.abc.de"])[0].nnz == hashed(["abc.de"])[0].nnz + 1
    assert same("and/or", "And/Or")


def test_scoring_needs_neither_scipy_nor_scikit_learn() -> None:
    script = """
import sys
sys.modules.update(dict.fromkeys(("scipy", "sklearn", "pandas")))
import numpy as np
from torwart.text.classifier import N_BUCKETS, TextClassifier
TextClassifier(np.zeros((N_BUCKETS, 4), dtype=np.float16), np.zeros(4), 0.5).evidence("Hallo")
"""
    subprocess.run([sys.executable, "-c", script], check=True)

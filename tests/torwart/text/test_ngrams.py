import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from torwart.text.ngrams import N_BUCKETS, N_COLUMNS, hashed
from torwart.text.shape import VALUE

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

LINK_WORDS = ("see example.com/track", "see https://example.com/t", "see http://www.example.com/track?id=99#top")


def n_grams(*texts: str) -> "csr_matrix":
    return hashed(texts)[:, :N_BUCKETS]


def same(one: str, other: str) -> bool:
    return (n_grams(one) != n_grams(other)).nnz == 0


def test_a_row_counts_n_grams_words_and_pairs_over_the_root_of_their_number() -> None:
    assert hashed(["abcd", "", "abcd abcd"]).shape == (3, N_COLUMNS)
    matrix = n_grams("abcd", "", "abcd abcd")
    # " abcd " has 4 + 3 + 2 n-grams of 3, 4 and 5 characters; one word and one pair with the beginning, twice each.
    assert matrix[0].nnz == 11
    np.testing.assert_allclose(np.sort(matrix[0].data) * np.sqrt(13), [1.0] * 9 + [2.0] * 2)
    assert matrix[1].nnz == 0
    # The same again, but for the pair.
    assert sorted(np.round(matrix[2].data * np.sqrt(26)).tolist()) == [2.0] * 11 + [4.0]


def test_dense_scripts_also_have_single_characters_and_pairs() -> None:
    assert n_grams("验证").nnz == n_grams("ab").nnz + 4  # "验", "验证", "证", "证 "


def test_no_texts_give_no_rows() -> None:
    assert hashed([]).shape == (0, N_COLUMNS)


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


def test_links_keep_their_host_alone_and_say_that_they_are_links() -> None:
    assert same(LINK_WORDS[0], LINK_WORDS[1])
    assert same(LINK_WORDS[0], LINK_WORDS[2])
    assert n_grams("www.abc.de").nnz == n_grams("abc-de").nnz + 1
    assert same("and/or", "And/Or")


def test_shapes_stand_behind_the_n_grams_once_each_with_one_value() -> None:
    shapes = hashed(["Call 030 1234567 now!", "12.50 €"])[:, N_BUCKETS:]
    assert shapes.nnz > 10
    assert set(shapes.data) == {VALUE}


def test_scoring_needs_neither_scipy_nor_scikit_learn() -> None:
    script = """
import sys
sys.modules.update(dict.fromkeys(("scipy", "sklearn", "pandas")))
import numpy as np
from torwart.text.classifier import N_COLUMNS, TextClassifier
TextClassifier(np.zeros((N_COLUMNS, 4), dtype=np.int8), 1.0, np.zeros(4), 0.5).evidence("Hallo")
"""
    subprocess.run([sys.executable, "-c", script], check=True)

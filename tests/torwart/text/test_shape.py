import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from torwart.text.marks import N_MARKS
from torwart.text.normalise import UNDONE_KINDS, code_points
from torwart.text.reading import read_text
from torwart.text.shape import MOST_SHAPES, N_SHAPES
from torwart.text.tables import tables


def shapes(text: str) -> set[int]:
    undone, marks = np.zeros(UNDONE_KINDS, dtype=np.int64), np.zeros(N_MARKS)
    *_, found = read_text(code_points(text), tables(), undone, marks)
    assert len(set(found.tolist())) == len(found)
    return set(found.tolist())


@settings(deadline=None)
@given(st.text(st.characters(codec=None, exclude_categories=()), max_size=300))
def test_every_text_has_few_shapes_each_in_its_place(text: str) -> None:
    found = shapes(text)
    assert len(found) < MOST_SHAPES
    assert all(0 <= shape < N_SHAPES for shape in found)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ihr Code lautet 482913", "Ihr Kode lautet 117204"),
        ("Call 030 1234567 now", "Dial 040 7654321 soon"),
        ("see https://a-b.top/x", "sie https://c-d.top/y"),
    ],
)
def test_texts_of_one_shape_share_it_whatever_their_words(one: str, other: str) -> None:
    assert shapes(one) == shapes(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ihr Code lautet 482913", "Ihr Code lautet 48,29 "),
        ("Ihr Code 482913 ist da", "Ihr Code 48.2913 ist d"),
        ("call 0301 23 45 67 8", "call 03 and 45 and 7"),
        ("write to a@b.de", "write to a b.dee"),
        ("now", "NOW"),
        ("now!", "now."),
        ("20 €", "20 x"),
        ("see example.com", "see examplexcom"),
        ("example.com now", "now example.com"),
    ],
)
def test_texts_of_other_shapes_differ(one: str, other: str) -> None:
    assert shapes(one) != shapes(other)


def test_an_empty_text_has_no_shape() -> None:
    assert shapes("") == set()

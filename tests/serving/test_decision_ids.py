from hypothesis import given
from hypothesis import strategies as st

from serving.decision_ids import DECISION, id_of, seq_of


@given(st.integers(1, 2**56 - 1), st.integers(1, 2**56 - 1))
def test_an_id_names_one_place_and_sorts_like_it(seq: int, other: int) -> None:
    assert seq_of(id_of(DECISION, seq)) == seq
    assert (id_of(DECISION, seq) < id_of(DECISION, other)) == (seq < other)


@given(st.text(max_size=20))
def test_anything_else_names_nothing(text: str) -> None:
    assert seq_of("dec_" + text) == 0 or id_of(DECISION, seq_of("dec_" + text)) == "dec_" + text

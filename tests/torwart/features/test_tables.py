"""A hash table of records remembers exactly what it should."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from torwart.features.tables import claim, empty, find, forget, occupied

RECORD = np.dtype([("key", "<u8"), ("touched", "<i8"), ("value", "<i8")])

# Few homes among the low bits, most of them near the end: long runs that wrap around.
keys = st.builds(lambda home, high: (high << 5) | home, st.sampled_from([0, 1, 7, 28, 30, 31]), st.integers(1, 2**40))


@given(st.dictionaries(keys, st.integers(0, 9), max_size=25), st.integers(0, 10))
def test_forgetting_leaves_the_others_findable_as_they_were(records: dict[int, int], since: int) -> None:
    table = empty(RECORD, 32)
    for key, touched in records.items():
        place, is_new = claim(table, np.uint64(key))
        assert is_new
        table[place]["touched"] = touched
        table[place]["value"] = key % 1000
    assert forget(table, since, empty(RECORD, 1)) == sum(touched < since for touched in records.values())
    kept = {key: touched for key, touched in records.items() if touched >= since}
    assert len(occupied(table)) == len(kept)
    for key in records:
        place = find(table, np.uint64(key))
        assert (place >= 0) == (key in kept)
        if key in kept:
            assert table[place].tolist() == (key, kept[key], key % 1000)

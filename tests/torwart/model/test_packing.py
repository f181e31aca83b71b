import contextlib
import io
import zipfile
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from torwart.model.packing import pack_arrays, unpack_arrays

ARRAYS: dict[str, NDArray[Any]] = {
    "weights": np.arange(12, dtype=np.float16).reshape(3, 4),
    "fortran": np.asfortranarray(np.arange(6, dtype=np.int32).reshape(2, 3)),
    "flags": np.array([True, False]),
    "number": np.array(0.25),
    "nothing": np.zeros((0, 4)),
}
PACKED = pack_arrays(ARRAYS)


def test_gives_back_what_was_packed() -> None:
    unpacked = unpack_arrays(PACKED)
    assert unpacked.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        assert unpacked[name].dtype == array.dtype
        assert unpacked[name].shape == array.shape
        assert (unpacked[name] == array).all()


def test_numpy_reads_it_too() -> None:
    with np.load(io.BytesIO(PACKED), allow_pickle=False) as archive:
        assert (archive["fortran"] == ARRAYS["fortran"]).all()


def test_same_arrays_same_bytes() -> None:
    assert pack_arrays(ARRAYS) == PACKED


def npz(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return buffer.getvalue()


def npy(header: str, values: bytes = b"") -> bytes:
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + values


def pickled() -> bytes:
    content = io.BytesIO()
    np.save(content, np.array([{}], dtype=object), allow_pickle=True)
    return content.getvalue()


def bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.npy", bytes(1000))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"", "not a whole archive"),
        (PACKED[: len(PACKED) // 2], "not a whole archive"),
        (npz(a=pickled()), "could execute code"),
        (npz(a=npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,), }\n")), "takes 8000000000000"),
        (npz(a=npy("{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }\n", bytes(8))), "takes 16 bytes, not 8"),
        (npz(a=npy("__import__('os')\n")), "malformed"),
        (npz(a=b"plain text"), "magic"),
        (npz(**{f"a{i}": b"" for i in range(65)}), "more than 64 arrays"),
        (bomb(), "compressed in another way"),
    ],
)
def test_refuses_what_cannot_be_trusted(data: bytes, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        unpack_arrays(data)


@given(st.integers(0, len(PACKED) - 1), st.integers(1, 255))
@settings(max_examples=300, deadline=None)
def test_a_damaged_byte_is_noticed_or_harmless(place: int, difference: int) -> None:
    damaged = bytearray(PACKED)
    damaged[place] ^= difference
    with contextlib.suppress(ValueError):
        unpack_arrays(bytes(damaged))
